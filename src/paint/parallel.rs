//! How work on pixels is shared among threads.

use super::tile::TILE_SIDE;

/// How many pixels one thread works on at least. A smaller picture is worked on by the thread that asks, which may be the
/// window's: the others may be busy with making pictures, and it would wait for them.
const LEAST_PIXELS: usize = 1 << 20;

/// How many rows of this width one thread works on at least.
pub(super) fn least_rows(width: usize) -> usize {
    LEAST_PIXELS / width.max(1)
}

/// How many tiles one thread works on at least.
pub(super) const LEAST_TILES: usize = LEAST_PIXELS / (TILE_SIDE * TILE_SIDE);
