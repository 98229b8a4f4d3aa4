//! Convolution and matrix product over packed weights, as one driver around [`tile`](super::tile).
//!
//! Work is cut into runs of output pixels, or into panels of output channels where the pixels
//! are few. Weights are walked in groups that stay in a cache while all pixels of the piece
//! pass by. After "Anatomy of High-Performance Matrix Multiplication" (Goto and van de Geijn 2008),
//! with the input read through row starts instead of being unfolded.

use half::bf16;
use rayon::prelude::*;

use super::element::{Element, Rows};
use super::memory::{made_of_pieces, pieces};
use super::pack::{Kind, LANES, Packed, Panels};
use super::tile::{Block, rows_at_once};
use super::winograd;

/// The longest run of output pixels in a piece.
const RUN: usize = 512;
/// The shortest, where there are enough.
const ROWS_EACH: usize = 48;

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
}

impl ConvShape {
    /// Rows and columns of the output, without doubling.
    pub(super) fn output(&self) -> (usize, usize) {
        let around = match self.edges {
            Edges::Even(pad) => 2 * pad,
            Edges::Far => 1,
        };
        let side = |length: usize| (length + around - self.kernel) / self.stride + 1;
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
            (at < length).then_some(at)
        };
        Some(along(y, ky, self.height)? * self.width + along(x, kx, self.width)?)
    }
}

/// `input` `[n, h, w, inputs]` to `[n, h', w', outputs]`: convolution, plus `bias` `[outputs]`, plus
/// `residual` of the output's shape. Weights for doubled pixels take their edges as they come: one
/// line of zeros around.
///
/// # Panics
/// When a length does not fit the shape; callers check shapes where sentences can be said.
pub fn conv2d<'a>(
    input: impl Into<Rows<'a>>,
    weights: &Packed,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    shape: &ConvShape,
) -> Vec<f32> {
    let input = input.into();
    assert_eq!(input.len(), shape.images * shape.height * shape.width * weights.inputs());
    assert_eq!(weights.taps(), shape.kernel * shape.kernel);
    match &weights.kind {
        Kind::F32(panels) => conv_of(input, panels, bias, residual, shape),
        Kind::Bf16(panels) => conv_of(input, panels, bias, residual, shape),
        Kind::TurnedF32(panels) => winograd::conv(input, panels, bias, residual, shape),
        Kind::TurnedBf16(panels) => winograd::conv(input, panels, bias, residual, shape),
        Kind::DoubledF32(kernels) => kernels.conv(input, bias, residual, shape),
        Kind::DoubledBf16(kernels) => kernels.conv(input, bias, residual, shape),
    }
}

fn conv_of<T: Element>(
    input: Rows<'_>,
    weights: &Panels<T>,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    shape: &ConvShape,
) -> Vec<f32> {
    let channels = weights.inputs;
    let (oh, ow) = shape.output();
    let pixels = shape.images * oh * ow;
    let plane = shape.height * shape.width;
    let zeros = input.len();
    let start = |pixel: usize, tap: usize| {
        let (image, rest) = (pixel / (oh * ow), pixel % (oh * ow));
        match shape.source(rest / ow, rest % ow, tap / shape.kernel, tap % shape.kernel) {
            Some(at) => (image * plane + at) * channels,
            None => zeros,
        }
    };
    if shape.edges == Edges::Even(0) {
        product(&T::rows(&input), weights, bias, residual, pixels, start)
    } else {
        // Pixels outside the image read zeros that lie behind it.
        product(&T::padded(input, channels), weights, bias, residual, pixels, start)
    }
}

/// `input` `[rows, inputs]` times the weights: `[rows, outputs]`, plus `bias`, plus `residual`.
///
/// # Panics
/// When a length does not fit.
pub fn linear<'a>(
    input: impl Into<Rows<'a>>,
    weights: &Packed,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
) -> Vec<f32> {
    let input = input.into();
    assert_eq!(weights.taps(), 1);
    let rows = input.len() / weights.inputs();
    assert_eq!(rows * weights.inputs(), input.len());
    match &weights.kind {
        Kind::F32(panels) => product(&f32::rows(&input), panels, bias, residual, rows, |row, _| row * panels.inputs),
        Kind::Bf16(panels) => product(&bf16::rows(&input), panels, bias, residual, rows, |row, _| row * panels.inputs),
        _ => unreachable!("kernels of the other kinds have nine taps"),
    }
}

