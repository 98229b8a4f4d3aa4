//! The layers that the UNet and the autoencoder share, on channels-last tensors.
//!
//! Everything is built from a [`VarBuilder`] positioned at the layer's diffusers name; weights are
//! packed for the kernels as they are read, in the builder's precision. Sums, and what is carried
//! from block to block, are f32; what a norm, a gate or attention hands to the next product is in the
//! product's precision. On a graphics card the same layers are candle's own operations ([`plain`]).

mod plain;

use candle_core::{CpuStorage, D, DType, Result, Storage, Tensor, bail};
use candle_nn::VarBuilder;
use half::bf16;

use crate::diffusion::networks::ops::{Made, map1, map2, map3};
use crate::kernels::{self, AttentionShape, ConvShape, Edges, Packed, Precision, Weights};

fn precision(vb: &VarBuilder) -> Precision {
    if vb.dtype() == DType::BF16 { Precision::Bf16 } else { Precision::F32 }
}

/// The same builder for layers whose rounding would show: the first and the last, and the small ones.
pub(in crate::diffusion) fn exact(vb: VarBuilder) -> VarBuilder {
    if vb.dtype() == DType::F64 { vb } else { vb.set_dtype(DType::F32) }
}

fn numbers(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
}

/// How a weight is put in the kernels' order.
type Pack = fn(Weights<'_>, usize, usize, usize, Precision) -> Option<Packed>;

fn packed(
    weight: &Tensor,
    outputs: usize,
    inputs: usize,
    taps: usize,
    precision: Precision,
    pack: Pack,
) -> Result<Packed> {
    let weight = weight.contiguous()?;
    let (storage, layout) = weight.storage_and_layout();
    let (Storage::Cpu(storage), Some((from, to))) = (&*storage, layout.contiguous_offsets()) else {
        bail!("the weights are not in the processor's memory");
    };
    let numbers = match storage {
        CpuStorage::F32(values) => Weights::F32(&values[from..to]),
        CpuStorage::F16(values) => Weights::F16(&values[from..to]),
        CpuStorage::BF16(values) => Weights::Bf16(&values[from..to]),
        _ => bail!("weights of the kind {:?}", weight.dtype()),
    };
    match pack(numbers, outputs, inputs, taps, precision) {
        Some(packed) => Ok(packed),
        None => bail!("weights of shape {:?} do not make {outputs} by {inputs} by {taps}", layout.shape()),
    }
}

/// Channels-first `[b, c, h, w]` to channels-last.
pub(in crate::diffusion) fn to_channels_last(x: &Tensor) -> Result<Tensor> {
    x.permute((0, 2, 3, 1))?.contiguous()
}

/// Channels-last `[b, h, w, c]` to channels-first.
pub(in crate::diffusion) fn to_channels_first(x: &Tensor) -> Result<Tensor> {
    x.permute((0, 3, 1, 2))?.contiguous()
}

/// A convolution of `[b, h, w, from]`.
pub(in crate::diffusion) enum Conv {
    /// On the kernels.
    Packed(Box<PackedConv>),
    /// In candle's operations, with the bias to add.
    Plain(plain::Conv, Tensor),
}

/// A convolution on the kernels.
pub(in crate::diffusion) struct PackedConv {
    weights: Packed,
    bias: Vec<f32>,
    kernel: usize,
    stride: usize,
    edges: Edges,
}

impl Conv {
    /// One that keeps the size: 3×3 with zeros around, or 1×1.
    pub fn new(from: usize, to: usize, kernel: usize, vb: VarBuilder) -> Result<Self> {
        match kernel {
            3 => Self::with(from, to, kernel, vb, |w, to, from, _, precision| Packed::turned(w, to, from, precision)),
            _ => Self::with(from, to, kernel, vb, Packed::new),
        }
    }

    /// The same with the kernels as they are, for pictures of so few pixels that reading larger ones
    /// would cost more than it saves.
    pub fn small(from: usize, to: usize, kernel: usize, vb: VarBuilder) -> Result<Self> {
        Self::with(from, to, kernel, vb, Packed::new)
    }

    /// Without a bias, the kernels as they are.
    pub fn without_bias(from: usize, to: usize, kernel: usize, vb: VarBuilder) -> Result<Self> {
        Self::bare(from, to, kernel, vb, Packed::new)
    }

    fn with(from: usize, to: usize, kernel: usize, vb: VarBuilder, pack: Pack) -> Result<Self> {
        let bias = numbers(&vb.get(to, "bias")?)?;
        Self::biased(from, to, kernel, vb, pack, bias)
    }

    fn bare(from: usize, to: usize, kernel: usize, vb: VarBuilder, pack: Pack) -> Result<Self> {
        Self::biased(from, to, kernel, vb, pack, vec![0.0; to])
    }

    fn biased(from: usize, to: usize, kernel: usize, vb: VarBuilder, pack: Pack, bias: Vec<f32>) -> Result<Self> {
        let weight = vb.get((to, from, kernel, kernel), "weight")?;
        if plain::is_meant(&vb) {
            return Ok(Self::Plain(plain::Conv::new(&weight, &vb, false)?, plain::bias(&bias, &vb)?));
        }
        let weights = packed(&weight, to, from, kernel * kernel, precision(&vb), pack)?;
        let conv = PackedConv { weights, bias, kernel, stride: 1, edges: Edges::Even(kernel / 2) };
        Ok(Self::Packed(Box::new(conv)))
    }

    fn laid(self, stride: usize, edges: Edges) -> Self {
        match self {
            Self::Packed(conv) => Self::Packed(Box::new(PackedConv { stride, edges, ..*conv })),
            Self::Plain(conv, bias) => Self::Plain(conv.laid(stride, edges), bias),
        }
    }

    /// 3×3 that halves both sides.
    pub fn halving(width: usize, edges: Edges, vb: VarBuilder) -> Result<Self> {
        Ok(Self::small(width, width, 3, vb)?.laid(2, edges))
    }

    /// The same without a bias.
    pub fn halving_without_bias(from: usize, to: usize, edges: Edges, vb: VarBuilder) -> Result<Self> {
        Ok(Self::without_bias(from, to, 3, vb)?.laid(2, edges))
    }

    /// 3×3 over the input with every pixel doubled in both directions.
    pub fn doubling(width: usize, vb: VarBuilder) -> Result<Self> {
        let bias = numbers(&vb.get(width, "bias")?)?;
        Self::doubling_with(width, vb, bias)
    }

    /// The same without a bias.
    pub fn doubling_without_bias(width: usize, vb: VarBuilder) -> Result<Self> {
        Self::doubling_with(width, vb, vec![0.0; width])
    }

    fn doubling_with(width: usize, vb: VarBuilder, bias: Vec<f32>) -> Result<Self> {
        if plain::is_meant(&vb) {
            let weight = vb.get((width, width, 3, 3), "weight")?;
            return Ok(Self::Plain(plain::Conv::new(&weight, &vb, true)?, plain::bias(&bias, &vb)?));
        }
        let pack: Pack = |w, to, from, _, precision| Packed::doubling(w, to, from, precision);
        Self::biased(width, width, 3, vb, pack, bias)
    }

    /// `[b, h, w, from]` to `[b, h', w', to]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(conv) => conv.run(x, &conv.bias, None),
            Self::Plain(conv, bias) => conv.forward(x)?.broadcast_add(bias),
        }
    }

    /// The same, added to `residual` of the output's shape.
    pub fn forward_onto(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(conv) => conv.run(x, &conv.bias, Some(residual)),
            Self::Plain(..) => self.forward(x)? + residual,
        }
    }

    /// The same with `shift` `[1, to]` added to every pixel.
    pub fn forward_shifted(&self, x: &Tensor, shift: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(conv) => {
                let bias: Vec<f32> = conv.bias.iter().zip(numbers(shift)?).map(|(a, b)| a + b).collect();
                conv.run(x, &bias, None)
            }
            Self::Plain(conv, bias) => conv.forward(x)?.broadcast_add(&shift.flatten_all()?.add(bias)?),
        }
    }
}

