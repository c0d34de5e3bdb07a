//! Finding out whether there is a module, which one, and what state it is in.

use crate::link::{Fault, Link, Trouble};
use crate::stream::Window;
use crate::{Deku, Diagnosis, Error, Options, Pace, Transport};
use deku_ref::capabilities::IDENTITY_REGISTERS;
use deku_ref::map_hash::MAP_HASH;
use deku_ref::regs::{self, f};
use deku_ref::sample::Format;
use deku_ref::wire::access::{emit_read, read_data};
use deku_ref::wire::result::RESULT_LEN;
use deku_ref::wire::{Access, Request, Space, HEADER_LEN};
use deku_ref::Capabilities;

/// Equal answers in a row after which a module is diagnosed.
const ATTEMPTS: u32 = 8;
/// The same for answers that one damaged frame hardly looks like.
const DEFINITE_ATTEMPTS: u32 = 3;

impl<T: Transport> Deku<T> {
    /// Connects, with a frame buffer of [`LONGEST_FRAME`](crate::LONGEST_FRAME) bytes and default options.
    ///
    /// Looks for a module, checks that it belongs to this driver, lets it finish what it has
    /// queued, and clears its sticky errors. Latents, masks, registers and generators stay as
    /// they are.
    ///
    /// # Errors
    /// [`Error::Connect`] with a diagnosis; errors of the link.
    pub fn connect(transport: T) -> Result<Self, Error<T::Error>> {
        Self::connect_with(transport, (), Options::DEFAULT)
    }
}

impl<T: Transport, P: Pace, const FRAME: usize> Deku<T, P, FRAME> {
    /// [`Deku::connect`] with all the choices.
    ///
    /// # Errors
    /// [`Error::Connect`] with a diagnosis; errors of the link.
    pub fn connect_with(transport: T, pace: P, options: Options) -> Result<Self, Error<T::Error>> {
        let mut link = Link::new(transport, pace, options);
        let registers = identify(&mut link)?;
        let capabilities = check_identity(&registers, &options).map_err(Error::Connect)?;
        let next = quiesce(&mut link)?;
        let format = Format::default();
        link.set_registers(regs::ERROR.index, &[u32::MAX])?;
        if link.pace.interrupts() {
            link.set_registers(regs::IRQ_ENABLE.index, &[f::IRQ_RESULT.put(1)])?;
        }
        link.set_registers(regs::FORMAT.index, &[f::SAMPLE_FORMAT.put(format as u32)])?;
        let capacity = &capabilities.capacity;
        let window = Window::new(next, capacity.results, capacity.list_entries);
        Ok(Self { link, capabilities, network: None, format, window, resetting: false })
    }

    /// RESET: the stream starts again at sequence number 0, sticky errors are cleared. Latents,
    /// masks, registers, counters and generators stay as they are.
    ///
    /// Never needed after an error of this driver; for debugging.
    ///
    /// # Errors
    /// [`Error::Unresolved`] if examples would be dropped: call [`Deku::settle`] first. Errors of
    /// the link.
    pub fn reset(&mut self) -> Result<(), Error<T::Error>> {
        self.check_resolved()?;
        self.restart()
    }

    /// RESET, when every example has its result. If it fails, it is not known whether the module
    /// has done it: it must be completed before the next stream.
    pub(crate) fn restart(&mut self) -> Result<(), Error<T::Error>> {
        self.resetting = true;
        reset(&mut self.link)?;
        self.resetting = false;
        self.window.restart();
        Ok(())
    }
}

