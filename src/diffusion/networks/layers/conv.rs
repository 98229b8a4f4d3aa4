//! Convolutions.

use std::sync::Arc;

use candle_core::{Tensor, bail};

use super::LayerReader;
use super::candle_ops::{self, CandleConv};
use super::reader::Pack;
use crate::diffusion::networks::ops::{map1, map2};
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::{self, ConvShape, Edges, Packed, WINOGRAD_ROWS};

/// A convolution of `[b, h, w, from]`.
pub(in crate::diffusion) enum Conv {
    /// On the kernels.
    Packed(Box<PackedConv>),
    /// In candle's operations, with the bias to add.
    Candle(CandleConv, Tensor),
}

/// A convolution on the kernels.
pub(in crate::diffusion) struct PackedConv {
    weights: Arc<Packed>,
    bias: Vec<f32>,
    kernel: usize,
    stride: usize,
    edges: Edges,
}

/// The most multiplications of a convolution between two looks at the cancel flag: about a second's work on
/// two cores. Splitting costs a copy of the result, so smaller convolutions, those of pictures of 512 by 512
/// pixels among them, are not split.
const UNINTERRUPTED: usize = 1 << 36;

/// Weights packed for Winograd's algorithm, which needs four ninths of the products.
const WINOGRAD: Pack = |w, to, from, _, precision| Packed::winograd(w, to, from, precision);
/// Weights packed for a convolution that doubles the pixels of its input.
const DOUBLING: Pack = |w, to, from, _, precision| Packed::upsampling(w, to, from, precision);

impl Conv {
    /// A convolution that keeps the size: 3×3 with zeros around, or 1×1.
    pub fn new(from: usize, to: usize, kernel: usize, reader: LayerReader) -> candle_core::Result<Self> {
        let bias = reader.vector(to, "bias")?;
        Self::build(from, to, kernel, &reader, if kernel == 3 { WINOGRAD } else { Packed::new }, bias)
    }

    /// Like [`Conv::new`] but without Winograd's algorithm, for images of so few pixels that reading its
    /// larger kernels would cost more than it saves.
    pub fn small(from: usize, to: usize, kernel: usize, reader: LayerReader) -> candle_core::Result<Self> {
        let bias = reader.vector(to, "bias")?;
        Self::build(from, to, kernel, &reader, Packed::new, bias)
    }

    /// Like [`Conv::small`], for a layer that has no bias.
    pub fn without_bias(from: usize, to: usize, kernel: usize, reader: LayerReader) -> candle_core::Result<Self> {
        Self::build(from, to, kernel, &reader, Packed::new, vec![0.0; to])
    }

    fn build(
        from: usize,
        to: usize,
        kernel: usize,
        reader: &LayerReader,
        pack: Pack,
        bias: Vec<f32>,
    ) -> candle_core::Result<Self> {
        let shape = (to, from, kernel, kernel);
        if candle_ops::used_by(reader) {
            return Ok(Self::Candle(CandleConv::new(shape, reader, false)?, candle_ops::vector(&bias, reader)?));
        }
        let weights = reader.packed(shape, pack)?;
        Ok(Self::Packed(Box::new(PackedConv { weights, bias, kernel, stride: 1, edges: Edges::Even(kernel / 2) })))
    }

    /// Rows at a cut edge of the input whose results are not those of the whole image, rounded up so that Winograd's
    /// blocks stay where they are.
    pub fn margin(&self) -> usize {
        let kernel = match self {
            Self::Packed(conv) => conv.kernel,
            Self::Candle(conv, _) => conv.kernel(),
        };
        if kernel == 1 { 0 } else { (kernel / 2).next_multiple_of(WINOGRAD_ROWS) }
    }

    fn with_geometry(self, stride: usize, edges: Edges) -> Self {
        match self {
            Self::Packed(conv) => Self::Packed(Box::new(PackedConv { stride, edges, ..*conv })),
            Self::Candle(conv, bias) => Self::Candle(conv.with_geometry(stride, edges), bias),
        }
    }

    /// A 3×3 convolution that halves both sides.
    pub fn halving(from: usize, to: usize, edges: Edges, reader: LayerReader) -> candle_core::Result<Self> {
        Ok(Self::small(from, to, 3, reader)?.with_geometry(2, edges))
    }

