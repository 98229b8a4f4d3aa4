//! 3×3 convolutions with four ninths of the products (Winograd 1980; Lavin and Gray 2015, F(2×2, 3×3)).
//!
//! Every 2×2 block of the output comes from a 4×4 patch of the input. Patch and kernel are turned into
//! 16 numbers each, whose products, summed over the inputs, turn back into the four outputs. The 16
//! sums are matrix products over many patches, so [`tile`](super::tile) makes them.

use half::bf16;
use rayon::prelude::*;

use super::conv::{ConvShape, Finish, add_up};
use super::cpu::for_each_cpu;
use super::element::{Element, Rows};
use super::memory::made_of_pieces;
use super::pack::{LANES, PANEL, Panels, Strip};

/// Numbers a patch turns into.
pub(super) const POINTS: usize = 16;
/// Blocks of the output in a piece of work: its turned patches and sums stay in the caches.
const RUN: usize = 128;
/// Up to so many blocks, cores share out panels instead of blocks, so that weights are read once.
const FEW: usize = 256;
/// With fewer channels than this, turning costs more than the products saved.
const NARROWEST: usize = 64;

/// Between the numbers of one point and the next: without a gap they would often begin whole memory
/// pages apart, and all 16 compete for the same few places in the cache.
const GAP: usize = 32;

/// Whether it pays for so many inputs and outputs: with few, turning costs more than it saves.
pub(super) fn pays(inputs: usize, outputs: usize) -> bool {
    inputs >= NARROWEST && outputs >= NARROWEST
}

/// The 16 numbers of 3×3 kernels: G·g·Gᵀ, for a strip of inputs at once.
#[inline(always)]
pub(super) fn turn_kernels<'a>(kernels: &Strip, turned: &'a mut Strip) -> &'a mut Strip {
    for input in 0..kernels[0].len() {
        let line = |a: f32, b: f32, c: f32| [a, 0.5 * (a + b + c), 0.5 * (a - b + c), c];
        let at = |tap: usize| kernels[tap][input];
        let columns: [[f32; 4]; 3] = std::array::from_fn(|x| line(at(x), at(3 + x), at(6 + x)));
        for y in 0..4 {
            for (x, value) in line(columns[0][y], columns[1][y], columns[2][y]).into_iter().enumerate() {
                turned[4 * y + x][input] = value;
            }
        }
    }
    turned
}

/// `input` `[n, h, w, inputs]` to `[n, h, w, outputs]` with turned kernels and one line of zeros
/// around, plus `bias`, plus `residual`.
pub(super) fn conv<T: Element>(
    input: Rows<'_>,
    weights: &Panels<T>,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    shape: &ConvShape,
) -> Vec<f32> {
    let &ConvShape { images, height, width, .. } = shape;
    let Panels { inputs, outputs, size, .. } = *weights;
    let finish = Finish { outputs, size, bias, residual };
    finish.check(images * height * width * outputs);
    let plan = Plan { source: &T::rows(&input), zeros: &vec![T::default(); inputs], inputs, height, width };
    let (pairs, across) = (images * plan.down(), plan.across());
    let threads = rayon::current_num_threads();
    if pairs * across <= FEW && weights.count() >= 2 * threads {
        let turned = plan.turned(0, pairs);
        let parts: Vec<Vec<f32>> = (0..weights.count())
            .into_par_iter()
            .map(|panel| {
                let wide = weights.panel(panel).1;
                let mut part = vec![0.0; images * height * width * wide];
                plan.panel(weights, panel, 0, &turned, &mut Vec::new(), |pixel, made| {
                    part[pixel * wide..][..wide].copy_from_slice(&made[..wide]);
                });
                part
            })
            .collect();
        let mut output = vec![0.0; images * height * width * outputs];
        for (panel, part) in parts.iter().enumerate() {
            finish.put(0, panel, part, &mut output, |pixel| pixel);
        }
        return output;
    }
    // A piece owns whole pairs of output lines.
    let run = RUN.div_ceil(across).min(pairs.div_ceil(2 * threads)).max(1);
    let lengths =
        (0..pairs).step_by(run).map(|first| (plan.line((first + run).min(pairs)) - plan.line(first)) * width * outputs);
    made_of_pieces(lengths, |index, rows| {
        let first = index * run;
        let turned = plan.turned(first, run.min(pairs - first));
        let from = plan.line(first) * width;
        let mut room = Vec::new();
        for panel in 0..weights.count() {
            let wide = weights.panel(panel).1;
            plan.panel(weights, panel, first, &turned, &mut room, |pixel, made| {
                finish.put(from, panel, &made[..wide], rows, |_| pixel - from);
            });
        }
    })
}

