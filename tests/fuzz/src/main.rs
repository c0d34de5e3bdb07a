//! libFuzzer around one of the targets; which one, the variable `DEKU_FUZZ_TARGET` says.
//!
//! Memory is limited, so that an input that claims to be large and is believed shows.
#![no_main]

use std::alloc::System;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::LazyLock;

use cap::Cap;
use deku_tests::fuzz::{find, Target, FEATURES};
use libfuzzer_sys::fuzz_target;

/// Everything, the fuzzer's own tables included.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, 256 << 20);

/// libFuzzer treats these like counters of code that was reached.
#[link_section = "__libfuzzer_extra_counters"]
static SEEN: [AtomicU8; FEATURES] = [const { AtomicU8::new(0) }; FEATURES];

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("DEKU_FUZZ_TARGET").expect("DEKU_FUZZ_TARGET names a target");
    find(&name).unwrap_or_else(|| panic!("there is no target {name}"))
});

fuzz_target!(init: (TARGET.prepare)(), |data: &[u8]| {
    (TARGET.run)(data, &mut |feature| SEEN[feature % FEATURES].store(1, Ordering::Relaxed));
});
