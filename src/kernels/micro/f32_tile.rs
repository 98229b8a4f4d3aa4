//! The loop over one tile of f32 sums, written once for all vector widths and for weights of both sizes.

/// Defines `$tile`, which sums `ROWS` rows of `VECTORS` vectors of a panel's outputs, from the output
/// `column` on. `$lanes` is the number of f32 in a `$vector`; the rest are how to load weights of the kind `$weight` as
/// f32, and the instructions to load, store, repeat a number and multiply-add.
macro_rules! f32_tile {
    (
        $tile:ident, $feature:literal, $lanes:literal, $vector:ty,
        $weight:ty, $widen:expr, $load:ident, $store:ident, $set:ident, $fma:ident
    ) => {
        /// # Safety
        /// - The machine has the instructions the function is compiled for.
        /// - [`Block::check`] has returned for this block and for this many sums.
        /// - `block.rows == ROWS`, and `column + VECTORS * lanes <= block.width`.
        #[target_feature(enable = $feature)]
        unsafe fn $tile<const ROWS: usize, const VECTORS: usize>(
            block: &Block<'_, $weight>,
            column: usize,
            sums: &mut [f32],
        ) {
            // SAFETY: loads and stores of vectors need no alignment, and by what `check` promises:
            // - sums: row `r` and vector `v` end at `r * width + column + (v + 1) * lanes`, which is at most
            //   `rows * width`;
            // - starts and rows: `check` has compared each start with the input, and `k` is below `depth`;
            // - weights: line `k` of a segment is read from `k * width + column` on, up to
            //   `(k + 1) * width` at most, which is at most `depth * width`. After the last line `weights`
            //   moves on once more: `wrapping_add` may leave the panel, and is not read then.
            unsafe {
                let width = block.width;
                let sums = sums.as_mut_ptr().add(column);
                let mut held: [[$vector; VECTORS]; ROWS] = [[$set(0.0); VECTORS]; ROWS];
                if !block.overwrite {
                    for r in 0..ROWS {
                        for v in 0..VECTORS {
                            held[r][v] = $load(sums.add(r * width + v * $lanes));
                        }
                    }
                }
                for segment in 0..block.segments {
                    let starts = block.starts.as_ptr().add(segment * block.starts_stride);
                    let mut rows = [block.input.as_ptr().add(block.offset); ROWS];
                    for r in 0..ROWS {
                        rows[r] = rows[r].add(*starts.add(r));
                    }
                    let mut weights = block.panel.as_ptr().add(segment * block.panel_stride + column);
                    for k in 0..block.depth {
                        let mut b: [$vector; VECTORS] = [$set(0.0); VECTORS];
                        for v in 0..VECTORS {
                            b[v] = $widen(weights.add(v * $lanes));
                        }
                        for r in 0..ROWS {
                            let a = $set(*rows[r].add(k));
                            for v in 0..VECTORS {
                                held[r][v] = $fma(a, b[v], held[r][v]);
                            }
                        }
                        weights = weights.wrapping_add(width);
                    }
                }
                for r in 0..ROWS {
                    for v in 0..VECTORS {
                        $store(sums.add(r * width + v * $lanes), held[r][v]);
                    }
                }
            }
        }
    };
}
pub(super) use f32_tile;
