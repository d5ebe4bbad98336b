//! Pages: code runs and is not written, nothing else runs, page 0 and the pages under the stacks are not there. And the heap.

use crate::console::stop;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::{NonNull, addr_of, null_mut, with_exposed_provenance_mut};
use rlsf::Tlsf;
use zeroize::Zeroize;

const PAGE: usize = 4096;
const LARGE_PAGE: usize = 2 << 20;
const PRESENT: u64 = 1;
const WRITABLE: u64 = 2;
const UNCACHED: u64 = 0x18;
const NO_EXECUTE: u64 = 1 << 63;
/// Devices have their addresses above this one.
const DEVICES: usize = 3 << 30;
/// Large pages of the beginning that are cut into small ones: the image has to end within them.
const FINE_PAGES: usize = 8;
/// What an image needs at least behind itself, to start.
const HEAP_OCTETS_MIN: usize = 2 << 20;

#[repr(C, align(4096))]
struct Table(UnsafeCell<[u64; 512]>);
// SAFETY: one processor, and only `protect` writes.
unsafe impl Sync for Table {}
static FINE: [Table; FINE_PAGES] = [const { Table(UnsafeCell::new([0; 512])) }; FINE_PAGES];

unsafe extern "C" {
    static __text_start: u8;
    static __text_end: u8;
    static __rodata_end: u8;
    static __stack_guard: u8;
    static __stack_top: u8;
    static __image_end: u8;
    static mut boot_p2: [u64; 2048];
    static boot_p4: u8;
}

/// Addresses of the linker script's symbols.
macro_rules! at {
    ($symbol:ident) => {
        // Only the address is taken.
        addr_of!($symbol) as usize
    };
}
#[cfg(feature = "probes")]
pub(crate) use at;

fn rights(address: usize) -> u64 {
    if address == 0 || address == at!(__stack_guard) || address == at!(__stack_top) {
        return 0;
    }
    if address >= at!(__text_start) && address < at!(__text_end) {
        return PRESENT;
    }
    if address >= at!(__text_end) && address < at!(__rodata_end) {
        return PRESENT | NO_EXECUTE;
    }
    PRESENT | WRITABLE | NO_EXECUTE
}

/// Makes the map strict. What the hypervisor left in page 0 must have been read before.
pub fn protect() {
    if at!(__image_end) > FINE_PAGES * LARGE_PAGE {
        stop(format_args!("the image ends at {:#x}, allowed are {:#x}", at!(__image_end), FINE_PAGES * LARGE_PAGE));
    }
    // SAFETY: one processor, interrupts are off, and the tables map what runs now to where it is.
    unsafe {
        for (index, table) in FINE.iter().enumerate() {
            for (page, entry) in (*table.0.get()).iter_mut().enumerate() {
                let address = index * LARGE_PAGE + page * PAGE;
                let given = rights(address);
                *entry = if given == 0 { 0 } else { address as u64 | given };
            }
        }
        // This table is in use. The image's part comes first and at once as it has to be: code that could not run for a moment would fault
        // where its page is not yet known to the processor, and so would the handler of that fault.
        let start = &raw mut boot_p2;
        let large = &mut *start;
        for (index, entry) in large.iter_mut().enumerate() {
            let address = index * LARGE_PAGE;
            let device = if address >= DEVICES { UNCACHED } else { 0 };
            *entry = match FINE.get(index) {
                Some(table) => table.0.get() as u64 | PRESENT | WRITABLE,
                None => address as u64 | 0x80 | PRESENT | WRITABLE | NO_EXECUTE | device,
            };
        }
        core::arch::asm!("mov cr3, {}", in(reg) at!(boot_p4), options(nostack));
    }
}

/// One range of the machine's memory.
#[derive(Clone, Copy)]
pub struct Range {
    pub start: usize,
    pub end: usize,
}

pub struct Heap(UnsafeCell<State>);
struct State {
    tlsf: Tlsf<'static, u32, u32, 24, 8>,
    secret: u64,
    used: usize,
    peak: usize,
    wipe: bool,
}
// SAFETY: one processor, and interrupt handlers do not allocate.
unsafe impl Sync for Heap {}

#[global_allocator]
pub static HEAP: Heap = Heap(UnsafeCell::new(State { tlsf: Tlsf::new(), secret: 0, used: 0, peak: 0, wipe: false }));

/// In front of each block: its size, and a mark that nobody outside can foresee. The same mark follows it.
#[repr(C)]
struct Head {
    size: usize,
    mark: u64,
}
const HEAD: usize = size_of::<Head>();
const TAIL: usize = size_of::<u64>();

