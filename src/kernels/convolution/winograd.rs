//! 3×3 convolutions with four ninths or a quarter of the products (Winograd 1980; Lavin and Gray 2015, F(2×2, 3×3) and
//! F(4×4, 3×3)).
//!
//! Every block of the output, of 2×2 or 4×4 pixels, comes from a patch of the input, of 4×4 or 6×6. Patch and kernel are
//! transformed into 16 or 36 numbers each, the points. Their products, summed over the inputs, are transformed back into
//! the outputs. For each point, the sums over many patches are a matrix product.

use rayon::prelude::*;

use super::shape::{ConvShape, Edges};
use super::winograd_transforms::{KernelTransform, MAX_BLOCK, MAX_POINTS, Tile, transform_patch, transform_sums};
use crate::kernels::memory::build_in_pieces;
use crate::kernels::micro::{MAX_PANEL, Multiply};
use crate::kernels::numbers::{Element, Rows};
use crate::kernels::packing::{Panels, Weights};
use crate::kernels::product::{Epilogue, sum_panel};

/// About how many pixels of the output make a piece of work: its points and sums stay in the caches.
const PIECE_PIXELS: usize = 512;
/// In blocks of up to this many pixels in all, threads share out panels instead of blocks, so that weights are read once.
const FEW_PIXELS: usize = 1024;
/// With fewer channels than this the transforms take longer than the products they save.
const MIN_CHANNELS: usize = 64;
/// Numbers between those of one point and those of the next. Without a gap they would often begin whole
/// memory pages apart, and all compete for the same few places in the cache.
const GAP: usize = 32;

/// 3×3 kernels, transformed for blocks of one size: 16 or 36 numbers for nine.
pub struct WinogradKernels<T, W> {
    panels: Panels<T>,
    tile: W,
}

impl<T: Multiply, W: Tile> WinogradKernels<T, W> {
    /// Whether this is faster than a direct convolution of this many channels.
    pub fn pay_off(inputs: usize, outputs: usize) -> bool {
        inputs >= MIN_CHANNELS && outputs >= MIN_CHANNELS
    }

    /// Transforms kernels `[outputs, inputs, 9]`. `inputs` is a multiple of [`WeightKind::GROUP`].
    pub fn new(weights: Weights<'_>, outputs: usize, inputs: usize) -> Self {
        let panels = Panels::new(weights, outputs, inputs, 9, KernelTransform::<W>::default());
        Self { panels, tile: W::default() }
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
        let Panels { inputs, outputs, size, .. } = self.panels;
        let epilogue = Epilogue { outputs, panel_size: size, bias, residual };
        epilogue.check(images * height * width * outputs);
        let source = &T::Input::convert_rows(&input);
        let patches =
            Patches { source, zeros: &vec![T::Input::default(); inputs], inputs, height, width, tile: self.tile };
        let bands = images * patches.bands_per_image();
        let pixels_per_block = W::BLOCK * W::BLOCK;
        let threads = rayon::current_num_threads();
        if bands * patches.blocks_per_band() * pixels_per_block <= FEW_PIXELS && self.panels.count() >= 2 * threads {
            return self.convolve_by_panels(&patches, images, bands, &epilogue);
        }
        // A piece owns whole bands of output lines.
        let blocks = PIECE_PIXELS / pixels_per_block;
        let run = blocks.div_ceil(patches.blocks_per_band()).min(bands.div_ceil(2 * threads)).max(1);
        let lengths = (0..bands)
            .step_by(run)
            .map(|first| (patches.first_line((first + run).min(bands)) - patches.first_line(first)) * width * outputs);
        build_in_pieces(lengths, |index, rows| {
            let first = index * run;
            let points = patches.transform(first, run.min(bands - first));
            let from = patches.first_line(first) * width;
            let mut buffer = Vec::new();
            for panel in 0..self.panels.count() {
                let panel_width = self.panels.panel(panel).1;
                self.panel(&patches, panel, first, &points, &mut buffer, |pixel, values| {
                    epilogue.write(from, panel, &values[..panel_width], rows, |_| pixel - from);
                });
            }
        })
    }

