//! Time: the processor's counter, measured against the timer chip, and the wall clock of the battery-backed one.

use crate::console::stop;
use crate::cpu::{inb, outb, pause, tsc};
use crate::interrupts;
use core::cell::UnsafeCell;

/// Of the timer chip, a second.
const PIT_HZ: u64 = 1_193_182;
/// How long the counters are compared, in ticks of the timer chip: 10 ms.
const PIT_TICKS_MIN: u16 = 11_932;
/// Looks at a timer chip that does not count.
const LOOKS_MAX: u32 = 1_000_000;
/// 2020-01-01: a clock before that is not set.
const SECONDS_MIN: u64 = 1_577_836_800;

struct Rates {
    tsc_start: u64,
    tsc_hz: u64,
    apic_hz: u64,
    wall_start_ms: u64,
}
struct Cell(UnsafeCell<Rates>);
// SAFETY: written once at boot by one processor.
unsafe impl Sync for Cell {}
static RATES: Cell = Cell(UnsafeCell::new(Rates { tsc_start: 0, tsc_hz: 1, apic_hz: 1, wall_start_ms: 0 }));

fn rates() -> &'static Rates {
    // SAFETY: see above.
    unsafe { &*RATES.0.get() }
}

/// Measures the rates and reads the wall clock.
pub fn open() {
    // Channel 0 counts down from 65,536 and begins anew; a machine without the chip reads the same for ever.
    outb(0x43, 0x34);
    outb(0x40, 0);
    outb(0x40, 0);
    let first = pit_count();
    interrupts::set_timer(u32::MAX);
    let start = tsc();
    let mut looks = 0;
    let ticks = loop {
        let gone = first.wrapping_sub(pit_count());
        if gone >= PIT_TICKS_MIN {
            break u64::from(gone);
        }
        looks += 1;
        if looks > LOOKS_MAX {
            stop(format_args!("clock: no timer chip (PIT) to measure against; this image needs one"));
        }
        pause();
    };
    let counted = tsc() - start;
    let apic = u64::from(u32::MAX - interrupts::timer_left());
    interrupts::set_timer(0);
    let (tsc_hz, apic_hz) = (counted * PIT_HZ / ticks, apic * PIT_HZ / ticks);
    let seconds = wall_seconds();
    if seconds < SECONDS_MIN {
        stop(format_args!("clock: the real-time clock says {seconds} s, allowed is a time after 2020"));
    }
    // SAFETY: one processor, at boot.
    unsafe { *RATES.0.get() = Rates { tsc_start: start, tsc_hz, apic_hz, wall_start_ms: seconds * 1000 } }
}

fn pit_count() -> u16 {
    outb(0x43, 0);
    u16::from(inb(0x40)) | u16::from(inb(0x40)) << 8
}

/// Microseconds since the start.
pub fn monotonic_us() -> u64 {
    let rates = rates();
    (u128::from(tsc() - rates.tsc_start) * 1_000_000 / u128::from(rates.tsc_hz)) as u64
}

/// Milliseconds since 1970.
pub fn wall_ms() -> u64 {
    rates().wall_start_ms + monotonic_us() / 1000
}

/// Wakes the machine after so many microseconds; earlier where the timer counts no further.
pub fn wake_after(us: u64) {
    let count = u128::from(us) * u128::from(rates().apic_hz) / 1_000_000;
    interrupts::set_timer(count.clamp(1, u128::from(u32::MAX)) as u32);
}

fn register(index: u8) -> u8 {
    outb(0x70, index);
    inb(0x71)
}

fn read_wall() -> [u8; 6] {
    while register(0x0a) & 0x80 != 0 {
        pause();
    }
    [0, 2, 4, 7, 8, 9].map(register)
}

/// Seconds since 1970 by the real-time clock, which runs in UTC.
fn wall_seconds() -> u64 {
    // Two equal readings: none of them fell into a change.
    let mut fields = read_wall();
    loop {
        let again = read_wall();
        if again == fields {
            break;
        }
        fields = again;
    }
    if register(0x0b) & 4 == 0 {
        fields = fields.map(|field| (field >> 4) * 10 + (field & 15));
    }
    let [second, minute, hour, day, month, year] = fields.map(u64::from);
    ((days(2000 + year, month, day) * 24 + hour) * 60 + minute) * 60 + second
}

/// Days from 1970-01-01 to a date of the Gregorian calendar from 2000 on.
fn days(year: u64, month: u64, day: u64) -> u64 {
    // Counted from March, a leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468
}