/// Reads the identity registers, or says why that is impossible.
fn identify<T: Transport, P: Pace, const FRAME: usize>(
    link: &mut Link<T, P, FRAME>,
) -> Result<[u32; IDENTITY_REGISTERS], Error<T::Error>> {
    let access = Access::new(Space::Registers, 0, IDENTITY_REGISTERS as u16);
    let access = access.map_err(|_| Error::Connect(Diagnosis::Deaf))?;
    let len = access.read_len();
    link.check_length(len)?;
    let (mut failure, mut last, mut same) = (None, None, 0);
    for attempts in 1..=link.options.attempts.max(ATTEMPTS) {
        emit_read(access, &mut link.frame[..len]);
        let exchanged = link.exchange(len);
        let answer = &link.frame[..len];
        let diagnosis = match exchanged {
            Ok(_) => match read_data(access, answer) {
                Some(data) => return Ok(words(data)),
                None if answer[HEADER_LEN..].iter().all(|b| *b == 0) => Diagnosis::Deaf,
                None => {
                    failure = Some(Error::Noisy { attempts, frame: len });
                    continue;
                }
            },
            Err(Fault::Preamble | Fault::Restarted) => Diagnosis::of(answer),
            Err(Fault::Transport(error)) => {
                failure = Some(Error::Transport(error));
                continue;
            }
        };
        failure = Some(Error::Connect(diagnosis));
        // What is always the same is no noise.
        same = if last == Some(diagnosis) { same + 1 } else { 1 };
        last = Some(diagnosis);
        if same >= if diagnosis.is_definite() { DEFINITE_ATTEMPTS } else { ATTEMPTS } {
            // A clock that is too high looks like this, too; a line that nobody drives does not.
            let may_be_slower = !matches!(
                diagnosis,
                Diagnosis::AllLow | Diagnosis::AllHigh | Diagnosis::Stuck { .. }
            );
            if !may_be_slower || !link.slow_down() {
                break;
            }
            (last, same) = (None, 0);
        }
    }
    Err(failure.unwrap_or(Error::Connect(Diagnosis::AllLow)))
}

fn words<const N: usize>(data: &[u8]) -> [u32; N] {
    core::array::from_fn(|n| data.get(4 * n..).map_or(0, crate::link::be_u32))
}

fn check_identity(
    registers: &[u32; IDENTITY_REGISTERS],
    options: &Options,
) -> Result<Capabilities, Diagnosis> {
    let [magic, byte_order, ..] = *registers;
    if magic.swap_bytes() == regs::MAGIC_VALUE {
        return Err(Diagnosis::ByteOrder { found: byte_order });
    }
    if magic != regs::MAGIC_VALUE {
        return Err(Diagnosis::NotDeku { magic });
    }
    if byte_order != regs::BYTE_ORDER_VALUE {
        return Err(Diagnosis::ByteOrder { found: byte_order });
    }
    let capabilities = Capabilities::parse(registers);
    if capabilities.map_version != regs::VERSION {
        return Err(Diagnosis::MapVersion { module: capabilities.map_version });
    }
    if capabilities.map_hash != MAP_HASH {
        return Err(Diagnosis::MapHash { module: capabilities.map_hash });
    }
    let module = capabilities.config_hash;
    match options.config_hash {
        Some(expected) if expected != module => Err(Diagnosis::ConfigHash { module, expected }),
        _ => Ok(capabilities),
    }
}

/// Lets the module finish what an earlier host has queued, and throws the results away. Returns
/// the next sequence number.
fn quiesce<T: Transport, P: Pace, const FRAME: usize>(
    link: &mut Link<T, P, FRAME>,
) -> Result<u8, Error<T::Error>> {
    let (mut trouble, mut polls) = (Trouble::default(), 0);
    loop {
        let [sequence] = link.registers(regs::SEQUENCE.index)?;
        let acknowledge = f::RESULT_SEQ.get(sequence) as u8;
        let len = HEADER_LEN + RESULT_LEN;
        link.frame[..len].fill(0);
        link.frame[..HEADER_LEN].copy_from_slice(&Request::Stream { acknowledge }.emit());
        match link.exchange(len) {
            // Quiet before this frame, which has acknowledged the last result.
            Ok(p) if !p.status.busy && p.next_sequence == acknowledge => return Ok(acknowledge),
            Ok(_) => link.wait(0, &mut polls)?,
            Err(fault) => {
                trouble.fault(fault);
                if trouble.count >= link.options.attempts {
                    return Err(link.give_up(&mut trouble));
                }
            }
        }
    }
}

/// RESET until the module has done it.
fn reset<T: Transport, P: Pace, const FRAME: usize>(
    link: &mut Link<T, P, FRAME>,
) -> Result<(), Error<T::Error>> {
    let mut polls = 0;
    link.stats.resets += 1;
    loop {
        link.frame[..HEADER_LEN].copy_from_slice(&Request::Reset.emit());
        // Whether it arrived shows in the registers.
        let _ = link.exchange(HEADER_LEN);
        let [status] = link.registers(regs::STATUS.index)?;
        let [sequence] = link.registers(regs::SEQUENCE.index)?;
        if f::BUSY.get(status) == 0 && sequence == 0 {
            return Ok(());
        }
        link.wait(0, &mut polls)?;
    }
}
