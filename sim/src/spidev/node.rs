//! What the kernel's spidev does with what a program asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use embedded_hal::spi::Operation;

use super::errno::{EAGAIN, EINVAL, EIO, EMSGSIZE, ENOTTY};
use super::gpio::{self, Line};
use super::message::{frames, Transfer, BUFSIZ};
use super::presence::Presence;
use super::wire::{word, Answer, Code};
use crate::SimError;

/// What is behind the node.
pub(super) trait Controller: Send + 'static {
    /// One chip select at this SCK.
    fn frame(&mut self, hz: u32, operations: &mut [Operation<'_, u8>]) -> Result<(), SimError>;
    /// The highest SCK it can do.
    fn fastest(&self) -> u32;
    /// The interrupt line; waits for it for a while if `patient`.
    fn irq(&mut self, patient: bool) -> Result<bool, SimError>;
    /// Moves the reset line.
    fn reset(&mut self, high: bool) -> Result<(), SimError>;
}

/// A node, which several programs may have open.
pub(super) struct Node<C> {
    controller: C,
    /// Who holds the lock of `flock`.
    owner: Option<u64>,
    /// Who uses which GPIO line.
    pub lines: BTreeMap<u32, (u64, String)>,
    /// Those who have it open.
    programs: BTreeMap<u64, Box<dyn Presence>>,
    /// Told when one of them was served to its end.
    closed: Arc<Condvar>,
    /// Why the controller does not work any more.
    failure: Option<SimError>,
}

/// A node, shared.
pub(super) type Shared<C> = Arc<Mutex<Node<C>>>;

impl<C: Controller> Node<C> {
    pub fn shared(controller: C) -> Shared<C> {
        Arc::new(Mutex::new(Self {
            controller,
            owner: None,
            lines: BTreeMap::new(),
            programs: BTreeMap::new(),
            closed: Arc::default(),
            failure: None,
        }))
    }

    /// One who has gone, but whose last requests are not done yet.
    fn is_leaving(&self, number: u64) -> bool {
        self.programs.get(&number).is_some_and(|program| program.has_gone())
    }

    /// The failure, once.
    pub fn take_failure(&mut self) -> Option<SimError> {
        self.failure.take()
    }

    fn frame(&mut self, hz: u32, transfers: &mut [Transfer]) -> Result<(), i32> {
        let mut operations: Vec<_> = transfers.iter_mut().flat_map(Transfer::operations).collect();
        let done = self.controller.frame(hz.min(self.controller.fastest()), &mut operations);
        self.checked(done)
    }

    /// The interrupt line.
    pub fn irq(&mut self, patient: bool) -> Result<bool, i32> {
        let level = self.controller.irq(patient);
        self.checked(level)
    }

    /// Moves the reset line.
    pub fn reset(&mut self, high: bool) -> Result<(), i32> {
        let done = self.controller.reset(high);
        self.checked(done)
    }

    fn checked<T>(&mut self, done: Result<T, SimError>) -> Result<T, i32> {
        done.map_err(|error| {
            self.failure.get_or_insert(error);
            EIO
        })
    }
}

/// A panic elsewhere leaves the node as usable as it was.
pub(super) fn lock<C>(node: &Shared<C>) -> MutexGuard<'_, Node<C>> {
    node.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The node, when `holder` of what is asked for is there, or there is none. One that has gone is
/// waited for: the kernel, too, finishes what a killed program has asked for and takes back what it
/// held before anybody learns of its end.
fn settled<C: Controller>(
    node: &Shared<C>,
    holder: impl Fn(&Node<C>) -> Option<u64>,
) -> MutexGuard<'_, Node<C>> {
    let mut node = lock(node);
    while holder(&node).is_some_and(|number| node.is_leaving(number)) {
        let closed = Arc::clone(&node.closed);
        node = closed.wait(node).unwrap_or_else(|poisoned| poisoned.into_inner());
    }
    node
}

/// A node as one program has opened it.
pub(super) struct Opened<C: Controller> {
    node: Shared<C>,
    number: u64,
    hz: u32,
    line: Option<Line>,
}

