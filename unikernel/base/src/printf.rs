//! Formatted text, as the engine's C asks for it.

use crate::console;
use core::arch::naked_asm;
use core::ffi::{CStr, c_char, c_int};

// Variable arguments: the registers go to a save area, as a C compiler's prologue would do. System V ABI 3.5.7
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn snprintf(to: *mut c_char, size: usize, format: *const c_char) -> c_int {
    naked_asm!(
        "lea rax, [rsp + 8]", "sub rsp, 216",
        "mov [rsp + 48], rcx", "mov [rsp + 56], r8", "mov [rsp + 64], r9",
        "movups [rsp + 72], xmm0", "movups [rsp + 88], xmm1", "movups [rsp + 104], xmm2", "movups [rsp + 120], xmm3",
        "mov dword ptr [rsp], 24", "mov dword ptr [rsp + 4], 48", "mov [rsp + 8], rax",
        "lea rax, [rsp + 24]", "mov [rsp + 16], rax", "mov rcx, rsp",
        "call {}", "add rsp, 216", "ret", sym vsnprintf
    )
}

/// The `va_list` of a C compiler.
#[repr(C)]
struct Arguments {
    general: u32,
    floating: u32,
    overflow: *const u64,
    saved: *const u8,
}

impl Arguments {
    unsafe fn next(&mut self) -> u64 {
        // SAFETY: the format says what was given.
        unsafe {
            if self.general < 48 {
                let value = self.saved.add(self.general as usize).cast::<u64>().read();
                self.general += 8;
                return value;
            }
            let value = self.overflow.read();
            self.overflow = self.overflow.add(1);
            value
        }
    }
}

/// Where formatted text goes, cut at its end.
struct Output {
    to: *mut u8,
    size: usize,
    length: usize,
}

impl Output {
    fn put(&mut self, octet: u8) {
        if self.length + 1 < self.size {
            // SAFETY: within what the caller gave.
            unsafe { self.to.add(self.length).write(octet) };
        }
        self.length += 1;
    }

    fn pad(&mut self, text: &[u8], width: usize, fill: u8) {
        for _ in text.len()..width {
            self.put(fill);
        }
        text.iter().for_each(|octet| self.put(*octet));
    }
}

/// `%[0][width][.precision][l|z]{d,i,u,x,X,p,c,s,%}`: what the engine's messages use. Anything else stops the machine.
#[unsafe(no_mangle)]
unsafe extern "C" fn vsnprintf(to: *mut u8, size: usize, format: *const c_char, arguments: *mut Arguments) -> c_int {
    // SAFETY: a constant of the engine, and the arguments that belong to it.
    let (format, arguments) = unsafe { (CStr::from_ptr(format).to_bytes(), &mut *arguments) };
    let mut output = Output { to, size, length: 0 };
    let mut rest = format.iter().copied();
    while let Some(octet) = rest.next() {
        if octet == b'%' {
            // SAFETY: see above.
            unsafe { conversion(&mut rest, arguments, &mut output) };
        } else {
            output.put(octet);
        }
    }
    if size > 0 {
        // SAFETY: within what the caller gave.
        unsafe { to.add(output.length.min(size - 1)).write(0) };
    }
    output.length as c_int
}

unsafe fn conversion(rest: &mut dyn Iterator<Item = u8>, arguments: &mut Arguments, output: &mut Output) {
    let (mut fill, mut width, mut precision, mut long) = (b' ', 0usize, None::<usize>, false);
    // SAFETY: the format says what was given.
    let mut next = || unsafe { arguments.next() };
    loop {
        let octet = rest.next().unwrap_or(b'%');
        let exact = precision.is_some();
        let number = if let Some(digits) = precision.as_mut() { digits } else { &mut width };
        match octet {
            b'0' if *number == 0 && !exact => fill = b'0',
            b'0'..=b'9' => *number = *number * 10 + usize::from(octet - b'0'),
            b'*' => *number = next() as usize,
            b'.' => precision = Some(0),
            b'l' | b'z' | b'j' | b't' => long = true,
            b'-' | b'#' | b'+' | b' ' | b'h' => {}
            b'd' | b'i' => {
                let value = next();
                let value = if long { value as i64 } else { i64::from(value as i32) };
                return number_text(value.unsigned_abs(), 10, value < 0, |text| output.pad(text, width, fill));
            }
            b'u' | b'x' | b'X' | b'p' => {
                let value = next();
                let value = if long || octet == b'p' { value } else { u64::from(value as u32) };
                let base = if octet == b'u' { 10 } else { 16 };
                return number_text(value, base, false, |text| output.pad(text, width.max(precision.unwrap_or(0)), fill));
            }
            b'c' => return output.put(next() as u8),
            b's' => {
                let text = next() as *const u8;
                // SAFETY: terminated, or as long as the precision says.
                let length = unsafe { (0..precision.unwrap_or(usize::MAX)).take_while(|at| *text.add(*at) != 0).count() };
                return output.pad(unsafe { core::slice::from_raw_parts(text, length) }, width, b' ');
            }
            b'%' => return output.put(b'%'),
            other => console::stop(format_args!("engine: unknown conversion {other:#x}")),
        }
    }
}

fn number_text(mut value: u64, base: u64, negative: bool, with: impl FnOnce(&[u8])) {
    let mut digits = [0; 21];
    let mut at = digits.len();
    while value > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b"0123456789abcdef"[(value % base) as usize];
        value /= base;
    }
    if negative {
        at -= 1;
        digits[at] = b'-';
    }
    with(&digits[at..]);
}