impl PackedConv {
    fn run(&self, x: &Tensor, bias: &[f32], residual: Option<&Tensor>) -> Result<Tensor> {
        let (images, height, width, channels) = x.dims4()?;
        if channels != self.weights.inputs() {
            bail!("a convolution of {} channels met {channels}", self.weights.inputs());
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
            Some(residual) => bail!("a convolution onto {:?} makes {out:?}", residual.shape()),
        }
    }
}

/// A linear layer on the last dimension.
pub(in crate::diffusion) enum Linear {
    /// On the kernels.
    Packed(Box<Packed>, Option<Vec<f32>>),
    /// In candle's operations.
    Plain(plain::Linear, Option<Tensor>),
}

impl Linear {
    pub fn new(from: usize, to: usize, vb: VarBuilder) -> Result<Self> {
        let (weight, bias) = (vb.get((to, from), "weight")?, numbers(&vb.get(to, "bias")?)?);
        Self::of(&weight, from, to, Some(bias), &vb)
    }

    pub fn without_bias(from: usize, to: usize, vb: VarBuilder) -> Result<Self> {
        Self::of(&vb.get((to, from), "weight")?, from, to, None, &vb)
    }

    /// From a 1×1 convolution's weights, `[to, from, 1, 1]`.
    pub fn from_conv(from: usize, to: usize, vb: VarBuilder) -> Result<Self> {
        let (weight, bias) = (vb.get((to, from, 1, 1), "weight")?, numbers(&vb.get(to, "bias")?)?);
        Self::of(&weight, from, to, Some(bias), &vb)
    }

