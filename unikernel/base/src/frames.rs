//! Frames between the network card of the hypervisor and the TCP of `smoltcp`.

use crate::devices::Identity;
use smoltcp::phy::{self, Checksum, DeviceCapabilities, Medium};
use smoltcp::time::Instant;
use virtio_drivers::device::net::{RxBuffer, VirtIONet};
use virtio_drivers::transport::mmio::MmioTransport;

/// Frames that wait in each direction.
pub const QUEUE: usize = 64;
/// Octets of a frame with the header of the device.
pub const FRAME_OCTETS: usize = 1536;

pub type Card = VirtIONet<Identity, MmioTransport<'static>, QUEUE>;

pub struct Frames {
    pub card: Card,
}

pub struct Received<'a> {
    card: *mut Card,
    buffer: RxBuffer,
    life: core::marker::PhantomData<&'a mut Card>,
}

pub struct Sending<'a> {
    card: *mut Card,
    life: core::marker::PhantomData<&'a mut Card>,
}

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, with: F) -> R {
        let result = with(self.buffer.packet());
        // SAFETY: the card outlives the token, and no other reference to it is used at this moment.
        let _ = unsafe { (*self.card).recycle_rx_buffer(self.buffer) };
        result
    }
}

impl phy::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, octets: usize, with: F) -> R {
        // SAFETY: as above.
        let card = unsafe { &mut *self.card };
        let mut buffer = card.new_tx_buffer(octets);
        let result = with(buffer.packet_mut());
        // A frame that can't leave is a frame that was lost; TCP sends it again.
        let _ = card.send(buffer);
        result
    }
}

impl phy::Device for Frames {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _now: Instant) -> Option<(Received<'_>, Sending<'_>)> {
        let buffer = self.card.receive().ok()?;
        // Both tokens reach the card, one after the other: the answer to a frame may be sent while it is read.
        let card = &raw mut self.card;
        let life = core::marker::PhantomData;
        Some((Received { card, buffer, life }, Sending { card, life }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Sending<'_>> {
        self.card.can_send().then_some(Sending { card: &raw mut self.card, life: core::marker::PhantomData })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1514;
        capabilities.checksum.tcp = Checksum::Both;
        capabilities
    }
}
