//! Convolution and matrix product over packed weights, as one driver around [`tile`](super::tile).
//!
//! Work is cut into pieces of one panel (up to 64 output channels) times a run of output pixels.
//! Weights are walked in groups that stay in the second-level cache while all pixels of the piece
//! pass by. After "Anatomy of High-Performance Matrix Multiplication" (Goto and van de Geijn 2008),
//! with the input read through row starts instead of being unfolded.

use rayon::prelude::*;

use super::pack::{PANEL, Packed};
use super::tile::{Block, rows_at_once};

/// How much of a panel is walked at once, in numbers: 192 KiB.
const GROUP: usize = 48 << 10;
/// The longest run of output pixels in a piece.
const RUN: usize = 512;

/// What lies around the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    /// As many zeros on every side.
    Even(usize),
    /// One row and column of zeros on the far sides only (the autoencoder's way down).
    Far,
}

/// The shape of one convolution over `[n, height, width, channels]`.
#[derive(Clone, Copy, Debug)]
pub struct ConvShape {
    /// Images.
    pub images: usize,
    /// Rows of the input.
    pub height: usize,
    /// Columns of the input.
    pub width: usize,
    /// Side of the square kernel.
    pub kernel: usize,
    /// Step between output pixels.
    pub stride: usize,
    /// Zeros around the input.
    pub edges: Edges,
    /// Read the input as if every pixel were doubled in both directions.
    pub double: bool,
}

impl ConvShape {
    /// Rows and columns of the output.
    pub fn output(&self) -> (usize, usize) {
        let grown = if self.double { 2 } else { 1 };
        let around = match self.edges {
            Edges::Even(pad) => 2 * pad,
            Edges::Far => 1,
        };
        let side = |length: usize| (length * grown + around - self.kernel) / self.stride + 1;
        (side(self.height), side(self.width))
    }

    /// Where the input pixel under tap `(ky, kx)` of output pixel `(y, x)` lies, in pixels from the
    /// image's first; `None` in the zeros around it.
    fn source(&self, y: usize, x: usize, ky: usize, kx: usize) -> Option<usize> {
        let before = match self.edges {
            Edges::Even(pad) => pad,
            Edges::Far => 0,
        };
        let along = |at: usize, k: usize, length: usize| {
            let at = (at * self.stride + k).checked_sub(before)?;
            let at = if self.double { at / 2 } else { at };
            (at < length).then_some(at)
        };
        Some(along(y, ky, self.height)? * self.width + along(x, kx, self.width)?)
    }
}

/// `input` `[n, h, w, inputs]` to `[n, h', w', outputs]`: convolution, plus `bias` `[outputs]`, plus
/// `residual` of the output's shape.
///
/// # Panics
/// When a length does not fit the shape; callers check shapes where sentences can be said.
pub fn conv2d(
    input: &[f32],
    weights: &Packed,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    shape: &ConvShape,
) -> Vec<f32> {
    let channels = weights.inputs;
    assert_eq!(input.len(), shape.images * shape.height * shape.width * channels);
    assert_eq!(weights.taps, shape.kernel * shape.kernel);
    let (oh, ow) = shape.output();
    let pixels = shape.images * oh * ow;
    // Pixels outside the image read zeros that lie behind it.
    let padded: Vec<f32>;
    let (source, zeros) = if shape.edges == Edges::Even(0) {
        (input, 0)
    } else {
        let mut all = Vec::with_capacity(input.len() + channels);
        all.extend_from_slice(input);
        all.resize(input.len() + channels, 0.0);
        padded = all;
        (padded.as_slice(), input.len())
    };
    let plane = shape.height * shape.width;
    let start = |pixel: usize, tap: usize| {
        let (image, rest) = (pixel / (oh * ow), pixel % (oh * ow));
        match shape.source(rest / ow, rest % ow, tap / shape.kernel, tap % shape.kernel) {
            Some(at) => (image * plane + at) * channels,
            None => zeros,
        }
    };
    product(source, weights, bias, residual, pixels, start)
}

/// `input` `[rows, inputs]` times the weights: `[rows, outputs]`, plus `bias`, plus `residual`.
///
/// # Panics
/// When a length does not fit.
pub fn linear(input: &[f32], weights: &Packed, bias: Option<&[f32]>, residual: Option<&[f32]>) -> Vec<f32> {
    assert_eq!(weights.taps, 1);
    let rows = input.len() / weights.inputs;
    assert_eq!(rows * weights.inputs, input.len());
    product(input, weights, bias, residual, rows, |row, _| row * weights.inputs)
}

