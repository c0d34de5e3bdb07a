//! Whether a program is still there.

use std::os::unix::net::UnixStream;

use rustix::event::{poll, PollFd, PollFlags, Timespec};

/// A program that has the device open.
pub(super) trait Presence: Send + 'static {
    /// It has closed the device, or has ended. What it asked for before may still wait to be done.
    fn has_gone(&self) -> bool;
}

impl Presence for UnixStream {
    /// Asks the socket itself: the kernel has noted the hang-up when the killed program can be
    /// waited for, while the thread that answers it may learn of it much later.
    fn has_gone(&self) -> bool {
        let mut asked = [PollFd::new(self, PollFlags::empty())];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut asked, Some(&at_once)).is_ok() && asked[0].revents().contains(PollFlags::HUP)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_program_has_gone_when_its_end_is_closed_whatever_it_has_sent() {
        let (mut program, server) = UnixStream::pair().unwrap();
        program.write_all(&[1, 2, 3]).unwrap();
        assert!(!server.has_gone());
        drop(program);
        assert!(server.has_gone());
    }
}
