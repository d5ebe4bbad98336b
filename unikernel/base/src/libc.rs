//! What the engine's C asks of a C library: memory, strings, numbers from text, time. There is no file and no other thread.

use crate::memory::HEAP;
use crate::time;
use core::arch::naked_asm;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr::{copy_nonoverlapping, null_mut};

// The copying loops are the processor's own: in Rust the compiler would make them calls of themselves.
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn memcpy(to: *mut u8, from: *const u8, octets: usize) -> *mut u8 {
    naked_asm!("mov rax, rdi", "mov rcx, rdx", "shr rcx, 3", "rep movsq", "mov ecx, edx", "and ecx, 7", "rep movsb", "ret")
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn memset(to: *mut u8, octet: c_int, octets: usize) -> *mut u8 {
    naked_asm!(
        "mov r8, rdi",
        "movzx eax, sil",
        "mov rcx, 0x0101010101010101",
        "imul rax, rcx",
        "mov rcx, rdx",
        "shr rcx, 3",
        "rep stosq",
        "mov ecx, edx",
        "and ecx, 7",
        "rep stosb",
        "mov rax, r8",
        "ret"
    )
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn memmove(to: *mut u8, from: *const u8, octets: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        "mov rcx, rdx",
        "mov r8, rdi",
        "sub r8, rsi",
        "cmp r8, rdx",
        "jb 2f",
        "shr rcx, 3",
        "rep movsq",
        "mov ecx, edx",
        "and ecx, 7",
        "rep movsb",
        "ret",
        // The target begins within the source: from the end.
        "2:",
        "lea rdi, [rdi + rcx - 1]",
        "lea rsi, [rsi + rcx - 1]",
        "std",
        "rep movsb",
        "cld",
        "ret"
    )
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn memcmp(one: *const u8, other: *const u8, octets: usize) -> c_int {
    naked_asm!(
        "xor eax, eax",
        "mov rcx, rdx",
        "cmp rcx, rcx",
        "repe cmpsb",
        "je 2f",
        "movzx eax, byte ptr [rdi - 1]",
        "movzx ecx, byte ptr [rsi - 1]",
        "sub eax, ecx",
        "2:",
        "ret"
    )
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn bcmp(one: *const u8, other: *const u8, octets: usize) -> c_int {
    naked_asm!("jmp {}", sym memcmp)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memchr(text: *const u8, octet: c_int, octets: usize) -> *const u8 {
    for index in 0..octets {
        // SAFETY: the caller says how long it is.
        let at = unsafe { text.add(index) };
        if unsafe { *at } == octet as u8 {
            return at;
        }
    }
    null_mut()
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn strlen(text: *const c_char) -> usize {
    naked_asm!("xor eax, eax", "mov rcx, -1", "repne scasb", "not rcx", "lea rax, [rcx - 1]", "ret")
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strcmp(one: *const c_char, other: *const c_char) -> c_int {
    // SAFETY: both are terminated.
    let (one, other) = unsafe { (CStr::from_ptr(one), CStr::from_ptr(other)) };
    one.cmp(other) as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strchr(text: *const c_char, octet: c_int) -> *const c_char {
    // SAFETY: terminated; the terminator can be looked for too.
    let all = unsafe { CStr::from_ptr(text) }.to_bytes_with_nul();
    all.iter().position(|each| *each == octet as u8).map_or(null_mut(), |at| text.wrapping_add(at).cast_mut())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strrchr(text: *const c_char, octet: c_int) -> *const c_char {
    // SAFETY: as above.
    let all = unsafe { CStr::from_ptr(text) }.to_bytes_with_nul();
    all.iter().rposition(|each| *each == octet as u8).map_or(null_mut(), |at| text.wrapping_add(at).cast_mut())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strstr(text: *const c_char, part: *const c_char) -> *const c_char {
    // SAFETY: both are terminated.
    let (all, part) = unsafe { (CStr::from_ptr(text).to_bytes(), CStr::from_ptr(part).to_bytes()) };
    (0..=all.len()).find(|at| all[*at..].starts_with(part)).map_or(null_mut(), |at| text.wrapping_add(at).cast_mut())
}

#[unsafe(no_mangle)]
extern "C" fn malloc(octets: usize) -> *mut u8 {
    HEAP.take(octets)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut u8 {
    let Some(octets) = count.checked_mul(size) else { return null_mut() };
    let block = HEAP.take(octets);
    if !block.is_null() {
        // SAFETY: it has that many.
        unsafe { block.write_bytes(0, octets) };
    }
    block
}

#[unsafe(no_mangle)]
unsafe extern "C" fn free(block: *mut u8) {
    if !block.is_null() {
        // SAFETY: the engine frees what it allocated; the heap checks the mark.
        unsafe { HEAP.give(block) };
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(block: *mut u8, octets: usize) -> *mut u8 {
    if block.is_null() {
        return HEAP.take(octets);
    }
    let new = HEAP.take(octets);
    if !new.is_null() {
        // SAFETY: both blocks are that large, and the old one is not used any more.
        unsafe {
            copy_nonoverlapping(block, new, octets.min(HEAP.size(block)));
            HEAP.give(block);
        }
    }
    new
}

#[unsafe(no_mangle)]
unsafe extern "C" fn malloc_usable_size(block: *mut u8) -> usize {
    // SAFETY: as `free`.
    if block.is_null() { 0 } else { unsafe { HEAP.size(block) } }
}

#[unsafe(no_mangle)]
extern "C" fn abort() -> ! {
    panic!("the engine gave up")
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __assert_fail(what: *const c_char, _file: *const c_char, line: u32) -> ! {
    // SAFETY: a constant of the engine.
    panic!("the engine's line {line}: {}", unsafe { CStr::from_ptr(what) }.to_str().unwrap_or("?"))
}

#[unsafe(no_mangle)]
extern "C" fn __stack_chk_fail() -> ! {
    panic!("smashed stack: the canary of a frame was overwritten")
}

#[repr(C)]
struct Time {
    seconds: i64,
    fraction: i64,
}

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: c_int, to: *mut Time) -> c_int {
    let us = if clock == 0 { time::wall_ms() * 1000 } else { time::monotonic_us() };
    // SAFETY: the caller's variable.
    unsafe { to.write(Time { seconds: (us / 1_000_000) as i64, fraction: (us % 1_000_000 * 1000) as i64 }) };
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn gettimeofday(to: *mut Time, _zone: *mut c_void) -> c_int {
    let ms = time::wall_ms();
    // SAFETY: as above.
    unsafe { to.write(Time { seconds: (ms / 1000) as i64, fraction: (ms % 1000 * 1000) as i64 }) };
    0
}

/// The machine lives in UTC: an empty `struct tm` says that the offset is 0, which is all that the engine asks for.
#[unsafe(no_mangle)]
unsafe extern "C" fn localtime_r(_time: *const i64, to: *mut [u64; 7]) -> *mut [u64; 7] {
    // SAFETY: a `struct tm` has 56 octets.
    unsafe { to.write([0; 7]) };
    to
}

/// Locks and waits of threads that are not there.
macro_rules! nothing {
    ($($name:ident)*) => { $(#[unsafe(no_mangle)] extern "C" fn $name() -> c_int { 0 })* };
}
nothing!(pthread_cond_destroy pthread_cond_init pthread_cond_signal pthread_condattr_destroy pthread_condattr_init);
nothing!(pthread_condattr_setclock pthread_mutex_init pthread_mutex_lock pthread_mutex_unlock);
// Dumps of the engine for its developers, which no image asks for.
nothing!(fprintf fputc fwrite printf putc putchar puts vfprintf);
#[unsafe(no_mangle)]
static stdout: usize = 0;

#[unsafe(no_mangle)]
extern "C" fn pthread_cond_wait() -> c_int {
    panic!("a wait for another thread")
}

#[unsafe(no_mangle)]
extern "C" fn pthread_cond_timedwait() -> c_int {
    panic!("a wait for another thread")
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_once(done: *mut c_int, run: extern "C" fn()) -> c_int {
    // SAFETY: the caller's variable; one processor.
    unsafe {
        if *done == 0 {
            *done = 1;
            run();
        }
    }
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strtod(text: *const c_char, end: *mut *const c_char) -> f64 {
    // SAFETY: terminated.
    let all = unsafe { CStr::from_ptr(text) }.to_bytes();
    let length = all.iter().take_while(|each| matches!(each, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')).count();
    if !end.is_null() {
        // SAFETY: the caller's variable.
        unsafe { end.write(text.add(length)) };
    }
    core::str::from_utf8(&all[..length]).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0.0)
}

/// Nothing unwinds: a panic halts.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    panic!("unwinding")
}