/// Every output pixel times every panel. `start(pixel, tap)` is where a pixel's input begins.
fn product(
    source: &[f32],
    weights: &Packed,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    pixels: usize,
    start: impl Fn(usize, usize) -> usize + Sync,
) -> Vec<f32> {
    let outputs = weights.outputs;
    assert!(bias.is_none_or(|b| b.len() == outputs) && residual.is_none_or(|r| r.len() == pixels * outputs));
    let panels = weights.panels();
    // Enough pieces that no core waits for the last one.
    let wanted = 4 * rayon::current_num_threads();
    let run = (pixels * panels).div_ceil(wanted).clamp(48, RUN);
    let runs = pixels.div_ceil(run).max(1);
    let pieces: Vec<Vec<f32>> = (0..runs * panels)
        .into_par_iter()
        .map(|piece| {
            let first = (piece / panels) * run;
            sums(source, weights, piece % panels, first, run.min(pixels - first), &start)
        })
        .collect();
    let mut output = vec![0.0; pixels * outputs];
    output.par_chunks_mut(run * outputs).enumerate().for_each(|(index, rows)| {
        for panel in 0..panels {
            let sums = &pieces[index * panels + panel];
            let first = panel * PANEL;
            let used = (outputs - first).min(PANEL);
            let width = used.next_multiple_of(super::pack::LANES);
            for (row, sums) in rows.chunks_exact_mut(outputs).zip(sums.chunks_exact(width)) {
                row[first..first + used].copy_from_slice(&sums[..used]);
            }
        }
        if let Some(bias) = bias {
            for row in rows.chunks_exact_mut(outputs) {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        }
        if let Some(residual) = residual {
            let from = index * run * outputs;
            rows.iter_mut().zip(&residual[from..]).for_each(|(value, add)| *value += add);
        }
    });
    output
}

/// One piece: `count` pixels from `first` times one panel, `[count, width]`.
fn sums(
    source: &[f32],
    weights: &Packed,
    panel: usize,
    first: usize,
    count: usize,
    start: &impl Fn(usize, usize) -> usize,
) -> Vec<f32> {
    let (panel, width) = weights.panel(panel);
    let (taps, inputs) = (weights.taps, weights.inputs);
    let mut sums = vec![0.0; count * width];
    let tap_size = inputs * width;
    let step = rows_at_once(width);
    let mut starts = Vec::with_capacity(taps * step);
    // Several whole taps in a group where they are small, part of one where it is large.
    let group_taps = (GROUP / tap_size).clamp(1, taps);
    let group_depth = if tap_size <= GROUP { inputs } else { GROUP / width };
    for tap in (0..taps).step_by(group_taps) {
        let until = (tap + group_taps).min(taps);
        for from in (0..inputs).step_by(group_depth) {
            let depth = group_depth.min(inputs - from);
            for row in (0..count).step_by(step) {
                let rows = step.min(count - row);
                starts.clear();
                for tap in tap..until {
                    starts.extend((0..rows).map(|r| start(first + row + r, tap) + from));
                }
                let block = Block {
                    input: source,
                    starts: &starts,
                    rows,
                    panel: &panel[tap * tap_size + from * width..],
                    panel_stride: tap_size,
                    depth,
                    width,
                };
                block.add_to(&mut sums[row * width..]);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0
    }

    /// The definition, in f64.
    fn plain(input: &[f32], weight: &[f32], inputs: usize, outputs: usize, shape: &ConvShape) -> Vec<f64> {
        let (oh, ow) = shape.output();
        let taps = shape.kernel * shape.kernel;
        let mut out = Vec::new();
        for image in 0..shape.images {
            for (y, x) in (0..oh).flat_map(|y| (0..ow).map(move |x| (y, x))) {
                for o in 0..outputs {
                    let mut sum = 0.0;
                    for tap in 0..taps {
                        let Some(at) = shape.source(y, x, tap / shape.kernel, tap % shape.kernel) else { continue };
                        for i in 0..inputs {
                            let value = input[(image * shape.height * shape.width + at) * inputs + i];
                            sum += f64::from(value) * f64::from(weight[(o * inputs + i) * taps + tap]);
                        }
                    }
                    out.push(sum);
                }
            }
        }
        out
    }

    #[test]
    fn odd_shapes_agree_with_the_definition() {
        let base =
            ConvShape { images: 2, height: 7, width: 5, kernel: 3, stride: 1, edges: Edges::Even(1), double: false };
        let shapes = [
            base,
            ConvShape { stride: 2, ..base },
            ConvShape { stride: 2, edges: Edges::Far, height: 8, width: 6, ..base },
            ConvShape { double: true, ..base },
            ConvShape { kernel: 1, edges: Edges::Even(0), ..base },
        ];
        for shape in shapes {
            for (inputs, outputs) in [(3, 16), (17, 3), (40, 70), (8, 130)] {
                let taps = shape.kernel * shape.kernel;
                let input: Vec<f32> = (0..shape.images * shape.height * shape.width * inputs).map(number).collect();
                let weight: Vec<f32> = (0..outputs * inputs * taps).map(|i| number(i + 3)).collect();
                let bias: Vec<f32> = (0..outputs).map(|i| number(i + 7)).collect();
                let packed = Packed::new(&weight, outputs, inputs, taps).expect("fits");
                let want = plain(&input, &weight, inputs, outputs, &shape);
                let residual: Vec<f32> = (0..want.len()).map(|i| number(i + 1)).collect();
                let got = conv2d(&input, &packed, Some(&bias), Some(&residual), &shape);
                assert_eq!(got.len(), want.len());
                for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                    let want = want + f64::from(bias[i % outputs]) + f64::from(residual[i]);
                    assert!((f64::from(*got) - want).abs() < 1e-4, "{shape:?} {inputs} {outputs}: {got} {want}");
                }
            }
        }
    }

    #[test]
    fn a_row_comes_out_the_same_alone_and_among_others_with_any_number_of_threads() {
        let (inputs, outputs, rows) = (1300, 90, 333);
        let input: Vec<f32> = (0..rows * inputs).map(number).collect();
        let weight: Vec<f32> = (0..outputs * inputs).map(|i| number(i + 3)).collect();
        let packed = Packed::new(&weight, outputs, inputs, 1).expect("fits");
        let all = linear(&input, &packed, None, None);
        let alone = linear(&input[200 * inputs..201 * inputs], &packed, None, None);
        assert!(alone == all[200 * outputs..201 * outputs]);
        for threads in [1, 3, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
            assert!(pool.install(|| linear(&input, &packed, None, None)) == all);
        }
    }
}
