//! Which bits a combinational block has certainly assigned, to refuse latches
//! and reads of values that are not there yet.

use super::expr::Expr;
use super::signal::SigInfo;
use super::stmt::{reads_any, Body, Part, Stmt};
use std::collections::BTreeMap;

/// For each signal of the block, the bits that are assigned on every path.
#[derive(Clone, Default)]
pub(super) struct Assigned(BTreeMap<usize, Vec<bool>>);

impl Assigned {
    /// Starts with the targets of the block, none of them assigned.
    pub(super) fn new<'a>(targets: impl Iterator<Item = &'a SigInfo>) -> Assigned {
        Assigned(targets.map(|t| (t.index, vec![false; t.width as usize])).collect())
    }

    /// True if all bits of the signal are assigned.
    pub(super) fn complete(&self, sig: &SigInfo) -> bool {
        self.0.get(&sig.index).is_some_and(|bits| bits.iter().all(|b| *b))
    }

    /// Runs statements; the error names a signal that is read too early.
    pub(super) fn run(&mut self, stmts: &[Stmt]) -> Result<(), String> {
        stmts.iter().try_for_each(|s| self.step(&s.0))
    }

    fn step(&mut self, body: &Body) -> Result<(), String> {
        body.reads().into_iter().try_for_each(|e| self.check_read(e))?;
        match body {
            Body::Set { sig, part, .. } => self.mark(sig, part),
            Body::If { arms, otherwise } => {
                let empty = Vec::new();
                let last = otherwise.as_ref().unwrap_or(&empty);
                self.branches(arms.iter().map(|a| &a.1).chain([last]))?;
            }
            Body::Switch { arms, default, .. } => {
                self.branches(arms.iter().map(|a| &a.1).chain([default]))?;
            }
            Body::Write { .. } | Body::Note(_) => {}
        }
        Ok(())
    }

    fn mark(&mut self, sig: &SigInfo, part: &Part) {
        let Some(bits) = self.0.get_mut(&sig.index) else { return };
        match part {
            Part::Whole => bits.fill(true),
            Part::Bits(hi, lo) => bits[*lo as usize..=*hi as usize].fill(true),
            Part::At(_) => {}
        }
    }

    /// After a choice, only what every branch assigns is certain.
    fn branches<'a>(&mut self, all: impl Iterator<Item = &'a Vec<Stmt>>) -> Result<(), String> {
        let before = self.clone();
        let mut certain: Option<Assigned> = None;
        for stmts in all {
            let mut after = before.clone();
            after.run(stmts)?;
            certain = Some(match certain {
                Some(c) => c.meet(&after),
                None => after,
            });
        }
        *self = certain.unwrap_or(before);
        Ok(())
    }

    fn meet(mut self, other: &Assigned) -> Assigned {
        for (index, bits) in &mut self.0 {
            let others = &other.0[index];
            bits.iter_mut().zip(others).for_each(|(a, b)| *a &= *b);
        }
        self
    }

    fn check_read(&self, e: &Expr) -> Result<(), String> {
        let early = |s: &SigInfo| self.0.contains_key(&s.index) && !self.complete(s);
        reads_any(e, &early).map_or(Ok(()), Err)
    }
}