    /// A 3×3 convolution without a bias that halves both sides.
    pub fn halving_without_bias(
        from: usize,
        to: usize,
        edges: Edges,
        reader: LayerReader,
    ) -> candle_core::Result<Self> {
        Ok(Self::without_bias(from, to, 3, reader)?.with_geometry(2, edges))
    }

    /// A 3×3 convolution over its input with every pixel doubled in both directions.
    pub fn doubling(width: usize, reader: LayerReader) -> candle_core::Result<Self> {
        let bias = reader.vector(width, "bias")?;
        Self::build_doubling(width, &reader, bias)
    }

    /// Like [`Conv::doubling`], for a layer that has no bias.
    pub fn doubling_without_bias(width: usize, reader: LayerReader) -> candle_core::Result<Self> {
        Self::build_doubling(width, &reader, vec![0.0; width])
    }

    fn build_doubling(width: usize, reader: &LayerReader, bias: Vec<f32>) -> candle_core::Result<Self> {
        if candle_ops::used_by(reader) {
            let conv = CandleConv::new((width, width, 3, 3), reader, true)?;
            return Ok(Self::Candle(conv, candle_ops::vector(&bias, reader)?));
        }
        Self::build(width, width, 3, reader, DOUBLING, bias)
    }

    /// `[b, h, w, from]` to `[b, h', w', to]`.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or shapes that do not fit.
    pub fn forward(&self, x: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        match self {
            Self::Packed(conv) => conv.run(x, &conv.bias, None, watch),
            Self::Candle(conv, bias) => Ok(conv.forward(x)?.broadcast_add(bias)?),
        }
    }

    /// Like [`Conv::forward`], with `residual`, of the output's shape, added to the result.
    pub fn forward_onto(&self, x: &Tensor, residual: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        match self {
            Self::Packed(conv) => conv.run(x, &conv.bias, Some(residual), watch),
            Self::Candle(..) => Ok((self.forward(x, watch)? + residual)?),
        }
    }

    /// Like [`Conv::forward`], with `shift` `[1, to]` added to every pixel of the result.
    pub fn forward_shifted(&self, x: &Tensor, shift: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        match self {
            Self::Packed(conv) => {
                let shift: Vec<f32> = shift.flatten_all()?.to_vec1()?;
                let bias: Vec<f32> = conv.bias.iter().zip(shift).map(|(a, b)| a + b).collect();
                conv.run(x, &bias, None, watch)
            }
            Self::Candle(conv, bias) => Ok(conv.forward(x)?.broadcast_add(&shift.flatten_all()?.add(bias)?)?),
        }
    }
}

impl PackedConv {
    /// The convolution, in bands of rows where it is long.
    fn run(&self, x: &Tensor, bias: &[f32], residual: Option<&Tensor>, watch: &Watch) -> Result<Tensor, Error> {
        watch.check()?;
        let (images, height, width, _) = x.dims4()?;
        match self.rows_at_once(width) {
            Some(rows) if images * height > rows => self.run_in_bands(x, bias, residual, rows, watch),
            _ => Ok(self.run_whole(x, bias, residual)?),
        }
    }

    /// Rows of the input whose convolution is [`UNINTERRUPTED`]; `None` where it cannot be split.
    fn rows_at_once(&self, width: usize) -> Option<usize> {
        if self.stride != 1 || self.edges != Edges::Even(self.kernel / 2) {
            return None;
        }
        // Winograd's algorithm takes four products for nine, and so does each of a doubled pixel's four.
        let products = if self.kernel == 1 { 1 } else { 4 * self.growth().pow(2) };
        let row = width * products * self.weights.inputs() * self.weights.outputs();
        // Whole blocks of Winograd's.
        Some((UNINTERRUPTED / row.max(1) / WINOGRAD_ROWS).max(1) * WINOGRAD_ROWS)
    }

    /// How many rows of the result a row of the input becomes.
    fn growth(&self) -> usize {
        let shape = ConvShape { images: 1, height: 2, width: 2, kernel: self.kernel, stride: 1, edges: self.edges };
        self.weights.output(&shape).0 / 2
    }

