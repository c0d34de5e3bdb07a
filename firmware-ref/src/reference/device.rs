//! The device model: what a module does with a frame.

use super::queue::Queue;
use super::results::Ring;
use super::sync::Sync;
use super::DeviceStorage;
use crate::capabilities::Capabilities;
use crate::config::{LayerConfig, NetworkConfig, TrainConfig, MAX_LAYERS};
use crate::memory::Storage;
use crate::network::{Network, NetworkError};
use crate::regs::{self, f, Field};
use crate::wire::access::{self, READ_DATA, WRITE_DONE, WRITE_FAILED};
use crate::wire::crc::crc16_more;
use crate::wire::HEADER_LEN;
use crate::wire::{latents, Access, Preamble, Request, RequestError, Space, Status};

/// A module that is driven by frames, like the hardware, and computes with a [`Network`].
///
/// It follows `docs/programmers_guide.md` byte by byte, except that examples take no time: they
/// are finished with the last byte of their record. [`Self::set_pace`] makes them take as long as
/// some bytes on the link, so that the module is busy and queues.
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use deku_ref::reference::{OwnedDevice, LARGEST};
/// use deku_ref::wire::{Preamble, Request};
/// use deku_ref::Capabilities;
///
/// let mut device = OwnedDevice::on_heap(&Capabilities::of_model(LARGEST))?;
/// let mut frame = Request::Nop.emit();
/// device.exchange(&mut frame);
/// assert!(!Preamble::parse(&frame).unwrap().status.busy);
/// # }
/// # Ok::<(), deku_ref::NetworkError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReferenceDevice<D, S> {
    pub(super) capabilities: Capabilities,
    pub(super) memory: D,
    pub(super) network: Network<S>,
    pub(super) sync: Sync,
    pub(super) registers: [u32; regs::REGISTER_COUNT as usize],
    pub(super) queue: Queue,
    pub(super) ring: Ring,
    pub(super) rivals: [Option<u8>; MAX_LAYERS],
    pub(super) next_sequence: u8,
    pub(super) errors: u32,
    pub(super) causes: u32,
    pub(super) header_errors: u16,
    pub(super) payload_errors: u16,
    /// Bytes an example takes.
    pub(super) pace: u32,
    /// Bytes since the example in work was begun.
    pub(super) elapsed: u32,
    /// The last queued record is still arriving.
    pub(super) arriving: bool,
}

#[cfg(any(feature = "alloc", test))]
impl super::OwnedDevice {
    /// A device with memories on the heap, all zero.
    ///
    /// # Errors
    /// [`NetworkError::Memory`] if RESULTS is no power of two up to 128.
    pub fn on_heap(capabilities: &Capabilities) -> Result<Self, NetworkError> {
        let memory = super::OwnedDeviceMemory::new(&capabilities.capacity);
        let smallest = smallest_network()?;
        Self::new(capabilities, memory, crate::OwnedMemory::new(&smallest))
    }
}

impl<D: DeviceStorage, S: Storage> ReferenceDevice<D, S> {
    /// A device after power-up. `storage` is where it computes; a network for which it is too
    /// small is refused when it is used.
    ///
    /// # Errors
    /// [`NetworkError::Memory`] if a memory is not as long as the capabilities say, or RESULTS is
    /// no power of two up to 128.
    pub fn new(
        capabilities: &Capabilities,
        mut memory: D,
        storage: S,
    ) -> Result<Self, NetworkError> {
        check_memory(capabilities, &mut memory)?;
        let mut registers = [0; regs::REGISTER_COUNT as usize];
        for r in regs::MAP {
            (0..usize::from(r.count)).for_each(|n| registers[usize::from(r.at(n))] = r.reset);
        }
        let mut network = Network::new(&smallest_network()?, &TrainConfig::IMAGES, storage)?;
        network.set_rival_state(regs::RIVAL_STATE.reset)?;
        network.set_round_state(regs::ROUND_STATE.reset)?;
        Ok(Self {
            capabilities: *capabilities,
            memory,
            network,
            sync: Sync::default(),
            registers,
            queue: Queue::default(),
            ring: Ring::default(),
            rivals: [None; MAX_LAYERS],
            next_sequence: 0,
            errors: 0,
            causes: 0,
            header_errors: 0,
            payload_errors: 0,
            pace: 0,
            elapsed: 0,
            arriving: false,
        })
    }