/// Numbers of the ioctls.
mod nr {
    pub const MESSAGE: u8 = 0;
    pub const MODE: u8 = 1;
    pub const LSB_FIRST: u8 = 2;
    pub const BITS_PER_WORD: u8 = 3;
    pub const MAX_SPEED_HZ: u8 = 4;
    pub const MODE32: u8 = 5;
}

/// Operations of `flock`.
mod flock {
    pub const EXCLUSIVE: u32 = 2;
    pub const NOT_BLOCKING: u32 = 4;
    pub const UNLOCK: u32 = 8;
}

impl<C: Controller> Opened<C> {
    /// `number` tells those who have opened it apart.
    pub fn new(node: Shared<C>, number: u64, program: impl Presence) -> Self {
        let mut inner = lock(&node);
        let hz = inner.controller.fastest();
        inner.programs.insert(number, Box::new(program));
        drop(inner);
        Self { node, number, hz, line: None }
    }

    /// Does what is asked.
    pub fn handle(&mut self, code: Code, payload: Vec<u8>) -> Answer {
        match code {
            Code::Lock => self.lock(word(&payload)),
            Code::Read => {
                let length = word(&payload) as usize;
                self.half(length, |length| vec![0; length], true)
            }
            Code::Write => self.half(payload.len(), |_| payload, false),
            Code::Gpio { number } => {
                let wanted = gpio::wanted(number, &payload);
                let user = |node: &Node<C>| node.lines.get(&wanted?).map(|(user, _)| *user);
                let mut node = settled(&self.node, user);
                gpio::handle(&mut node, self.number, &mut self.line, number, payload)
            }
            Code::Ioctl { number: nr::MESSAGE, size, .. } => {
                let mut transfers = Transfer::parse_all(&payload, size)?;
                self.exchange(&mut transfers)
            }
            Code::Ioctl { number, sets: true, size } => {
                self.set(number, size, word(&payload)).map(|()| (0, Vec::new()))
            }
            Code::Ioctl { number, size, .. } => Ok((0, self.get(number, size)?)),
        }
    }

    /// What a line tells by itself after a request was answered.
    pub fn news(&mut self) -> Option<Vec<u8>> {
        let line = self.line.as_mut()?;
        gpio::news(&mut lock(&self.node), line)
    }

    /// `read` and `write`: one chip select in which the other direction does not matter.
    fn half(&self, length: usize, bytes: impl FnOnce(usize) -> Vec<u8>, is_read: bool) -> Answer {
        if length > BUFSIZ {
            return Err(EMSGSIZE);
        }
        self.exchange(&mut [Transfer::alone(bytes(length), is_read)])
    }

    fn exchange(&self, transfers: &mut [Transfer]) -> Answer {
        let mut node = lock(&self.node);
        for frame in frames(transfers) {
            let asked = frame.iter().map(|t| if t.hz == 0 { self.hz } else { t.hz });
            node.frame(asked.min().unwrap_or(self.hz), frame)?;
        }
        let total = transfers.iter().map(|t| t.bytes.len()).sum();
        let read = transfers.iter().filter(|t| t.is_read).flat_map(|t| t.bytes.clone());
        Ok((total, read.collect()))
    }

    /// Mode 0, most significant bit first, bytes: other settings are refused, as by a controller
    /// that can not do them.
    fn set(&mut self, number: u8, size: usize, value: u32) -> Result<(), i32> {
        let value = if size == 1 { value & 0xFF } else { value };
        match number {
            nr::MODE | nr::MODE32 | nr::LSB_FIRST if value == 0 => Ok(()),
            nr::BITS_PER_WORD if matches!(value, 0 | 8) => Ok(()),
            nr::MAX_SPEED_HZ if value > 0 => {
                self.hz = value;
                Ok(())
            }
            nr::MODE..=nr::MODE32 => Err(EINVAL),
            _ => Err(ENOTTY),
        }
    }

    fn get(&self, number: u8, size: usize) -> Result<Vec<u8>, i32> {
        let value = match number {
            nr::MODE | nr::MODE32 | nr::LSB_FIRST => 0,
            nr::BITS_PER_WORD => 8,
            nr::MAX_SPEED_HZ => self.hz,
            _ => return Err(ENOTTY),
        };
        match size {
            1 => Ok(vec![value as u8]),
            4 => Ok(value.to_ne_bytes().to_vec()),
            _ => Err(ENOTTY),
        }
    }

