//! Which candidate is the best.

use super::{Io, INNER_BITS, NONE, VALUE_BITS};
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig, Stmt};

/// What is compared, and where the result goes.
pub struct Compare {
    /// A read is in stage 1, 2, ...
    pub token: Sig,
    /// It is the last layer of its candidate.
    pub is_end: Sig,
    /// It is the truth once more.
    pub is_again: Sig,
    /// This is a noisy scan.
    pub noisy: Sig,
    /// The candidate's value.
    pub value: Sig,
    /// Width of a candidate's index.
    pub ci: u32,
    /// Output: the rival.
    pub best_o: Sig,
    /// Output: the prediction.
    pub class_o: Sig,
    /// The next byte of the sums is asked for.
    pub shift: Sig,
    /// Output: that byte.
    pub sums_o: Sig,
    /// Begin.
    pub start: Sig,
    /// Reading.
    pub run: Sig,
    /// Output: at work.
    pub busy: Sig,
}

/// What the decision of a comparison rests on, when it is taken.
struct Decision {
    /// The value is complete.
    ready: Expr,
    /// It is better than the best so far.
    more: Expr,
    /// The candidate is the truth of a plain scan.
    is_truth: Expr,
    /// It is the truth once more.
    again: Expr,
}

/// Registers that a decision looks at.
struct State<'a> {
    index: &'a Sig,
    best: &'a Sig,
    none: &'a Sig,
}

/// Compares each complete value with the best so far, in one cycle where a scan is `quick`.
pub fn compare(m: &mut Module, io: &Io, c: &Compare, quick: bool) {
    m.section(if quick {
        "Compare and keep the better in one cycle; the truth of a plain scan is compared when it comes again"
    } else {
        "Compare in one cycle, keep the better in the next; the truth of a plain scan is compared when it comes again"
    });
    let ci = c.ci;
    let index = m.reg("index_q", ci, "candidate whose value is compared");
    let best = m.reg("best_value_q", VALUE_BITS, "best value so far, then the bytes of both sums");
    let best_at = m.reg("best_q", 8, "its candidate, 255 at the beginning");
    let truth = m.reg("truth_value_q", VALUE_BITS, "the truth's sum, then what is left of it");
    let has_truth = m.reg("has_truth_q", 1, "the truth is a candidate");
    let wins = m.reg("truth_wins_q", 1, "the truth is a candidate and beats the others");
    let none = m.reg("none_q", 1, "nothing compared yet");
    let state = State { index: &index, best: &best, none: &none };
    let decide = if quick { in_one_cycle } else { in_two_cycles };
    let (now, late, mut statements) = decide(m, io, c, &state);
    let value24 = || c.value.sext(VALUE_BITS).as_unsigned();
    let first = vec![
        index.set(lit(ci, 0)),
        none.set(lit(1, 1)),
        best_at.set(lit(8, NONE)),
        best.set(lit(VALUE_BITS, 0)),
        truth.set(lit(VALUE_BITS, 0)),
        has_truth.set(lit(1, 0)),
        wins.set(lit(1, 0)),
    ];
    let better = vec![
        none.set(lit(1, 0)),
        best.set(value24()),
        best_at.set(index.zext(8)),
        late.set(has_truth.e()),
    ];
    let again_now =
        vec![wins.set(&now.more & &has_truth), when(&has_truth, vec![truth.set(value24())])];
    let decided = vec![
        index.set(index.inc()),
        when(now.again, again_now)
            .or_when(now.is_truth, vec![has_truth.set(lit(1, 1))])
            .or_when(&now.more, better),
    ];
    // The result is taken before the next scan begins.
    let shifted = vec![
        best.set(cat([best.bits(15, 0), truth.bits(23, 16)])),
        truth.set(cat([truth.bits(15, 0), lit(8, 0)])),
    ];
    let ready = &now.ready;
    statements.push(when(&c.start, first).or_when(ready, decided).or_when(&c.shift, shifted));
    m.clocked(&io.clk, statements);
    m.assign(&c.class_o, mux(&wins, io.truth.e(), best_at.e()));
    m.assign(&c.best_o, best_at.e());
    m.assign(&c.sums_o, best.bits(VALUE_BITS - 1, VALUE_BITS - 8));
    let reading = &c.start | &c.run | c.token.any();
    m.assign(&c.busy, if quick { reading } else { reading | ready });
}

const LATE: &str = "the best was found after the truth";

/// The halves are compared in one cycle, the decision is taken in the next.
fn in_two_cycles(m: &mut Module, io: &Io, c: &Compare, s: &State) -> (Decision, Sig, Vec<Stmt>) {
    let is_truth = m.reg("is_truth_q", 1, "candidate is the truth of a plain scan");
    let ready = m.reg("compared_q", 1, "the value was complete and is compared");
    let high_more =
        m.reg("high_more_q", 1, "the upper half of the value is larger, or it is the first value");
    let high_same = m.reg("high_same_q", 1, "the upper halves are the same");
    let low_more = m.reg("low_more_q", 1, "the lower half is larger");
    let more = m.net(
        "more",
        &high_more | &high_same & &low_more,
        "the value is better than the best so far",
    );
    let late = m.reg("late_q", 1, LATE);
    let last = c.is_end.width() - 1;
    let (challenger, leader) = operands(m, c, s, &late);
    let (top, half) = (INNER_BITS, INNER_BITS / 2);
    let high = |of: &Sig| of.bits(top, half + 1).as_signed();
    let low = |of: &Sig| of.bits(half, 0);
    let statements = vec![
        ready.set(c.token.bit(last) & c.is_end.bit(last)),
        high_more.set(s.none | high(&challenger).gt(high(&leader))),
        high_same.set(high(&challenger).eq_(high(&leader))),
        low_more.set(low(&challenger).gt(low(&leader))),
        is_truth.set(!&c.noisy & s.index.zext(8).eq_(&io.truth)),
    ];
    let again = c.is_again.bit(last + 1);
    let now = Decision { ready: ready.e(), more: more.e(), is_truth: is_truth.e(), again };
    (now, late, statements)
}

fn in_one_cycle(m: &mut Module, io: &Io, c: &Compare, s: &State) -> (Decision, Sig, Vec<Stmt>) {
    let late = m.reg("late_q", 1, LATE);
    let last = c.is_end.width() - 1;
    let (challenger, leader) = operands(m, c, s, &late);
    let more = s.none | challenger.as_signed().gt(leader.as_signed());
    let more = m.net("more", more, "the value is better than the best so far");
    let is_truth = !&c.noisy & s.index.zext(8).eq_(&io.truth);
    let is_truth = m.net("is_truth", is_truth, "candidate is the truth of a plain scan");
    let ready = m.net("ready", c.token.bit(last) & c.is_end.bit(last), "the value is complete");
    let again = c.is_again.bit(last);
    let now = Decision { ready: ready.e(), more: more.e(), is_truth: is_truth.e(), again };
    (now, late, Vec::new())
}

/// The value and the best so far, each with a bit more. The lower index wins a tie.
fn operands(m: &mut Module, c: &Compare, s: &State, late: &Sig) -> (Sig, Sig) {
    let last = c.is_end.width() - 1;
    let tie = m.net(
        "tie_wins",
        c.is_again.bit(last) & late,
        "drawing level is enough: the truth has the lower index",
    );
    let challenger =
        m.net("challenger", cat([c.value.e(), tie.e()]), "value, and a bit that decides a tie");
    let best = s.best.bits(INNER_BITS - 1, 0);
    let leader = m.net("leader", cat([best, lit(1, 0)]), "the best so far");
    (challenger, leader)
}