/// The input, and how it is cut into 4×4 patches that give 2×2 blocks, line pair by line pair.
struct Plan<'a, T> {
    source: &'a [T],
    /// A pixel outside.
    zeros: &'a [T],
    inputs: usize,
    height: usize,
    width: usize,
}

/// Turned patches, `[16, blocks, inputs]` with a gap after each point.
struct Turned<T> {
    numbers: Vec<T>,
    /// From one point to the next.
    stride: usize,
    blocks: usize,
}

impl<T: Element> Plan<'_, T> {
    /// Pairs of lines in an image; the last may have one line.
    fn down(&self) -> usize {
        self.height.div_ceil(2)
    }

    /// Blocks in a pair of lines.
    fn across(&self) -> usize {
        self.width.div_ceil(2)
    }

    /// The output line a pair begins with, counted over all images.
    fn line(&self, pair: usize) -> usize {
        pair / self.down() * self.height + pair % self.down() * 2
    }

    /// The turned patches of `pairs` line pairs.
    fn turned(&self, first: usize, pairs: usize) -> Turned<T> {
        let &Self { source, zeros, inputs, height, width } = self;
        let (down, across) = (self.down(), self.across());
        let count = pairs * across;
        let stride = count * inputs + GAP;
        let mut numbers = vec![T::default(); POINTS * stride];
        for block in 0..count {
            let (pair, x) = (first + block / across, block % across);
            let (image, y) = (pair / down, pair % down);
            let patch: [&[T]; POINTS] = std::array::from_fn(|at| {
                let y = (2 * y + at / 4).checked_sub(1).filter(|y| *y < height);
                let x = (2 * x + at % 4).checked_sub(1).filter(|x| *x < width);
                y.zip(x).map_or(zeros, |(y, x)| &source[((image * height + y) * width + x) * inputs..][..inputs])
            });
            T::turn_patch(&patch, &mut numbers[block * inputs..], stride);
        }
        Turned { numbers, stride, blocks: count }
    }

    /// The outputs of one panel for turned patches that begin with the pair `first`: `put(pixel, made)`
    /// gets each with its place, counted over all images.
    fn panel(
        &self,
        weights: &Panels<T>,
        panel: usize,
        first: usize,
        turned: &Turned<T>,
        sums: &mut Vec<f32>,
        mut put: impl FnMut(usize, &[f32; PANEL]),
    ) {
        let count = turned.blocks;
        let across = self.across();
        let wide = weights.panel(panel).1;
        let stride = count * weights.size + GAP;
        sums.resize(POINTS * stride, 0.0);
        let starts: Vec<usize> = (0..count).map(|block| block * self.inputs).collect();
        for (point, sums) in sums.chunks_exact_mut(stride).enumerate() {
            let patches = &turned.numbers[point * turned.stride..][..count * self.inputs];
            add_up(patches, weights, panel, point..point + 1, &starts, &mut sums[..count * wide]);
        }
        let mut made = [[0.0; PANEL]; 4];
        for block in 0..count {
            let (pair, x) = (first + block / across, block % across);
            turn_back(&sums[block * wide..], stride, wide, &mut made);
            let line = self.line(pair);
            let lines = 2.min(self.height - pair % self.down() * 2);
            for (corner, made) in made.iter().enumerate() {
                let (dy, x) = (corner / 2, 2 * x + corner % 2);
                if dy < lines && x < self.width {
                    put((line + dy) * self.width + x, made);
                }
            }
        }
    }
}