    /// Never waits for a program that is there: who would is told that the lock is taken.
    fn lock(&self, operation: u32) -> Answer {
        let mut node = settled(&self.node, |node| node.owner.filter(|n| *n != self.number));
        match operation & !flock::NOT_BLOCKING {
            flock::EXCLUSIVE if node.owner.is_none_or(|owner| owner == self.number) => {
                node.owner = Some(self.number);
            }
            flock::EXCLUSIVE => return Err(EAGAIN),
            flock::UNLOCK if node.owner == Some(self.number) => node.owner = None,
            flock::UNLOCK => {}
            _ => return Err(EINVAL),
        }
        Ok((0, Vec::new()))
    }
}

impl<C: Controller> Drop for Opened<C> {
    fn drop(&mut self) {
        let _ = self.lock(flock::UNLOCK);
        let number = self.number;
        let mut node = lock(&self.node);
        node.lines.retain(|_, (owner, _)| *owner != number);
        node.programs.remove(&number);
        node.closed.notify_all();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::message::tests::structure;
    use super::*;

    /// Answers with what it is sent, complemented, and remembers SCK.
    #[derive(Default)]
    pub struct Inverter(Vec<u32>);

    impl Controller for Inverter {
        fn frame(&mut self, hz: u32, operations: &mut [Operation<'_, u8>]) -> Result<(), SimError> {
            self.0.push(hz);
            for operation in operations {
                if let Operation::TransferInPlace(bytes) = operation {
                    bytes.iter_mut().for_each(|b| *b = !*b);
                }
            }
            Ok(())
        }

        fn fastest(&self) -> u32 {
            31_250_000
        }

        /// High from the second look on.
        fn irq(&mut self, _patient: bool) -> Result<bool, SimError> {
            self.0.push(0);
            Ok(self.0.len() > 1)
        }

        fn reset(&mut self, high: bool) -> Result<(), SimError> {
            self.0.push(high.into());
            Ok(())
        }
    }

    /// A program that stays.
    struct Present;

    impl Presence for Present {
        fn has_gone(&self) -> bool {
            false
        }
    }

    /// A program that has ended; what it asked for is not done yet.
    struct Leaving;

    impl Presence for Leaving {
        fn has_gone(&self) -> bool {
            true
        }
    }

    const fn ioctl(number: u8, sets: bool, size: usize) -> Code {
        Code::Ioctl { number, sets, size }
    }

    fn opened() -> Opened<Inverter> {
        Opened::new(Node::shared(Inverter::default()), 1, Present)
    }

    #[test]
    fn only_what_the_simulation_can_do_is_accepted() {
        let mut node = opened();
        let mut set = |number, value: u8| node.handle(ioctl(number, true, 1), vec![value]);
        assert_eq!(set(nr::MODE, 0), Ok((0, vec![])));
        assert_eq!(set(nr::MODE, 1), Err(EINVAL));
        assert_eq!(set(nr::BITS_PER_WORD, 8), Ok((0, vec![])));
        assert_eq!(set(nr::BITS_PER_WORD, 16), Err(EINVAL));
        assert_eq!(set(77, 0), Err(ENOTTY));
        assert_eq!(node.handle(ioctl(nr::BITS_PER_WORD, false, 1), vec![]), Ok((0, vec![8])));
    }

    #[test]
    fn the_clock_is_what_was_asked_for_up_to_what_is_possible() {
        let mut node = opened();
        for hz in [1_000_000_u32, 99_000_000] {
            node.handle(ioctl(nr::MAX_SPEED_HZ, true, 4), hz.to_ne_bytes().to_vec()).unwrap();
            assert_eq!(node.handle(Code::Write, vec![1, 2]), Ok((2, vec![])));
        }
        assert_eq!(lock(&node.node).controller.0, [1_000_000, 31_250_000]);
    }

    #[test]
    fn what_is_received_comes_back_without_what_nobody_wants() {
        let mut node = opened();
        let head = [structure(true, false, 1, true), structure(true, true, 2, false)].concat();
        let message = [&head[..], &[1, 2, 3]].concat();
        let answer = node.handle(ioctl(nr::MESSAGE, true, head.len()), message);
        assert_eq!(answer, Ok((3, vec![!2, !3])));
        assert_eq!(lock(&node.node).controller.0.len(), 2, "chip select in between");
        assert_eq!(node.handle(Code::Read, 2_u32.to_ne_bytes().to_vec()), Ok((2, vec![255; 2])));
        assert_eq!(node.handle(Code::Write, vec![0; BUFSIZ + 1]), Err(EMSGSIZE));
    }

    /// A request for a line, by GPIO_V2_GET_LINE.
    fn line(offset: u32, flags: u64) -> (Code, Vec<u8>) {
        let mut request = vec![0; 592];
        request[..4].copy_from_slice(&offset.to_ne_bytes());
        request[256..260].copy_from_slice(b"test");
        request[288..296].copy_from_slice(&flags.to_ne_bytes());
        request[560] = 1;
        (Code::Gpio { number: 7 }, request)
    }

    fn values(number: u8, level: u8) -> (Code, Vec<u8>) {
        let mut payload = vec![0; 16];
        (payload[0], payload[8]) = (level, 1);
        (Code::Gpio { number }, payload)
    }

    #[test]
    fn a_line_has_a_level_and_tells_of_its_edge() {
        let mut irq = opened();
        let (code, request) = line(gpio::IRQ_LINE, 4 | 16);
        assert_eq!(irq.handle(code, request), Ok((0, vec![])));
        let (code, request) = values(14, 0);
        let answer = irq.handle(code, request.clone()).unwrap();
        assert_eq!(answer.1[0], 0);
        assert_eq!(irq.news().map(|event| event.len()), Some(48));
        assert_eq!(irq.news(), None, "only once for each low level that was seen");
        assert_eq!(irq.handle(code, request).unwrap().1[0], 1);
        let (code, request) = values(15, 1);
        assert_eq!(irq.handle(code, request), Err(super::super::errno::EPERM), "an input");
    }

    #[test]
    fn a_line_has_one_user_and_may_be_active_low() {
        let mut reset = opened();
        let mut other = Opened::new(reset.node.clone(), 2, Present);
        let (code, request) = line(gpio::RESET_LINE, 8 | 2);
        assert_eq!(reset.handle(code, request.clone()), Ok((0, vec![])));
        assert_eq!(other.handle(code, request.clone()), Err(super::super::errno::EBUSY));
        let (set, active) = values(15, 1);
        reset.handle(set, active).unwrap();
        assert_eq!(lock(&reset.node).controller.0, [1, 0], "inactive, then active");
        drop(reset);
        assert_eq!(other.handle(code, request), Ok((0, vec![])));
        let mut third = Opened::new(other.node.clone(), 3, Present);
        let (code, request) = line(99, 4);
        assert_eq!(third.handle(code, request), Err(EINVAL));
    }

    /// Whoever takes a line looks first whether it is in use: a program that has ended must not seem
    /// to use it, however long it takes to serve its last requests.
    #[test]
    fn a_line_of_a_program_that_has_ended_is_not_in_use() {
        let mut ended = Opened::new(Node::shared(Inverter::default()), 1, Leaving);
        let mut next = Opened::new(ended.node.clone(), 2, Present);
        let (code, request) = line(gpio::IRQ_LINE, 4);
        ended.handle(code, request).unwrap();
        let mut info = vec![0; 256];
        info[64..68].copy_from_slice(&gpio::IRQ_LINE.to_ne_bytes());
        let asked = std::thread::spawn(move || next.handle(Code::Gpio { number: 5 }, info));
        std::thread::sleep(std::time::Duration::from_millis(100));
        drop(ended);
        let (_, info) = asked.join().unwrap().unwrap();
        assert_eq!(info[72] & 1, 0, "used by {:?}", String::from_utf8_lossy(&info[32..36]));
    }

    #[test]
    fn the_lock_has_one_owner() {
        let mut first = opened();
        let mut second = Opened::new(first.node.clone(), 2, Present);
        let exclusive = (flock::EXCLUSIVE | flock::NOT_BLOCKING).to_ne_bytes().to_vec();
        assert_eq!(first.handle(Code::Lock, exclusive.clone()), Ok((0, vec![])));
        assert_eq!(second.handle(Code::Lock, exclusive.clone()), Err(EAGAIN));
        drop(first);
        assert_eq!(second.handle(Code::Lock, exclusive), Ok((0, vec![])));
    }
}
