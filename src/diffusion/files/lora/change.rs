//! The change that a LoRA's tensors make to one weight, for each kind of LoRA.
//!
//! `W` is the weight `[out, in, …]`. The kinds differ in how they write down the change of a weight:
//!
//! | kind | change |
//! | --- | --- |
//! | LoRA (Hu et al. 2021) | `up · down` |
//! | LoRA with a decomposed kernel (CP) | `Σₙₘ mid[n, m, …] · up[i, n] · down[m, j]` |
//! | LoHa (Hyeon-Woo et al. 2022) | `(a₁ · b₁) ⊙ (a₂ · b₂)`, each with a core where kernels are decomposed |
//! | LoKr (Yeh et al. 2024) | `w₁ ⊗ w₂`, each factor whole or a product |
//! | whole | the change itself |
//! | (IA)³ (Liu et al. 2022) | `W ⊙ factor`, by output or input channel |
//!
//! DoRA (Liu et al. 2024) can come on top: the changed weight's columns or rows are scaled to magnitudes
//! of their own.

use std::collections::HashMap;

use candle_core::{D, DType, Result, Tensor};

use super::names::Role;

/// The tensors of one layer, as f32.
pub(super) type Parts = HashMap<Role, Tensor>;

/// The weight `[out, in, …]` changed `strength` times by a layer's tensors, as f32; `rank` limits how many
/// of a LoRA's ranks are used. `None` when the tensors say nothing of a weight.
///
/// # Errors
/// Tensors that do not fit the weight.
pub(super) fn changed_weight(
    parts: &Parts,
    weight: &Tensor,
    strength: f64,
    rank: Option<usize>,
) -> Result<Option<Tensor>> {
    let weight = weight.to_dtype(DType::F32)?;
    let Some((change, ranks)) = change(parts, &weight, rank)? else { return Ok(None) };
    let scale = match (parts.get(&Role::Alpha), ranks) {
        (Some(alpha), Some(ranks)) => f64::from(alpha.mean_all()?.to_scalar::<f32>()?) / ranks as f64,
        _ => 1.0,
    };
    let change = change.reshape(weight.shape())?;
    let change = match parts.get(&Role::Magnitude) {
        Some(magnitude) => {
            let merged = (&weight + (change * scale)?)?;
            ((with_magnitude(&merged, magnitude)? - &weight)? * strength)?
        }
        None => (change * (scale * strength))?,
    };
    Ok(Some((weight + change)?))
}

/// The bias `[out]` changed `strength` times.
///
/// # Errors
/// Tensors that do not fit the bias.
pub(super) fn changed_bias(parts: &Parts, bias: &Tensor, strength: f64) -> Result<Option<Tensor>> {
    let Some(change) = parts.get(&Role::WholeBias) else { return Ok(None) };
    Ok(Some((bias.to_dtype(DType::F32)? + (change.reshape(bias.shape())? * strength)?)?))
}

