//! The device model as a transport: a module without a link.

use crate::Transport;
use core::convert::Infallible;
use deku_ref::reference::{DeviceStorage, ReferenceDevice};
use deku_ref::Storage;

impl<D: DeviceStorage, S: Storage> Transport for ReferenceDevice<D, S> {
    type Error = Infallible;

    fn exchange(&mut self, frame: &mut [u8]) -> Result<(), Infallible> {
        ReferenceDevice::exchange(self, frame);
        Ok(())
    }

    fn max_frame(&self) -> usize {
        usize::MAX
    }
}
