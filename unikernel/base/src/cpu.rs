//! The instructions that Rust has no words for.

use core::arch::asm;
use core::arch::x86_64::{__cpuid, _mm_pause};

pub fn outb(port: u16, value: u8) {
    // SAFETY: ports reach devices, not memory.
    unsafe { asm!("out dx, al", in("dx") port, in("al") value, options(nomem, nostack)) }
}

pub fn inb(port: u16) -> u8 {
    let value: u8;
    // SAFETY: as above.
    unsafe { asm!("in al, dx", in("dx") port, out("al") value, options(nomem, nostack)) }
    value
}

/// Ends for good. QEMU's debug-exit device, where there is one, ends the whole machine; elsewhere the processor stops.
pub fn halt() -> ! {
    outb(0xf4, 1);
    loop {
        // SAFETY: with interrupts off nothing runs any more.
        unsafe { asm!("cli", "hlt", options(nomem, nostack)) }
    }
}

pub fn tsc() -> u64 {
    // SAFETY: every x86-64 processor has it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

pub fn pause() {
    _mm_pause();
}

/// # Safety
/// The model-specific register exists and the value is one it may have.
pub unsafe fn write_msr(register: u32, value: u64) {
    unsafe { asm!("wrmsr", in("ecx") register, in("eax") value as u32, in("edx") (value >> 32) as u32, options(nostack)) }
}

fn has_rdrand() -> bool {
    __cpuid(1).ecx & (1 << 30) != 0
}

/// Eight octets of the processor's random generator; None where it has none or it fails ten times.
pub fn random() -> Option<u64> {
    if !has_rdrand() {
        return None;
    }
    for _ in 0..10 {
        let value: u64;
        let taken: u8;
        // SAFETY: the processor says that it has this instruction.
        unsafe { asm!("rdrand {}", "setc {}", out(reg) value, out(reg_byte) taken, options(nomem, nostack)) }
        if taken == 1 {
            return Some(value);
        }
    }
    None
}
