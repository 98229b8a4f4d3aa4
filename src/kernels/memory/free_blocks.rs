//! The big blocks that are kept for the next use, and their sizes.

use std::alloc::{GlobalAlloc, Layout, System};

/// Blocks smaller than this many bytes are left to the system's allocator.
pub const MIN_BYTES: usize = 1 << 20;
/// Huge pages begin at multiples of this many bytes.
pub const PAGE_BYTES: usize = 2 << 20;
/// At most this many bytes are kept.
pub const MAX_KEPT_BYTES: usize = 512 << 20;
/// At most this many blocks are kept.
const MAX_KEPT: usize = 96;

/// The number of bytes that a request for `size` bytes really takes: up to an eighth more, so that
/// blocks of nearly the same size can replace each other.
pub fn size_class(size: usize) -> usize {
    let step = (size.next_power_of_two() / 16).max(MIN_BYTES / 16);
    size.next_multiple_of(step)
}

/// The layout with which the system hands out blocks of a size class.
pub fn class_layout(class: usize) -> Option<Layout> {
    Layout::from_size_align(class, PAGE_BYTES).ok()
}

/// Owns a block of memory that nobody uses.
pub struct FreeBlock {
    /// Exposed, so that a pointer with access to the block can be made from it.
    address: usize,
    class: usize,
}

impl FreeBlock {
    /// Takes over a block.
    ///
    /// # Safety
    /// `block` came from [`System`] with [`class_layout`]`(class)`, has not been given back, and nothing
    /// else uses it or gives it back from now on.
    pub unsafe fn new(block: *mut u8, class: usize) -> Self {
        Self { address: block.expose_provenance(), class }
    }

    /// Hands the block over to whoever asked for memory.
    pub fn into_pointer(self) -> *mut u8 {
        std::ptr::with_exposed_provenance_mut(self.address)
    }

    /// Gives the block back to the system.
    pub fn give_back(self) {
        if let Some(layout) = class_layout(self.class) {
            // SAFETY: `new` was promised that the block came from `System` with this layout and belongs
            // to this value alone, which ends here.
            unsafe { System.dealloc(self.into_pointer(), layout) };
        }
    }
}

/// The blocks that are kept, oldest first.
pub struct FreeBlocks {
    /// The first `count` are there.
    blocks: [Option<FreeBlock>; MAX_KEPT],
    count: usize,
    bytes: usize,
}

impl FreeBlocks {
    /// Keeps nothing yet.
    pub const fn new() -> Self {
        Self { blocks: [const { None }; MAX_KEPT], count: 0, bytes: 0 }
    }

    /// Takes the block of this size class that was freed last.
    pub fn take(&mut self, class: usize) -> Option<FreeBlock> {
        let fits = |block: &Option<FreeBlock>| block.as_ref().is_some_and(|block| block.class == class);
        let index = self.blocks[..self.count].iter().rposition(fits)?;
        self.remove(index)
    }

    /// Takes the block that was freed first.
    pub fn take_oldest(&mut self) -> Option<FreeBlock> {
        if self.count > 0 { self.remove(0) } else { None }
    }

    /// Keeps a block, or returns it when there is no room for it.
    pub fn keep(&mut self, block: FreeBlock) -> Result<(), FreeBlock> {
        if self.count == MAX_KEPT || self.bytes + block.class > MAX_KEPT_BYTES {
            return Err(block);
        }
        self.bytes += block.class;
        self.blocks[self.count] = Some(block);
        self.count += 1;
        Ok(())
    }

    fn remove(&mut self, index: usize) -> Option<FreeBlock> {
        let block = self.blocks[index].take()?;
        self.blocks[index..self.count].rotate_left(1);
        self.count -= 1;
        self.bytes -= block.class;
        Some(block)
    }

    /// How many blocks are kept, and how many bytes they have together.
    #[cfg(test)]
    pub fn count_and_bytes(&self) -> (usize, usize) {
        let bytes: usize = self.blocks.iter().flatten().map(|block| block.class).sum();
        assert_eq!(bytes, self.bytes);
        assert_eq!(self.blocks.iter().flatten().count(), self.count);
        (self.count, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_class_wastes_little() {
        for size in [MIN_BYTES, MIN_BYTES + 1, 3_333_333, 134_217_728, 134_217_729, 987_654_321] {
            let class = size_class(size);
            assert!(class >= size && class <= size + size / 8 + MIN_BYTES / 16, "{size}: {class}");
            assert_eq!(size_class(class), class);
        }
    }

    #[test]
    fn the_newest_block_of_a_size_is_taken_first_and_the_oldest_goes_first() {
        // SAFETY: none of these blocks is ever read, written or given back.
        let block = |address: usize, class| unsafe { FreeBlock::new(std::ptr::without_provenance_mut(address), class) };
        let address = |block: Option<FreeBlock>| block.map(|block| block.address);
        let mut blocks = FreeBlocks::new();
        for (at, class) in [(1, 10), (2, 20), (3, 10), (4, 30)] {
            assert!(blocks.keep(block(at, class)).is_ok());
        }
        assert!(blocks.keep(block(5, MAX_KEPT_BYTES)).is_err(), "more bytes than are kept");
        assert_eq!(address(blocks.take(10)), Some(3));
        assert_eq!(address(blocks.take(11)), None);
        assert_eq!(address(blocks.take_oldest()), Some(1));
        assert_eq!(blocks.count_and_bytes(), (2, 50));
        assert_eq!(address(blocks.take_oldest()), Some(2));
        assert_eq!(address(blocks.take_oldest()), Some(4));
        assert_eq!(address(blocks.take_oldest()), None);
        for at in 0..MAX_KEPT {
            assert!(blocks.keep(block(at + 1, 1)).is_ok());
        }
        assert!(blocks.keep(block(1000, 1)).is_err(), "more blocks than are kept");
    }
}
