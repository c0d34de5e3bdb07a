//! Random networks and examples through the driver and the device model: everything must be as if
//! the reference had computed it directly.

mod common;

use common::Case;
use deku_driver::testing::{Faults, Faulty};
use deku_driver::Options;
use proptest::prelude::*;

const ONE: u32 = 1 << 31; // probability 1/2

fn faults() -> impl Strategy<Value = Faults> {
    let rare = |p: u32| prop_oneof![3 => Just(0), 1 => 0..p];
    (rare(ONE / 4000), rare(ONE / 4000), rare(ONE / 8), rare(ONE / 8), rare(ONE / 8), rare(ONE / 8))
        .prop_map(|(to_module, from_module, cut, split, slip, lost)| Faults {
            to_module,
            from_module,
            cut,
            split,
            slip,
            lost,
        })
}

proptest! {
    #![proptest_config(common::same_cases())]


    #[test]
    fn clean_link(seed in any::<u32>(), pace in prop_oneof![Just(0u32), 1u32..300]) {
        let case = Case::new(seed, 150);
        let mut device = case.device();
        device.set_pace(pace);
        let deku = case.check(device).unwrap();
        prop_assert_eq!(deku.stats().damaged + deku.stats().unanswered + deku.stats().rewinds, 0);
    }

    #[test]
    fn bad_link(
        seed in any::<u32>(), pace in prop_oneof![Just(0u32), 1u32..300], faults in faults(),
        max_frame in prop_oneof![64usize..400, Just(4096)],
    ) {
        let case = Case::new(seed, 100);
        let mut device = case.device();
        device.set_pace(pace);
        let mut transport = Faulty::new(device, faults, seed ^ 0x1234_5678);
        transport.max_frame = max_frame.max(300);
        let mut deku = case.check(transport).unwrap();
        prop_assert!(faults == Faults::default() || deku.transport().injected.clean > 0);
    }

    /// One bit in a thousand is wrong, in both directions, and worse things happen to every tenth
    /// frame: it takes long, but nothing goes wrong.
    #[test]
    fn hardly_a_link(seed in any::<u32>(), pace in 0u32..300) {
        let case = Case::new(seed, 60);
        let mut device = case.device();
        device.set_pace(pace);
        let (bit, rare) = (u32::MAX / 1000, u32::MAX / 40);
        let faults =
            Faults { to_module: bit, from_module: bit, cut: rare, split: rare, slip: rare, lost: rare };
        let transport = Faulty::new(device, faults, seed);
        let deku = case.check_with(transport, Options { attempts: 1000, ..Options::DEFAULT }).unwrap();
        prop_assert!(deku.stats().damaged + deku.stats().rewinds > 0);
    }
}
