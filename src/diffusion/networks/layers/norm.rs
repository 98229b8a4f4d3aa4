//! Norms.

use candle_core::{D, Result, Tensor, bail};
use half::bf16;

use super::LayerReader;
use super::candle_ops::{self, CandleNorm};
use crate::diffusion::networks::ops::{KernelOutput, map1, read};
use crate::kernels::{self, ChannelAffine, GroupSums, Precision};

/// What a norm multiplies with and adds, `[channels]` each.
struct Affine {
    gain: Vec<f32>,
    bias: Vec<f32>,
    precision: Precision,
    /// Gain and bias on a graphics card, where the layer is there.
    candle: Option<CandleNorm>,
}

impl Affine {
    fn new(channels: usize, reader: &LayerReader) -> Result<Self> {
        let (gain, bias) = (reader.vector(channels, "weight")?, reader.vector(channels, "bias")?);
        let candle = candle_ops::used_by(reader).then(|| CandleNorm::new(&gain, &bias, reader)).transpose()?;
        Ok(Self { gain, bias, precision: reader.kernel_precision(), candle })
    }

    fn check(&self, x: &Tensor) -> Result<()> {
        if x.dim(D::Minus1)? != self.gain.len() {
            bail!("a norm of {} channels was given {:?}", self.gain.len(), x.shape());
        }
        Ok(())
    }
}

/// Group normalisation of `[b, .., c]`, in the precision of the product that takes the result.
pub(in crate::diffusion) struct GroupNorm {
    affine: Affine,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    pub fn new(groups: usize, channels: usize, eps: f64, reader: LayerReader) -> Result<Self> {
        if groups == 0 || !channels.is_multiple_of(groups) {
            bail!("{channels} channels cannot be split into {groups} groups");
        }
        Ok(Self { affine: Affine::new(channels, &reader)?, groups, eps })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.run(x, false)
    }

    /// Normalises, then applies SiLU.
    pub fn forward_activated(&self, x: &Tensor) -> Result<Tensor> {
        self.run(x, true)
    }

    fn run(&self, x: &Tensor, activate: bool) -> Result<Tensor> {
        self.affine.check(x)?;
        let images = x.dim(0)?;
        if let Some(norm) = &self.affine.candle {
            return norm.by_group(x, self.groups, self.eps, activate);
        }
        map1("group norm", x, x.shape(), |x| -> KernelOutput {
            let Affine { gain, bias, .. } = &self.affine;
            let (x, groups) = (&x.to_f32(), self.groups);
            match self.affine.precision {
                Precision::F32 | Precision::F16 => {
                    kernels::group_norm::<f32>(x, images, groups, gain, bias, self.eps, activate).into()
                }
                Precision::Bf16 => {
                    kernels::group_norm::<bf16>(x, images, groups, gain, bias, self.eps, activate).into()
                }
            }
        })
    }
}

/// Group normalisation of one image in strips of rows: every strip is gathered first, then each is normalised.
impl GroupNorm {
    /// Adds the next rows of the image `x` `[1, h, w, c]` to its sums.
    pub fn gather(&self, sums: &mut GroupSums, x: &Tensor) -> Result<()> {
        self.affine.check(x)?;
        if self.affine.candle.is_some() {
            let pixels = x.elem_count() / self.affine.gain.len();
            return candle_ops::gather(sums, &x.reshape((pixels, ()))?);
        }
        read(x, |x| sums.add(&x.to_f32()))
    }

    /// What the gathered image's channels are scaled and shifted by.
    pub fn affine(&self, sums: &GroupSums) -> ChannelAffine {
        sums.affine(self.groups, &self.affine.gain, &self.affine.bias, self.eps)
    }

    /// Normalises rows of the image that was gathered, then applies SiLU.
    pub fn apply_activated(&self, by: &ChannelAffine, x: &Tensor) -> Result<Tensor> {
        self.affine.check(x)?;
        if let Some(norm) = &self.affine.candle {
            return norm.by_channel(x, by);
        }
        map1("group norm", x, x.shape(), |x| -> KernelOutput {
            match self.affine.precision {
                Precision::F32 | Precision::F16 => kernels::scale_channels::<f32>(&x.to_f32(), by, true).into(),
                Precision::Bf16 => kernels::scale_channels::<bf16>(&x.to_f32(), by, true).into(),
            }
        })
    }
}

/// Layer normalisation of the last dimension, in the precision of the product that takes the result.
pub(in crate::diffusion) struct LayerNorm {
    affine: Affine,
    eps: f64,
}

impl LayerNorm {
    pub fn new(width: usize, eps: f64, reader: LayerReader) -> Result<Self> {
        Ok(Self { affine: Affine::new(width, &reader)?, eps })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.affine.check(x)?;
        if let Some(norm) = &self.affine.candle {
            return norm.by_row(x, self.eps);
        }
        map1("layer norm", x, x.shape(), |x| -> KernelOutput {
            let Affine { gain, bias, .. } = &self.affine;
            match self.affine.precision {
                Precision::F32 | Precision::F16 => kernels::layer_norm::<f32>(&x.to_f32(), gain, bias, self.eps).into(),
                Precision::Bf16 => kernels::layer_norm::<bf16>(&x.to_f32(), gain, bias, self.eps).into(),
            }
        })
    }
}
