//! Random octets: those of the processor and of the hypervisor's device, mixed where both are there. With neither nothing starts.

use crate::console::stop;
use crate::cpu;
use crate::devices::{Device, Identity};
use core::cell::UnsafeCell;
use virtio_drivers::device::rng::VirtIORng;
use virtio_drivers::transport::mmio::MmioTransport;

type Source = VirtIORng<Identity, MmioTransport<'static>>;
struct Cell(UnsafeCell<Option<Source>>);
// SAFETY: one processor.
unsafe impl Sync for Cell {}
static DEVICE: Cell = Cell(UnsafeCell::new(None));

pub fn open(device: Option<Device>) {
    let source = device.and_then(|device| Source::new(device.transport).ok());
    if source.is_none() && cpu::random().is_none() {
        stop(format_args!("entropy: neither RDRAND nor virtio-rng is there, allowed is a machine with one of them"));
    }
    // SAFETY: at boot, before anybody asks.
    unsafe { *DEVICE.0.get() = source }
}

/// Fills with octets fit for keys. Halts where a source fails that was there: chance is never made up.
pub fn fill(octets: &mut [u8]) {
    // SAFETY: one processor, no reference outlives the call.
    let device = unsafe { &mut *DEVICE.0.get() };
    let mut filled = 0;
    if let Some(source) = device {
        while filled < octets.len() {
            match source.request_entropy(&mut octets[filled..]) {
                Ok(more) if more > 0 => filled += more,
                _ => panic!("virtio-rng gave nothing"),
            }
        }
    } else {
        octets.fill(0);
    }
    for chunk in octets.chunks_mut(8) {
        match cpu::random() {
            Some(value) => chunk.iter_mut().zip(value.to_le_bytes()).for_each(|(octet, more)| *octet ^= more),
            None if device.is_none() => panic!("RDRAND failed"),
            None => {}
        }
    }
}

pub fn word() -> u64 {
    let mut octets = [0; 8];
    fill(&mut octets);
    u64::from_le_bytes(octets)
}
