//! The memories of the device model. The caller owns them.

use crate::list::Entry;
use crate::wire::latents::WORD_BYTES;
use crate::wire::ExampleResult;

/// Memories of a [`super::ReferenceDevice`]. Their lengths are the device's capacity; their
/// contents after power-up are whatever the caller put there.
#[derive(Debug)]
pub struct DeviceMemory<'m> {
    /// Latent words as on the wire: WORDS.
    pub words: &'m mut [[u8; WORD_BYTES]],
    /// Mask words: MASK_WORDS.
    pub masks: &'m mut [u32],
    /// List memory: LIST_ENTRIES.
    pub list: &'m mut [Entry],
    /// Results not acknowledged: RESULTS, a power of two up to 128.
    pub results: &'m mut [ExampleResult],
}

/// Something that owns or borrows the memories: [`DeviceMemory`] itself, or `OwnedDeviceMemory`
/// (feature `alloc`).
pub trait DeviceStorage {
    /// The memories.
    fn memory(&mut self) -> DeviceMemory<'_>;
}

impl DeviceStorage for DeviceMemory<'_> {
    fn memory(&mut self) -> DeviceMemory<'_> {
        DeviceMemory {
            words: self.words,
            masks: self.masks,
            list: self.list,
            results: self.results,
        }
    }
}

#[cfg(any(feature = "alloc", test))]
mod owned {
    use super::{DeviceMemory, DeviceStorage, Entry, ExampleResult, WORD_BYTES};
    use crate::config::Capacity;
    use alloc::{vec, vec::Vec};

    /// Memories on the heap.
    #[derive(Clone, Debug)]
    pub struct OwnedDeviceMemory {
        words: Vec<[u8; WORD_BYTES]>,
        masks: Vec<u32>,
        list: Vec<Entry>,
        results: Vec<ExampleResult>,
    }

    impl OwnedDeviceMemory {
        /// Memories of a module, all zero.
        #[must_use]
        pub fn new(capacity: &Capacity) -> Self {
            Self {
                words: vec![[0; WORD_BYTES]; capacity.words],
                masks: vec![0; capacity.mask_words],
                list: vec![Entry::default(); capacity.list_entries],
                results: vec![ExampleResult::default(); capacity.results],
            }
        }
    }

    impl DeviceStorage for OwnedDeviceMemory {
        fn memory(&mut self) -> DeviceMemory<'_> {
            DeviceMemory {
                words: &mut self.words,
                masks: &mut self.masks,
                list: &mut self.list,
                results: &mut self.results,
            }
        }
    }
}

#[cfg(any(feature = "alloc", test))]
pub use owned::OwnedDeviceMemory;