/// Every output pixel times every panel. `start(pixel, tap)` is where a pixel's input begins.
///
/// A piece of work is a run of pixels with a range of panels: all of them where there are pixels
/// enough for every core, since then results go straight to their place.
fn product<T: Element>(
    source: &[T],
    weights: &Panels<T>,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    pixels: usize,
    start: impl Fn(usize, usize) -> usize + Sync,
) -> Vec<f32> {
    let outputs = weights.outputs;
    let finish = Finish { outputs, size: weights.size, bias, residual };
    finish.check(pixels * outputs);
    if let Some(run) = run_of(pixels).or((weights.count() == 1).then_some(ROWS_EACH)) {
        made_of_pieces(pieces(pixels * outputs, run * outputs), |index, rows| {
            let (first, count) = (index * run, rows.len() / outputs);
            let starts = starts_of(first, count, weights.taps, &start);
            let mut room = vec![0.0; count * weights.size];
            for panel in 0..weights.count() {
                let sums = &mut room[..count * weights.panel(panel).1];
                add_up(source, weights, panel, 0..weights.taps, &starts, sums);
                finish.put(first, panel, sums, rows, |pixel| pixel);
            }
        })
    } else {
        let starts = starts_of(0, pixels, weights.taps, &start);
        let parts: Vec<Vec<f32>> = (0..weights.count())
            .into_par_iter()
            .map(|panel| {
                let mut sums = vec![0.0; pixels * weights.panel(panel).1];
                add_up(source, weights, panel, 0..weights.taps, &starts, &mut sums);
                sums
            })
            .collect();
        let mut output = vec![0.0; pixels * outputs];
        for (panel, sums) in parts.iter().enumerate() {
            finish.put(0, panel, sums, &mut output, |pixel| pixel);
        }
        output
    }
}

/// How many of so many pixels make a piece of work; `None` where there are too few for every core.
pub(super) fn run_of(pixels: usize) -> Option<usize> {
    let threads = rayon::current_num_threads();
    // Enough pieces that no core waits long for the last one.
    let run = pixels.div_ceil(4 * threads).next_multiple_of(LANES).clamp(ROWS_EACH, RUN);
    (pixels >= ROWS_EACH * threads).then_some(run)
}

/// What happens to finished sums: they are put in their place, with what is added to them.
pub(super) struct Finish<'a> {
    pub outputs: usize,
    /// Outputs of a whole panel.
    pub size: usize,
    pub bias: Option<&'a [f32]>,
    pub residual: Option<&'a [f32]>,
}

impl Finish<'_> {
    /// # Panics
    /// When a length does not fit an output of so many numbers.
    pub fn check(&self, numbers: usize) {
        assert!(self.bias.is_none_or(|bias| bias.len() == self.outputs));
        assert!(self.residual.is_none_or(|residual| residual.len() == numbers));
    }

    /// The sums `[count, width]` of one panel to `rows`, which begin at pixel `from` of the output;
    /// pixel `n` of the sums goes to `place(n)` of the rows.
    pub fn put(&self, from: usize, panel: usize, sums: &[f32], rows: &mut [f32], place: impl Fn(usize) -> usize) {
        let first = panel * self.size;
        let used = (self.outputs - first).min(self.size);
        let width = used.next_multiple_of(LANES);
        let bias = self.bias.map(|bias| &bias[first..first + used]);
        for (pixel, sums) in sums.chunks_exact(width).enumerate() {
            let pixel = place(pixel);
            let row = &mut rows[pixel * self.outputs + first..][..used];
            row.copy_from_slice(&sums[..used]);
            if let Some(bias) = bias {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
            if let Some(residual) = self.residual {
                let residual = &residual[(from + pixel) * self.outputs + first..][..used];
                row.iter_mut().zip(residual).for_each(|(value, add)| *value += add);
            }
        }
    }
}

