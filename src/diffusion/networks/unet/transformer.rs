//! The spatial transformer: positions attend to each other, then to the prompt.

use candle_core::Tensor;

use super::AttendedTexts;
use crate::diffusion::networks::layers::{GroupNorm, LayerNorm, LayerReader, Linear, attention};
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::watch::Watch;
use crate::engine::Error;

pub(super) struct Transformer {
    norm: GroupNorm,
    project_in: Linear,
    blocks: Vec<TransformerBlock>,
    project_out: Linear,
}

struct TransformerBlock {
    norm1: LayerNorm,
    own: TokenAttention,
    norm2: LayerNorm,
    cross: TokenAttention,
    norm3: LayerNorm,
    gate: Linear,
    out: Linear,
}

struct TokenAttention {
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
    heads: usize,
}

impl Transformer {
    pub fn new(config: &UNetConfig, level: usize, width: usize, reader: LayerReader) -> candle_core::Result<Self> {
        // 1.x projects with 1×1 convolutions, 2.x with linear layers: the same sums.
        let projection = |reader: LayerReader| {
            if config.use_linear_projection {
                Linear::new(width, width, reader)
            } else {
                Linear::from_conv(width, width, reader)
            }
        };
        let heads = config.heads(level);
        Ok(Self {
            norm: GroupNorm::new(config.norm_num_groups, width, 1e-6, reader.pp("norm"))?,
            project_in: projection(reader.pp("proj_in"))?,
            blocks: (0..config.transformer_layers_per_block.at(level))
                .map(|i| {
                    TransformerBlock::new(
                        width,
                        config.cross_attention_dim,
                        heads,
                        reader.pp(format!("transformer_blocks.{i}")),
                    )
                })
                .collect::<candle_core::Result<_>>()?,
            project_out: projection(reader.pp("proj_out"))?,
        })
    }

    /// `x` `[b, h, w, c]` of a batch of as many texts.
    pub fn forward(&self, x: &Tensor, texts: AttendedTexts<'_>, watch: &Watch) -> Result<Tensor, Error> {
        let (b, h, w, c) = x.dims4()?;
        let rows = self.norm.forward(x)?.reshape((b, h * w, c))?;
        let mut rows = self.project_in.forward(&rows)?;
        for block in &self.blocks {
            rows = block.forward(&rows, texts, (h, w), watch)?;
        }
        Ok(self.project_out.forward_onto(&rows, &x.reshape((b, h * w, c))?)?.reshape((b, h, w, c))?)
    }
}

impl TransformerBlock {
    fn new(width: usize, text_width: usize, heads: usize, reader: LayerReader) -> candle_core::Result<Self> {
        Ok(Self {
            norm1: LayerNorm::new(width, 1e-5, reader.pp("norm1"))?,
            own: TokenAttention::new(width, width, heads, reader.pp("attn1"))?,
            norm2: LayerNorm::new(width, 1e-5, reader.pp("norm2"))?,
            cross: TokenAttention::new(width, text_width, heads, reader.pp("attn2"))?,
            norm3: LayerNorm::new(width, 1e-5, reader.pp("norm3"))?,
            gate: Linear::new(width, 8 * width, reader.pp("ff.net.0.proj"))?,
            out: Linear::new(4 * width, width, reader.pp("ff.net.2"))?,
        })
    }

    /// Rows `x` `[b, h·w, width]` of an image of this height and width.
    fn forward(
        &self,
        x: &Tensor,
        texts: AttendedTexts<'_>,
        size: (usize, usize),
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let h = self.norm1.forward(x)?;
        let x = self.own.forward_onto(&h, &h, x, watch)?;
        let x = self.cross.forward_to_texts(&self.norm2.forward(&x)?, texts, size, &x, watch)?;
        watch.check()?;
        let h = self.gate.forward_gated(&self.norm3.forward(&x)?, &self.out)?;
        Ok(self.out.forward_onto(&h, &x)?)
    }
}

impl TokenAttention {
    fn new(width: usize, source_width: usize, heads: usize, reader: LayerReader) -> candle_core::Result<Self> {
        Ok(Self {
            q: Linear::without_bias(width, width, reader.pp("to_q"))?,
            k: Linear::without_bias(source_width, width, reader.pp("to_k"))?,
            v: Linear::without_bias(source_width, width, reader.pp("to_v"))?,
            out: Linear::new(width, width, reader.pp("to_out.0"))?,
            heads,
        })
    }

    /// Rows `[b, h·w, width]` attend to the texts, see [`RegionTexts`](super::RegionTexts); the result is added to `onto`.
    fn forward_to_texts(
        &self,
        rows: &Tensor,
        texts: AttendedTexts<'_>,
        size: (usize, usize),
        onto: &Tensor,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let Some(regions) = texts.regions else { return self.forward_onto(rows, texts.states, onto, watch) };
        let q = self.q.forward(rows)?;
        let attend = |q: &Tensor, states: &Tensor| -> Result<Tensor, Error> {
            let (k, v) = (self.k.forward(states)?, self.v.forward(states)?);
            attention(q, &k, &v, self.heads, &self.out, watch)
        };
        let root = attend(&q, texts.states)?;
        let count = q.dim(0)? - regions.negatives;
        let of_rows = q.narrow(0, regions.negatives, count)?.contiguous()?;
        let mixed = regions.mixed(&root, size, |states| attend(&of_rows, &states.contiguous()?))?;
        Ok(self.out.forward_onto(&mixed, onto)?)
    }

    /// Rows `[b, n, width]` attend to `source` `[b, m, source_width]`; the result is added to `onto`.
    fn forward_onto(&self, rows: &Tensor, source: &Tensor, onto: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let (q, k, v) = (self.q.forward(rows)?, self.k.forward(source)?, self.v.forward(source)?);
        Ok(self.out.forward_onto(&attention(&q, &k, &v, self.heads, &self.out, watch)?, onto)?)
    }
}
