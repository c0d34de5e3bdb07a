//! A watch that what else the machine does cannot disturb.

use rustix::time::{clock_gettime, ClockId};

/// Processor time of this thread so far, ns.
#[must_use]
pub fn processor_time() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    (now.tv_sec * 1_000_000_000 + now.tv_nsec).unsigned_abs()
}
