//! Faults and wake-ups: the tables of the processor, the timer that is set for one instant, and the way of a device's interrupt.

use crate::cpu::{outb, write_msr};
use core::arch::asm;
use core::cell::UnsafeCell;
use core::ptr::{addr_of, addr_of_mut, with_exposed_provenance_mut};

const APIC: usize = 0xfee0_0000;
const IO_APIC: usize = 0xfec0_0000;
const FAULTS: usize = 22;
const TIMER: usize = 0x41;
const DEVICE: usize = 0x40;
const SPURIOUS: usize = 0xff;

#[repr(C, packed)]
struct TaskState {
    reserved: u32,
    stacks: [u64; 3],
    reserved_too: u64,
    interrupt_stacks: [u64; 7],
    rest: [u32; 3],
}

#[repr(C, align(16))]
struct Tables {
    gates: [[u64; 2]; 256],
    segments: [u64; 5],
    task: TaskState,
}
struct Cell(UnsafeCell<Tables>);
// SAFETY: written once by `open`, then read by the processor alone.
unsafe impl Sync for Cell {}
static TABLES: Cell = Cell(UnsafeCell::new(Tables {
    gates: [[0; 2]; 256],
    segments: [0, 0x0020_9b00_0000_0000, 0x0000_9300_0000_0000, 0, 0],
    task: TaskState { reserved: 0, stacks: [0; 3], reserved_too: 0, interrupt_stacks: [0; 7], rest: [0; 3] },
}));

unsafe extern "C" {
    static fault_table: [u64; FAULTS];
    static __interrupt_stack_top: u8;
    static mut woken: u8;
    fn wake_timer();
    fn wake_device();
    fn wake_spurious();
}

#[repr(C, packed)]
struct Pointer {
    limit: u16,
    base: u64,
}

/// A gate that switches to the interrupt stack and keeps further interrupts out. Intel SDM 3A 6.14.1
fn gate(handler: u64) -> [u64; 2] {
    let low = (handler & 0xffff) | (8 << 16) | (1 << 32) | (0x8e << 40) | ((handler >> 16 & 0xffff) << 48);
    [low, handler >> 32]
}

/// Every fault leaves a record from here on; interrupts stay off until `sleep`.
pub fn open() {
    // SAFETY: one processor; the tables are static and complete before they are loaded.
    unsafe {
        let tables = &mut *TABLES.0.get();
        for (index, handler) in (*addr_of!(fault_table)).iter().enumerate() {
            tables.gates[index] = gate(*handler);
        }
        tables.gates[TIMER] = gate(wake_timer as *const () as u64);
        tables.gates[DEVICE] = gate(wake_device as *const () as u64);
        tables.gates[SPURIOUS] = gate(wake_spurious as *const () as u64);
        tables.task.interrupt_stacks[0] = addr_of!(__interrupt_stack_top) as u64;
        let task = addr_of!(tables.task) as u64;
        let limit = size_of::<TaskState>() as u64 - 1;
        tables.segments[3] = limit | (task & 0xff_ffff) << 16 | 0x89 << 40 | (task >> 24 & 0xff) << 56;
        tables.segments[4] = task >> 32;
        let segments = Pointer { limit: 39, base: tables.segments.as_ptr() as u64 };
        let gates = Pointer { limit: 4095, base: tables.gates.as_ptr() as u64 };
        asm!("lgdt [{}]", "ltr {:x}", "lidt [{}]", in(reg) &segments, in(reg) 0x18u32, in(reg) &gates, options(nostack));
    }
    // The old interrupt controllers are silent.
    outb(0x21, 0xff);
    outb(0xa1, 0xff);
    write(APIC + 0xf0, 0x100 | SPURIOUS as u32);
    write(APIC + 0x3e0, 0b11);
    write(APIC + 0x320, TIMER as u32);
}

fn write(address: usize, value: u32) {
    // SAFETY: the registers of the interrupt controllers, mapped uncached.
    unsafe { with_exposed_provenance_mut::<u32>(address).write_volatile(value) }
}

fn read(address: usize) -> u32 {
    // SAFETY: as above.
    unsafe { with_exposed_provenance_mut::<u32>(address).read_volatile() }
}

/// The timer counts down from here; 0 stops it.
pub fn set_timer(count: u32) {
    write(APIC + 0x380, count);
}

pub fn timer_left() -> u32 {
    read(APIC + 0x390)
}

/// Lets the interrupt of a device wake the machine, on its rising edge.
pub fn route(line: u8) {
    let register = 0x10 + 2 * u32::from(line);
    write(IO_APIC, register + 1);
    write(IO_APIC + 0x10, 0);
    write(IO_APIC, register);
    write(IO_APIC + 0x10, DEVICE as u32);
}

/// Forgets wake-ups; those from here on are seen by `sleep`.
pub fn attend() {
    // SAFETY: handlers only ever set it.
    unsafe { addr_of_mut!(woken).write_volatile(0) }
}

/// Waits for an interrupt, unless one came since `attend`.
pub fn sleep() {
    // SAFETY: `sti` lets the first interrupt through only behind the next instruction, so that none comes between the look and `hlt`.
    unsafe {
        asm!("cli", options(nostack));
        if addr_of!(woken).read_volatile() == 0 {
            asm!("sti", "hlt", "cli", options(nostack));
        } else {
            asm!("sti", "nop", "cli", options(nostack));
        }
    }
}

/// The block that FS points at: the engine's frames are guarded by the word at offset 0x28. System V ABI
struct Guard(UnsafeCell<[u64; 8]>);
// SAFETY: written once, before any C runs.
unsafe impl Sync for Guard {}
static GUARD: Guard = Guard(UnsafeCell::new([0; 8]));

/// The canary of the engine's frames. Its lowest octet is zero, so that text does not run over it.
pub fn set_canary(secret: u64) {
    // SAFETY: no C runs yet.
    unsafe {
        (*GUARD.0.get())[5] = secret & !0xff;
        write_msr(0xc000_0100, GUARD.0.get() as u64);
    }
}
