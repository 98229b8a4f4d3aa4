//! Vectors built in pieces, on all threads.

use std::mem::MaybeUninit;

use rayon::prelude::*;

/// A vector made of pieces of the given lengths. `fill(index, piece)` writes each piece, on some
/// thread; a piece holds `T::default()` when it gets there.
///
/// The thread that fills a piece clears it first, while the piece is in its cache. Clearing the whole
/// vector up front would go through memory once more.
pub fn build_in_pieces<T: Copy + Default + Send>(
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
        // SAFETY: the line above has written every number of the piece.
        fill(index, unsafe { piece.assume_init_mut() });
    });
    // SAFETY: the capacity is at least `total`. The pieces were cut from the first `total` numbers and
    // their lengths add up to `total`, so the loop has written each of those numbers.
    unsafe { made.set_len(total) };
    made
}

/// Cuts `total` numbers into pieces of `length`; the last may be shorter.
pub fn piece_lengths(total: usize, length: usize) -> impl Iterator<Item = usize> {
    (0..total).step_by(length.max(1)).map(move |from| length.min(total - from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_lie_one_after_the_other_and_start_cleared() {
        let lengths = [3, 0, 5, 1];
        let made: Vec<u32> = build_in_pieces(lengths.into_iter(), |index, piece| {
            assert!(piece.iter().all(|value| *value == 0));
            // The last number of a piece is left as it came.
            if let Some((_, written)) = piece.split_last_mut() {
                written.fill(index as u32 + 1);
            }
        });
        assert_eq!(made, [1, 1, 0, 3, 3, 3, 3, 0, 0]);
    }

    #[test]
    fn piece_lengths_add_up_to_the_total() {
        assert_eq!(piece_lengths(10, 4).collect::<Vec<_>>(), [4, 4, 2]);
        assert_eq!(piece_lengths(8, 4).collect::<Vec<_>>(), [4, 4]);
        assert_eq!(piece_lengths(0, 4).count(), 0);
    }
}