    /// Convolves an input of few blocks: a piece of work is one panel for all of them.
    fn convolve_by_panels(
        &self,
        patches: &Patches<'_, T::Input, W>,
        images: usize,
        bands: usize,
        epilogue: &Epilogue<'_>,
    ) -> Vec<f32> {
        let pixels = images * patches.height * patches.width;
        let points = patches.transform(0, bands);
        let parts: Vec<Vec<f32>> = (0..self.panels.count())
            .into_par_iter()
            .map(|panel| {
                let width = self.panels.panel(panel).1;
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

    /// Computes the outputs of one panel from points that begin with the band `first`. Each output pixel
    /// goes to `put(pixel, values)`, counted over all images. `sums` is memory to work in.
    fn panel(
        &self,
        patches: &Patches<'_, T::Input, W>,
        panel: usize,
        first: usize,
        points: &Points<T::Input>,
        sums: &mut Vec<f32>,
        mut put: impl FnMut(usize, &[f32; MAX_PANEL]),
    ) {
        let count = points.blocks;
        let width = self.panels.panel(panel).1;
        let stride = count * self.panels.size + GAP;
        sums.resize(W::POINTS * stride, 0.0);
        let starts: Vec<usize> = (0..count).map(|block| block * patches.inputs).collect();
        for (point, sums) in sums.chunks_exact_mut(stride).enumerate() {
            let inputs = &points.numbers[point * points.stride..][..count * patches.inputs];
            sum_panel(inputs, &self.panels, panel, point..point + 1, &starts, &mut sums[..count * width]);
        }
        let mut made = [[0.0; MAX_PANEL]; MAX_BLOCK];
        for block in 0..count {
            let (band, x) = (first + block / patches.blocks_per_band(), block % patches.blocks_per_band());
            transform_sums(&sums[block * width..], stride, width, &mut made, self.tile);
            let line = patches.first_line(band);
            let lines = W::BLOCK.min(patches.height - band % patches.bands_per_image() * W::BLOCK);
            for (at, values) in made[..W::BLOCK * W::BLOCK].iter().enumerate() {
                let (dy, x) = (at / W::BLOCK, W::BLOCK * x + at % W::BLOCK);
                if dy < lines && x < patches.width {
                    put((line + dy) * patches.width + x, values);
                }
            }
        }
    }
}

/// The input, cut into patches that give blocks of the output, one band of lines, as high as a block, after the other.
struct Patches<'a, T, W> {
    source: &'a [T],
    /// A pixel outside the image.
    zeros: &'a [T],
    inputs: usize,
    height: usize,
    width: usize,
    tile: W,
}

/// Transformed patches, `[points, blocks, inputs]` with a gap after each point.
struct Points<T> {
    numbers: Vec<T>,
    /// From one point to the next.
    stride: usize,
    blocks: usize,
}

impl<T: Element, W: Tile> Patches<'_, T, W> {
    /// Bands of output lines in an image; the last one may have fewer lines.
    fn bands_per_image(&self) -> usize {
        self.height.div_ceil(W::BLOCK)
    }

    /// Blocks in a band of output lines.
    fn blocks_per_band(&self) -> usize {
        self.width.div_ceil(W::BLOCK)
    }

    /// The output line that a band begins with, counted over all images.
    fn first_line(&self, band: usize) -> usize {
        band / self.bands_per_image() * self.height + band % self.bands_per_image() * W::BLOCK
    }

    /// Transforms the patches of `bands` bands of lines, from the band `first` on.
    fn transform(&self, first: usize, bands: usize) -> Points<T> {
        let &Self { source, zeros, inputs, height, width, tile } = self;
        let (bands_per_image, blocks_per_band) = (self.bands_per_image(), self.blocks_per_band());
        let blocks = bands * blocks_per_band;
        let stride = blocks * inputs + GAP;
        let mut numbers = vec![T::default(); W::POINTS * stride];
        for block in 0..blocks {
            let (band, x) = (first + block / blocks_per_band, block % blocks_per_band);
            let (image, y) = (band / bands_per_image, band % bands_per_image);
            let patch: [&[T]; MAX_POINTS] = std::array::from_fn(|at| {
                let y = (W::BLOCK * y + at / W::SIDE).checked_sub(1).filter(|y| *y < height);
                let x = (W::BLOCK * x + at % W::SIDE).checked_sub(1).filter(|x| *x < width);
                y.zip(x).map_or(zeros, |(y, x)| &source[((image * height + y) * width + x) * inputs..][..inputs])
            });
            transform_patch(&patch, &mut numbers[block * inputs..], stride, tile);
        }
        Points { numbers, stride, blocks }
    }
}
