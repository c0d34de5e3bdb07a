//! The loop of a stream: compose a frame, exchange it, draw conclusions.

use super::feed::Feed;
use super::state::State;
use crate::deku::Configured;
use crate::link::{Fault, BELIEVE_AFTER};
use crate::{Deku, Error, Pace, Transport};
use deku_ref::wire::result::{Results, RESULT_LEN, TURNAROUND};
use deku_ref::wire::{record, Preamble, Request, HEADER_LEN};
use deku_ref::Example;

/// A frame as it was sent.
struct Sent {
    len: usize,
    /// Oldest number of the window.
    oldest: u8,
    /// Number of its first record, or of the next one if it has none.
    first: u8,
    records: usize,
}

impl<T: Transport, P: Pace, const FRAME: usize> Deku<T, P, FRAME> {
    /// Feeds the module until every example has its result.
    pub(super) fn run<'a>(
        &mut self,
        network: &Configured,
        feed: &mut impl Feed<'a>,
    ) -> Result<usize, Error<T::Error>> {
        if self.resetting {
            self.restart()?;
        }
        // After an error it is not known what the module has.
        let mut state = State::new(self.window.len() > 0);
        loop {
            let sent = self.compose(network, feed, &mut state);
            let over = state.illegal.is_some() || feed.peek().is_none();
            if over && self.window.len() == 0 {
                return state.illegal.map_or(Ok(feed.done()), Err);
            }
            let exchanged = self.link.exchange(sent.len);
            if self.collect(&sent, feed) > 0 {
                state.progress();
            }
            match exchanged {
                Ok(preamble) => self.conclude(&preamble, &sent, feed, &mut state)?,
                Err(Fault::Restarted) => return Err(Error::Restarted),
                Err(fault) => state.fault(fault),
            }
            if state.trouble.count >= self.link.options.attempts {
                self.last_resort(&mut state)?;
            }
        }
    }

    /// Puts the acknowledge and as many records as possible into the frame buffer.
    fn compose<'a>(
        &mut self,
        network: &Configured,
        feed: &mut impl Feed<'a>,
        state: &mut State<T::Error>,
    ) -> Sent {
        let (waiting, oldest) = (self.window.len(), self.window.first());
        let first = self.window.next();
        let (mut end, mut records) = (HEADER_LEN, 0);
        while state.may_send(records) {
            let Some(example) = feed.peek() else { break };
            match self.append(network, &example, end) {
                Ok(Some(len)) => end += len,
                Ok(None) => break,
                Err(error) => {
                    state.illegal = Some(error.at_position(feed.done() + self.window.len()));
                    break;
                }
            }
            feed.advance();
            records += 1;
        }
        let header = Request::Stream { acknowledge: oldest }.emit();
        self.link.frame[..HEADER_LEN].copy_from_slice(&header);
        // Room for the results of what was sent before.
        let room = HEADER_LEN + TURNAROUND + RESULT_LEN * waiting.max(1);
        let len = end.max(room.min(self.link.budget.now()));
        self.link.frame[end..len].fill(0);
        Sent { len, oldest, first, records }
    }

    /// Appends a record at `end` and returns its length; `None` if it must wait for another
    /// frame.
    fn append(
        &mut self,
        network: &Configured,
        example: &Example<'_>,
        end: usize,
    ) -> Result<Option<usize>, Error<T::Error>> {
        let (index, entries) = (0, example.list_entries());
        let available = self.window.max_entries();
        if entries > available {
            return Err(Error::TooLarge { index, entries, available });
        }
        if !self.window.has_room(entries) {
            return Ok(None);
        }
        let inputs = network.config.record_inputs();
        let len = record::len(example, self.format, inputs);
        if end > HEADER_LEN && end + len > self.link.budget.now() {
            return Ok(None);
        }
        self.link.check_length(end + len)?;
        let checked = example.check_head(&network.config);
        checked.map_err(|error| Error::Example { index, error })?;
        if let (true, Some(layer)) = (example.kind().trains(), network.not_loaded()) {
            return Err(Error::NotLoaded { layer });
        }
        let out = &mut self.link.frame[end..];
        let emitted = record::emit(example, self.window.next(), self.format, inputs, out);
        emitted.map_err(|error| Error::Sample { index, error })?;
        self.window.push(entries);
        Ok(Some(len))
    }

    /// Takes the results of an answer, in order; returns how many.
    fn collect<'a>(&mut self, sent: &Sent, feed: &mut impl Feed<'a>) -> usize {
        let mut results = Results::new(&self.link.frame[HEADER_LEN..sent.len]);
        let mut taken = 0;
        for result in results.by_ref() {
            if self.window.len() > 0 && result.sequence == self.window.first() {
                self.window.pop();
                feed.accept(&result);
                taken += 1;
            }
        }
        if results.damaged() > 0 {
            self.link.budget.damaged();
        }
        taken
    }

    /// Compares what the module had before this frame with what was sent before it.
    fn conclude<'a>(
        &mut self,
        preamble: &Preamble,
        sent: &Sent,
        feed: &mut impl Feed<'a>,
        state: &mut State<T::Error>,
    ) -> Result<(), Error<T::Error>> {
        let next = preamble.next_sequence;
        let has = next.wrapping_sub(sent.oldest);
        let had_to_have = sent.first.wrapping_sub(sent.oldest);
        if has > had_to_have {
            return self.strange(state);
        }
        state.strange = 0;
        let was_unsure = core::mem::take(&mut state.unsure);
        let advanced = state.has(next);
        // (Results can not be ahead of `next` if it is behind, but a preamble can lie.)
        if has < had_to_have && self.window.position(next) <= self.window.len() {
            return self.go_back(next, feed, state);
        }
        if sent.records > 0 || advanced {
            self.link.budget.clean();
        } else if preamble.status.busy {
            if preamble.status.error {
                // It may be busy because it does not hear the acknowledge.
                self.link.clear_errors();
                state.trouble.unanswered();
            }
            self.link.wait(self.window.len(), &mut state.polls)?;
        } else if self.window.len() > 0 && !was_unsure {
            state.trouble.unanswered();
        }
        Ok(())
    }

    /// The module did not take the record `next`, and nothing after it.
    fn go_back<'a>(
        &mut self,
        next: u8,
        feed: &mut impl Feed<'a>,
        state: &mut State<T::Error>,
    ) -> Result<(), Error<T::Error>> {
        self.link.stats.rewinds += 1;
        self.link.budget.damaged();
        self.window.rewind(next);
        feed.rewind(self.window.len());
        state.rejected();
        let errors = self.link.errors_after(state.rejections);
        match errors.and_then(|errors| state.refusal(errors)) {
            Some(reason) => Err(Error::Rejected { index: feed.done() + self.window.len(), reason }),
            None => Ok(()),
        }
    }

    /// A preamble that does not fit what was sent: damage that its CRC did not show, or a module
    /// that has forgotten everything.
    fn strange(&mut self, state: &mut State<T::Error>) -> Result<(), Error<T::Error>> {
        state.strange += 1;
        state.fault(Fault::Preamble);
        if state.strange >= BELIEVE_AFTER {
            return Err(Error::Restarted);
        }
        Ok(())
    }

    /// Too many attempts without progress: RESET once, if nothing can be lost by it, or give up.
    fn last_resort(&mut self, state: &mut State<T::Error>) -> Result<(), Error<T::Error>> {
        if self.window.len() > 0 || state.unsure || state.was_reset {
            return Err(self.link.give_up(&mut state.trouble));
        }
        self.restart()?;
        state.reset();
        Ok(())
    }
}
