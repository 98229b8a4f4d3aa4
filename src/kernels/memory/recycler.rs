//! The program's allocator: big blocks are kept for the next use instead of going back to the system.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::free_blocks::{FreeBlock, FreeBlocks, MAX_KEPT_BYTES, MIN_BYTES, PAGE_BYTES, class_layout, size_class};

/// An allocator that keeps up to 512 MB of freed blocks of 1 MB and more, and hands them out again to
/// requests of about the same size. Smaller blocks go to the system's allocator.
///
/// For `#[global_allocator]` in a program's `main.rs`.
pub struct Recycler;

static KEPT: Mutex<FreeBlocks> = Mutex::new(FreeBlocks::new());

/// Nothing that runs under the lock can panic, so a poisoned lock is as good as any.
fn kept() -> MutexGuard<'static, FreeBlocks> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives all kept blocks back to the system: worth calling when a model has been loaded or a job is over.
pub fn release() {
    loop {
        // A separate statement, so that the lock is released before the block is given back.
        let block = kept().take_oldest();
        let Some(block) = block else { break };
        block.give_back();
    }
}

/// Asks the system to use huge pages for these bytes; one that has none ignores it.
fn prefer_huge_pages(block: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: the advice changes how the pages are mapped, never what they hold; for a range that is not
    // mapped the call returns an error.
    unsafe {
        libc::madvise(block.cast(), size, libc::MADV_HUGEPAGE);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (block, size);
}

fn is_big(layout: Layout) -> bool {
    layout.size() >= MIN_BYTES && layout.align() <= PAGE_BYTES && layout.size() <= isize::MAX as usize / 2
}

// SAFETY: blocks that are not big go straight to and from `System`. A big one comes from `System` with
// the layout of its size class, which follows from the size asked for, so `dealloc` can tell it again.
// A kept block is owned by `KEPT` and is handed out once. The lock is never held while anything
// allocates.
unsafe impl GlobalAlloc for Recycler {
    unsafe fn alloc(&self, wanted: Layout) -> *mut u8 {
        if !is_big(wanted) {
            // SAFETY: the caller keeps to `alloc`'s conditions, which are the same.
            return unsafe { System.alloc(wanted) };
        }
        let class = size_class(wanted.size());
        let reused = kept().take(class);
        if let Some(block) = reused {
            return block.into_pointer();
        }
        let Some(layout) = class_layout(class) else { return std::ptr::null_mut() };
        // SAFETY: the layout's size is at least `MIN_BYTES`, so not 0.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            prefer_huge_pages(block, class);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, wanted: Layout) {
        if !is_big(wanted) {
            // SAFETY: `alloc` got this block from `System` with the same layout.
            return unsafe { System.dealloc(block, wanted) };
        }
        let class = size_class(wanted.size());
        // SAFETY: `alloc` got this block from `System` with the layout of this class, and the caller
        // gives it up with this call.
        let mut block = unsafe { FreeBlock::new(block, class) };
        loop {
            let outcome = kept().keep(block);
            let Err(refused) = outcome else { break };
            block = refused;
            // The block that was freed first is the least likely to be wanted again.
            let oldest = if class > MAX_KEPT_BYTES { None } else { kept().take_oldest() };
            match oldest {
                Some(oldest) => oldest.give_back(),
                None => break block.give_back(),
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, old: Layout, size: usize) -> *mut u8 {
        let Ok(new) = Layout::from_size_align(size, old.align()) else { return std::ptr::null_mut() };
        match (is_big(old), is_big(new)) {
            // SAFETY: `alloc` got this block from `System` with the same layout, and the caller keeps to
            // `realloc`'s conditions, which are the same.
            (false, false) => unsafe { System.realloc(block, old, size) },
            (true, true) if size_class(old.size()) == size_class(size) => block,
            // SAFETY: `new` has a valid layout whose size the caller promised not to be 0. Both blocks are
            // valid for the smaller of the two sizes, and a new block does not overlap one in use. `block`
            // has the layout `old` and is given up by the caller.
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

    /// Blocks of all sizes are taken, moved and freed in a random order.
    #[test]
    fn blocks_keep_their_contents_and_freed_blocks_are_kept() {
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
        let (count, bytes) = kept().count_and_bytes();
        assert!(count > 0 && bytes <= MAX_KEPT_BYTES);
        release();
        assert_eq!(kept().count_and_bytes(), (0, 0));
    }
}
