//! The register map: the only home of addresses, fields, access and meaning.
//!
//! The generator turns this table into the register file of the Verilog, the driver takes its
//! constants from here, and `docs/registers.md` is printed from it. Registers are 32 bits wide and
//! addressed by index (unit number of space 0, see `wire.rs`).

/// Who may touch a register, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Fixed when the module is generated.
    Constant,
    /// Read and write; writes are refused while the module is busy.
    ReadWrite,
    /// Read and write at any time.
    ReadWriteAnyTime,
    /// Read only, changes by itself.
    Live,
    /// Read; writing a 1 clears the bit, at any time.
    WriteOneToClear,
    /// Write only; reads as 0. Writes are refused while the module is busy.
    Command,
}

/// A named group of bits `[lsb + width - 1 : lsb]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name, upper case.
    pub name: &'static str,
    /// Lowest bit.
    pub lsb: u32,
    /// Width in bits.
    pub width: u32,
    /// Meaning, with unit and range.
    pub doc: &'static str,
}

impl Field {
    /// Cuts the field out of a register value.
    #[must_use]
    pub const fn get(&self, register: u32) -> u32 {
        (register >> self.lsb) & self.mask()
    }

    /// Places `value` (masked to the width) at the field's position.
    #[must_use]
    pub const fn put(&self, value: u32) -> u32 {
        (value & self.mask()) << self.lsb
    }

    /// All ones, `width` bits.
    #[must_use]
    pub const fn mask(&self) -> u32 {
        if self.width >= 32 {
            u32::MAX
        } else {
            (1 << self.width) - 1
        }
    }
}

/// One register, or an array of `count` registers `stride` units apart (one per layer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Name, upper case.
    pub name: &'static str,
    /// Index of the (first) register.
    pub index: u16,
    /// 1, or the number of layers for a per-layer array.
    pub count: u16,
    /// Distance between the elements of an array.
    pub stride: u16,
    /// Who may touch it.
    pub access: Access,
    /// Value after power-up (0 for constants, which the generator fills in).
    pub reset: u32,
    /// Its fields; bits outside every field read as 0.
    pub fields: &'static [Field],
    /// What it is for.
    pub doc: &'static str,
}

impl Register {
    /// Index of element `n` of an array.
    #[must_use]
    pub const fn at(&self, n: usize) -> u16 {
        self.index + self.stride * n as u16
    }
}

const fn field(name: &'static str, lsb: u32, width: u32, doc: &'static str) -> Field {
    Field { name, lsb, width, doc }
}

const fn one(
    name: &'static str,
    index: u16,
    access: Access,
    reset: u32,
    fields: &'static [Field],
    doc: &'static str,
) -> Register {
    Register { name, index, count: 1, stride: 1, access, reset, fields, doc }
}

const fn layers(
    name: &'static str,
    index: u16,
    stride: u16,
    access: Access,
    fields: &'static [Field],
    doc: &'static str,
) -> Register {
    Register { name, index, count: MAX_LAYERS as u16, stride, access, reset: 0, fields, doc }
}

/// Layers the register map has room for.
pub const MAX_LAYERS: usize = 4;
/// Version of this map; changes when a register moves or changes its meaning.
pub const VERSION: u32 = 1;
/// Value of `MAGIC`: "DEKU".
pub const MAGIC_VALUE: u32 = 0x4445_4B55;
/// Value of `BYTE_ORDER`: shows a swapped or shifted link.
pub const BYTE_ORDER_VALUE: u32 = 0x0102_0304;
/// Number of 32-bit registers in the address space.
pub const REGISTER_COUNT: u16 = 128;

