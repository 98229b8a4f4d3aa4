//! MobileSAM's encoder: TinyViT (Wu et al. 2022) of 5 million weights over 1024 × 1024 pixels, and the neck of Segment Anything.
//!
//! That of `candle-transformers` took 26 s of processor time for a picture, approximates GELU, and cannot be stopped. This one folds
//! batch norms into convolutions and keeps channels last, so that most of the work is products of matrices. Tensors between layers are rows `[places, channels]`.

use candle_core::{Result, Tensor};
use candle_nn::{LayerNorm, Module, VarBuilder};

use super::rows::{Activation, Depthwise, Linear, folded, gelu};
use super::{ENCODER_SIDE, GRID, WIDTH};
use crate::engine::{Cancel, Error};

/// Channels of each stage.
const CHANNELS: [usize; 4] = [64, 128, 160, 320];
/// Blocks of each stage.
const BLOCKS: [usize; 4] = [2, 2, 6, 2];
/// Attention heads of each stage; the first one has none.
const HEADS: [usize; 4] = [0, 4, 5, 10];
/// The side of the windows that places attend in.
const WINDOWS: [usize; 4] = [0, 7, 14, 7];
/// Places a side in each stage.
const SIDES: [usize; 4] = [ENCODER_SIDE / 4, ENCODER_SIDE / 8, GRID, GRID];
/// How much wider blocks are inside.
const EXPANSION: usize = 4;

/// The encoder.
pub(super) struct Encoder {
    first: [StridedConvolution; 2],
    blocks: Vec<ConvolutionBlock>,
    /// What leads from each stage to the next.
    merges: Vec<Merge>,
    /// The blocks of the other stages.
    stages: Vec<Vec<AttentionBlock>>,
    neck: Neck,
}

impl Encoder {
    pub fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        let first = |i: usize, from: usize, to: usize| {
            StridedConvolution::new(from, to, &vb.pp(format!("patch_embed.seq.{i}")))
        };
        let stage = |i: usize| vb.pp("layers").pp(i);
        let blocks = (0..BLOCKS[0]).map(|i| ConvolutionBlock::new(CHANNELS[0], &stage(0).pp("blocks").pp(i)));
        let merges = (0..3).map(|i| Merge::new(i, &stage(i).pp("downsample")));
        let stages = (1..4).map(|i| {
            let block = |at: usize| AttentionBlock::new(i, &stage(i).pp("blocks").pp(at));
            (0..BLOCKS[i]).map(block).collect::<Result<Vec<_>>>()
        });
        Ok(Self {
            first: [first(0, 3, CHANNELS[0] / 2)?, first(2, CHANNELS[0] / 2, CHANNELS[0])?],
            blocks: blocks.collect::<Result<_>>()?,
            merges: merges.collect::<Result<_>>()?,
            stages: stages.collect::<Result<_>>()?,
            neck: Neck::new(&vb.pp("neck"))?,
        })
    }

    /// `[1, 3, 1024, 1024]`, normalised, to `[1, 256, 64, 64]`. Looks between its blocks whether to stop.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn forward(&self, picture: &Tensor, cancel: &Cancel) -> std::result::Result<Tensor, Error> {
        let [first, second] = &self.first;
        let x = gelu(&first.forward(picture)?)?;
        cancel.check()?;
        let mut x = rows(&second.forward(&x)?)?;
        for block in &self.blocks {
            cancel.check()?;
            x = block.forward(&x)?;
        }
        for (merge, stage) in self.merges.iter().zip(&self.stages) {
            cancel.check()?;
            x = merge.forward(&x)?;
            for block in stage {
                cancel.check()?;
                x = block.forward(&x)?;
            }
        }
        cancel.check()?;
        Ok(self.neck.forward(&x)?)
    }
}

/// `[1, c, h, w]` as rows.
fn rows(planes: &Tensor) -> Result<Tensor> {
    planes.flatten_from(2)?.get(0)?.t()?.contiguous()
}

