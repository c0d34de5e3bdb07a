//! What goes over a USB/IP connection. All numbers have their highest byte first.

use std::io::{ErrorKind, Read};

use super::{descriptors, ServeError, BUS_ID};

const VERSION: u16 = 0x0111;
const REQUEST: u16 = 0x8000;
const IMPORT: u16 = 3;
const LIST: u16 = 5;

const SUBMIT: u32 = 1;
const UNLINK: u32 = 2;
const SUBMITTED: u32 = 3;
const UNLINKED: u32 = 4;

/// Bus and device number of the one device.
const PLACE: (u32, u32) = (1, 2);
const HIGH_SPEED: u32 = 3;
const HEADER: usize = 48;
/// More than any program asks for at a time.
const LONGEST: usize = 1 << 20;

/// What a connection is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// To see what there is.
    List,
    /// To use the device of this name.
    Import(String),
}

/// A request to the device that was imported.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Submit(Submit),
    /// Give up an earlier request.
    Unlink {
        seqnum: u32,
        victim: u32,
    },
}

/// A transfer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Submit {
    pub seqnum: u32,
    pub endpoint: u32,
    /// From the device.
    pub input: bool,
    pub length: usize,
    pub setup: [u8; 8],
    /// To the device.
    pub data: Vec<u8>,
}

/// Reads what a connection is for.
pub(super) fn operation(stream: &mut impl Read) -> Result<Operation, ServeError> {
    let mut header = [0; 8];
    stream.read_exact(&mut header)?;
    let [version, code] = [0, 2].map(|at| u16::from_be_bytes([header[at], header[at + 1]]));
    if version != VERSION {
        return Err(ServeError::Protocol(format!("version {version:#06x}")));
    }
    if code == REQUEST | LIST {
        return Ok(Operation::List);
    }
    if code != REQUEST | IMPORT {
        return Err(ServeError::Protocol(format!("operation {code:#06x}")));
    }
    let mut name = [0; 32];
    stream.read_exact(&mut name)?;
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    Ok(Operation::Import(String::from_utf8_lossy(&name[..end]).into_owned()))
}

/// The list of devices: one.
pub(super) fn listed() -> Vec<u8> {
    let mut answer = operation_answer(LIST, true);
    answer.extend(1_u32.to_be_bytes());
    answer.extend(device());
    answer.extend(descriptors::INTERFACE_CLASS);
    answer.push(0);
    answer
}

/// The device was imported, or there is none of that name.
pub(super) fn imported(known: bool) -> Vec<u8> {
    let mut answer = operation_answer(IMPORT, known);
    if known {
        answer.extend(device());
    }
    answer
}

fn operation_answer(code: u16, good: bool) -> Vec<u8> {
    let mut answer = VERSION.to_be_bytes().to_vec();
    answer.extend(code.to_be_bytes());
    answer.extend(u32::from(!good).to_be_bytes());
    answer
}

fn device() -> Vec<u8> {
    let mut device = format!("/sys/devices/simulated/usb1/{BUS_ID}").into_bytes();
    device.resize(256, 0);
    device.extend(BUS_ID.as_bytes());
    device.resize(256 + 32, 0);
    [PLACE.0, PLACE.1, HIGH_SPEED].iter().for_each(|number| device.extend(number.to_be_bytes()));
    let numbers = [descriptors::VENDOR, descriptors::PRODUCT, descriptors::RELEASE];
    numbers.iter().for_each(|number| device.extend(number.to_be_bytes()));
    // Class, subclass and protocol are those of the interface; configuration 1 of 1, 1 interface.
    device.extend([0, 0, 0, 1, 1, 1]);
    device
}

/// Reads the next command; `None` at the end.
pub(super) fn command(stream: &mut impl Read) -> Result<Option<Command>, ServeError> {
    let mut header = [0; HEADER];
    match stream.read_exact(&mut header[..1]) {
        Err(error) if ends(error.kind()) => return Ok(None),
        result => result?,
    }
    stream.read_exact(&mut header[1..])?;
    let word = |n: usize| {
        let bytes: [u8; 4] = header[4 * n..4 * n + 4].try_into().expect("four bytes");
        u32::from_be_bytes(bytes)
    };
    match word(0) {
        UNLINK => Ok(Some(Command::Unlink { seqnum: word(1), victim: word(5) })),
        SUBMIT => {
            let (input, length) = (word(3) == 1, word(6) as usize);
            if length > LONGEST {
                return Err(ServeError::Protocol(format!("a transfer of {length} bytes")));
            }
            let mut data = vec![0; if input { 0 } else { length }];
            stream.read_exact(&mut data)?;
            let setup = header[40..].try_into().expect("eight bytes");
            let (seqnum, endpoint) = (word(1), word(4));
            Ok(Some(Command::Submit(Submit { seqnum, endpoint, input, length, setup, data })))
        }
        other => Err(ServeError::Protocol(format!("command {other}"))),
    }
}

