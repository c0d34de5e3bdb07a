//! The numbers of a configuration as the engine's blocks need them: depths and the widths of the
//! addresses that follow from them.

use crate::ast::index_width;
use deku_ref::regs::Register;

/// Columns in a word, in every configuration.
pub const WORD_COLUMNS: u32 = 32;
/// Columns in a half word: the unit in which masks are read.
pub const HALF_COLUMNS: u32 = 16;

/// Width of an address of the engine's table: half registers from 0x10 to 0x2F.
pub const TABLE_BITS: u32 = 6;

/// Where half a register is in the engine's table.
pub fn table_half(register: &Register, low: bool) -> u64 {
    assert!((0x10..0x30).contains(&register.index), "{} is not in the table", register.name);
    u64::from(register.index & 0x1F) << 1 | u64::from(low)
}

/// Depths of the engine's memories and the number of lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineShape {
    /// Latent words of 32 columns.
    pub words: u32,
    /// Words accumulated per clock cycle; lanes = 32 x slices.
    pub slices: u32,
    /// Entries of the list memory.
    pub list_entries: u32,
    /// Entries of the list of a hidden layer's non-zero codes.
    pub hidden_entries: u32,
    /// Words of 32 columns in the activation memory.
    pub code_words: u32,
    /// Mask words of 32 columns.
    pub mask_words: u32,
    /// Classes (candidates).
    pub max_classes: u32,
    /// Pairs of accumulators built from MAC primitives of the fabric, per slice (at most 16).
    pub mac_pairs: u32,
    /// Width of an accumulator, signed: 15 or 16.
    pub acc_bits: u32,
    /// The weight memory has a read port whose address comes a cycle earlier, and a register behind it.
    pub early_reads: bool,
}

impl EngineShape {
    /// Width of an accumulator after ReLU.
    pub fn relu_bits(&self) -> u32 {
        self.acc_bits - 1
    }
    /// Width of a row address in the weight memory of one slice.
    pub fn base_bits(&self) -> u32 {
        index_width(u64::from(self.words / self.slices))
    }
    /// Width of an entry of the list memory.
    pub fn entry_bits(&self) -> u32 {
        (self.base_bits() + 4).max(16)
    }
    /// Width of an address of the list memory.
    pub fn list_bits(&self) -> u32 {
        index_width(u64::from(self.list_entries))
    }
    /// Width of an address of the hidden list.
    pub fn hidden_bits(&self) -> u32 {
        index_width(u64::from(self.hidden_entries))
    }
    /// Columns of a part of a word: the unit in which codes are stored and goodness is summed. A
    /// fabric whose lanes sit in MAC primitives is a small one: 8 columns per cycle, half the adders.
    pub fn part_columns(&self) -> u32 {
        if self.mac_pairs > 0 {
            8
        } else {
            16
        }
    }
    /// Width of the codes of a part.
    pub fn part_code_bits(&self) -> u32 {
        3 * self.part_columns()
    }
    /// Stages of a forward row from its entry's address to its word of weights: list memory, row,
    /// address, weight memory; a read port that is far away takes the address in a stage of its own.
    pub fn row_stages(&self) -> u32 {
        4 + u32::from(self.early_reads)
    }
    /// The memories of several slices are spread over a large chip, and may leave no block memory for other
    /// purposes: long paths get a stage of their own.
    pub fn spread_out(&self) -> bool {
        self.slices > 1
    }
    /// A scan reads and compares a candidate in every cycle. With one slice it takes two cycles for each: there, a
    /// pass takes so long that the scans hardly count, and small fabrics would need more cells for it.
    pub fn quick_scan(&self) -> bool {
        self.slices > 1
    }
    /// Cycles that a scan takes for a candidate of one layer.
    pub fn scan_cycles(&self) -> u32 {
        2 - u32::from(self.quick_scan())
    }
    /// Parts in a word.
    pub fn parts(&self) -> u32 {
        WORD_COLUMNS / self.part_columns()
    }
    /// Width of the number of a part inside its word.
    pub fn part_bits(&self) -> u32 {
        self.parts().trailing_zeros()
    }
    /// Entries of the activation memory of one slice: parts of words.
    pub fn code_entries(&self) -> u32 {
        self.parts() * self.code_words / self.slices
    }
    /// Width of an address in the activation memory of one slice.
    pub fn code_bits(&self) -> u32 {
        index_width(u64::from(self.code_entries()))
    }
    /// Width of a word address in the activation memory of one slice.
    pub fn code_word_bits(&self) -> u32 {
        self.code_bits() - self.part_bits()
    }
    /// Width of a mask word address.
    pub fn mask_bits(&self) -> u32 {
        index_width(u64::from(self.mask_words))
    }
    /// Width of a class index.
    pub fn class_bits(&self) -> u32 {
        index_width(u64::from(self.max_classes))
    }
    /// Width of the wait between two words of a forward pass: minus as many cycles as the parts of all
    /// classes need, and a sign.
    pub fn period_bits(&self) -> u32 {
        index_width(u64::from(self.parts() * (self.max_classes + 1)).max(34)) + 1
    }
    /// How far a word number is shifted to get the address inside a slice.
    pub fn slice_bits(&self) -> u32 {
        self.slices.trailing_zeros()
    }
}
