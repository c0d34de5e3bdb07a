//! What a stream remembers from frame to frame.

use crate::link::{shows_damage, Fault, Trouble};
use crate::{Error, Rejection};
use deku_ref::regs::{f, Field};

/// Rejections of a record after which it is sent alone.
const ALONE_AFTER: u32 = 2;
/// Looks at ERROR in a row that show a refusal and no damage, after which they are believed.
const BELIEVE_REFUSALS: u32 = 4;

/// What a stream remembers.
pub(super) struct State<E> {
    /// Attempts since something went forward.
    pub trouble: Trouble<E>,
    /// Fruitless polls of a busy module.
    pub polls: u32,
    /// It is not known what the module has: send no records.
    pub unsure: bool,
    /// Times in a row the module did not take the same record.
    pub rejections: u32,
    refusals: u32,
    /// Preambles in a row with a number that can not be.
    pub strange: u32,
    /// RESET was tried since something went forward.
    pub was_reset: bool,
    /// Why the example after those that were sent ends the stream.
    pub illegal: Option<Error<E>>,
    /// Next number of the module, as far as it is known.
    next: Option<u8>,
}

impl<E> State<E> {
    pub fn new(unsure: bool) -> Self {
        Self {
            trouble: Trouble::default(),
            polls: 0,
            unsure,
            rejections: 0,
            refusals: 0,
            strange: 0,
            was_reset: false,
            illegal: None,
            next: None,
        }
    }

    /// Whether another record may go into a frame that has `records`.
    pub fn may_send(&self, records: usize) -> bool {
        let alone = self.rejections >= ALONE_AFTER && records > 0;
        !self.unsure && self.illegal.is_none() && !alone
    }

    /// Something went forward.
    pub fn progress(&mut self) {
        self.trouble = Trouble::default();
        (self.polls, self.rejections, self.refusals) = (0, 0, 0);
        self.was_reset = false;
    }

    /// The next number of the module is `next`; returns whether that is news.
    pub fn has(&mut self, next: u8) -> bool {
        let news = self.next != Some(next);
        if news {
            self.progress();
        }
        self.next = Some(next);
        news
    }

    /// An exchange told nothing.
    pub fn fault(&mut self, fault: Fault<E>) {
        self.unsure = true;
        self.trouble.fault(fault);
    }

    /// The module did not take a record.
    pub fn rejected(&mut self) {
        self.illegal = None;
        self.rejections += 1;
        self.trouble.unanswered();
    }

    /// Looks at a value of ERROR since the last rejection. Damage can look like a refusal once,
    /// but hardly again and again.
    pub fn refusal(&mut self, errors: u32) -> Option<Rejection> {
        let reason = rejection(errors).filter(|_| !shows_damage(errors));
        self.refusals = if reason.is_some() { self.refusals + 1 } else { 0 };
        reason.filter(|_| self.refusals >= BELIEVE_REFUSALS)
    }

    /// The module was reset.
    pub fn reset(&mut self) {
        self.progress();
        self.was_reset = true;
        self.next = Some(0);
    }
}

/// The refusal that a value of register ERROR stands for.
fn rejection(errors: u32) -> Option<Rejection> {
    let set = |field: &Field| field.get(errors) != 0;
    if set(&f::ERR_REFUSED) {
        Some(Rejection::Refused)
    } else if set(&f::ERR_SAMPLE) {
        Some(Rejection::Sample)
    } else if set(&f::ERR_OVERRUN) {
        Some(Rejection::Overrun)
    } else {
        None
    }
}