    /// Each image in bands of `rows` rows, a multiple of [`WINOGRAD_ROWS`]. A band is computed with as many more rows on
    /// either side, so that what is kept of it depends on no edge but the image's, and Winograd's blocks stay where they
    /// are: the result is the same bit for bit.
    fn run_in_bands(
        &self,
        x: &Tensor,
        bias: &[f32],
        residual: Option<&Tensor>,
        rows: usize,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let (images, height, ..) = x.dims4()?;
        let (growth, margin) = (self.growth(), if self.kernel == 1 { 0 } else { WINOGRAD_ROWS });
        let mut made = Vec::with_capacity(images);
        for image in 0..images {
            let mut bands = Vec::new();
            for first in (0..height).step_by(rows) {
                watch.check()?;
                let last = (first + rows).min(height);
                let (from, to) = (first.saturating_sub(margin), (last + margin).min(height));
                let band = x.narrow(0, image, 1)?.narrow(1, from, to - from)?;
                let onto = residual
                    .map(|r| r.narrow(0, image, 1)?.narrow(1, growth * from, growth * (to - from)))
                    .transpose()?;
                let band = self.run_whole(&band, bias, onto.as_ref())?;
                bands.push(band.narrow(1, growth * (first - from), growth * (last - first))?);
            }
            made.push(Tensor::cat(&bands, 1)?);
        }
        Ok(Tensor::cat(&made, 0)?)
    }

    fn run_whole(&self, x: &Tensor, bias: &[f32], residual: Option<&Tensor>) -> candle_core::Result<Tensor> {
        let (images, height, width, channels) = x.dims4()?;
        if channels != self.weights.inputs() {
            bail!("a convolution of {} channels was given {channels}", self.weights.inputs());
        }
        let &Self { kernel, stride, edges, .. } = self;
        let shape = ConvShape { images, height, width, kernel, stride, edges };
        let (h, w) = self.weights.output(&shape);
        let out = (images, h, w, self.weights.outputs());
        match residual {
            None => map1("conv", x, out, |x| kernels::conv2d(x, &self.weights, Some(bias), None, &shape)),
            Some(residual) if residual.dims4()? == out => {
                map2("conv", (x, residual), out, |x, r| kernels::conv2d(x, &self.weights, Some(bias), Some(r), &shape))
            }
            Some(residual) => bail!("a convolution that makes {out:?} cannot be added to {:?}", residual.shape()),
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::kernels::{Precision, Weights};

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 7919 + seed * 104_729) % 10_007) as f32 / 5003.0 - 1.0).collect()
    }

    #[test]
    fn bands_give_the_same_bits_as_the_whole() {
        let plain: Pack = Packed::new;
        for (name, pack, kernel) in
            [("3x3", plain, 3), ("1x1", plain, 1), ("Winograd", WINOGRAD, 3), ("2x", DOUBLING, 3)]
        {
            for precision in [Precision::F32, Precision::F16, Precision::Bf16] {
                let (from, to, height, width) = (64, 72, 22, 10);
                let weights = numbers(to * from * kernel * kernel, 1);
                let weights = pack(Weights::F32(&weights), to, from, kernel * kernel, precision).expect("packs");
                let conv = PackedConv {
                    weights: Arc::new(weights),
                    bias: numbers(to, 2),
                    kernel,
                    stride: 1,
                    edges: Edges::Even(kernel / 2),
                };
                let tensor = |shape: (usize, usize, usize, usize), seed| {
                    let count = shape.0 * shape.1 * shape.2 * shape.3;
                    Tensor::from_vec(numbers(count, seed), shape, &Device::Cpu).expect("tensor")
                };
                let x = tensor((2, height, width, from), 3);
                let growth = conv.growth();
                assert_eq!(growth, if name == "2x" { 2 } else { 1 });
                let onto = tensor((2, height * growth, width * growth, to), 4);
                for residual in [None, Some(&onto)] {
                    let bits = |t: Tensor| -> Vec<u32> {
                        let values: Vec<f32> = t.flatten_all().and_then(|t| t.to_vec1()).expect("numbers");
                        values.into_iter().map(f32::to_bits).collect()
                    };
                    let whole = bits(conv.run_whole(&x, &conv.bias, residual).expect("runs"));
                    for rows in [4, 8, 12, 20, 64] {
                        let bands = conv.run_in_bands(&x, &conv.bias, residual, rows, &Watch::default());
                        assert!(bits(bands.expect("runs")) == whole, "{name} in {precision:?}, {rows} rows");
                    }
                }
            }
        }
    }
}
