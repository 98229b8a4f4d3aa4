//! CLIP's text transformer (Radford et al. 2021): token ids to conditioning.

pub(in crate::diffusion) mod config;

use candle_core::{D, DType, Device, Result, Tensor};

use crate::diffusion::networks::layers::{LayerNorm, LayerReader, Linear};
use crate::diffusion::text::encoder::config::TextEncoderConfig;

pub(in crate::diffusion) struct TextEncoder {
    /// `[vocabulary, width]` in the kind of number that the file has, since few of its rows are ever used.
    tokens: Tensor,
    positions: Tensor,
    layers: Vec<EncoderLayer>,
    last_norm: LayerNorm,
    length: usize,
}

struct EncoderLayer {
    norm1: LayerNorm,
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
    norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    heads: usize,
    quick: bool,
}

impl TextEncoder {
    pub fn new(config: &TextEncoderConfig, reader: LayerReader) -> Result<Self> {
        let reader =
            if reader.contains("text_model.final_layer_norm.weight") { reader.pp("text_model") } else { reader };
        let width = config.hidden_size;
        let embeddings = reader.pp("embeddings");
        let device = reader.device().clone();
        let embedding = |count: usize, name: &str| embeddings.tensor_as((count, width), name, |t| t.to_device(&device));
        Ok(Self {
            tokens: embedding(config.vocab_size, "token_embedding.weight")?,
            positions: embedding(config.max_position_embeddings, "position_embedding.weight")?.to_dtype(DType::F32)?,
            layers: (0..config.num_hidden_layers)
                .map(|i| EncoderLayer::new(config, reader.pp(format!("encoder.layers.{i}"))))
                .collect::<Result<_>>()?,
            last_norm: LayerNorm::new(width, config.layer_norm_eps, reader.pp("final_layer_norm"))?,
            length: config.max_position_embeddings,
        })
    }

    /// How many numbers the state of a token has.
    pub fn width(&self) -> Result<usize> {
        self.positions.dim(1)
    }

    /// Token ids of one chunk to hidden states `[1, length, width]` after the last norm. Each entry of
    /// `inserted` replaces the embeddings of tokens by vectors `[n, width]`, from the given position on. The
    /// last `skip` layers are left out, though never all (clip skip 2 leaves out one).
    pub fn forward(&self, ids: &[u32], inserted: &[(usize, Tensor)], skip: usize, device: &Device) -> Result<Tensor> {
        let ids = Tensor::from_slice(ids, self.length, device)?;
        let mut words = self.tokens.index_select(&ids, 0)?.to_dtype(DType::F32)?;
        for (place, vectors) in inserted {
            let after = place + vectors.dim(0)?;
            let rest = words.narrow(0, after, self.length - after)?;
            words = Tensor::cat(&[&words.narrow(0, 0, *place)?, &vectors.to_device(device)?, &rest], 0)?;
        }
        let mut x = (words + &self.positions)?.unsqueeze(0)?;
        let mask: Vec<f32> = (0..self.length)
            .flat_map(|i| (0..self.length).map(move |j| if j > i { f32::NEG_INFINITY } else { 0.0 }))
            .collect();
        let mask = Tensor::from_vec(mask, (self.length, self.length), device)?;
        let used = self.layers.len().saturating_sub(skip).max(1);
        for layer in self.layers.iter().take(used) {
            x = layer.forward(&x, &mask)?;
        }
        self.last_norm.forward(&x)
    }
}

impl EncoderLayer {
    fn new(config: &TextEncoderConfig, reader: LayerReader) -> Result<Self> {
        let (width, inner, eps) = (config.hidden_size, config.intermediate_size, config.layer_norm_eps);
        let attention = reader.pp("self_attn");
        Ok(Self {
            norm1: LayerNorm::new(width, eps, reader.pp("layer_norm1"))?,
            q: Linear::new(width, width, attention.pp("q_proj"))?,
            k: Linear::new(width, width, attention.pp("k_proj"))?,
            v: Linear::new(width, width, attention.pp("v_proj"))?,
            out: Linear::new(width, width, attention.pp("out_proj"))?,
            norm2: LayerNorm::new(width, eps, reader.pp("layer_norm2"))?,
            fc1: Linear::new(width, inner, reader.pp("mlp.fc1"))?,
            fc2: Linear::new(inner, width, reader.pp("mlp.fc2"))?,
            heads: config.num_attention_heads,
            quick: config.hidden_act == "quick_gelu",
        })
    }

    fn forward(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let h = self.norm1.forward(x)?;
        let q = split_heads(&self.q.forward(&h)?, self.heads)?;
        let scale = 1.0 / (q.dim(D::Minus1)? as f64).sqrt();
        let k = split_heads(&self.k.forward(&h)?, self.heads)?;
        let v = split_heads(&self.v.forward(&h)?, self.heads)?;
        let scores = (q.contiguous()? * scale)?.matmul(&k.transpose(2, 3)?.contiguous()?)?;
        let scores = candle_nn::ops::softmax_last_dim(&scores.broadcast_add(mask)?)?;
        let x = self.out.forward_onto(&join_heads(&scores.matmul(&v.contiguous()?)?)?, x)?;
        let h = self.fc1.forward(&self.norm2.forward(&x)?)?;
        // OpenAI's CLIP uses x·sigmoid(1.702x), OpenCLIP the exact GELU.
        let h = if self.quick { (&h * candle_nn::ops::sigmoid(&(&h * 1.702)?)?)? } else { h.gelu_erf()? };
        self.fc2.forward_onto(&h, &x)
    }
}

/// `[b, n, heads*d]` to `[b, heads, n, d]`.
fn split_heads(x: &Tensor, heads: usize) -> Result<Tensor> {
    let (b, n, width) = x.dims3()?;
    x.reshape((b, n, heads, width / heads))?.transpose(1, 2)
}

/// `[b, heads, n, d]` to `[b, n, heads*d]`.
fn join_heads(x: &Tensor) -> Result<Tensor> {
    let (b, heads, n, d) = x.dims4()?;
    x.transpose(1, 2)?.reshape((b, n, heads * d))
}