impl Heap {
    /// Gives the heap all memory behind the image. `secret` marks the blocks.
    pub fn open(&self, ranges: &[Range], secret: u64) -> usize {
        let image_end = at!(__image_end);
        let Some(range) = ranges.iter().find(|range| range.start <= image_end && image_end < range.end) else {
            stop(format_args!("memory: no range of the machine holds the image, which ends at {image_end:#x}"));
        };
        let end = range.end.min(DEVICES);
        let octets = end - image_end;
        if octets < HEAP_OCTETS_MIN {
            stop(format_args!("memory: {} KiB are left behind the image, allowed are at least {}", octets >> 10, HEAP_OCTETS_MIN >> 10));
        }
        // SAFETY: one processor; nobody else knows of this memory.
        unsafe {
            let state = &mut *self.0.get();
            state.secret = secret;
            let block = core::ptr::slice_from_raw_parts_mut(with_exposed_provenance_mut::<u8>(image_end), octets);
            state.tlsf.insert_free_block_ptr(NonNull::new_unchecked(block));
        }
        octets
    }

    /// Octets in use, and the most that ever were.
    pub fn use_and_peak(&self) -> (usize, usize) {
        // SAFETY: one processor.
        let state = unsafe { &*self.0.get() };
        (state.used, state.peak)
    }

    /// While `work` runs, what is given back is wiped.
    pub fn wiping<R>(&self, work: impl FnOnce() -> R) -> R {
        // SAFETY: one processor; no reference is held over the call.
        let set = |wipe: bool| unsafe { (*self.0.get()).wipe = wipe };
        set(true);
        let result = work();
        set(false);
        result
    }

    /// A block of at least so many octets, at a multiple of 16. Null where there is none.
    pub fn take(&self, size: usize) -> *mut u8 {
        let Some(whole) = size.checked_add(HEAD + TAIL) else { return null_mut() };
        let Ok(layout) = Layout::from_size_align(whole, 16) else { return null_mut() };
        // SAFETY: the block is ours until `give`.
        unsafe {
            let state = &mut *self.0.get();
            let Some(block) = state.tlsf.allocate(layout) else { return null_mut() };
            state.used += whole;
            state.peak = state.peak.max(state.used);
            let start = block.as_ptr();
            seal(start, size, state.secret);
            start.add(HEAD)
        }
    }

    /// The size that was asked for. Stops the machine where somebody wrote beside the block.
    ///
    /// # Safety
    /// `block` came from `take`.
    pub unsafe fn size(&self, block: *mut u8) -> usize {
        unsafe {
            let start = block.sub(HEAD);
            let secret = (*self.0.get()).secret;
            let head = &*start.cast::<Head>();
            if head.mark != mark(start, head.size, secret) || block.add(head.size).cast::<u64>().read_unaligned() != head.mark {
                panic!("heap overrun at {block:p}");
            }
            head.size
        }
    }

    /// # Safety
    /// `block` came from `take` and is not used any more.
    pub unsafe fn give(&self, block: *mut u8) {
        unsafe {
            let size = self.size(block);
            let start = block.sub(HEAD);
            if (*self.0.get()).wipe {
                core::slice::from_raw_parts_mut(block, size).zeroize();
            }
            // A second `give` of the same block finds no mark.
            start.cast::<Head>().write(Head { size: 0, mark: 0 });
            let state = &mut *self.0.get();
            state.used -= size + HEAD + TAIL;
            state.tlsf.deallocate(NonNull::new_unchecked(start), 16);
        }
    }
}

fn mark(start: *mut u8, size: usize, secret: u64) -> u64 {
    secret ^ (start as u64).rotate_left(17) ^ (size as u64)
}

unsafe fn seal(start: *mut u8, size: usize, secret: u64) {
    unsafe {
        let mark = mark(start, size, secret);
        start.cast::<Head>().write(Head { size, mark });
        start.add(HEAD + size).cast::<u64>().write_unaligned(mark);
    }
}

// SAFETY: blocks are disjoint and aligned to 16; what asks for more gets a block in which its own fits.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= 16 {
            return self.take(layout.size());
        }
        // Room to align, and the block's real start in the eight octets before.
        let block = self.take(layout.size() + layout.align() + 16);
        if block.is_null() {
            return block;
        }
        // SAFETY: the aligned address is within the block, at least 16 octets behind its start.
        unsafe {
            let aligned = block.add(16).add(block.add(16).align_offset(layout.align()));
            aligned.cast::<*mut u8>().sub(1).write(block);
            aligned
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the layout is that of `alloc`.
        unsafe { self.give(if layout.align() <= 16 { pointer } else { pointer.cast::<*mut u8>().sub(1).read() }) }
    }
}
