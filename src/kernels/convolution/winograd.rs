//! 3×3 convolutions with four ninths of the products (Winograd 1980; Lavin and Gray 2015, F(2×2, 3×3)).
//!
//! Every 2×2 block of the output comes from a 4×4 patch of the input. Patch and kernel are transformed into
//! 16 numbers each, the points. Their products, summed over the inputs, are transformed back into the four
//! outputs. For each point, the sums over many patches are a matrix product.

use rayon::prelude::*;

use super::shape::{ConvShape, Edges};
use super::winograd_transforms::{KernelTransform, POINTS, transform_patch, transform_sums};
use crate::kernels::memory::build_in_pieces;
use crate::kernels::micro::{MAX_PANEL, Multiply};
use crate::kernels::numbers::Rows;
use crate::kernels::packing::{Panels, Weights};
use crate::kernels::product::{Epilogue, sum_panel};

/// About how many blocks of the output make a piece of work: its points and sums stay in the caches.
const PIECE_BLOCKS: usize = 128;
/// Up to this many blocks, threads share out panels instead of blocks, so that weights are read once.
const FEW_BLOCKS: usize = 256;
/// With fewer channels than this the transforms take longer than the products they save.
const MIN_CHANNELS: usize = 64;
/// Numbers between those of one point and those of the next. Without a gap they would often begin whole
/// memory pages apart, and all 16 compete for the same few places in the cache.
const GAP: usize = 32;

/// 3×3 kernels, transformed: 16 numbers for nine.
pub struct WinogradKernels<T>(Panels<T>);

impl<T: Multiply> WinogradKernels<T> {
    /// Whether this is faster than a direct convolution of this many channels.
    pub fn pay_off(inputs: usize, outputs: usize) -> bool {
        inputs >= MIN_CHANNELS && outputs >= MIN_CHANNELS
    }

    /// Transforms kernels `[outputs, inputs, 9]`. `inputs` is a multiple of [`Multiply::GROUP`].
    pub fn new(weights: Weights<'_>, outputs: usize, inputs: usize) -> Self {
        Self(Panels::new(weights, outputs, inputs, 9, KernelTransform))
    }

    /// Convolves `input` `[images, height, width, inputs]`: `[images, height, width, outputs]`, plus `bias`,
    /// plus `residual`.
    ///
    /// # Panics
    /// When a length does not fit, or the stride is not 1 or the edges not one line of zeros.
    pub fn convolve(
        &self,
        input: Rows<'_>,
        bias: Option<&[f32]>,
        residual: Option<&[f32]>,
        shape: &ConvShape,
    ) -> Vec<f32> {
        assert!(shape.stride == 1 && shape.edges == Edges::Even(1), "Winograd's convolution keeps the size");
        let &ConvShape { images, height, width, .. } = shape;
        let Panels { inputs, outputs, size, .. } = self.0;
        let epilogue = Epilogue { outputs, panel_size: size, bias, residual };
        epilogue.check(images * height * width * outputs);
        let source = &T::convert_rows(&input);
        let patches = Patches { source, zeros: &vec![T::default(); inputs], inputs, height, width };
        let pairs = images * patches.pairs_per_image();
        let threads = rayon::current_num_threads();
        if pairs * patches.blocks_per_pair() <= FEW_BLOCKS && self.0.count() >= 2 * threads {
            return self.convolve_by_panels(&patches, images, pairs, &epilogue);
        }
        // A piece owns whole pairs of output lines.
        let run = PIECE_BLOCKS.div_ceil(patches.blocks_per_pair()).min(pairs.div_ceil(2 * threads)).max(1);
        let lengths = (0..pairs)
            .step_by(run)
            .map(|first| (patches.first_line((first + run).min(pairs)) - patches.first_line(first)) * width * outputs);
        build_in_pieces(lengths, |index, rows| {
            let first = index * run;
            let points = patches.transform(first, run.min(pairs - first));
            let from = patches.first_line(first) * width;
            let mut buffer = Vec::new();
            for panel in 0..self.0.count() {
                let panel_width = self.0.panel(panel).1;
                self.panel(&patches, panel, first, &points, &mut buffer, |pixel, values| {
                    epilogue.write(from, panel, &values[..panel_width], rows, |_| pixel - from);
                });
            }
        })
    }