/// Rows of a square as planes, `[1, c, side, side]`.
fn planes(rows: &Tensor, side: usize) -> Result<Tensor> {
    let (_, channels) = rows.dims2()?;
    rows.t()?.contiguous()?.reshape((1, channels, side, side))
}

/// A convolution of 3 × 3 pixels that halves the sides, on planes.
struct StridedConvolution {
    weight: Tensor,
    /// `[1, c, 1, 1]`.
    bias: Tensor,
}

impl StridedConvolution {
    fn new(from: usize, to: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (weight, bias) = folded((to, from, 3, 3), vb)?;
        let bias = Tensor::from_vec(bias, (1, to, 1, 1), weight.device())?;
        Ok(Self { weight, bias })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.conv2d(&self.weight, 1, 2, 1, 1)?.broadcast_add(&self.bias)
    }
}

/// An inverted residual block (Sandler et al. 2018).
struct ConvolutionBlock {
    widen: Linear,
    spread: Depthwise,
    narrow: Linear,
}

impl ConvolutionBlock {
    fn new(channels: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let wide = channels * EXPANSION;
        Ok(Self {
            widen: Linear::of_convolution(channels, wide, &vb.pp("conv1"))?,
            spread: Depthwise::new(wide, 1, &vb.pp("conv2"))?,
            narrow: Linear::of_convolution(wide, channels, &vb.pp("conv3"))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let wide = self.widen.forward(x, Activation::Gelu)?;
        let wide = self.spread.forward(&wide, SIDES[0], Activation::Gelu)?;
        gelu(&(self.narrow.forward(&wide, Activation::None)? + x)?)
    }
}

/// What leads from a stage to the next: more channels, and half the sides but for the last one.
struct Merge {
    widen: Linear,
    spread: Depthwise,
    mix: Linear,
    side: usize,
}

impl Merge {
    fn new(stage: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (from, to) = (CHANNELS[stage], CHANNELS[stage + 1]);
        Ok(Self {
            widen: Linear::of_convolution(from, to, &vb.pp("conv1"))?,
            spread: Depthwise::new(to, SIDES[stage] / SIDES[stage + 1], &vb.pp("conv2"))?,
            mix: Linear::of_convolution(to, to, &vb.pp("conv3"))?,
            side: SIDES[stage],
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = self.widen.forward(x, Activation::Gelu)?;
        let x = self.spread.forward(&x, self.side, Activation::Gelu)?;
        self.mix.forward(&x, Activation::None)
    }
}

/// Attention inside windows, a depthwise convolution, and two linear layers.
struct AttentionBlock {
    norm: LayerNorm,
    query_key_value: Linear,
    project: Linear,
    /// What each pair of places in a window adds, `[heads, window², window²]`.
    biases: Tensor,
    local: Depthwise,
    second_norm: LayerNorm,
    widen: Linear,
    narrow: Linear,
    heads: usize,
    window: usize,
    side: usize,
}

impl AttentionBlock {
    fn new(stage: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (channels, heads, window) = (CHANNELS[stage], HEADS[stage], WINDOWS[stage]);
        let (attention, mlp) = (vb.pp("attn"), vb.pp("mlp"));
        let places = window * window;
        let at = |i: usize| (i / window, i % window);
        let distance = |i: usize| {
            let ((row, column), (other_row, other_column)) = (at(i / places), at(i % places));
            (row.abs_diff(other_row) * window + column.abs_diff(other_column)) as u32
        };
        let distances: Vec<u32> = (0..places * places).map(distance).collect();
        let biases = attention.get((heads, places), "attention_biases")?;
        let distances = Tensor::from_vec(distances, places * places, biases.device())?;
        Ok(Self {
            norm: candle_nn::layer_norm(channels, 1e-5, attention.pp("norm"))?,
            query_key_value: Linear::new(channels, 3 * channels, &attention.pp("qkv"))?,
            project: Linear::new(channels, channels, &attention.pp("proj"))?,
            biases: biases.index_select(&distances, 1)?.reshape((heads, places, places))?,
            local: Depthwise::new(channels, 1, &vb.pp("local_conv"))?,
            second_norm: candle_nn::layer_norm(channels, 1e-5, mlp.pp("norm"))?,
            widen: Linear::new(channels, EXPANSION * channels, &mlp.pp("fc1"))?,
            narrow: Linear::new(EXPANSION * channels, channels, &mlp.pp("fc2"))?,
            heads,
            window,
            side: SIDES[stage],
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let attended = self.join(&self.attend(&self.split(x)?)?)?;
        let x = self.local.forward(&(x + attended)?, self.side, Activation::None)?;
        let wide = self.widen.forward(&self.second_norm.forward(&x)?, Activation::Gelu)?;
        x + self.narrow.forward(&wide, Activation::None)?
    }

    /// Windows in a row; what reaches over the edge has zeros.
    fn windows(&self) -> usize {
        self.side.div_ceil(self.window)
    }

    fn split(&self, x: &Tensor) -> Result<Tensor> {
        let (side, window, count, (_, channels)) = (self.side, self.window, self.windows(), x.dims2()?);
        let more = count * window - side;
        let x = x.reshape((side, side, channels))?.pad_with_zeros(0, 0, more)?.pad_with_zeros(1, 0, more)?;
        let x = x.reshape((count, window, count, window, channels))?.transpose(1, 2)?.contiguous()?;
        x.reshape((count * count * window * window, channels))
    }

    fn join(&self, x: &Tensor) -> Result<Tensor> {
        let (side, window, count, (_, channels)) = (self.side, self.window, self.windows(), x.dims2()?);
        let x = x.reshape((count, count, window, window, channels))?.transpose(1, 2)?.contiguous()?;
        let x = x.reshape((count * window, count * window, channels))?;
        x.narrow(0, 0, side)?.narrow(1, 0, side)?.contiguous()?.reshape((side * side, channels))
    }

    fn attend(&self, windows: &Tensor) -> Result<Tensor> {
        let (rows, channels) = windows.dims2()?;
        let (places, width) = (self.window * self.window, channels / self.heads);
        let all = self.query_key_value.forward(&self.norm.forward(windows)?, Activation::None)?;
        let all = all.reshape((rows / places, places, self.heads, 3 * width))?;
        let part = |i: usize| all.narrow(3, i * width, width)?.transpose(1, 2)?.contiguous();
        let (query, key, value) = (part(0)?, part(1)?, part(2)?);
        let scores = (query.matmul(&key.t()?)? * (1.0 / (width as f64).sqrt()))?.broadcast_add(&self.biases)?;
        let mixed = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&value)?;
        self.project.forward(&mixed.transpose(1, 2)?.contiguous()?.reshape((rows, channels))?, Activation::None)
    }
}

/// Two convolutions with norms over the channels.
struct Neck {
    /// `[320, 256]`.
    mix: Tensor,
    norm: LayerNorm,
    /// `[256, 256, 3, 3]`.
    spread: Tensor,
    second_norm: LayerNorm,
}

impl Neck {
    fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        let from = CHANNELS[3];
        let mix = vb.get((WIDTH, from, 1, 1), "0.weight")?.reshape((WIDTH, from))?.t()?.contiguous()?;
        let norm = |i: usize| -> Result<LayerNorm> {
            Ok(LayerNorm::new(vb.pp(i).get(WIDTH, "weight")?, vb.pp(i).get(WIDTH, "bias")?, 1e-6))
        };
        Ok(Self { mix, norm: norm(1)?, spread: vb.get((WIDTH, WIDTH, 3, 3), "2.weight")?, second_norm: norm(3)? })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = self.norm.forward(&x.matmul(&self.mix)?)?;
        let x = rows(&planes(&x, GRID)?.conv2d(&self.spread, 1, 1, 1, 1)?)?;
        planes(&self.second_norm.forward(&x)?, GRID)
    }
}