/// A patch's 16 numbers Bᵀ·d·B for each channel; number `p` of channel `c` goes to
/// `turned[p * stride + c]`.
#[expect(clippy::needless_range_loop, reason = "lanes of several vectors at once")]
#[inline(always)]
pub(super) fn turn_patch_body<T: Element>(patch: &[&[T]; POINTS], turned: &mut [T], stride: usize) {
    let channels = patch[0].len();
    let mut from = 0;
    while from < channels {
        let used = LANES.min(channels - from);
        let mut d = [[0.0f32; LANES]; POINTS];
        for (d, patch) in d.iter_mut().zip(patch) {
            let patch = &patch[from..from + used];
            match <&[T; LANES]>::try_from(patch) {
                // Of a length known beforehand, so that it is one load.
                Ok(patch) => d.iter_mut().zip(patch).for_each(|(d, value)| *d = value.wide()),
                Err(_) => d.iter_mut().zip(patch).for_each(|(d, value)| *d = value.wide()),
            }
        }
        for x in 0..4 {
            for lane in 0..LANES {
                let (a, b, c, e) = (d[x][lane], d[4 + x][lane], d[8 + x][lane], d[12 + x][lane]);
                (d[x][lane], d[4 + x][lane], d[8 + x][lane], d[12 + x][lane]) = (a - c, b + c, c - b, b - e);
            }
        }
        for y in 0..4 {
            let mut line = [[T::default(); LANES]; 4];
            for lane in 0..LANES {
                let (a, b, c, e) = (d[4 * y][lane], d[4 * y + 1][lane], d[4 * y + 2][lane], d[4 * y + 3][lane]);
                line[0][lane] = T::narrow(a - c);
                line[1][lane] = T::narrow(b + c);
                line[2][lane] = T::narrow(c - b);
                line[3][lane] = T::narrow(b - e);
            }
            for (x, line) in line.iter().enumerate() {
                turned[(4 * y + x) * stride + from..][..used].copy_from_slice(&line[..used]);
            }
        }
        from += LANES;
    }
}

for_each_cpu! {
    pub(super) fn turn_patch_f32(patch: &[&[f32]; POINTS], turned: &mut [f32], stride: usize) = turn_patch_body
}

for_each_cpu! {
    pub(super) fn turn_patch_bf16(patch: &[&[bf16]; POINTS], turned: &mut [bf16], stride: usize) = turn_patch_body
}

for_each_cpu! {
    /// Sums to the four outputs of a block: Aᵀ·m·A for each of `wide` channels; sum `p` of channel `c`
    /// is `sums[p * stride + c]`.
    fn turn_back(sums: &[f32], stride: usize, wide: usize, made: &mut [[f32; PANEL]; 4]) = turn_back_body
}

#[inline(always)]
fn turn_back_body(sums: &[f32], stride: usize, wide: usize, made: &mut [[f32; PANEL]; 4]) {
    for from in (0..wide).step_by(LANES) {
        let mut m = [[0.0f32; LANES]; POINTS];
        for (point, m) in m.iter_mut().enumerate() {
            m.copy_from_slice(&sums[point * stride + from..][..LANES]);
        }
        for lane in 0..LANES {
            let top: [f32; 4] = std::array::from_fn(|x| m[x][lane] + m[4 + x][lane] + m[8 + x][lane]);
            let low: [f32; 4] = std::array::from_fn(|x| m[4 + x][lane] - m[8 + x][lane] - m[12 + x][lane]);
            made[0][from + lane] = top[0] + top[1] + top[2];
            made[1][from + lane] = top[1] - top[2] - top[3];
            made[2][from + lane] = low[0] + low[1] + low[2];
            made[3][from + lane] = low[1] - low[2] - low[3];
        }
    }
}
