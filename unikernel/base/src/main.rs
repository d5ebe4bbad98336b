//! The base of a unikernel: one role in one address space, from the hypervisor's hand-over to the engine that runs it.
#![no_std]
#![no_main]

extern crate alloc;

mod boot_file;
mod console;
mod cpu;
mod devices;
mod engine;
mod entropy;
mod frames;
#[cfg(any(feature = "sign", feature = "tls", feature = "verify"))]
mod getrandom;
mod guard;
mod interrupts;
mod libc;
mod math;
mod memory;
mod net;
mod octets;
mod printf;
#[cfg(feature = "probes")]
mod probes;
#[cfg(feature = "sign")]
mod sign;
mod time;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
mod tls;
#[cfg(feature = "tls")]
mod tls_config;
#[cfg(feature = "verify")]
mod verify;

use alloc::string::String;
use console::stop;
use core::ffi::{CStr, c_char};
use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};
use core::slice::from_raw_parts_mut;
use memory::Range;
use virtio_drivers::transport::DeviceType;

core::arch::global_asm!(include_str!("boot.s"), options(att_syntax));

/// What PVH calls `hvm_start_info`, version 1.
#[repr(C)]
struct StartInfo {
    magic: u32,
    version: u32,
    flags: u32,
    modules: u32,
    module_list: u64,
    command_line: u64,
    rsdp: u64,
    memory_map: u64,
    memory_map_entries: u32,
    reserved: u32,
}

/// A file that came beside the image.
#[repr(C)]
struct Module {
    start: u64,
    octets: u64,
    command_line: u64,
    reserved: u64,
}

#[repr(C)]
struct MemoryEntry {
    start: u64,
    octets: u64,
    kind: u32,
    reserved: u32,
}

const MAGIC: u32 = 0x336e_c578;
const USABLE: u32 = 1;
const RANGES_MAX: usize = 16;
const COMMAND_LINE_MAX: usize = 2047;

/// Reads what the hypervisor left: ranges of memory, the boot file, and the command line into `line`.
fn read_start(info: &StartInfo, line: &mut [u8; COMMAND_LINE_MAX]) -> ([Range; RANGES_MAX], usize) {
    if info.magic != MAGIC || info.version < 1 || info.memory_map == 0 {
        stop(format_args!("boot: no PVH start information of version 1, which brings the map of memory"));
    }
    let mut ranges = [Range { start: 0, end: 0 }; RANGES_MAX];
    for (index, range) in ranges.iter_mut().enumerate().take(info.memory_map_entries as usize) {
        // SAFETY: the hypervisor says that so many entries are there.
        let entry = unsafe { &*with_exposed_provenance::<MemoryEntry>(info.memory_map as usize).add(index) };
        if entry.kind == USABLE {
            *range = Range { start: entry.start as usize, end: (entry.start + entry.octets) as usize };
        }
    }
    if info.modules > 0 {
        // SAFETY: the hypervisor says that a module is there, and nothing else uses its memory yet.
        unsafe {
            let module = &*with_exposed_provenance::<Module>(info.module_list as usize);
            boot_file::open(from_raw_parts_mut(with_exposed_provenance_mut(module.start as usize), module.octets as usize));
        }
    }
    if info.command_line == 0 {
        return (ranges, 0);
    }
    // SAFETY: a terminated text, which PVH promises.
    let text = unsafe { CStr::from_ptr(with_exposed_provenance::<c_char>(info.command_line as usize)) }.to_bytes();
    if text.len() > line.len() {
        stop(format_args!("command line: {} octets, allowed are {COMMAND_LINE_MAX}", text.len()));
    }
    line[..text.len()].copy_from_slice(text);
    (ranges, text.len())
}

#[unsafe(no_mangle)]
extern "C" fn kmain(info: *const StartInfo) -> ! {
    interrupts::open();
    let mut line = [0; COMMAND_LINE_MAX];
    // SAFETY: PVH hands this address over.
    let (ranges, length) = read_start(unsafe { &*info }, &mut line);
    memory::protect();
    // The marks of the heap are set before a device can be asked: the processor's chance, or at least its counter.
    let memory_octets = memory::HEAP.open(&ranges, cpu::random().unwrap_or_else(cpu::tsc));
    let Ok(text) = core::str::from_utf8(&line[..length]) else { stop(format_args!("command line: not UTF-8")) };
    let mut found = devices::find(text);
    entropy::open(devices::take(&mut found, DeviceType::EntropySource));
    interrupts::set_canary(entropy::word());
    time::open();
    #[cfg(feature = "probes")]
    probes::run(text);
    let card = devices::take(&mut found, DeviceType::Network).map(|device| {
        interrupts::route(device.line);
        frames::Card::new(device.transport, frames::FRAME_OCTETS)
            .unwrap_or_else(|_| stop(format_args!("network: the card could not be started")))
    });
    engine::run(String::from(text), memory_octets, card, |us| {
        time::wake_after(us);
        interrupts::sleep();
    })
}