    fn of(weight: &Tensor, from: usize, to: usize, bias: Option<Vec<f32>>, vb: &VarBuilder) -> Result<Self> {
        if plain::is_meant(vb) {
            let bias = bias.map(|bias| plain::bias(&bias, vb)).transpose()?;
            return Ok(Self::Plain(plain::Linear::new(weight, vb)?, bias));
        }
        Ok(Self::Packed(Box::new(packed(weight, to, from, 1, precision(vb), Packed::new)?), bias))
    }

    /// How many numbers go in.
    pub fn inputs(&self) -> Result<usize> {
        match self {
            Self::Packed(weights, _) => Ok(weights.inputs()),
            Self::Plain(linear, _) => linear.inputs(),
        }
    }

    /// `[.., from]` to `[.., to]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(weights, bias) => {
                map1("linear", x, shape(weights, x)?, |x| kernels::linear(x, weights, bias.as_deref(), None))
            }
            Self::Plain(linear, Some(bias)) => linear.forward(x)?.broadcast_add(bias),
            Self::Plain(linear, None) => linear.forward(x),
        }
    }

    /// The same, added to `residual` of the output's shape.
    pub fn forward_onto(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        let Self::Packed(weights, bias) = self else { return self.forward(x)? + residual };
        let shape = shape(weights, x)?;
        if residual.dims() != shape {
            bail!("a linear layer onto {:?} makes {shape:?}", residual.shape());
        }
        map2("linear", (x, residual), shape, |x, r| kernels::linear(x, weights, bias.as_deref(), Some(r)))
    }

    /// GEGLU (Shazeer 2020) of what `forward` gives: `[b, n, from]` to `[b, n, to / 2]`, one half gating the
    /// other, in the precision of the layer `next` that takes the result.
    pub fn forward_gated(&self, x: &Tensor, next: &Self) -> Result<Tensor> {
        let (weights, bias, next) = match (self, next) {
            (Self::Packed(weights, bias), Self::Packed(next, _)) => (weights, bias.as_deref(), next),
            (Self::Plain(linear, _), _) | (_, Self::Plain(linear, _)) => {
                return plain::geglu(&self.forward(x)?, linear.dtype());
            }
        };
        let mut shape = shape(weights, x)?;
        if let Some(last) = shape.last_mut() {
            *last /= 2;
        }
        map1("gated linear", x, shape, |x| -> Made {
            match next.precision() {
                Precision::F32 => kernels::linear_geglu::<f32>(x, weights, bias).into(),
                Precision::Bf16 => kernels::linear_geglu::<bf16>(x, weights, bias).into(),
            }
        })
    }
}

