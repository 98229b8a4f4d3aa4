//! Big blocks of memory, kept for the next use.
//!
//! Every operation of a network makes tensors of a few megabytes and drops others of the same sizes.
//! Handed back to the system each time, their pages would be fetched, cleared and mapped anew, which
//! costs up to a quarter of a decode. [`Recycler`] keeps such blocks, in huge pages where the system
//! has them; [`release`] gives them back when a job is over.

use std::alloc::{GlobalAlloc, Layout, System};
use std::mem::MaybeUninit;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::element::Element;

/// Smaller blocks are left to the system's allocator.
const BIG: usize = 1 << 20;
/// Huge pages begin at multiples of this.
const PAGE: usize = 2 << 20;
/// How many blocks are kept at most.
const SLOTS: usize = 96;
/// How many bytes are kept at most.
const LIMIT: usize = 512 << 20;

/// An allocator for the whole program; see the module. To be put in `#[global_allocator]`.
pub struct Recycler;

/// What lies ready: the last freed block is the last.
struct Shelf {
    blocks: [(usize, usize); SLOTS],
    count: usize,
    bytes: usize,
}

static SHELF: Mutex<Shelf> = Mutex::new(Shelf { blocks: [(0, 0); SLOTS], count: 0, bytes: 0 });

/// Nothing that runs under the lock can panic, so a poisoned one is as good.
fn shelf() -> MutexGuard<'static, Shelf> {
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelf {
    /// Takes the block of this size that was freed last.
    fn take(&mut self, size: usize) -> Option<usize> {
        let index = self.blocks[..self.count].iter().rposition(|(_, s)| *s == size)?;
        Some(self.remove(index).0)
    }

    /// Keeps a block if there is room; says whether it did.
    fn keep(&mut self, address: usize, size: usize) -> bool {
        let room = self.count < SLOTS && self.bytes + size <= LIMIT;
        if room {
            self.blocks[self.count] = (address, size);
            self.count += 1;
            self.bytes += size;
        }
        room
    }

    /// Takes the block that has lain longest.
    fn oldest(&mut self) -> Option<(usize, usize)> {
        (self.count > 0).then(|| self.remove(0))
    }

    fn remove(&mut self, index: usize) -> (usize, usize) {
        let block = self.blocks[index];
        self.blocks.copy_within(index + 1..self.count, index);
        self.count -= 1;
        self.bytes -= block.1;
        block
    }
}

/// A vector of the given pieces, each filled in by `fill(index, piece)` on some thread.
///
/// The memory is cleared piece by piece, by the thread that fills it and while it is in its cache,
/// instead of all at once before.
pub(super) fn made_of_pieces<T: Element>(
    lengths: impl Iterator<Item = usize>,
    fill: impl Fn(usize, &mut [T]) + Sync,
) -> Vec<T> {
    let lengths: Vec<usize> = lengths.collect();
    let total = lengths.iter().sum();
    let mut made: Vec<T> = Vec::with_capacity(total);
    let mut rest = &mut made.spare_capacity_mut()[..total];
    let mut pieces = Vec::with_capacity(lengths.len());
    for length in lengths {
        let (piece, after) = rest.split_at_mut(length);
        pieces.push(piece);
        rest = after;
    }
    pieces.into_par_iter().enumerate().for_each(|(index, piece)| {
        piece.fill(MaybeUninit::new(T::default()));
        // SAFETY: every number of the piece has just been written.
        fill(index, unsafe { piece.assume_init_mut() });
    });
    // SAFETY: the pieces were the first `total` numbers, and each has been written.
    unsafe { made.set_len(total) };
    made
}

/// The lengths of `total` numbers in pieces of `length`, the last perhaps shorter.
pub(super) fn pieces(total: usize, length: usize) -> impl Iterator<Item = usize> {
    (0..total).step_by(length.max(1)).map(move |from| length.min(total - from))
}

/// What a big block of `size` bytes really takes: an eighth more at most, so that blocks of nearly the
/// same size can stand in for each other.
fn class(size: usize) -> usize {
    let step = (size.next_power_of_two() / 16).max(BIG / 16);
    size.next_multiple_of(step)
}

/// The layout that blocks of a class have with the system.
fn layout(class: usize) -> Option<Layout> {
    Layout::from_size_align(class, PAGE).ok()
}

/// Gives all kept blocks back to the system. Worth calling when a model is loaded or a job is over.
pub fn release() {
    loop {
        let block = shelf().oldest();
        let Some((address, class)) = block else { break };
        give_back(address, class);
    }
}

fn give_back(address: usize, class: usize) {
    if let Some(layout) = layout(class) {
        // SAFETY: the block came from `System` with this layout, and nobody holds it any more.
        unsafe { System.dealloc(std::ptr::with_exposed_provenance_mut(address), layout) };
    }
}

