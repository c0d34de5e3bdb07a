//! Frames, records and results: the only home of the bytes on the link.
//!
//! Everything a host and a module say to each other is emitted and parsed here; the driver, the
//! device model and the tests all use these functions. `docs/programmers_guide.md` explains the
//! same bytes in prose. Every multi-byte field is big-endian.
//!
//! A *frame* is one exchange of equally many bytes in both directions:
//!
//! | byte | host to module | module to host |
//! |---|---|---|
//! | 0..6 | [`Request`] (with CRC-8) | [`Preamble`] (with CRC-16) |
//! | 6.. | body | body |
//!
//! Bodies: [`access`] (registers and memories), [`record`] and [`result`] (streams of examples).
//!
//! ```
//! use deku_ref::wire::{Access, Request, Space};
//!
//! let request = Request::Read(Access::new(Space::Registers, 0, 12).unwrap());
//! let bytes = request.emit();
//! assert_eq!(bytes[0], 0x31);
//! assert_eq!(Request::parse(&bytes), Ok(request));
//! ```

pub mod access;
pub mod crc;
mod header;
pub mod latents;
mod preamble;
pub mod record;
pub mod result;

pub use header::{Access, AccessError, Request, RequestError, Space};
pub use preamble::{Preamble, PreambleError, Status};
pub use record::{Kind, RecordHead};
pub use result::ExampleResult;

/// Bytes of a header and of a preamble.
pub const HEADER_LEN: usize = 6;
/// Bytes of a CRC-16 on the wire.
pub const CRC_LEN: usize = 2;
/// What a host sends where it has nothing to say, and a module where it has no result.
pub const IDLE: u8 = 0x00;
