//! Many examples: records out, results in, and what is done when some of them get lost.
//!
//! The host numbers records modulo 256 and keeps a [`Window`] of those without result. Every
//! frame carries the number of the first missing result and as many new records as credits allow;
//! its answer carries the module's next number at the start of the frame, and results.
//!
//! * The module's next number is where the records of *earlier* frames ended. If it is lower than
//!   what was sent, a record was damaged: the module has ignored everything after it, also in the
//!   frame whose answer this is (their numbers are wrong). The host goes back to that record.
//! * After a damaged preamble it is not known what the module has: the next frame carries no
//!   record and finds out.
//! * Results are taken in order only. A damaged or missing one comes again, because it has not
//!   been acknowledged. An example leaves the window only with its result.
//!
//! So an example is executed again only if the module says that it never was, and forgotten only
//! when its result shows that it was. A header whose CRC-8 is right by accident can at worst
//! acknowledge too much; as never more than RESULTS examples are in the window, nothing the host
//! still needs is overwritten, and the next frame says the right number.

mod feed;
mod run;
mod state;
mod window;

pub(crate) use window::Window;

use crate::{Deku, Error, Pace, Transport};
use deku_ref::wire::ExampleResult;
use deku_ref::Example;
use feed::{Examples, Nothing};

impl<T: Transport, P: Pace, const FRAME: usize> Deku<T, P, FRAME> {
    /// Executes examples in order, as many at a time as the module can queue. `each` is called
    /// once for every example, in order, with its position (from 0), the example, and its
    /// result. Returns how many were executed.
    ///
    /// Clones of the iterator must yield the same examples: that is how the driver goes back
    /// when a record was damaged.
    ///
    /// # Errors
    /// * [`Error::Example`], [`Error::Sample`], [`Error::TooLarge`], [`Error::Frame`]: the example
    ///   at that position is illegal or can not be sent. Those before it have been executed and
    ///   reported; it and those after it have had no effect. The stream can go on at once.
    /// * Any other error: every example for which `each` was called has been executed exactly
    ///   once. Of those that follow, the first [`Deku::unresolved`] may have been: call
    ///   [`Deku::settle`] when the link works again, which says how many.
    pub fn stream<'a, I, F>(&mut self, examples: I, each: F) -> Result<usize, Error<T::Error>>
    where
        I: IntoIterator<Item = Example<'a>>,
        I::IntoIter: Clone,
        F: FnMut(usize, &Example<'a>, &ExampleResult),
    {
        self.check_resolved()?;
        let configured = self.configured()?;
        let mut feed = Examples::new(examples.into_iter(), each);
        self.run(&configured, &mut feed)
    }

    /// Examples of a failed [`Deku::stream`] of which it is not known whether they were executed.
    #[must_use]
    pub fn unresolved(&self) -> usize {
        self.window.len()
    }

    /// After a failed [`Deku::stream`]: collects what the module has executed since the last
    /// result. `each` is called in order for every example that was, starting with the one after
    /// the last that was reported; the others have had no effect. Returns how many were executed.
    ///
    /// # Errors
    /// Errors of the link; settle can be called again.
    pub fn settle(
        &mut self,
        each: impl FnMut(usize, &ExampleResult),
    ) -> Result<usize, Error<T::Error>> {
        let configured = self.configured()?;
        self.run(&configured, &mut Nothing::new(each))
    }
}
