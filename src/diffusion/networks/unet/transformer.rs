//! The spatial transformer: positions attend to each other, then to the prompt.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::diffusion::networks::config::UNetConfig;
use crate::diffusion::networks::layers::{GroupNorm, LayerNorm, Linear, attention};

pub(super) struct Transformer {
    norm: GroupNorm,
    project_in: Linear,
    blocks: Vec<Block>,
    project_out: Linear,
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
        // 1.x projects with 1×1 convolutions, 2.x with linear layers: the same sums.
        let projection = |vb: VarBuilder| {
            if config.use_linear_projection {
                Linear::new(width, width, vb)
            } else {
                Linear::from_conv(width, width, vb)
            }
        };
        let heads = config.heads(level);
        Ok(Self {
            norm: GroupNorm::new(config.norm_num_groups, width, 1e-6, vb.pp("norm"))?,
            project_in: projection(vb.pp("proj_in"))?,
            blocks: (0..config.transformer_layers_per_block.at(level))
                .map(|i| Block::new(width, config.cross_attention_dim, heads, vb.pp(format!("transformer_blocks.{i}"))))
                .collect::<Result<_>>()?,
            project_out: projection(vb.pp("proj_out"))?,
        })
    }

    /// `x` `[b, h, w, c]`, `states` `[b, tokens, d]`.
    pub fn forward(&self, x: &Tensor, states: &Tensor) -> Result<Tensor> {
        let (b, h, w, c) = x.dims4()?;
        let rows = self.norm.forward(x)?.reshape((b, h * w, c))?;
        let mut rows = self.project_in.forward(&rows)?;
        for block in &self.blocks {
            rows = block.forward(&rows, states)?;
        }
        self.project_out.forward_onto(&rows, &x.reshape((b, h * w, c))?)?.reshape((b, h, w, c))
    }
}

impl Block {
    fn new(width: usize, text_width: usize, heads: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            norm1: LayerNorm::new(width, 1e-5, vb.pp("norm1"))?,
            own: Attention::new(width, width, heads, vb.pp("attn1"))?,
            norm2: LayerNorm::new(width, 1e-5, vb.pp("norm2"))?,
            cross: Attention::new(width, text_width, heads, vb.pp("attn2"))?,
            norm3: LayerNorm::new(width, 1e-5, vb.pp("norm3"))?,
            gate: Linear::new(width, 8 * width, vb.pp("ff.net.0.proj"))?,
            out: Linear::new(4 * width, width, vb.pp("ff.net.2"))?,
        })
    }

    fn forward(&self, x: &Tensor, states: &Tensor) -> Result<Tensor> {
        let h = self.norm1.forward(x)?;
        let x = self.own.forward_onto(&h, &h, x)?;
        let x = self.cross.forward_onto(&self.norm2.forward(&x)?, states, &x)?;
        let h = self.gate.forward_gated(&self.norm3.forward(&x)?, &self.out)?;
        self.out.forward_onto(&h, &x)
    }
}

impl Attention {
    fn new(width: usize, source_width: usize, heads: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            q: Linear::without_bias(width, width, vb.pp("to_q"))?,
            k: Linear::without_bias(source_width, width, vb.pp("to_k"))?,
            v: Linear::without_bias(source_width, width, vb.pp("to_v"))?,
            out: Linear::new(width, width, vb.pp("to_out.0"))?,
            heads,
        })
    }

    /// Rows `[b, n, width]` look at `source` `[b, m, source_width]`; the result is added to `onto`.
    fn forward_onto(&self, rows: &Tensor, source: &Tensor, onto: &Tensor) -> Result<Tensor> {
        let (q, k, v) = (self.q.forward(rows)?, self.k.forward(source)?, self.v.forward(source)?);
        self.out.forward_onto(&attention(&q, &k, &v, self.heads, &self.out)?, onto)
    }
}
