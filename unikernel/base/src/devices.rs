//! The devices of the machine: virtio by memory-mapped registers, announced on the command line as Linux reads it.

use crate::memory::HEAP;
use alloc::vec::Vec;
use core::ptr::{NonNull, with_exposed_provenance_mut};
use virtio_drivers::transport::mmio::{MmioTransport, VirtIOHeader};
use virtio_drivers::transport::{DeviceType, Transport};
use virtio_drivers::{BufferDirection, Hal, PhysAddr};

const PAGE: usize = 4096;
/// Devices that are looked at; further ones are not ours.
const DEVICES_MAX: usize = 24;

/// Memory is mapped one to one, so that an address is the same for us and for a device.
pub struct Identity;

// SAFETY: blocks are page-aligned, zeroed and nobody else's; addresses are physical.
unsafe impl Hal for Identity {
    fn dma_alloc(pages: usize, _direction: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        // Never given back: queues live as long as the machine.
        let block = HEAP.take((pages + 1) * PAGE);
        let block = NonNull::new(block).unwrap_or_else(|| panic!("no memory for the queues of a device"));
        // SAFETY: there is one page more than asked for.
        unsafe {
            let aligned = block.add(block.align_offset(PAGE));
            aligned.write_bytes(0, pages * PAGE);
            (aligned.as_ptr() as PhysAddr, aligned)
        }
    }

    unsafe fn dma_dealloc(_address: PhysAddr, _block: NonNull<u8>, _pages: usize) -> i32 {
        0
    }

    unsafe fn mmio_phys_to_virt(address: PhysAddr, _size: usize) -> NonNull<u8> {
        NonNull::new(with_exposed_provenance_mut(address as usize)).unwrap_or_else(|| panic!("a device at address 0"))
    }

    unsafe fn share(buffer: NonNull<[u8]>, _direction: BufferDirection) -> PhysAddr {
        buffer.as_ptr().expose_provenance() as PhysAddr
    }

    unsafe fn unshare(_address: PhysAddr, _buffer: NonNull<[u8]>, _direction: BufferDirection) {}
}

/// A device that is there, and the line that it interrupts by.
pub struct Device {
    pub transport: MmioTransport<'static>,
    pub line: u8,
}

/// `virtio_mmio.device=SIZE@BASE:LINE`, as QEMU's microvm and Firecracker write it.
fn announced(word: &str) -> Option<(usize, u8)> {
    let (_, place) = word.strip_prefix("virtio_mmio.device=")?.split_once("@0x")?;
    let (base, line) = place.split_once(':')?;
    Some((usize::from_str_radix(base, 16).ok()?, line.split(':').next()?.parse().ok()?))
}

/// The devices of a command line that are there.
pub fn find(command_line: &str) -> Vec<Device> {
    let places = command_line.split_ascii_whitespace().filter_map(announced).take(DEVICES_MAX);
    let open = |(base, line): (usize, u8)| {
        let header = NonNull::new(with_exposed_provenance_mut::<VirtIOHeader>(base))?;
        // SAFETY: the hypervisor says that there are a device's registers, mapped for the life of the machine.
        let transport = unsafe { MmioTransport::new(header, 0x200) }.ok()?;
        Some(Device { transport, line })
    };
    places.filter_map(open).collect()
}

/// Takes the first device of a kind out of the list.
pub fn take(devices: &mut Vec<Device>, kind: DeviceType) -> Option<Device> {
    let at = devices.iter().position(|device| device.transport.device_type() == kind)?;
    Some(devices.remove(at))
}
