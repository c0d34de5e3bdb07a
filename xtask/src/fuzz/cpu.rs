//! How much processor time a fuzzer got: its executions per minute say little without.

use std::fs;

/// Ticks per second in `/proc`: `USER_HZ`, 100 on every architecture of Linux that Rust knows but Alpha.
const TICKS: u64 = 100;

/// Processor time of all children of this process that have ended, with their own; `None` where there is no `/proc`.
pub fn seconds_of_children() -> Option<u64> {
    parse(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// proc_pid_stat(5): fields 16 and 17 are `cutime` and `cstime`. The name, field 2, may have spaces.
fn parse(stat: &str) -> Option<u64> {
    let after_name = stat.rsplit_once(") ")?.1;
    let mut fields = after_name.split_whitespace().skip(16 - 3);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_time_of_children_is_found() {
        let stat = "7 (a) name) S 1 7 7 0 -1 4194560 1 2 3 4 11 12 5000 2345 20 0 1 0 99";
        assert_eq!(parse(stat), Some(73));
        assert_eq!(parse("7"), None);
    }
}
