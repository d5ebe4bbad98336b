//! The machine attacks itself, as `probe=NAME` on the command line says: each must end in a fault's record. Compiled for tests alone.

use crate::memory::{HEAP, at};
use crate::say;
use core::ptr::{addr_of, with_exposed_provenance_mut};

unsafe extern "C" {
    static __text_start: u8;
    static __text_end: u8;
    static __stack_guard: u8;
}

unsafe extern "C" {
    fn scop_smash(unused: *mut u8, octets: usize);
}

fn write(address: usize) {
    // SAFETY: none; this is the attack.
    unsafe { with_exposed_provenance_mut::<u8>(address).write_volatile(0x90) }
}

pub fn run(command_line: &str) {
    let Some(name) = command_line.split_ascii_whitespace().find_map(|word| word.strip_prefix("probe=")) else { return };
    say!("probe: {name}");
    let block = HEAP.take(64);
    match name {
        "write-text" => write(at!(__text_start)),
        "write-rodata" => write(at!(__text_end)),
        "null-page" => write(16),
        "stack-guard" => write(at!(__stack_guard) + 4088),
        "execute-heap" => {
            // SAFETY: none; `ret` is written where data lives, and called.
            unsafe {
                block.write(0xc3);
                core::mem::transmute::<*mut u8, extern "C" fn()>(block)();
            }
        }
        // SAFETY: none; a frame of 32 octets is written 64 octets into.
        "smashed-canary" => unsafe { scop_smash(block, 64) },
        "heap-overrun" => {
            write(block as usize + 64);
            // SAFETY: the block is ours; the heap must see what was written behind it.
            unsafe { HEAP.give(block) };
        }
        "none" => {}
        other => crate::console::stop(format_args!("probe: {other} is none")),
    }
    say!("probe: went on");
    crate::cpu::halt()
}
