//! One frame at a time: sending, checking the answer, doing it again.

use crate::budget::Budget;
use crate::diagnosis::is_stuck;
use crate::{Error, LinkStats, Options, Pace, Transport};
use deku_ref::regs::{self, f};
use deku_ref::wire::access::{emit_read, emit_write, read_data, write_done, READ_DATA};
use deku_ref::wire::{Access, Preamble, Space};

/// A transport with a frame buffer and a memory for trouble.
#[derive(Debug)]
pub(crate) struct Link<T, P, const FRAME: usize> {
    pub transport: T,
    pub pace: P,
    pub frame: [u8; FRAME],
    pub budget: Budget,
    pub stats: LinkStats,
    pub options: Options,
    /// Length of the last frame.
    last: usize,
    /// What has raised the interrupt line was cleared, and the module was asked once more since.
    armed: bool,
    /// The module was loaded: its preambles have to say so.
    pub loaded: bool,
    /// Preambles in a row that say otherwise.
    forgotten: u32,
    /// Answers in a row that were nothing but a constant.
    silent: u32,
}

/// Why an exchange told nothing.
#[derive(Debug)]
pub(crate) enum Fault<E> {
    /// The host's interface failed.
    Transport(E),
    /// The preamble was damaged.
    Preamble,
    /// The module was loaded and is not any more.
    Restarted,
}

/// Attempts since the last progress.
#[derive(Debug)]
pub(crate) struct Trouble<E> {
    pub count: u32,
    transport: Option<E>,
}

impl<E> Default for Trouble<E> {
    fn default() -> Self {
        Self { count: 0, transport: None }
    }
}

impl<E> Trouble<E> {
    /// Counts an exchange that told nothing.
    pub fn fault(&mut self, fault: Fault<E>) {
        self.count += 1;
        self.transport = match fault {
            Fault::Transport(error) => Some(error),
            Fault::Preamble | Fault::Restarted => None,
        };
    }

    /// Counts an answer that was damaged or negative.
    pub fn unanswered(&mut self) {
        self.count += 1;
        self.transport = None;
    }
}

/// What came of one attempt to access units.
enum Attempt<E> {
    Done,
    /// Nothing happened, because the module is busy.
    Busy,
    /// The answer was damaged, missing or negative.
    Failed,
    Fault(Fault<E>),
}

/// Acknowledges asked for beyond the first: a preamble in the middle of an answer (after a glitch
/// on chip select) can look like one.
const MORE_ACKS: usize = 1;
/// Attempts without progress before register ERROR is looked at.
const LOOK_AFTER: u32 = 4;
/// Impossible preambles in a row after which they are believed.
pub(crate) const BELIEVE_AFTER: u32 = 3;

impl<T: Transport, P: Pace, const FRAME: usize> Link<T, P, FRAME> {
    pub fn new(transport: T, pace: P, options: Options) -> Self {
        let budget = Budget::new(transport.max_frame().min(FRAME));
        let stats = LinkStats::default();
        let frame = [0; FRAME];
        let (last, armed, loaded, forgotten, silent) = (0, false, false, 0, 0);
        Self {
            transport,
            pace,
            frame,
            budget,
            stats,
            options,
            last,
            armed,
            loaded,
            forgotten,
            silent,
        }
    }

    /// Lowers the clock, if the transport can do that.
    pub fn slow_down(&mut self) -> bool {
        let slower = self.transport.slow_down();
        if slower {
            self.stats.slowed += 1;
            self.budget.hope();
        }
        slower
    }

    /// Exchanges the first `len` bytes of the frame buffer.
    pub fn exchange(&mut self, len: usize) -> Result<Preamble, Fault<T::Error>> {
        // A lower clock does not help where nothing is at the other end.
        if self.budget.is_hopeless() && self.silent == 0 {
            self.slow_down();
        }
        self.stats.frames += 1;
        self.stats.bytes += len as u64;
        self.last = len;
        if let Err(error) = self.transport.exchange(&mut self.frame[..len]) {
            self.stats.failed += 1;
            self.budget.damaged();
            return Err(Fault::Transport(error));
        }
        match Preamble::parse(&self.frame[..len]) {
            Ok(preamble) => self.check_loaded(preamble),
            Err(_) => Err(self.damaged(len)),
        }
    }

    /// Counts an answer without a good preamble.
    fn damaged(&mut self, len: usize) -> Fault<T::Error> {
        self.stats.damaged += 1;
        self.budget.damaged();
        let answer = &self.frame[..len];
        self.silent = if is_stuck(answer) { self.silent.saturating_add(1) } else { 0 };
        Fault::Preamble
    }

    /// A module that was loaded and is not any more has lost its registers: it was reset or lost
    /// power. What is in its memories may be anything, so nothing is taken from it.
    fn check_loaded(&mut self, preamble: Preamble) -> Result<Preamble, Fault<T::Error>> {
        self.silent = 0;
        if !self.loaded || preamble.status.loaded {
            self.forgotten = 0;
            return Ok(preamble);
        }
        self.forgotten += 1;
        // Damage can look like it once.
        Err(if self.forgotten < BELIEVE_AFTER { Fault::Preamble } else { Fault::Restarted })
    }

