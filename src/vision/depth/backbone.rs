//! DINOv2 (Oquab et al. 2023): a vision transformer whose features of several layers are used.

use candle_core::{IndexOp, Tensor};
use candle_nn::{
    Conv2d, Conv2dConfig, LayerNorm, Linear, Module, VarBuilder, conv2d, layer_norm, linear, ops::softmax_last_dim,
};

use super::config::DepthConfig;
use super::positions;
use crate::engine::{Cancel, Error};

/// What keeps a norm from dividing by zero.
const EPSILON: f64 = 1e-6;

pub(super) struct Backbone {
    patches: Conv2d,
    /// The vector of no patch, `[1, 1, width]`.
    class: Tensor,
    /// The vector of its place, `[1, 1, width]`.
    class_place: Tensor,
    /// Those of the patches' places, `[1, grid·grid, width]`.
    places: Tensor,
    grid: usize,
    blocks: Vec<Block>,
    outputs: [usize; 4],
    norm: LayerNorm,
}

impl Backbone {
    pub fn new(config: &DepthConfig, vb: VarBuilder<'_>) -> candle_core::Result<Self> {
        let (width, count) = (config.width, config.grid * config.grid);
        let embeddings = vb.pp("embeddings");
        let stride = Conv2dConfig { stride: config.patch, ..Conv2dConfig::default() };
        let places = embeddings.get((1, count + 1, width), "position_embeddings")?;
        // What lies behind the last features is never computed.
        let used = config.outputs[3];
        Ok(Self {
            patches: conv2d(3, width, config.patch, stride, embeddings.pp("patch_embeddings.projection"))?,
            class: embeddings.get((1, 1, width), "cls_token")?,
            class_place: places.i((.., ..1))?,
            places: places.i((.., 1..))?.contiguous()?,
            grid: config.grid,
            blocks: (0..used)
                .map(|layer| Block::new(config, vb.pp(format!("encoder.layer.{layer}"))))
                .collect::<candle_core::Result<_>>()?,
            outputs: config.outputs,
            norm: layer_norm(width, EPSILON, vb.pp("layernorm"))?,
        })
    }

    /// The features of four layers for a picture `[1, 3, h, w]` of whole patches: `[1, patches, width]` each.
    pub fn features(&self, pixels: &Tensor, cancel: &Cancel) -> Result<Vec<Tensor>, Error> {
        let patches = self.patches.forward(pixels)?;
        let (_, _, height, width) = patches.dims4()?;
        let places = positions::resized(&self.places, self.grid, (height, width))?;
        let patches = patches.flatten_from(2)?.transpose(1, 2)?.broadcast_add(&places)?;
        let mut x = Tensor::cat(&[&(&self.class + &self.class_place)?, &patches], 1)?;
        let mut features = Vec::with_capacity(self.outputs.len());
        for (at, block) in self.blocks.iter().enumerate() {
            cancel.check()?;
            x = block.forward(&x)?;
            if self.outputs.contains(&(at + 1)) {
                features.push(self.norm.forward(&x)?.i((.., 1..))?.contiguous()?);
            }
        }
        Ok(features)
    }
}

struct Block {
    norm1: LayerNorm,
    /// Queries, keys and values in one matrix.
    attend: Linear,
    project: Linear,
    scale1: Tensor,
    norm2: LayerNorm,
    widen: Linear,
    narrow: Linear,
    scale2: Tensor,
    heads: usize,
}

impl Block {
    fn new(config: &DepthConfig, vb: VarBuilder<'_>) -> candle_core::Result<Self> {
        let width = config.width;
        let attention = vb.pp("attention.attention");
        let attend = if attention.contains_tensor("qkv.weight") {
            linear(width, 3 * width, attention.pp("qkv"))?
        } else {
            let parts = ["query", "key", "value"].map(|part| linear(width, width, attention.pp(part)));
            let [query, key, value] = parts;
            let parts = [query?, key?, value?];
            let weights = Tensor::cat(&parts.each_ref().map(|part| part.weight()), 0)?;
            let biases: Vec<&Tensor> = parts.iter().filter_map(Linear::bias).collect();
            Linear::new(weights, Some(Tensor::cat(&biases, 0)?))
        };
        Ok(Self {
            norm1: layer_norm(width, EPSILON, vb.pp("norm1"))?,
            attend,
            project: linear(width, width, vb.pp("attention.output.dense"))?,
            scale1: vb.get(width, "layer_scale1.lambda1")?,
            norm2: layer_norm(width, EPSILON, vb.pp("norm2"))?,
            widen: linear(width, config.hidden, vb.pp("mlp.fc1"))?,
            narrow: linear(config.hidden, width, vb.pp("mlp.fc2"))?,
            scale2: vb.get(width, "layer_scale2.lambda1")?,
            heads: config.heads,
        })
    }

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let attended = self.attention(&self.norm1.forward(x)?)?;
        let x = (x + attended.broadcast_mul(&self.scale1)?)?;
        let wide = self.widen.forward(&self.norm2.forward(&x)?)?.gelu_erf()?;
        &x + self.narrow.forward(&wide)?.broadcast_mul(&self.scale2)?
    }

    fn attention(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (batch, count, width) = x.dims3()?;
        let head = width / self.heads;
        let all = self.attend.forward(x)?.reshape((batch, count, 3, self.heads, head))?.permute((2, 0, 3, 1, 4))?;
        let query = (all.get(0)?.contiguous()? * (head as f64).powf(-0.5))?;
        let (key, value) = (all.get(1)?.contiguous()?, all.get(2)?.contiguous()?);
        let shares = softmax_last_dim(&query.matmul(&key.t()?)?)?;
        let mixed = shares.matmul(&value)?.transpose(1, 2)?.reshape((batch, count, width))?;
        self.project.forward(&mixed)
    }
}