/// Fields, for driver and generator.
#[allow(missing_docs)]
pub mod f {
    use super::{field, Field};
    pub const FORWARD_LANES: Field =
        field("FORWARD_LANES", 0, 16, "columns accumulated per clock cycle");
    pub const UPDATE_LANES: Field = field("UPDATE_LANES", 16, 8, "columns updated per clock cycle");
    pub const MAX_LAYERS: Field = field("MAX_LAYERS", 24, 8, "layers of a stack, 1..=4");
    pub const WORDS: Field = field("WORDS", 0, 16, "latent words of 32 columns");
    pub const MASK_WORDS: Field = field("MASK_WORDS", 16, 16, "mask words of 32 columns");
    pub const LIST_ENTRIES: Field =
        field("LIST_ENTRIES", 0, 16, "entries of the list memory shared by queued samples");
    pub const RESULTS: Field = field("RESULTS", 16, 16, "results kept until acknowledged");
    pub const MAX_CLASSES: Field = field("MAX_CLASSES", 0, 16, "classes (candidates) of a sample");
    pub const CODE_WORDS: Field =
        field("CODE_WORDS", 16, 16, "activation memory, in words of 32 columns");
    pub const LINK_SPI: Field = field("SPI", 0, 1, "1: SPI slave present");
    pub const LINK_UART: Field = field("UART", 1, 1, "1: framed UART present");
    pub const MAX_INPUTS: Field =
        field("MAX_INPUTS", 4, 12, "inputs a layer may have (label rows included)");
    pub const HIDDEN_ENTRIES: Field =
        field("HIDDEN_ENTRIES", 16, 16, "columns a hidden layer may have: entries of its list");
    pub const BUSY: Field = field("BUSY", 0, 1, "an example is queued or in work");
    pub const IS_LOADED: Field = field("LOADED", 1, 1, "every configured layer has been loaded");
    pub const ERR_HEADER: Field = field("HEADER", 0, 1, "frame header with a wrong CRC-8");
    pub const ERR_PAYLOAD: Field = field("PAYLOAD", 1, 1, "block or record with a wrong CRC-16");
    pub const ERR_OPCODE: Field = field("OPCODE", 2, 1, "unknown opcode or wrong reset magic");
    pub const ERR_REFUSED: Field = field("REFUSED", 3, 1, "access while busy, beyond a space or to a read-only unit; training before everything was loaded");
    pub const ERR_LATENT: Field = field("LATENT", 4, 1, "a written latent was above 191");
    pub const ERR_SEQUENCE: Field =
        field("SEQUENCE", 5, 1, "record with an unexpected sequence number");
    pub const ERR_SAMPLE: Field =
        field("SAMPLE", 6, 1, "record with an illegal index, order, rate shift, label or kind");
    pub const ERR_OVERRUN: Field = field("OVERRUN", 7, 1, "record without room in the list memory");
    pub const IRQ_RESULT: Field = field("RESULT", 0, 1, "a result was produced");
    pub const IRQ_ERROR: Field = field("ERROR", 1, 1, "a bit of ERROR was set");
    pub const IRQ_IDLE: Field = field("IDLE", 2, 1, "the last queued example was finished");
    pub const CLEAR_COUNTERS: Field =
        field("CLEAR_COUNTERS", 0, 1, "1: set SAMPLES, UPDATES, FLIPS, DEAD and LINK_ERRORS to 0");
    pub const HEADER_ERRORS: Field = field("HEADER", 0, 16, "frames with a bad header, saturating");
    pub const PAYLOAD_ERRORS: Field =
        field("PAYLOAD", 16, 16, "blocks and records with a bad CRC-16, saturating");
    pub const NEXT_SEQ: Field = field("NEXT", 0, 8, "sequence number the next record must have");
    pub const RESULT_SEQ: Field =
        field("RESULT", 8, 8, "sequence number of the next result to be produced");
    pub const LAYERS: Field = field("LAYERS", 0, 3, "layers in use, 1..=4");
    pub const CLASS_BITS: Field =
        field("CLASS_BITS", 4, 4, "ceil(log2(classes)), spacing of mask words");
    pub const CLASSES: Field = field("CLASSES", 8, 9, "classes, 1..=MAX_CLASSES");
    pub const SAMPLE_FORMAT: Field =
        field("FORMAT", 0, 2, "0 raw, 1 packed-u, 2 packed-s, 3 index list");
    pub const TEMPERATURE_K: Field = field("K", 0, 4, "temperature tau = 2^K, 0..=12");
    pub const THETA: Field = field("THETA", 0, 20, "threshold of the single phase, goodness units");
    pub const COPIES: Field = field("COPIES", 0, 8, "rows per label, each with code 7 (value 12)");
    pub const LABEL_BASE: Field =
        field("BASE", 16, 16, "word address of the first label row of layer 0");
    pub const LABEL_STEP: Field =
        field("STEP", 0, 16, "words from one label's rows to the next: COPIES * STRIDE of layer 0");
    pub const INPUTS: Field =
        field("INPUTS", 0, 12, "inputs of a record (label rows not counted), 1..=2730");
    pub const LOADED_LAYERS: Field = field("LAYERS", 0, 3, "layers whose latents were all written");
    pub const CODE_BANK: Field = field(
        "WORDS",
        0,
        16,
        "words of 32 columns in one bank of the activation memory (all layers)",
    );
    pub const COLUMNS: Field = field("COLUMNS", 0, 12, "columns of the layer, 1..=1820");
    pub const STRIDE: Field = field("STRIDE", 16, 8, "words per input row");
    pub const BASE: Field = field("BASE", 0, 16, "word address of input row 0");
    pub const SHIFT: Field = field("SHIFT", 16, 4, "scale S, 0..=15");
    pub const MASK_BASE: Field = field("MASK_BASE", 0, 16, "first mask word of the layer");
    pub const CODE_BASE: Field = field(
        "CODE_BASE",
        16,
        16,
        "first word of the layer inside a bank of the activation memory",
    );
    pub const VALUE: Field = field("VALUE", 0, 32, "the value");
    pub const MAX_ACC: Field = field("VALUE", 0, 16, "largest accumulator, 0 if none was positive");
    pub const RIVAL: [Field; 4] = [
        field("LAYER0", 0, 8, "rival of layer 0, 255 = none"),
        field("LAYER1", 8, 8, "rival of layer 1, 255 = none"),
        field("LAYER2", 16, 8, "rival of layer 2, 255 = none"),
        field("LAYER3", 24, 8, "rival of layer 3, 255 = none"),
    ];
}

