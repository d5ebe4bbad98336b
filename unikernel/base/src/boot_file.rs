//! The file that the hypervisor hands over beside the image: certificates and keys, each as `NAME OCTETS`, a line feed, and so many octets.
//! It is wiped where it lay before the heap takes that memory, and each part again where it is used.

use crate::console::stop;
use alloc::string::String;
use core::cell::UnsafeCell;
use core::ops::Range;
use zeroize::Zeroize;

/// Of the whole file.
const OCTETS_MAX: usize = 32_768;

struct State {
    octets: [u8; OCTETS_MAX],
    length: usize,
}
struct Cell(UnsafeCell<State>);
// SAFETY: one processor, and no reference outlives a call.
unsafe impl Sync for Cell {}
static FILE: Cell = Cell(UnsafeCell::new(State { octets: [0; OCTETS_MAX], length: 0 }));

/// Takes the file out of the memory where the hypervisor put it.
pub fn open(given: &mut [u8]) {
    if given.len() > OCTETS_MAX {
        stop(format_args!("boot file: {} octets, allowed are {OCTETS_MAX}", given.len()));
    }
    // SAFETY: at boot, before anybody asks.
    let state = unsafe { &mut *FILE.0.get() };
    state.octets[..given.len()].copy_from_slice(given);
    state.length = given.len();
    given.zeroize();
    let mut at = 0;
    while at < state.length {
        let Some((_, body)) = part(&state.octets[..state.length], at) else {
            stop(format_args!("boot file: no part begins at octet {at}, allowed is NAME OCTETS, a line feed, and so many octets"))
        };
        at = body.end;
    }
}

/// The part whose first line begins at `at`: its name, and where its octets are.
fn part(file: &[u8], at: usize) -> Option<(&str, Range<usize>)> {
    let rest = file.get(at..)?;
    let line = &rest[..rest.iter().position(|octet| *octet == b'\n')?];
    let (name, octets) = core::str::from_utf8(line).ok()?.split_once(' ')?;
    let start = at + line.len() + 1;
    let end = start.checked_add(octets.parse().ok()?)?;
    (end <= file.len()).then_some((name, start..end))
}

fn find(file: &[u8], wanted: impl Fn(&str) -> bool) -> Option<Range<usize>> {
    let mut at = 0;
    while let Some((name, body)) = part(file, at) {
        if wanted(name) {
            return Some(body);
        }
        at = body.end;
    }
    None
}

/// The names of the parts, with spaces between.
pub fn names() -> String {
    // SAFETY: see above.
    let state = unsafe { &*FILE.0.get() };
    let mut all = String::new();
    let mut at = 0;
    while let Some((name, body)) = part(&state.octets[..state.length], at) {
        all.push_str(name);
        all.push(' ');
        at = body.end;
    }
    all.truncate(all.trim_end().len());
    all
}

/// Uses a part, which is wiped after that. None where there is no such part.
pub fn take<R>(name: &str, with: impl FnOnce(&[u8]) -> R) -> Option<R> {
    // SAFETY: see above.
    let state = unsafe { &mut *FILE.0.get() };
    let body = find(&state.octets[..state.length], |each| each == name)?;
    let octets = &mut state.octets[body];
    let result = with(octets);
    octets.zeroize();
    Some(result)
}
