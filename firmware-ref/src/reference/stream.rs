//! Records come in, examples are executed, results go out.

use super::device::ReferenceDevice;
use super::direct::execute;
use super::DeviceStorage;
use crate::config::Phases;
use crate::list::Entry;
use crate::memory::Storage;
use crate::outcome::Outcome;
use crate::regs::{self, f, Field};
use crate::sample::{decode, DecodeError, Format};
use crate::wire::crc::crc16_is_right;
use crate::wire::record::HEAD_LEN;
use crate::wire::result::TURNAROUND;
use crate::wire::{ExampleResult, Kind, RecordHead, CRC_LEN, IDLE};

/// What the next bytes of a frame are.
enum Piece {
    /// Nothing.
    Idle(usize),
    /// A record, queued.
    Record(usize),
    /// Something that makes the device ignore the rest of the frame.
    Rest,
}

/// Why a record has no effect.
enum Refusal {
    /// The frame ended.
    Cut,
    /// A bit of ERROR.
    Error(&'static Field),
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Short => Self::Cut,
            DecodeError::Index { .. } => Self::Error(&f::ERR_SAMPLE),
            DecodeError::Full => Self::Error(&f::ERR_OVERRUN),
        }
    }
}

impl<D: DeviceStorage, S: Storage> ReferenceDevice<D, S> {
    /// The body of a STREAM frame.
    pub(super) fn stream(&mut self, acknowledge: u8, body: &mut [u8]) {
        self.ring.acknowledge(acknowledge);
        self.run();
        let mut rest = body;
        let mut turnaround = TURNAROUND;
        while !rest.is_empty() {
            let piece = self.piece(rest);
            let n = match piece {
                Piece::Idle(n) | Piece::Record(n) => n,
                Piece::Rest => rest.len(),
            };
            let (now, later) = rest.split_at_mut(n);
            let (quiet, now) = now.split_at_mut(turnaround.min(n));
            turnaround -= quiet.len();
            quiet.fill(IDLE);
            self.elapse(quiet.len());
            self.answer(now);
            if matches!(piece, Piece::Record(_)) {
                self.arriving = false;
                self.run();
            }
            rest = later;
        }
    }

    fn piece(&mut self, bytes: &[u8]) -> Piece {
        let idle = bytes.iter().take_while(|b| **b == IDLE).count();
        if idle > 0 {
            return Piece::Idle(idle);
        }
        match self.record(bytes) {
            Ok(n) => {
                self.arriving = true;
                self.next_sequence = self.next_sequence.wrapping_add(1);
                Piece::Record(n)
            }
            Err(refusal) => {
                if let Refusal::Error(error) = refusal {
                    self.raise(error);
                }
                Piece::Rest
            }
        }
    }

    /// Checks a record in the order of its bytes and queues it; returns its length.
    fn record(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let head = self.head(bytes)?;
        let inputs = f::INPUTS.get(self.register(&regs::INPUTS)) as usize;
        let format = Format::from_bits(self.register(&regs::FORMAT));
        let list = self.memory.memory().list;
        let room = self.queue.room(head.kind, list).ok_or(Refusal::Error(&f::ERR_OVERRUN))?;
        let (n, lengths) = inputs_of(head.kind, format, inputs, &bytes[HEAD_LEN..], room)?;
        let end = HEAD_LEN + n + CRC_LEN;
        let whole = bytes.get(..end).ok_or(Refusal::Cut)?;
        if !crc16_is_right(whole) {
            return Err(Refusal::Error(self.damaged_payload()));
        }
        self.queue.push(&head, lengths, self.memory.memory().list);
        Ok(end)
    }

