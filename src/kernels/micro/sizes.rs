//! How large the pieces of a product are, so that they fit the registers and the caches.

use crate::kernels::cpu::{Instructions, instructions};

/// The width of every panel is a multiple of this many outputs.
pub const LANES: usize = 16;
/// The widest panel, in outputs.
pub const MAX_PANEL: usize = 64;
/// The most rows that are summed together.
pub const MAX_ROWS: usize = 12;

/// How many rows are summed together for a panel of `width` outputs: as many as there are registers for
/// their sums.
pub fn rows_per_tile(width: usize) -> usize {
    match (instructions(), width) {
        (Instructions::Avx512, 64) => 6,
        (Instructions::Avx512, 48) => 8,
        (Instructions::Avx512, _) => 12,
        (Instructions::Avx2 | Instructions::Neon, _) => 6,
        (Instructions::Plain, _) => 4,
    }
}

/// Bytes of weights that stay in the second-level cache while rows pass by.
pub const L2_BYTES: usize = 192 << 10;
/// Bytes of a narrow panel that stay in the first-level cache, beside six rows of the same depth.
const L1_BYTES: usize = 20 << 10;

/// Outputs in a whole panel of f32 weights.
///
/// With AVX2 and NEON it is as many as fit the registers. A wider panel would be walked in columns, so that its
/// lines would come from the second-level cache again for every few rows, and would be too far apart
/// to stay in the first.
pub fn f32_panel_width() -> usize {
    if walks_narrow_panels() { LANES } else { MAX_PANEL }
}

/// Bytes of f32 weights that are used for all rows before the next ones are read.
pub fn f32_cached_bytes() -> usize {
    if walks_narrow_panels() { L1_BYTES } else { L2_BYTES }
}

/// Whether the registers hold the sums of a narrow panel only.
fn walks_narrow_panels() -> bool {
    matches!(instructions(), Instructions::Avx2 | Instructions::Neon)
}
