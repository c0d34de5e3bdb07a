//! Room on the disk. Tools that cannot write often say something else, or nothing.

use std::process::Command;

use crate::shell::output;

/// What a run takes on a fresh machine, with compiled programs and tools, GB.
const NEEDED: f64 = 6.0;
/// With less than this left, a failure has likely come from it, GB.
const FULL: f64 = 0.5;

/// Says how much room there is.
pub fn tell() {
    if let Some(free) = free() {
        println!("disk: {free:.1} GB free (a fresh run takes {NEEDED:.0} GB)");
    }
}

/// After a failure: says so if the disk is full.
pub fn warn() {
    if let Some(free) = free().filter(|&free| free < FULL) {
        println!("    the disk is full ({free:.1} GB free), which may be all that is wrong: make room, then try again");
    }
}

/// Of the folder this runs in, GB. `None` where `df` is not known.
fn free() -> Option<f64> {
    gigabytes(&output(Command::new("df").args(["-P", "-k", "."])).ok()?)
}

/// POSIX: a head line, then device, size, used, available (in kB), share, mount point.
fn gigabytes(table: &str) -> Option<f64> {
    let kilobytes: f64 = table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_df_is_understood() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 264212084 53539180 41746708 57% /\n";
        assert_eq!(gigabytes(table), Some(41.746708));
        assert_eq!(gigabytes("df: no such folder"), None);
    }
}