    /// The first four bytes of a record.
    fn head(&mut self, bytes: &[u8]) -> Result<RecordHead, Refusal> {
        let sample = Refusal::Error(&f::ERR_SAMPLE);
        let byte = |n: usize| bytes.get(n).copied().ok_or(Refusal::Cut);
        let kind = Kind::from_byte(byte(0)?).ok_or(sample)?;
        if !self.can(kind) {
            return Err(Refusal::Error(&f::ERR_REFUSED));
        }
        let sequence = byte(1)?;
        if sequence != self.next_sequence {
            return Err(Refusal::Error(&f::ERR_SEQUENCE));
        }
        let (shift, classes) = (byte(2)?, self.network.config().classes());
        let head = RecordHead { kind, sequence, shift, label: 0 };
        if !head.shift_is_legal() {
            return Err(Refusal::Error(&f::ERR_SAMPLE));
        }
        let label = byte(3)?;
        if !kind.accepts(label, classes) {
            return Err(Refusal::Error(&f::ERR_SAMPLE));
        }
        Ok(RecordHead { label, ..head })
    }

    /// Whether records of this kind can be executed.
    fn can(&mut self, kind: Kind) -> bool {
        let loaded = self.is_loaded();
        let Some(network) = self.up_to_date() else { return false };
        let phases = network.config().phases();
        let needed = match kind {
            Kind::Infer | Kind::Labelled => Phases::LABELLED,
            Kind::Pair => Phases::PAIR,
            Kind::Positive | Kind::Negative => Phases::SINGLE,
            Kind::Overlay | Kind::OverlayInfer => Phases::OVERLAY,
        };
        phases.contains(needed) && (loaded || !kind.trains())
    }

    /// Fills a piece of the answer with results.
    fn answer(&mut self, out: &mut [u8]) {
        // A busy engine may finish with any byte; an idle one changes nothing meanwhile.
        let step = if self.pace > 0 && self.busy() { 1 } else { out.len().max(1) };
        for out in out.chunks_mut(step) {
            self.ring.send(out, self.memory.memory().results);
            self.elapse(out.len());
        }
    }

    /// Lets the time of some bytes pass.
    pub(super) fn elapse(&mut self, bytes: usize) {
        if self.pace > 0 && self.ready() {
            self.elapsed = self.elapsed.saturating_add(bytes as u32);
        }
        self.run();
    }

    /// Whether an example is in work.
    fn ready(&mut self) -> bool {
        self.queue.records() > usize::from(self.arriving)
            && self.ring.has_room(self.memory.memory().results)
    }

    /// Executes what can be executed by now.
    fn run(&mut self) {
        while self.elapsed >= self.pace && self.ready() {
            self.elapsed -= self.pace;
            self.execute();
        }
        if !self.busy() {
            self.elapsed = 0;
        }
    }

    /// Executes the oldest record.
    pub(super) fn execute(&mut self) {
        self.up_to_date();
        let m = self.memory.memory();
        let Some(front) = self.queue.front(m.list) else { return };
        let example = front.example();
        let outcome = execute(&mut self.network, &example).unwrap_or(NOTHING);
        if example.kind().trains() {
            self.rivals = outcome.rivals;
            self.sync.trained();
        }
        self.queue.pop(example.list_entries(), m.list);
        self.ring.push(ExampleResult::of(&outcome, 0), m.results);
        self.causes |= f::IRQ_RESULT.put(1);
        if self.queue.records() == 0 {
            self.causes |= f::IRQ_IDLE.put(1);
        }
    }
}

/// Outcome of an example the network refused; records are checked so that there is none.
const NOTHING: Outcome =
    Outcome { class: 0, rivals: [None; 4], updated: 0, goodness_other: 0, goodness_truth: 0 };

/// Decodes the inputs of a record into `room`; returns their bytes and lengths.
fn inputs_of(
    kind: Kind,
    format: Format,
    inputs: usize,
    bytes: &[u8],
    room: &mut [Entry],
) -> Result<(usize, [usize; 2]), Refusal> {
    let first = decode(format, inputs, bytes, room)?;
    if kind.inputs() == 1 {
        return Ok((first.bytes, [first.entries, 0]));
    }
    let second = decode(format, inputs, &bytes[first.bytes..], &mut room[first.entries..])?;
    Ok((first.bytes + second.bytes, [first.entries, second.entries]))
}