use Access::{Command, Constant, Live, ReadWrite, ReadWriteAnyTime, WriteOneToClear};

macro_rules! map {
    ($($(#[doc = $doc:literal])* $name:ident = $make:expr;)*) => {
        $($(#[doc = $doc])* pub const $name: Register = $make;)*
        /// Every register, in order of address.
        pub const MAP: &[Register] = &[$($name),*];
    };
}

const VALUE: &[Field] = &[f::VALUE];

map! {
    /// Identity.
    MAGIC = one("MAGIC", 0x00, Constant, MAGIC_VALUE, VALUE, "0x44454B55, \"DEKU\"");
    /// Shows swapped bytes.
    BYTE_ORDER = one("BYTE_ORDER", 0x01, Constant, BYTE_ORDER_VALUE, VALUE, "0x01020304");
    /// Version of the register map.
    MAP_VERSION = one("MAP_VERSION", 0x02, Constant, VERSION, VALUE, "version of this register map");
    /// Hash of the register map.
    MAP_HASH = one("MAP_HASH", 0x03, Constant, 0, VALUE, "first 32 bits of SHA-256 of the printed map");
    /// Hash of the configuration.
    CONFIG_HASH = one("CONFIG_HASH", 0x04, Constant, 0, VALUE, "first 32 bits of SHA-256 of the configuration the module was generated from");
    /// Engine capabilities.
    CAP_ENGINE = one("CAP_ENGINE", 0x05, Constant, 0, &[f::FORWARD_LANES, f::UPDATE_LANES, f::MAX_LAYERS], "what the engine can do");
    /// Memory capabilities.
    CAP_MEMORY = one("CAP_MEMORY", 0x06, Constant, 0, &[f::WORDS, f::MASK_WORDS], "latent and mask memory");
    /// Queue capabilities.
    CAP_QUEUE = one("CAP_QUEUE", 0x07, Constant, 0, &[f::LIST_ENTRIES, f::RESULTS], "queues between link and engine");
    /// Limits.
    CAP_LIMITS = one("CAP_LIMITS", 0x08, Constant, 0, &[f::MAX_CLASSES, f::CODE_WORDS], "classes and activation memory");
    /// Front ends.
    CAP_LINKS = one("CAP_LINKS", 0x09, Constant, 0, &[f::LINK_SPI, f::LINK_UART, f::MAX_INPUTS, f::HIDDEN_ENTRIES], "front ends present, and the list of a hidden layer");
    /// System clock.
    CLOCK_HZ = one("CLOCK_HZ", 0x0A, Constant, 0, VALUE, "system clock the module was generated for, Hz");
    /// Board.
    BOARD_ID = one("BOARD_ID", 0x0B, Constant, 0, VALUE, "board the top level was generated for, 0 = simulation");
    /// Scratch.
    SCRATCH = one("SCRATCH", 0x0C, ReadWriteAnyTime, 0, VALUE, "no effect; for testing the link");
    /// Status.
    STATUS = one("STATUS", 0x10, Live, 0, &[f::BUSY, f::IS_LOADED], "state of the module");
    /// Sticky errors.
    ERROR = one("ERROR", 0x11, WriteOneToClear, 0, &[f::ERR_HEADER, f::ERR_PAYLOAD, f::ERR_OPCODE, f::ERR_REFUSED, f::ERR_LATENT, f::ERR_SEQUENCE, f::ERR_SAMPLE, f::ERR_OVERRUN], "sticky errors");
    /// Interrupt enables.
    IRQ_ENABLE = one("IRQ_ENABLE", 0x12, ReadWriteAnyTime, 0, &[f::IRQ_RESULT, f::IRQ_ERROR, f::IRQ_IDLE], "causes that raise the IRQ line");
    /// Interrupt causes.
    IRQ_CAUSE = one("IRQ_CAUSE", 0x13, WriteOneToClear, 0, &[f::IRQ_RESULT, f::IRQ_ERROR, f::IRQ_IDLE], "what happened since it was cleared; the IRQ line is high while an enabled cause is set");
    /// Link error counters.
    LINK_ERRORS = one("LINK_ERRORS", 0x14, Live, 0, &[f::HEADER_ERRORS, f::PAYLOAD_ERRORS], "damaged frames since COMMAND.CLEAR_COUNTERS");
    /// Commands.
    COMMAND = one("COMMAND", 0x15, Command, 0, &[f::CLEAR_COUNTERS], "commands, one bit each");
    /// Sequence numbers.
    SEQUENCE = one("SEQUENCE", 0x16, Live, 0, &[f::NEXT_SEQ, f::RESULT_SEQ], "where the stream is");
    /// Activation memory bank size.
    CODE_BANK = one("CODE_BANK", 0x17, ReadWrite, 0, &[f::CODE_BANK], "size of one bank of the activation memory; 1 bank is needed, 2 for pair, 1 + layers for overlay");
    /// Stack.
    NETWORK = one("NETWORK", 0x18, ReadWrite, 0, &[f::LAYERS, f::CLASS_BITS, f::CLASSES], "shape of the stack; writing it clears LOADED");
    /// Sample format.
    FORMAT = one("FORMAT", 0x19, ReadWriteAnyTime, 0, &[f::SAMPLE_FORMAT], "sample format of the records that follow");
    /// Temperature.
    TEMPERATURE = one("TEMPERATURE", 0x1A, ReadWrite, 0, &[f::TEMPERATURE_K], "of the rival's draw");
    /// Threshold.
    THETA = one("THETA", 0x1B, ReadWrite, 0, &[f::THETA], "of the single phase");
    /// Label rows.
    OVERLAY = one("OVERLAY", 0x1C, ReadWrite, 0, &[f::COPIES, f::LABEL_BASE], "label rows of layer 0");
    /// Label step.
    OVERLAY_STEP = one("OVERLAY_STEP", 0x1D, ReadWrite, 0, &[f::LABEL_STEP], "distance of the labels' rows");
    /// Inputs of a record.
    INPUTS = one("INPUTS", 0x1E, ReadWrite, 0, &[f::INPUTS], "inputs of a record");
    /// Layers loaded.
    LOADED = one("LOADED", 0x1F, ReadWrite, 0, &[f::LOADED_LAYERS], "written by the host when the latents of all layers are in; training is refused before. After a reset NETWORK comes first: \
        the module compares it, and what it compares has no reset value");
    /// Layer shape.
    LAYER_SHAPE = layers("LAYER_SHAPE", 0x20, 4, ReadWrite, &[f::COLUMNS, f::STRIDE], "shape of the layer");
    /// Layer scale and place.
    LAYER_BASE = layers("LAYER_BASE", 0x21, 4, ReadWrite, &[f::BASE, f::SHIFT], "latents and scale of the layer");
    /// Layer tables.
    LAYER_TABLES = layers("LAYER_TABLES", 0x22, 4, ReadWrite, &[f::MASK_BASE, f::CODE_BASE], "masks and activations of the layer");
    /// Rival generator.
    RIVAL_STATE = one("RIVAL_STATE", 0x40, ReadWrite, 1, VALUE, "xorshift32 state of the rival generator, never 0");
    /// Rounding generator.
    ROUND_STATE = one("ROUND_STATE", 0x41, ReadWrite, 1, VALUE, "xorshift32 state of the rounding generator, never 0");
    /// Trained samples.
    SAMPLES = one("SAMPLES", 0x48, Live, 0, VALUE, "training examples executed, modulo 2^32");
    /// Rivals of the last example.
    RIVALS = one("RIVALS", 0x49, Live, 0xFFFF_FFFF, &f::RIVAL, "rivals drawn for the last training example");
    /// Updates.
    UPDATES = layers("UPDATES", 0x4C, 1, Live, VALUE, "examples that updated the layer, modulo 2^32");
    /// Flips.
    FLIPS = layers("FLIPS", 0x50, 1, Live, VALUE, "ternary weights changed, modulo 2^32");
    /// Dead passes.
    DEAD = layers("DEAD", 0x54, 1, Live, VALUE, "forward passes in which every code of the layer was 0, modulo 2^32");
    /// Largest accumulator.
    MAX_ACC = layers("MAX_ACC", 0x58, 1, Live, &[f::MAX_ACC], "largest accumulator in the layer's last forward pass");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_do_not_overlap_and_are_in_range() {
        let mut seen = [false; REGISTER_COUNT as usize];
        for r in MAP {
            for n in 0..r.count {
                let index = r.at(n as usize);
                assert!(
                    !core::mem::replace(&mut seen[index as usize], true),
                    "{} at {index:#x}",
                    r.name
                );
            }
        }
    }

    #[test]
    fn fields_do_not_overlap() {
        for r in MAP {
            let mut bits = 0u64;
            for f in r.fields {
                let m = u64::from(f.mask()) << f.lsb;
                assert_eq!(bits & m, 0, "{}.{}", r.name, f.name);
                assert!(m <= u64::from(u32::MAX), "{}.{}", r.name, f.name);
                bits |= m;
            }
        }
    }
}
