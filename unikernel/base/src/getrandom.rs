//! What ring takes its octets of chance from: the crate getrandom, which on this target calls a C library. Its functions are these here.

use crate::entropy;
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_long};
use core::slice::from_raw_parts_mut;

/// Linux's number of the call that it makes; it makes no other.
const GETRANDOM: c_long = 318;

#[unsafe(no_mangle)]
unsafe extern "C" fn syscall(number: c_long, octets: *mut u8, length: usize, _flags: u32) -> c_long {
    if number != GETRANDOM {
        panic!("system call {number}");
    }
    if length > 0 {
        // SAFETY: the caller's own octets, set before they are a slice.
        unsafe {
            octets.write_bytes(0, length);
            entropy::fill(from_raw_parts_mut(octets, length));
        }
    }
    length as c_long
}

struct Number(UnsafeCell<c_int>);
// SAFETY: one processor.
unsafe impl Sync for Number {}
static ERROR: Number = Number(UnsafeCell::new(0));

/// Looked at after a failure, which there is none of: `entropy::fill` halts instead.
#[unsafe(no_mangle)]
extern "C" fn __errno_location() -> *mut c_int {
    ERROR.0.get()
}

/// For a Linux without that call it would open a file.
macro_rules! never {
    ($($name:ident)*) => { $(#[unsafe(no_mangle)] extern "C" fn $name() -> c_int { panic!(concat!(stringify!($name), " of a file")) })* };
}
never!(open read poll close);