    /// Convolves an input of few blocks: a piece of work is one panel for all of them.
    fn convolve_by_panels(
        &self,
        patches: &Patches<'_, T>,
        images: usize,
        pairs: usize,
        epilogue: &Epilogue<'_>,
    ) -> Vec<f32> {
        let pixels = images * patches.height * patches.width;
        let points = patches.transform(0, pairs);
        let parts: Vec<Vec<f32>> = (0..self.0.count())
            .into_par_iter()
            .map(|panel| {
                let width = self.0.panel(panel).1;
                let mut part = vec![0.0; pixels * width];
                self.panel(patches, panel, 0, &points, &mut Vec::new(), |pixel, values| {
                    part[pixel * width..][..width].copy_from_slice(&values[..width]);
                });
                part
            })
            .collect();
        let mut output = vec![0.0; pixels * epilogue.outputs];
        for (panel, part) in parts.iter().enumerate() {
            epilogue.write(0, panel, part, &mut output, |pixel| pixel);
        }
        output
    }

    /// Computes the outputs of one panel from points that begin with the line pair `first`. Each output pixel
    /// goes to `put(pixel, values)`, counted over all images. `sums` is memory to work in.
    fn panel(
        &self,
        patches: &Patches<'_, T>,
        panel: usize,
        first: usize,
        points: &Points<T>,
        sums: &mut Vec<f32>,
        mut put: impl FnMut(usize, &[f32; MAX_PANEL]),
    ) {
        let count = points.blocks;
        let width = self.0.panel(panel).1;
        let stride = count * self.0.size + GAP;
        sums.resize(POINTS * stride, 0.0);
        let starts: Vec<usize> = (0..count).map(|block| block * patches.inputs).collect();
        for (point, sums) in sums.chunks_exact_mut(stride).enumerate() {
            let inputs = &points.numbers[point * points.stride..][..count * patches.inputs];
            sum_panel(inputs, &self.0, panel, point..point + 1, &starts, &mut sums[..count * width]);
        }
        let mut corners = [[0.0; MAX_PANEL]; 4];
        for block in 0..count {
            let (pair, x) = (first + block / patches.blocks_per_pair(), block % patches.blocks_per_pair());
            transform_sums(&sums[block * width..], stride, width, &mut corners);
            let line = patches.first_line(pair);
            let lines = 2.min(patches.height - pair % patches.pairs_per_image() * 2);
            for (corner, values) in corners.iter().enumerate() {
                let (dy, x) = (corner / 2, 2 * x + corner % 2);
                if dy < lines && x < patches.width {
                    put((line + dy) * patches.width + x, values);
                }
            }
        }
    }
}

/// The input, cut into 4×4 patches that give 2×2 blocks of the output, one pair of lines after the other.
struct Patches<'a, T> {
    source: &'a [T],
    /// A pixel outside the image.
    zeros: &'a [T],
    inputs: usize,
    height: usize,
    width: usize,
}

/// Transformed patches, `[16, blocks, inputs]` with a gap after each point.
struct Points<T> {
    numbers: Vec<T>,
    /// From one point to the next.
    stride: usize,
    blocks: usize,
}

impl<T: Multiply> Patches<'_, T> {
    /// Pairs of output lines in an image; the last pair may have one line.
    fn pairs_per_image(&self) -> usize {
        self.height.div_ceil(2)
    }

    /// Blocks in a pair of output lines.
    fn blocks_per_pair(&self) -> usize {
        self.width.div_ceil(2)
    }

    /// The output line that a pair begins with, counted over all images.
    fn first_line(&self, pair: usize) -> usize {
        pair / self.pairs_per_image() * self.height + pair % self.pairs_per_image() * 2
    }

    /// Transforms the patches of `pairs` pairs of lines, from the pair `first` on.
    fn transform(&self, first: usize, pairs: usize) -> Points<T> {
        let &Self { source, zeros, inputs, height, width } = self;
        let (pairs_per_image, blocks_per_pair) = (self.pairs_per_image(), self.blocks_per_pair());
        let blocks = pairs * blocks_per_pair;
        let stride = blocks * inputs + GAP;
        let mut numbers = vec![T::default(); POINTS * stride];
        for block in 0..blocks {
            let (pair, x) = (first + block / blocks_per_pair, block % blocks_per_pair);
            let (image, y) = (pair / pairs_per_image, pair % pairs_per_image);
            let patch: [&[T]; POINTS] = std::array::from_fn(|at| {
                let y = (2 * y + at / 4).checked_sub(1).filter(|y| *y < height);
                let x = (2 * x + at % 4).checked_sub(1).filter(|x| *x < width);
                y.zip(x).map_or(zeros, |(y, x)| &source[((image * height + y) * width + x) * inputs..][..inputs])
            });
            transform_patch(&patch, &mut numbers[block * inputs..], stride);
        }
        Points { numbers, stride, blocks }
    }
}
