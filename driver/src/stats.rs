//! What the driver counted on the link.

/// Counted since connecting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkStats {
    /// Frames exchanged.
    pub frames: u64,
    /// Bytes exchanged, in each direction.
    pub bytes: u64,
    /// Frames of which the host's interface reported an error.
    pub failed: u64,
    /// Frames with a damaged preamble.
    pub damaged: u64,
    /// Frames with a good preamble whose answer was damaged, missing or negative.
    pub unanswered: u64,
    /// Times a stream went back to records it had sent before.
    pub rewinds: u64,
    /// Frames sent only to ask how far a busy module is.
    pub polls: u64,
    /// RESETs sent to recover.
    pub resets: u64,
    /// Times the clock of the link was lowered.
    pub slowed: u64,
}