    /// Reads units; `sink(n, bytes)` gets unit `n`, counted from 0, in order.
    pub fn read(
        &mut self,
        space: Space,
        first: u16,
        units: usize,
        mut sink: impl FnMut(usize, &[u8]),
    ) -> Result<(), Error<T::Error>> {
        let (mut done, mut trouble, mut polls) = (0, Trouble::default(), 0);
        let mut seen = None;
        while done < units {
            let room = Access::units_per_read(space, self.budget.now()).max(1);
            let access = self.access(space, first, done, units, room)?;
            self.check_length(access.read_len())?;
            match self.read_once(access) {
                Attempt::Done if self.is_believed(access, &mut seen) => {
                    let data = &self.frame[READ_DATA..READ_DATA + access.data_len()];
                    let chunks = data.chunks_exact(space.unit()).enumerate();
                    chunks.for_each(|(n, bytes)| sink(done + n, bytes));
                    done += usize::from(access.units());
                    self.budget.clean();
                    (trouble, polls) = (Trouble::default(), 0);
                }
                Attempt::Done => {
                    trouble.unanswered();
                    if trouble.count > self.options.attempts {
                        return Err(self.give_up(&mut trouble));
                    }
                }
                attempt => self.not_done(attempt, &mut trouble, &mut polls)?,
            }
            self.look_for_refusal(access, trouble.count)?;
        }
        Ok(())
    }

