//! Frames between the network card of the hypervisor and the TCP of `smoltcp`, with the guard between them.

use crate::devices::Identity;
use crate::guard::{Guard, Leaving, Verdict};
use crate::time;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::marker::PhantomData;
use smoltcp::phy::{self, Checksum, DeviceCapabilities, Medium};
use smoltcp::time::Instant;
use virtio_drivers::device::net::{RxBuffer, VirtIONet};
use virtio_drivers::transport::mmio::MmioTransport;

/// Frames that wait in each direction.
pub const QUEUE: usize = 64;
/// Octets of a frame with the header of the device.
pub const FRAME_OCTETS: usize = 1536;
/// Frames that the guard keeps to itself, one after the other, before the rest of the machine has its turn.
const KEPT_MAX: usize = 64;

pub type Card = VirtIONet<Identity, MmioTransport<'static>, QUEUE>;

pub struct Frames {
    pub card: Card,
    pub guard: Guard,
    /// What the guard has to tell TCP.
    told: VecDeque<Vec<u8>>,
    /// Whether frames may wait though nothing was given.
    more: bool,
}

enum Content {
    Card(RxBuffer),
    Told(Vec<u8>),
}

pub struct Received<'a> {
    frames: *mut Frames,
    content: Content,
    life: PhantomData<&'a mut Frames>,
}

pub struct Sending<'a> {
    frames: *mut Frames,
    life: PhantomData<&'a mut Frames>,
}

impl Frames {
    pub fn new(card: Card, guard: Guard) -> Self {
        Self { card, guard, told: VecDeque::new(), more: false }
    }

    /// Whether there may be more to receive, though there seemed to be nothing.
    pub fn take_more(&mut self) -> bool {
        core::mem::take(&mut self.more) || !self.told.is_empty() || self.guard.is_awaited()
    }

    fn send(&mut self, frame: &[u8]) {
        let mut buffer = self.card.new_tx_buffer(frame.len());
        buffer.packet_mut().copy_from_slice(frame);
        // A frame that can't leave is a frame that was lost; TCP sends it again.
        let _ = self.card.send(buffer);
    }

    fn next(&mut self) -> Option<Content> {
        if let Some(frame) = self.told.pop_front() {
            return Some(Content::Told(frame));
        }
        if let Some(frame) = self.guard.admitted(time::monotonic_us()) {
            return Some(Content::Told(frame));
        }
        for _ in 0..KEPT_MAX {
            let mut buffer = self.card.receive().ok()?;
            let verdict = self.guard.arriving(buffer.packet_mut(), time::monotonic_us());
            if matches!(verdict, Verdict::Pass) {
                return Some(Content::Card(buffer));
            }
            let _ = self.card.recycle_rx_buffer(buffer);
            if let Verdict::Answer(frame) = verdict {
                self.send(&frame);
            }
        }
        self.more = true;
        None
    }
}

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, with: F) -> R {
        match self.content {
            Content::Told(frame) => with(&frame),
            Content::Card(buffer) => {
                let result = with(buffer.packet());
                // SAFETY: the frames outlive the token, and no other reference to them is used at this moment.
                let _ = unsafe { (*self.frames).card.recycle_rx_buffer(buffer) };
                result
            }
        }
    }
}

impl phy::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, octets: usize, with: F) -> R {
        // SAFETY: as above.
        let frames = unsafe { &mut *self.frames };
        let mut buffer = frames.card.new_tx_buffer(octets);
        let result = with(buffer.packet_mut());
        match frames.guard.leaving(buffer.packet_mut()) {
            Leaving::Send => {
                let _ = frames.card.send(buffer);
            }
            Leaving::Drop => {}
            Leaving::Hear(frame) => frames.told.push_back(frame),
        }
        result
    }
}

impl phy::Device for Frames {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _now: Instant) -> Option<(Received<'_>, Sending<'_>)> {
        let content = self.next()?;
        // Both tokens reach the card, one after the other: the answer to a frame may be sent while it is read.
        let frames = &raw mut *self;
        Some((Received { frames, content, life: PhantomData }, Sending { frames, life: PhantomData }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Sending<'_>> {
        self.card.can_send().then_some(Sending { frames: &raw mut *self, life: PhantomData })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1514;
        capabilities.checksum.tcp = Checksum::Both;
        capabilities
    }
}