    /// Makes every example take as long as `bytes` bytes on the link (0 = no time).
    pub fn set_pace(&mut self, bytes: u32) {
        self.pace = bytes;
    }

    /// Lets as much time pass between frames as `bytes` bytes take on the link.
    pub fn pass(&mut self, bytes: usize) {
        self.elapse(bytes);
    }

    /// Level of the IRQ line.
    pub fn irq(&self) -> bool {
        self.causes & self.registers[usize::from(regs::IRQ_ENABLE.index)] != 0
    }

    /// The network it computes with, for comparison. `None` while the registers describe none, or
    /// memories were written since the last example.
    pub fn network(&self) -> Option<&Network<S>> {
        self.sync.is_current().then_some(&self.network)
    }

    /// One frame: `frame` goes to the device, the answer comes back in its place.
    pub fn exchange(&mut self, frame: &mut [u8]) {
        let preamble = self.preamble().emit();
        let Some((header, body)) = frame.split_first_chunk_mut::<HEADER_LEN>() else {
            return frame.copy_from_slice(&preamble[..frame.len()]);
        };
        let request = Request::parse(header);
        match request {
            Ok(Request::Stream { acknowledge }) => self.stream(acknowledge, body),
            Ok(Request::Write(access)) => self.write(access, access::header_crc(header), body),
            Ok(Request::Read(access)) => self.read(access, access::read_seed(header), body),
            Ok(Request::Reset) => self.reset(body),
            Ok(Request::Nop) => self.quiet(body),
            Err(error) => self.refuse_header(error, body),
        }
        *header = preamble;
    }

    fn preamble(&self) -> Preamble {
        let free = self.capabilities.capacity.list_entries - self.queue.used();
        let inputs = f::INPUTS.get(self.register(&regs::INPUTS)) as usize;
        let status = Status {
            busy: self.busy(),
            credit: free >= inputs + 3,
            interrupt: self.irq(),
            error: self.errors != 0,
            loaded: self.is_loaded(),
        };
        let free_entries = free.min(usize::from(u16::MAX)) as u16;
        Preamble { status, next_sequence: self.next_sequence, free_entries }
    }

    /// A body that says nothing.
    pub(super) fn quiet(&mut self, body: &mut [u8]) {
        self.elapse(body.len());
        body.fill(0);
    }

    fn refuse_header(&mut self, error: RequestError, body: &mut [u8]) {
        match error {
            RequestError::Damaged => {
                self.header_errors = self.header_errors.saturating_add(1);
                self.raise(&f::ERR_HEADER);
            }
            RequestError::Opcode { .. } | RequestError::Magic => self.raise(&f::ERR_OPCODE),
        }
        self.quiet(body);
    }

    /// Drops queued records and results. An example in work is finished first.
    fn reset(&mut self, body: &mut [u8]) {
        if self.elapsed > 0 {
            self.execute();
        }
        self.queue = Queue::default();
        self.ring = Ring::default();
        self.next_sequence = 0;
        self.errors = 0;
        self.elapsed = 0;
        self.quiet(body);
    }

    fn read(&mut self, access: Access, seed: u16, body: &mut [u8]) {
        let refused = access.end() > self.units(access.space())
            || (self.busy() && access.space() != Space::Registers);
        self.quiet(body);
        if refused {
            return self.raise(&f::ERR_REFUSED);
        }
        if access.space() == Space::Latents {
            self.sync.flush(&self.network, self.memory.memory().words);
        }
        let mut unit = [0; latents::WORD_BYTES];
        let unit = &mut unit[..access.space().unit()];
        let (mut at, mut crc) = (READ_DATA - HEADER_LEN, seed);
        for n in 0..access.units() {
            self.unit(access.space(), access.first() + n, unit);
            crc = crc16_more(crc, unit);
            at = put(body, at, unit);
        }
        put(body, at, &crc.to_be_bytes());
    }

    /// Reads one unit that exists.
    fn unit(&mut self, space: Space, at: u16, out: &mut [u8]) {
        let word = match space {
            Space::Latents => {
                return out.copy_from_slice(&self.memory.memory().words[usize::from(at)]);
            }
            Space::Registers => self.read_register(at),
            Space::Masks => self.memory.memory().masks[usize::from(at)],
            Space::Goodness => {
                let [layer, candidate] = at.to_be_bytes().map(usize::from);
                self.network.goodness(layer).get(candidate).copied().unwrap_or(0)
            }
        };
        out.copy_from_slice(&word.to_be_bytes());
    }