fn shape(weights: &Packed, x: &Tensor) -> Result<Vec<usize>> {
    let mut shape = x.dims().to_vec();
    match shape.last_mut() {
        Some(last) if *last == weights.inputs() => *last = weights.outputs(),
        _ => bail!("a linear layer of {} inputs met {:?}", weights.inputs(), x.shape()),
    }
    Ok(shape)
}

/// Group normalisation of `[b, .., c]`, for a product.
pub(in crate::diffusion) struct GroupNorm {
    precision: Precision,
    plain: Option<plain::Scale>,
    groups: usize,
    gain: Vec<f32>,
    bias: Vec<f32>,
    eps: f64,
}

impl GroupNorm {
    pub fn new(groups: usize, channels: usize, eps: f64, vb: VarBuilder) -> Result<Self> {
        if groups == 0 || !channels.is_multiple_of(groups) {
            bail!("{channels} channels do not make {groups} groups");
        }
        let (gain, bias) = (vb.get(channels, "weight")?, vb.get(channels, "bias")?);
        let plain = plain::is_meant(&vb).then(|| plain::Scale::new(&gain, &bias, &vb)).transpose()?;
        Ok(Self { precision: precision(&vb), plain, groups, gain: numbers(&gain)?, bias: numbers(&bias)?, eps })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.run(x, false)
    }

    /// Normalises, then the SiLU.
    pub fn forward_activated(&self, x: &Tensor) -> Result<Tensor> {
        self.run(x, true)
    }

    fn run(&self, x: &Tensor, activate: bool) -> Result<Tensor> {
        let images = x.dim(0)?;
        if x.dim(D::Minus1)? != self.gain.len() {
            bail!("a norm of {} channels met {:?}", self.gain.len(), x.shape());
        }
        if let Some(plain) = &self.plain {
            return plain.by_group(x, self.groups, self.eps, activate);
        }
        map1("group norm", x, x.shape(), |x| -> Made {
            let (x, groups, gain, bias) = (&x.to_f32(), self.groups, &self.gain, &self.bias);
            match self.precision {
                Precision::F32 => kernels::group_norm::<f32>(x, images, groups, gain, bias, self.eps, activate).into(),
                Precision::Bf16 => {
                    kernels::group_norm::<bf16>(x, images, groups, gain, bias, self.eps, activate).into()
                }
            }
        })
    }
}

/// Layer normalisation of the last dimension, for a product.
pub(in crate::diffusion) struct LayerNorm {
    precision: Precision,
    plain: Option<plain::Scale>,
    gain: Vec<f32>,
    bias: Vec<f32>,
    eps: f64,
}

impl LayerNorm {
    pub fn new(width: usize, eps: f64, vb: VarBuilder) -> Result<Self> {
        let (gain, bias) = (vb.get(width, "weight")?, vb.get(width, "bias")?);
        let plain = plain::is_meant(&vb).then(|| plain::Scale::new(&gain, &bias, &vb)).transpose()?;
        Ok(Self { precision: precision(&vb), plain, gain: numbers(&gain)?, bias: numbers(&bias)?, eps })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if x.dim(D::Minus1)? != self.gain.len() {
            bail!("a norm of {} numbers met {:?}", self.gain.len(), x.shape());
        }
        if let Some(plain) = &self.plain {
            return plain.by_row(x, self.eps);
        }
        map1("layer norm", x, x.shape(), |x| -> Made {
            match self.precision {
                Precision::F32 => kernels::layer_norm::<f32>(&x.to_f32(), &self.gain, &self.bias, self.eps).into(),
                Precision::Bf16 => kernels::layer_norm::<bf16>(&x.to_f32(), &self.gain, &self.bias, self.eps).into(),
            }
        })
    }
}

/// A pre-activation residual block (He et al. 2016), with the time embedding added in between
/// where there is one.
pub(in crate::diffusion) struct Resnet {
    norm1: GroupNorm,
    conv1: Conv,
    time: Option<Linear>,
    norm2: GroupNorm,
    conv2: Conv,
    shortcut: Option<Conv>,
}