    /// Whether to believe the units that have just been read: while there is damage, only after
    /// they were read twice. The CRC-16 does not see one in 65,536 heavily damaged answers.
    fn is_believed(&self, access: Access, seen: &mut Option<(Access, u64)>) -> bool {
        if self.budget.is_full() {
            return true;
        }
        let data = &self.frame[READ_DATA..READ_DATA + access.data_len()];
        // FNV-1a.
        let hash = data.iter().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        });
        seen.replace((access, hash)) == Some((access, hash))
    }

    fn read_once(&mut self, access: Access) -> Attempt<T::Error> {
        let len = access.read_len();
        emit_read(access, &mut self.frame[..len]);
        let preamble = match self.exchange(len) {
            Ok(preamble) => preamble,
            Err(fault) => return Attempt::Fault(fault),
        };
        let answer = &self.frame[..len];
        // A line that nobody drives: for one header in 65,536 even the CRC would be right.
        let open_line = answer[READ_DATA..].iter().all(|b| *b == 0xFF);
        if !open_line && read_data(access, answer).is_some() {
            return Attempt::Done;
        }
        if preamble.status.busy && access.space() != Space::Registers {
            return Attempt::Busy;
        }
        Attempt::Failed
    }

    /// Writes units; `fill(n, bytes)` provides unit `n`, counted from 0, as often as it is asked.
    pub fn write(
        &mut self,
        space: Space,
        first: u16,
        units: usize,
        mut fill: impl FnMut(usize, &mut [u8]),
    ) -> Result<(), Error<T::Error>> {
        let (mut done, mut trouble, mut polls) = (0, Trouble::default(), 0);
        while done < units {
            let room = Access::units_per_write(space, self.budget.now() - MORE_ACKS).max(1);
            let access = self.access(space, first, done, units, room)?;
            self.check_length(access.write_len() + MORE_ACKS)?;
            match self.write_once(access, &mut |n, bytes| fill(done + n, bytes)) {
                Attempt::Done => {
                    done += usize::from(access.units());
                    self.budget.clean();
                    (trouble, polls) = (Trouble::default(), 0);
                }
                attempt => self.not_done(attempt, &mut trouble, &mut polls)?,
            }
            self.look_for_refusal(access, trouble.count)?;
        }
        Ok(())
    }

    fn write_once(
        &mut self,
        access: Access,
        fill: &mut dyn FnMut(usize, &mut [u8]),
    ) -> Attempt<T::Error> {
        let len = access.write_len() + MORE_ACKS;
        emit_write(access, &mut self.frame[..len], fill);
        match self.exchange(len) {
            Ok(_) if write_done(access, &self.frame[..len]) => Attempt::Done,
            Ok(preamble) if preamble.status.busy => Attempt::Busy,
            Ok(_) => Attempt::Failed,
            Err(fault) => Attempt::Fault(fault),
        }
    }

    /// The next units of an access that is done to `done` of `units`.
    fn access(
        &self,
        space: Space,
        first: u16,
        done: usize,
        units: usize,
        room: u16,
    ) -> Result<Access, Error<T::Error>> {
        let next = usize::from(first) + done;
        let count = (units - done).min(room.into()) as u16;
        let refused = Error::Refused { space, first, units: count };
        let next = u16::try_from(next).ok();
        next.and_then(|next| Access::new(space, next, count).ok()).ok_or(refused)
    }

    pub fn check_length(&self, needed: usize) -> Result<(), Error<T::Error>> {
        let max = self.budget.max();
        if needed > max {
            return Err(Error::Frame { needed, max });
        }
        Ok(())
    }

    /// Counts a failed attempt and decides whether there is another one.
    fn not_done(
        &mut self,
        attempt: Attempt<T::Error>,
        trouble: &mut Trouble<T::Error>,
        polls: &mut u32,
    ) -> Result<(), Error<T::Error>> {
        match attempt {
            Attempt::Done => {}
            Attempt::Busy => return self.wait(0, polls),
            Attempt::Fault(Fault::Restarted) => return Err(Error::Restarted),
            Attempt::Fault(fault) => trouble.fault(fault),
            Attempt::Failed => {
                self.stats.unanswered += 1;
                self.budget.damaged();
                trouble.unanswered();
            }
        }
        if trouble.count < self.options.attempts {
            return Ok(());
        }
        Err(self.give_up(trouble))
    }

    /// The error to give up with.
    pub fn give_up(&self, trouble: &mut Trouble<T::Error>) -> Error<T::Error> {
        match trouble.transport.take() {
            Some(error) => Error::Transport(error),
            None if self.silent >= trouble.count => Error::Silent { attempts: trouble.count },
            None => Error::Noisy { attempts: trouble.count, frame: self.last },
        }
    }

    /// Waits for a busy module.
    ///
    /// With an interrupt line this takes two calls: the first clears what has raised it, so that
    /// the caller's next frame sees whatever came before; only then is silence on the line news.
    pub fn wait(&mut self, outstanding: usize, polls: &mut u32) -> Result<(), Error<T::Error>> {
        *polls += 1;
        self.stats.polls += 1;
        if *polls > self.options.polls {
            return Err(Error::Stalled { outstanding, polls: self.options.polls });
        }
        let ready = outstanding == 0 || self.armed || !self.pace.interrupts();
        self.armed = !ready && self.clear_causes();
        if ready {
            self.pace.wait(outstanding);
        }
        Ok(())
    }

    /// A refusal and no damage means that trying again is of no use.
    fn look_for_refusal(&mut self, access: Access, count: u32) -> Result<(), Error<T::Error>> {
        let errors = self.errors_after(count).filter(|errors| !shows_damage(*errors));
        let Some(errors) = errors else { return Ok(()) };
        let (space, first, units) = (access.space(), access.first(), access.units());
        if f::ERR_LATENT.get(errors) != 0 {
            return Err(Error::LatentRefused { first });
        }
        if f::ERR_REFUSED.get(errors) != 0 {
            return Err(Error::Refused { space, first, units });
        }
        Ok(())
    }

    /// What register ERROR says after `count` attempts without progress: cleared after
    /// [`LOOK_AFTER`] attempts, read after the next one, cleared again, and so on. `None` unless
    /// it was read.
    pub fn errors_after(&mut self, count: u32) -> Option<u32> {
        let since = count.checked_sub(LOOK_AFTER)?;
        if since % 2 == 0 {
            self.clear_errors();
            return None;
        }
        let access = Access::new(Space::Registers, regs::ERROR.index, 1).ok()?;
        if !matches!(self.read_once(access), Attempt::Done) {
            return None;
        }
        Some(be_u32(&self.frame[READ_DATA..]))
    }

    /// Clears register ERROR, unless the frame gets lost.
    pub fn clear_errors(&mut self) {
        if let Ok(access) = Access::new(Space::Registers, regs::ERROR.index, 1) {
            self.write_once(access, &mut |_, bytes| bytes.fill(0xFF));
        }
    }

    /// Clears register IRQ_CAUSE; `false` if the frame got lost.
    fn clear_causes(&mut self) -> bool {
        let Ok(access) = Access::new(Space::Registers, regs::IRQ_CAUSE.index, 1) else {
            return false;
        };
        matches!(self.write_once(access, &mut |_, bytes| bytes.fill(0xFF)), Attempt::Done)
    }

    /// Reads consecutive registers.
    pub fn registers<const N: usize>(&mut self, first: u16) -> Result<[u32; N], Error<T::Error>> {
        let mut values = [0; N];
        self.read(Space::Registers, first, N, |n, bytes| values[n] = be_u32(bytes))?;
        Ok(values)
    }

    /// Writes consecutive registers.
    pub fn set_registers(&mut self, first: u16, values: &[u32]) -> Result<(), Error<T::Error>> {
        self.write(Space::Registers, first, values.len(), |n, bytes| {
            bytes.copy_from_slice(&values[n].to_be_bytes());
        })
    }
}

/// Whether a value of register ERROR shows that something arrived damaged.
pub(crate) fn shows_damage(errors: u32) -> bool {
    f::ERR_HEADER.get(errors) | f::ERR_PAYLOAD.get(errors) != 0
}

/// A unit of four bytes.
pub(crate) fn be_u32(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
