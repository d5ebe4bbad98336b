//! The first serial port: lines for the operator, and the last words.

use crate::cpu;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

const PORT: u16 = 0x3f8;
const LINE_STATUS: u16 = PORT + 5;
/// Looks at a port that does not get ready before the octet is written anyway: the console must not stop the machine.
const READY_LOOKS_MAX: u32 = 100_000;

pub struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for octet in text.bytes() {
            let mut looks = 0;
            while cpu::inb(LINE_STATUS) & 0x20 == 0 && looks < READY_LOOKS_MAX {
                looks += 1;
            }
            cpu::outb(PORT, octet);
        }
        Ok(())
    }
}

#[macro_export]
macro_rules! say {
    ($($part:tt)*) => {{
        use core::fmt::Write;
        let _ = writeln!($crate::console::Console, $($part)*);
    }};
}

/// What makes no sense at boot, or can't be had: one line, and the end.
pub fn stop(why: fmt::Arguments) -> ! {
    say!("stopped: {why}");
    cpu::halt()
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    // Names of source files are of the machine that built; the line says enough with the manifest.
    let line = info.location().map_or(0, |at| at.line());
    say!("fault: panic: {} (line {line})", info.message());
    cpu::halt()
}

const NAMES: [&str; 22] = [
    "division",
    "debug",
    "nmi",
    "breakpoint",
    "overflow",
    "bound",
    "invalid opcode",
    "no fpu",
    "double fault",
    "overrun",
    "tss",
    "segment",
    "stack segment",
    "protection",
    "page",
    "reserved",
    "floating point",
    "alignment",
    "machine check",
    "vector floating point",
    "virtualization",
    "control protection",
];

/// The record of a processor fault. Called by the fault handlers; the machine never goes on.
#[unsafe(no_mangle)]
extern "C" fn fault_record(number: u64, code: u64, instruction: u64, stack: u64) -> ! {
    let address: u64;
    // SAFETY: reading the address of the last page fault has no effect.
    unsafe { core::arch::asm!("mov {}, cr2", out(reg) address, options(nomem, nostack)) }
    let name = NAMES.get(number as usize).unwrap_or(&"unknown");
    say!("fault: {name} code={code:#x} instruction={instruction:#x} address={address:#x} stack={stack:#x}");
    cpu::halt()
}
