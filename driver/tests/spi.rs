//! SPI: one frame is one transaction with a single transfer in place.

mod common;

use common::Case;
use deku_driver::SpiTransport;
use deku_ref::reference::OwnedDevice;
use embedded_hal::spi::{ErrorType, Operation, SpiDevice};
use std::convert::Infallible;

struct Bus(OwnedDevice);

impl ErrorType for Bus {
    type Error = Infallible;
}

impl SpiDevice for Bus {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        match operations {
            [Operation::TransferInPlace(frame)] => self.0.exchange(frame),
            _ => panic!("one transfer per frame"),
        }
        Ok(())
    }
}

#[test]
fn one_transaction_per_frame() {
    let case = Case::new(1, 50);
    case.check(SpiTransport::new(Bus(case.device()))).unwrap();
    let deku = case.check(SpiTransport::with_max_frame(Bus(case.device()), 128)).unwrap();
    assert!(deku.stats().bytes <= 128 * deku.stats().frames);
}
