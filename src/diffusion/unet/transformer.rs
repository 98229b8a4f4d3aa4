//! The spatial transformer: positions attend to each other, then to the prompt.

use candle_core::{Module, Result, Tensor};
use candle_nn::{Conv2d, GroupNorm, LayerNorm, Linear, VarBuilder};

use super::super::config::UNetConfig;
use super::super::layers::{attention, conv, join_heads, split_heads};

pub(super) struct Transformer {
    norm: GroupNorm,
    project_in: Projection,
    blocks: Vec<Block>,
    project_out: Projection,
}

/// 1.x projects with 1×1 convolutions, 2.x with linear layers.
enum Projection {
    Conv(Conv2d),
    Linear(Linear),
}

struct Block {
    norm1: LayerNorm,
    own: Attention,
    norm2: LayerNorm,
    cross: Attention,
    norm3: LayerNorm,
    gate: Linear,
    out: Linear,
}

struct Attention {
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
    heads: usize,
}

impl Transformer {
    pub fn new(config: &UNetConfig, level: usize, width: usize, vb: VarBuilder) -> Result<Self> {
        let projection = |vb: VarBuilder| -> Result<Projection> {
            Ok(if config.use_linear_projection {
                Projection::Linear(candle_nn::linear(width, width, vb)?)
            } else {
                Projection::Conv(conv(width, width, 1, vb)?)
            })
        };
        let heads = config.heads(level);
        Ok(Self {
            norm: candle_nn::group_norm(config.norm_num_groups, width, 1e-6, vb.pp("norm"))?,
            project_in: projection(vb.pp("proj_in"))?,
            blocks: (0..config.transformer_layers_per_block.at(level))
                .map(|i| Block::new(width, config.cross_attention_dim, heads, vb.pp(format!("transformer_blocks.{i}"))))
                .collect::<Result<_>>()?,
            project_out: projection(vb.pp("proj_out"))?,
        })
    }

    /// `x` `[b, c, h, w]`, `states` `[b, tokens, d]`.
    pub fn forward(&self, x: &Tensor, states: &Tensor) -> Result<Tensor> {
        let (b, c, h, w) = x.dims4()?;
        let to_rows = |x: &Tensor| x.permute((0, 2, 3, 1))?.reshape((b, h * w, c));
        let to_planes = |x: &Tensor| x.reshape((b, h, w, c))?.permute((0, 3, 1, 2))?.contiguous();
        let normed = self.norm.forward(x)?;
        let mut rows = match &self.project_in {
            Projection::Conv(layer) => to_rows(&layer.forward(&normed)?)?,
            Projection::Linear(layer) => layer.forward(&to_rows(&normed)?)?,
        };
        for block in &self.blocks {
            rows = block.forward(&rows, states)?;
        }
        let out = match &self.project_out {
            Projection::Conv(layer) => layer.forward(&to_planes(&rows)?)?,
            Projection::Linear(layer) => to_planes(&layer.forward(&rows)?)?,
        };
        x + out
    }
}

impl Block {
    fn new(width: usize, text_width: usize, heads: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            norm1: candle_nn::layer_norm(width, 1e-5, vb.pp("norm1"))?,
            own: Attention::new(width, width, heads, vb.pp("attn1"))?,
            norm2: candle_nn::layer_norm(width, 1e-5, vb.pp("norm2"))?,
            cross: Attention::new(width, text_width, heads, vb.pp("attn2"))?,
            norm3: candle_nn::layer_norm(width, 1e-5, vb.pp("norm3"))?,
            gate: candle_nn::linear(width, 8 * width, vb.pp("ff.net.0.proj"))?,
            out: candle_nn::linear(4 * width, width, vb.pp("ff.net.2"))?,
        })
    }

    fn forward(&self, x: &Tensor, states: &Tensor) -> Result<Tensor> {
        let h = self.norm1.forward(x)?;
        let x = (x + self.own.forward(&h, &h)?)?;
        let x = (&x + self.cross.forward(&self.norm2.forward(&x)?, states)?)?;
        // GEGLU (Shazeer 2020): one half gates the other.
        let halves = self.gate.forward(&self.norm3.forward(&x)?)?.chunk(2, 2)?;
        let h = (&halves[0] * halves[1].gelu_erf()?)?;
        x + self.out.forward(&h)?
    }
}

impl Attention {
    fn new(width: usize, source_width: usize, heads: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            q: candle_nn::linear_no_bias(width, width, vb.pp("to_q"))?,
            k: candle_nn::linear_no_bias(source_width, width, vb.pp("to_k"))?,
            v: candle_nn::linear_no_bias(source_width, width, vb.pp("to_v"))?,
            out: candle_nn::linear(width, width, vb.pp("to_out.0"))?,
            heads,
        })
    }

    /// Rows `[b, n, width]` look at `source` `[b, m, source_width]`.
    fn forward(&self, rows: &Tensor, source: &Tensor) -> Result<Tensor> {
        let q = split_heads(&self.q.forward(rows)?, self.heads)?;
        let k = split_heads(&self.k.forward(source)?, self.heads)?;
        let v = split_heads(&self.v.forward(source)?, self.heads)?;
        self.out.forward(&join_heads(&attention(&q, &k, &v)?)?)
    }
}
