//! Every pixel times every panel, cut into pieces of work for all threads.

use rayon::prelude::*;

use super::epilogue::Epilogue;
use super::panel_sums::{InputStarts, input_starts, sum_panel};
use crate::kernels::memory::{build_in_pieces, piece_lengths};
use crate::kernels::micro::{LANES, Multiply};
use crate::kernels::packing::Panels;

/// The most pixels in a piece of work.
const MAX_PIXELS: usize = 512;
/// The fewest, where there are enough.
const MIN_PIXELS: usize = 48;

/// Multiplies `pixels` pixels of `source` with all panels: `[pixels, outputs]`, plus `bias`, plus
/// `residual`. `start` says where the inputs of a pixel under a tap begin.
///
/// A piece of work is a run of pixels with all panels, so that results go straight to their place; where
/// there are too few pixels for every thread, it is all pixels with one panel.
///
/// # Panics
/// When the length of bias or residual does not fit, or a start lies outside the source.
pub fn product<T: Multiply>(
    source: &[T::Input],
    weights: &Panels<T>,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    pixels: usize,
    start: impl InputStarts,
) -> Vec<f32> {
    let outputs = weights.outputs;
    let epilogue = Epilogue { outputs, panel_size: weights.size, bias, residual };
    epilogue.check(pixels * outputs);
    if let Some(run) = pixels_per_piece(pixels).or((weights.count() == 1).then_some(MIN_PIXELS)) {
        build_in_pieces(piece_lengths(pixels * outputs, run * outputs), |index, rows| {
            let (first, count) = (index * run, rows.len() / outputs);
            let starts = input_starts(first, count, weights.taps, &start);
            let mut buffer = vec![0.0; count * weights.size];
            for panel in 0..weights.count() {
                let sums = &mut buffer[..count * weights.panel(panel).1];
                sum_panel(source, weights, panel, 0..weights.taps, &starts, sums);
                epilogue.write(first, panel, sums, rows, |pixel| pixel);
            }
        })
    } else {
        let starts = input_starts(0, pixels, weights.taps, &start);
        let parts: Vec<Vec<f32>> = (0..weights.count())
            .into_par_iter()
            .map(|panel| {
                let mut sums = vec![0.0; pixels * weights.panel(panel).1];
                sum_panel(source, weights, panel, 0..weights.taps, &starts, &mut sums);
                sums
            })
            .collect();
        let mut output = vec![0.0; pixels * outputs];
        for (panel, sums) in parts.iter().enumerate() {
            epilogue.write(0, panel, sums, &mut output, |pixel| pixel);
        }
        output
    }
}

/// How many of `pixels` pixels make a piece of work; `None` where there are too few for every thread.
pub fn pixels_per_piece(pixels: usize) -> Option<usize> {
    let threads = rayon::current_num_threads();
    // Enough pieces that no thread waits long for the last one.
    let run = pixels.div_ceil(4 * threads).next_multiple_of(LANES).clamp(MIN_PIXELS, MAX_PIXELS);
    (pixels >= MIN_PIXELS * threads).then_some(run)
}