/// Asks for huge pages; a system that has none goes on without.
fn prefer_huge_pages(block: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: the range is a block just allocated, and the advice changes nothing in it.
    unsafe {
        libc::madvise(block.cast(), size, libc::MADV_HUGEPAGE);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (block, size);
}

fn is_ours(layout: Layout) -> bool {
    layout.size() >= BIG && layout.align() <= PAGE && layout.size() <= isize::MAX as usize / 2
}

// SAFETY: blocks under `BIG` go straight to and from `System`. A bigger one comes from `System` with
// the layout of its class, which is a function of the size asked for, so `dealloc` knows it again; on
// the shelf it belongs to nobody. The lock is never held while anything allocates.
unsafe impl GlobalAlloc for Recycler {
    unsafe fn alloc(&self, wanted: Layout) -> *mut u8 {
        if !is_ours(wanted) {
            // SAFETY: passed on.
            return unsafe { System.alloc(wanted) };
        }
        let class = class(wanted.size());
        let kept = shelf().take(class);
        if let Some(address) = kept {
            return std::ptr::with_exposed_provenance_mut(address);
        }
        let Some(layout) = layout(class) else { return std::ptr::null_mut() };
        // SAFETY: the size is not 0.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            prefer_huge_pages(block, class);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, wanted: Layout) {
        if !is_ours(wanted) {
            // SAFETY: passed on.
            return unsafe { System.dealloc(block, wanted) };
        }
        let class = class(wanted.size());
        let address = block.expose_provenance();
        loop {
            let kept = shelf().keep(address, class);
            if kept {
                break;
            }
            // What has lain longest is the least likely to be wanted again.
            let oldest = if class > LIMIT { None } else { shelf().oldest() };
            match oldest {
                Some((address, class)) => give_back(address, class),
                None => break give_back(address, class),
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, old: Layout, size: usize) -> *mut u8 {
        let Ok(new) = Layout::from_size_align(size, old.align()) else { return std::ptr::null_mut() };
        match (is_ours(old), is_ours(new)) {
            // SAFETY: passed on.
            (false, false) => unsafe { System.realloc(block, old, size) },
            (true, true) if class(old.size()) == class(size) => block,
            // SAFETY: both blocks are valid for the smaller of the two sizes and do not overlap.
            _ => unsafe {
                let moved = self.alloc(new);
                if !moved.is_null() {
                    std::ptr::copy_nonoverlapping(block, moved, old.size().min(size));
                    self.dealloc(block, old);
                }
                moved
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of all sizes hold what was written into them while others come and go.
    #[test]
    fn blocks_keep_what_is_in_them_and_freed_ones_are_used_again() {
        let mut held: Vec<(*mut u8, Layout, u8)> = Vec::new();
        let mut state = 1u64;
        for round in 0..600 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let size = (state >> 33) as usize % (5 << 20) + 1;
            let layout = Layout::from_size_align(size, 64).expect("layout");
            // SAFETY: a valid layout; every byte is written before it is read.
            unsafe {
                let block = Recycler.alloc(layout);
                assert!(!block.is_null() && block.addr().is_multiple_of(64));
                block.write_bytes(round as u8, size);
                held.push((block, layout, round as u8));
                if round % 5 == 0 {
                    let (block, layout, value) = held.swap_remove(state as usize % held.len());
                    let new = size.max(layout.size() / 2);
                    let moved = Recycler.realloc(block, layout, new);
                    let kept = layout.size().min(new);
                    assert!(std::slice::from_raw_parts(moved, kept).iter().all(|v| *v == value));
                    moved.write_bytes(value, new);
                    held.push((moved, Layout::from_size_align(new, 64).expect("layout"), value));
                }
                if held.len() > 24 {
                    let (block, layout, value) = held.remove(0);
                    assert!(std::slice::from_raw_parts(block, layout.size()).iter().all(|v| *v == value));
                    Recycler.dealloc(block, layout);
                }
            }
        }
        for (block, layout, _) in held {
            // SAFETY: allocated above with this layout.
            unsafe { Recycler.dealloc(block, layout) };
        }
        {
            let shelf = shelf();
            assert!(shelf.count > 0 && shelf.bytes <= LIMIT);
            assert_eq!(shelf.bytes, shelf.blocks[..shelf.count].iter().map(|(_, size)| size).sum::<usize>());
        }
        release();
        let after = shelf();
        assert_eq!((after.count, after.bytes), (0, 0));
    }

    #[test]
    fn a_class_wastes_little() {
        for size in [BIG, BIG + 1, 3_333_333, 134_217_728, 134_217_729, 987_654_321] {
            assert!(class(size) >= size && class(size) <= size + size / 8 + BIG / 16, "{size}: {}", class(size));
            assert_eq!(class(class(size)), class(size));
        }
    }
}