/// Where the inputs of `count` pixels from `first` begin, `[taps, count]`.
pub(super) fn starts_of(first: usize, count: usize, taps: usize, start: &impl Fn(usize, usize) -> usize) -> Vec<usize> {
    (0..taps).flat_map(|tap| (first..first + count).map(move |pixel| start(pixel, tap))).collect()
}

/// The sums of one panel over the given taps for all pixels of a run: `starts` is `[taps, count]`,
/// `sums` `[count, width]`.
pub(super) fn add_up<T: Element>(
    source: &[T],
    weights: &Panels<T>,
    panel: usize,
    taps: std::ops::Range<usize>,
    starts: &[usize],
    sums: &mut [f32],
) {
    let (panel, width) = weights.panel(panel);
    let inputs = weights.inputs;
    let count = sums.len() / width;
    let tap_size = inputs * width;
    let step = rows_at_once(width);
    // Several whole taps in a group where they are small, part of one where it is large.
    let group = T::group() / size_of::<T>();
    let group_taps = (group / tap_size).clamp(1, taps.len());
    let group_depth = if tap_size <= group { inputs } else { group / width };
    for tap in taps.clone().step_by(group_taps) {
        for offset in (0..inputs).step_by(group_depth) {
            for row in (0..count).step_by(step) {
                let block = Block {
                    input: source,
                    starts: &starts[(tap - taps.start) * count + row..],
                    starts_stride: count,
                    segments: group_taps.min(taps.end - tap),
                    offset,
                    rows: step.min(count - row),
                    panel: &panel[tap * tap_size + offset * width..],
                    panel_stride: tap_size,
                    depth: group_depth.min(inputs - offset),
                    width,
                    fresh: tap == taps.start && offset == 0,
                };
                block.add_to(&mut sums[row * width..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Precision, Weights};
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
        let base = ConvShape { images: 2, height: 7, width: 5, kernel: 3, stride: 1, edges: Edges::Even(1) };
        let shapes = [
            base,
            ConvShape { stride: 2, ..base },
            ConvShape { stride: 2, edges: Edges::Far, height: 8, width: 6, ..base },
            ConvShape { kernel: 1, edges: Edges::Even(0), ..base },
        ];
        for shape in shapes {
            for (inputs, outputs) in [(3, 16), (17, 3), (40, 70), (8, 130)] {
                let taps = shape.kernel * shape.kernel;
                let input: Vec<f32> = (0..shape.images * shape.height * shape.width * inputs).map(number).collect();
                let weight: Vec<f32> = (0..outputs * inputs * taps).map(|i| number(i + 3)).collect();
                let bias: Vec<f32> = (0..outputs).map(|i| number(i + 7)).collect();
                let want = plain(&input, &weight, inputs, outputs, &shape);
                let residual: Vec<f32> = (0..want.len()).map(|i| number(i + 1)).collect();
                // 8 bits of precision: a product is off by 2^-8 at most, and the errors partly cancel.
                for (precision, bound) in [(Precision::F32, 1e-4), (Precision::Bf16, 0.12)] {
                    let packed = Packed::new(Weights::F32(&weight), outputs, inputs, taps, precision).expect("fits");
                    let got = conv2d(&input, &packed, Some(&bias), Some(&residual), &shape);
                    assert_eq!(got.len(), want.len());
                    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                        let want = want + f64::from(bias[i % outputs]) + f64::from(residual[i]);
                        let off = (f64::from(*got) - want).abs();
                        assert!(off < bound, "{shape:?} {inputs} {outputs} {precision:?}: {got} {want}");
                    }
                    if packed.precision() == Precision::Bf16 {
                        let small = Rows::F32(&input).to_bf16().into_owned();
                        assert!(conv2d(Rows::Bf16(&small), &packed, Some(&bias), Some(&residual), &shape) == got);
                    }
                }
            }
        }
    }

    #[test]
    fn turned_kernels_give_the_same_with_fewer_products() {
        for (height, width, inputs, outputs) in [(8, 8, 64, 64), (7, 5, 70, 130), (1, 3, 64, 66), (40, 34, 65, 64)] {
            let shape = ConvShape { images: 2, height, width, kernel: 3, stride: 1, edges: Edges::Even(1) };
            let input: Vec<f32> = (0..2 * height * width * inputs).map(number).collect();
            let weight: Vec<f32> = (0..outputs * inputs * 9).map(|i| number(i * 31 + 3)).collect();
            let bias: Vec<f32> = (0..outputs).map(|i| number(i + 7)).collect();
            let want = plain(&input, &weight, inputs, outputs, &shape);
            let residual: Vec<f32> = (0..want.len()).map(|i| number(i + 1)).collect();
            let size = (want.iter().map(|v| v * v).sum::<f64>() / want.len() as f64).sqrt();
            for (precision, bound) in [(Precision::F32, 1e-6), (Precision::Bf16, 0.02)] {
                let packed = Packed::turned(Weights::F32(&weight), outputs, inputs, precision).expect("fits");
                assert!(matches!(packed.kind, Kind::TurnedF32(_) | Kind::TurnedBf16(_)));
                let run = || conv2d(&input, &packed, Some(&bias), Some(&residual), &shape);
                let got = run();
                let off = got.iter().zip(&want).enumerate().map(|(i, (got, want))| {
                    f64::from(*got) - (want + f64::from(bias[i % outputs]) + f64::from(residual[i]))
                });
                let off = (off.map(|v| v * v).sum::<f64>() / want.len() as f64).sqrt() / size;
                assert!(off < bound, "{height}x{width} {inputs} {outputs} {precision:?}: {off}");
                for threads in [1, 3, 16] {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
                    assert!(pool.install(run) == got, "{threads} threads");
                }
            }
        }
    }

    #[test]
    fn doubled_pixels_need_not_be_written() {
        let small = ConvShape { images: 2, height: 6, width: 5, kernel: 3, stride: 1, edges: Edges::Even(1) };
        let large = ConvShape { height: 12, width: 10, ..small };
        for (inputs, outputs) in [(3, 5), (18, 70)] {
            let input: Vec<f32> = (0..2 * 6 * 5 * inputs).map(number).collect();
            let doubled: Vec<f32> = (0..2 * 12 * 10 * inputs)
                .map(|at| {
                    let (pixel, channel) = (at / inputs, at % inputs);
                    let (image, y, x) = (pixel / 120, pixel / 10 % 12, pixel % 10);
                    input[((image * 6 + y / 2) * 5 + x / 2) * inputs + channel]
                })
                .collect();
            let weight: Vec<f32> = (0..outputs * inputs * 9).map(|i| number(i + 3)).collect();
            let bias: Vec<f32> = (0..outputs).map(|i| number(i + 7)).collect();
            let want = plain(&doubled, &weight, inputs, outputs, &large);
            let residual: Vec<f32> = (0..want.len()).map(|i| number(i + 1)).collect();
            for (precision, bound) in [(Precision::F32, 1e-4), (Precision::Bf16, 0.12)] {
                let packed = Packed::doubling(Weights::F32(&weight), outputs, inputs, precision).expect("fits");
                assert_eq!(packed.output(&small), (12, 10));
                let got = conv2d(&input, &packed, Some(&bias), Some(&residual), &small);
                assert_eq!(got.len(), want.len());
                for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                    let want = want + f64::from(bias[i % outputs]) + f64::from(residual[i]);
                    assert!((f64::from(*got) - want).abs() < bound, "{inputs} {outputs} {precision:?}: {got} {want}");
                }
            }
        }
    }

    #[test]
    fn a_row_comes_out_the_same_alone_and_among_others_with_any_number_of_threads() {
        let (inputs, outputs, rows) = (1300, 90, 333);
        let input: Vec<f32> = (0..rows * inputs).map(number).collect();
        let weight: Vec<f32> = (0..outputs * inputs).map(|i| number(i + 3)).collect();
        for precision in [Precision::F32, Precision::Bf16] {
            let packed = Packed::new(Weights::F32(&weight), outputs, inputs, 1, precision).expect("fits");
            let all = linear(&input, &packed, None, None);
            let alone = linear(&input[200 * inputs..201 * inputs], &packed, None, None);
            assert!(alone == all[200 * outputs..201 * outputs]);
            for threads in [1, 3, 7, 16] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
                assert!(pool.install(|| linear(&input, &packed, None, None)) == all);
            }
        }
    }
}