/// What shapes a [`Resnet`].
#[derive(Clone, Copy)]
pub(in crate::diffusion) struct ResnetShape {
    pub groups: usize,
    pub eps: f64,
    pub time_width: Option<usize>,
    /// Whether it works on the fewest pixels of all.
    pub lowest: bool,
}

impl Resnet {
    pub fn new(from: usize, to: usize, shape: ResnetShape, vb: VarBuilder) -> Result<Self> {
        let ResnetShape { groups, eps, time_width, lowest } = shape;
        let conv = if lowest { Conv::small } else { Conv::new };
        Ok(Self {
            norm1: GroupNorm::new(groups, from, eps, vb.pp("norm1"))?,
            conv1: conv(from, to, 3, vb.pp("conv1"))?,
            time: time_width.map(|width| Linear::new(width, to, vb.pp("time_emb_proj"))).transpose()?,
            norm2: GroupNorm::new(groups, to, eps, vb.pp("norm2"))?,
            conv2: conv(to, to, 3, vb.pp("conv2"))?,
            shortcut: (from != to).then(|| Conv::new(from, to, 1, vb.pp("conv_shortcut"))).transpose()?,
        })
    }

    /// `x` `[b, h, w, from]` and the activated time embedding `[1, width]` to `[b, h, w, to]`.
    pub fn forward(&self, x: &Tensor, time: Option<&Tensor>) -> Result<Tensor> {
        // Each tensor is dropped as soon as the next is made: at full size they are a hundred megabytes.
        let mut hidden = self.norm1.forward_activated(x)?;
        hidden = match (&self.time, time) {
            (Some(layer), Some(time)) => self.conv1.forward_shifted(&hidden, &layer.forward(time)?)?,
            _ => self.conv1.forward(&hidden)?,
        };
        hidden = self.norm2.forward_activated(&hidden)?;
        match &self.shortcut {
            Some(layer) => self.conv2.forward_onto(&hidden, &layer.forward(x)?),
            None => self.conv2.forward_onto(&hidden, x),
        }
    }
}

/// softmax(q·kᵀ/√d)·v of rows `[b, n, heads·d]`, `[b, m, heads·d]` and `[b, m, heads·d]`, in the
/// precision of the layer `next` that takes the result.
pub(in crate::diffusion) fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    heads: usize,
    next: &Linear,
) -> Result<Tensor> {
    let (batch, queries, width) = q.dims3()?;
    let keys = k.dim(1)?;
    if width % heads != 0 || k.dims3()? != (batch, keys, width) || v.dims() != k.dims() {
        bail!("attention of {:?} to {:?} and {:?}", q.shape(), k.shape(), v.shape());
    }
    let weights = match next {
        Linear::Packed(weights, _) => weights,
        Linear::Plain(linear, _) => return plain::attention(q, k, v, heads, linear.dtype()),
    };
    let shape = AttentionShape { batch, heads, depth: width / heads, queries, keys };
    map3("attention", (q, k, v), q.shape(), |q, k, v| -> Made {
        match weights.precision() {
            Precision::Bf16 if shape.depth.is_multiple_of(2) => kernels::attention::<bf16>(q, k, v, &shape).into(),
            _ => kernels::attention::<f32>(q, k, v, &shape).into(),
        }
    })
}

/// `[b, h, w, c]` and `[b, h, w, d]` as `[b, h, w, c + d]`.
pub(in crate::diffusion) fn side_by_side(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let ((b, h, w, c), d) = (x.dims4()?, y.dim(D::Minus1)?);
    if y.dims4()? != (b, h, w, d) {
        bail!("{:?} and {:?} do not fit side by side", x.shape(), y.shape());
    }
    if !on_kernels(x) {
        return Tensor::cat(&[x, y], 3);
    }
    map2("side by side", (x, y), (b, h, w, c + d), |x, y| kernels::side_by_side(&x.to_f32(), c, y, d))
}

/// Whether the kernels take a tensor like this.
fn on_kernels(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() != DType::F64
}

/// The activation of the time embedding.
pub(in crate::diffusion) fn silu(x: &Tensor) -> Result<Tensor> {
    if !on_kernels(x) {
        return x.silu();
    }
    map1("silu", x, x.shape(), |x| kernels::silu(&x.to_f32()))
}