    fn write(&mut self, access: Access, header: u16, body: &mut [u8]) {
        let mut done = 0;
        for block in body.chunks_exact(access.block_len()).take(access.units().into()) {
            let committed = match access::block_unit(header, block) {
                None => Err(self.damaged_payload()),
                Some(unit) => {
                    self.write_unit(access.space(), u32::from(access.first()) + done, unit)
                }
            };
            if let Err(error) = committed {
                self.raise(error);
                break;
            }
            done += 1;
        }
        self.quiet(body);
        let answer = if done == u32::from(access.units()) { WRITE_DONE } else { WRITE_FAILED };
        if let Some(acknowledge) = body.get_mut(access.write_ack() - HEADER_LEN..) {
            acknowledge.fill(answer);
        }
    }

    /// Counts a wrong CRC-16.
    pub(super) fn damaged_payload(&mut self) -> &'static Field {
        self.payload_errors = self.payload_errors.saturating_add(1);
        &f::ERR_PAYLOAD
    }

    fn write_unit(&mut self, space: Space, at: u32, unit: &[u8]) -> Result<(), &'static Field> {
        let exists = at < self.units(space);
        if !exists || (self.busy() && space != Space::Registers) {
            return Err(&f::ERR_REFUSED);
        }
        let refused = Err(&f::ERR_REFUSED);
        match space {
            Space::Goodness => refused,
            Space::Latents => unit.try_into().map_or(refused, |w| self.write_latents(at, w)),
            Space::Registers => unit
                .try_into()
                .map_or(refused, |w| self.write_register(at as u16, u32::from_be_bytes(w))),
            Space::Masks => unit.try_into().map_or(refused, |w| {
                self.sync.flush(&self.network, self.memory.memory().words);
                self.memory.memory().masks[at as usize] = u32::from_be_bytes(w);
                self.sync.memory_written();
                Ok(())
            }),
        }
    }

    fn write_latents(
        &mut self,
        at: u32,
        word: &[u8; latents::WORD_BYTES],
    ) -> Result<(), &'static Field> {
        if latents::has_illegal_trit(word) {
            return Err(&f::ERR_LATENT);
        }
        self.sync.flush(&self.network, self.memory.memory().words);
        self.memory.memory().words[at as usize] = *word;
        self.sync.memory_written();
        Ok(())
    }

    /// Units of a space.
    fn units(&self, space: Space) -> u32 {
        let capacity = &self.capabilities.capacity;
        let units = match space {
            Space::Registers => regs::REGISTER_COUNT.into(),
            Space::Latents => capacity.words,
            Space::Masks => capacity.mask_words,
            Space::Goodness => capacity.max_layers << 8,
        };
        units as u32
    }

    /// Whether an example is queued or in work.
    pub(super) fn busy(&self) -> bool {
        self.queue.records() > 0
    }

    /// Sets a bit of ERROR.
    pub(super) fn raise(&mut self, error: &Field) {
        self.errors |= error.put(1);
        self.causes |= f::IRQ_ERROR.put(1);
    }
}

/// Copies `bytes` to position `at`, as far as there is room; returns the position after them.
fn put(body: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    if let Some(room) = body.get_mut(at..) {
        let n = room.len().min(bytes.len());
        room[..n].copy_from_slice(&bytes[..n]);
    }
    at + bytes.len()
}

/// The network of a device that has not been configured: it is never used.
fn smallest_network() -> Result<NetworkConfig, NetworkError> {
    Ok(NetworkConfig::new(&[LayerConfig { inputs: 1, columns: 1, shift: 0 }], 1)?)
}

fn check_memory(
    capabilities: &Capabilities,
    memory: &mut impl DeviceStorage,
) -> Result<(), NetworkError> {
    let (c, m) = (&capabilities.capacity, memory.memory());
    let results = c.results.clamp(1, 128).next_power_of_two();
    let rows = [
        ("words", c.words, m.words.len()),
        ("mask words", c.mask_words, m.masks.len()),
        ("list", c.list_entries, m.list.len()),
        ("results (a power of two up to 128)", results, m.results.len()),
    ];
    match rows.into_iter().find(|(_, needed, given)| needed != given) {
        Some((what, needed, given)) => Err(NetworkError::Memory { what, needed, given }),
        None => Ok(()),
    }
}