/// The change, of the weight's size in any shape, and the rank that alpha is divided by.
fn change(parts: &Parts, weight: &Tensor, rank: Option<usize>) -> Result<Option<(Tensor, Option<usize>)>> {
    let part = |role| parts.get(&role);
    if let (Some(down), Some(up)) = (part(Role::Down), part(Role::Up)) {
        let (down, up) = (down.flatten_from(1)?, up.flatten_from(1)?);
        let ranks = down.dim(0)?;
        if up.dim(0)? != weight.dim(0)? {
            candle_core::bail!("{} outputs for a weight with {}", up.dim(0)?, weight.dim(0)?);
        }
        if let Some(mid) = part(Role::Mid) {
            return Ok(Some((with_core(mid, &up, &down)?, Some(ranks))));
        }
        let used = rank.unwrap_or(ranks).min(ranks);
        let product = up.narrow(1, 0, used)?.contiguous()?.matmul(&down.narrow(0, 0, used)?)?;
        return Ok(Some((product, Some(ranks))));
    }
    let hadamard = [Role::HadamardA1, Role::HadamardB1, Role::HadamardA2, Role::HadamardB2].map(part);
    if let [Some(a1), Some(b1), Some(a2), Some(b2)] = hadamard {
        let one = product(a1, b1, part(Role::HadamardCore1))?;
        let two = product(a2, b2, part(Role::HadamardCore2))?;
        return Ok(Some(((one.flatten_from(1)? * two.flatten_from(1)?)?, Some(b1.dim(0)?))));
    }
    let factor = |whole, a, b, core: Option<Role>| -> Result<Option<(Tensor, Option<usize>)>> {
        match (part(whole), part(a), part(b)) {
            (Some(whole), ..) => Ok(Some((whole.clone(), None))),
            (None, Some(a), Some(b)) => Ok(Some((product(a, b, core.and_then(part))?, Some(b.dim(0)?)))),
            _ => Ok(None),
        }
    };
    let one = factor(Role::Kronecker1, Role::Kronecker1A, Role::Kronecker1B, None)?;
    let two = factor(Role::Kronecker2, Role::Kronecker2A, Role::Kronecker2B, Some(Role::Kronecker2Core))?;
    if let (Some((one, rank1)), Some((two, rank2))) = (one, two) {
        return Ok(Some((kronecker(&one.flatten_from(1)?, &two.flatten_from(1)?)?, rank2.or(rank1))));
    }
    if let Some(whole) = part(Role::Whole) {
        return Ok(Some((whole.clone(), None)));
    }
    if let (Some(factor), Some(on_input)) = (part(Role::Factor), part(Role::OnInput)) {
        let on_input = on_input.flatten_all()?.mean_all()?.to_scalar::<f32>()? > 0.5;
        let count = factor.elem_count();
        let mut shape = vec![1; weight.rank()];
        if let Some(side) = shape.get_mut(usize::from(on_input)) {
            *side = count;
        }
        return Ok(Some((weight.broadcast_mul(&factor.reshape(shape)?)?, None)));
    }
    Ok(None)
}

/// `a · b`, or, with a core `[i, j, …]`, `Σᵢⱼ core[i, j, …] · a[i, p] · b[j, r]` as `[p, r, …]`.
fn product(a: &Tensor, b: &Tensor, core: Option<&Tensor>) -> Result<Tensor> {
    match core {
        Some(core) => with_core(core, &a.t()?.contiguous()?, b),
        None => a.flatten_from(1)?.matmul(&b.flatten_from(1)?),
    }
}

/// `Σₙₘ core[n, m, …] · up[i, n] · down[m, j]` as `[i, j, …]`.
fn with_core(core: &Tensor, up: &Tensor, down: &Tensor) -> Result<Tensor> {
    let core = if core.rank() > 2 { core.flatten_from(2)? } else { core.unsqueeze(D::Minus1)? };
    let (n, m, kernel) = core.dims3()?;
    let (outputs, inputs) = (up.dim(0)?, down.dim(1)?);
    // [n, kernel, m] · [m, j], then [i, n] · [n, kernel · j].
    let inner = core.permute((0, 2, 1))?.contiguous()?.reshape((n * kernel, m))?.matmul(&down.contiguous()?)?;
    let outer = up.contiguous()?.matmul(&inner.reshape((n, kernel * inputs))?)?;
    outer.reshape((outputs, kernel, inputs))?.permute((0, 2, 1))?.contiguous()
}

/// `[a, b]` and `[c, d]` to `[a·c, b·d]`.
fn kronecker(one: &Tensor, two: &Tensor) -> Result<Tensor> {
    let ((a, b), (c, d)) = (one.dims2()?, two.dims2()?);
    one.reshape((a, 1, b, 1))?.broadcast_mul(&two.reshape((1, c, 1, d))?)?.reshape((a * c, b * d))
}

/// A weight whose rows (one magnitude for each output) or columns (one for each input) are scaled to the
/// magnitudes.
fn with_magnitude(merged: &Tensor, magnitude: &Tensor) -> Result<Tensor> {
    let (outputs, inputs) = (merged.dim(0)?, merged.dim(1)?);
    let rows = magnitude.rank() == 1 || magnitude.dim(0)? == outputs && magnitude.elem_count() == outputs;
    let (side, count) = if rows { (0, outputs) } else { (1, inputs) };
    let flat = merged.flatten_from(2).and_then(|t| if t.rank() == 2 { t.unsqueeze(2) } else { Ok(t) })?;
    let other = 1 - side;
    let norms = flat.sqr()?.sum_keepdim((other, 2))?.sqrt()?;
    let mut shape = [1; 3];
    shape[side] = count;
    // A column without a single number stays as it is.
    let scale = magnitude.reshape(&shape)?.broadcast_div(&(norms + f64::from(f32::EPSILON))?)?;
    flat.broadcast_mul(&scale)?.reshape(merged.shape())
}