/// A connection that is closed while something is under way is reset.
fn ends(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)
}

/// The answer to a transfer: what came from the device, or how many bytes it took.
pub(super) fn submitted(seqnum: u32, status: i32, taken: usize, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(taken.max(data.len())).unwrap_or(u32::MAX);
    let mut answer = answer(SUBMITTED, seqnum, status);
    answer[24..28].copy_from_slice(&length.to_be_bytes());
    answer.extend(data);
    answer
}

/// The answer to a request that gives up another one.
pub(super) fn unlinked(seqnum: u32, status: i32) -> Vec<u8> {
    answer(UNLINKED, seqnum, status)
}

fn answer(code: u32, seqnum: u32, status: i32) -> Vec<u8> {
    let mut answer = code.to_be_bytes().to_vec();
    answer.extend(seqnum.to_be_bytes());
    // Device, direction and endpoint are 0 in answers.
    answer.resize(20, 0);
    answer.extend(status.to_be_bytes());
    answer.resize(HEADER, 0);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submit(input: bool, length: u32, data: &[u8]) -> Vec<u8> {
        let words = [SUBMIT, 7, 0x0001_0002, u32::from(input), 2, 0, length, 0, 0, 0];
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.extend([0x40, 0, 1, 0, 1, 0, 0, 0]);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn commands_are_read_one_after_the_other() {
        let mut bytes = submit(false, 3, &[9, 8, 7]);
        let unlink = [UNLINK, 8, 0x0001_0002, 0, 0, 7, 0, 0, 0, 0, 0, 0];
        bytes.extend(unlink.iter().flat_map(|word| word.to_be_bytes()));
        bytes.extend(submit(true, 512, &[]));
        let mut stream = bytes.as_slice();
        let setup = [0x40, 0, 1, 0, 1, 0, 0, 0];
        let out =
            Submit { seqnum: 7, endpoint: 2, input: false, length: 3, setup, data: vec![9, 8, 7] };
        assert_eq!(command(&mut stream).unwrap(), Some(Command::Submit(out)));
        let unlink = Command::Unlink { seqnum: 8, victim: 7 };
        assert_eq!(command(&mut stream).unwrap(), Some(unlink));
        let Some(Command::Submit(input)) = command(&mut stream).unwrap() else { panic!() };
        assert_eq!((input.input, input.length, input.data.len()), (true, 512, 0));
        assert_eq!(command(&mut stream).unwrap(), None);
    }

    #[test]
    fn what_is_no_command_or_cut_off_is_an_error() {
        let cut = submit(false, 3, &[9, 8]);
        assert!(matches!(command(&mut cut.as_slice()), Err(ServeError::Io(_))));
        let long = submit(true, u32::MAX, &[]);
        assert!(matches!(command(&mut long.as_slice()), Err(ServeError::Protocol(_))));
        assert!(matches!(command(&mut [9; 48].as_slice()), Err(ServeError::Protocol(_))));
    }

    #[test]
    fn a_connection_says_first_what_it_is_for() {
        let mut import = vec![0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0];
        import.extend(b"1-1");
        import.resize(40, 0);
        assert_eq!(operation(&mut import.as_slice()).unwrap(), Operation::Import("1-1".into()));
        let list = [0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0];
        assert_eq!(operation(&mut list.as_slice()).unwrap(), Operation::List);
        let old = [0x01, 0x06, 0x80, 0x05, 0, 0, 0, 0];
        assert!(matches!(operation(&mut old.as_slice()), Err(ServeError::Protocol(_))));
    }

    #[test]
    fn answers_have_the_lengths_that_the_kernel_reads() {
        assert_eq!(imported(true).len(), 8 + 312);
        assert_eq!(imported(false), [0x01, 0x11, 0, 3, 0, 0, 0, 1]);
        assert_eq!(listed().len(), 8 + 4 + 312 + 4);
        let answer = submitted(7, 0, 0, &[1, 2, 3]);
        assert_eq!(answer.len(), HEADER + 3);
        assert_eq!((answer[7], answer[27]), (7, 3));
        assert_eq!(unlinked(9, -104)[20..24], (-104_i32).to_be_bytes());
    }
}
