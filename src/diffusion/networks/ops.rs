//! The program's own kernels as operations on candle tensors.
//!
//! Tensors go in and come out channels-last: `[b, h, w, c]` or `[b, n, c]`, f32 or bfloat16, on the CPU.

use std::borrow::Cow;

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Storage, Tensor, bail};
use half::bf16;

use crate::kernels::Rows;

/// The numbers that a kernel returned.
pub(in crate::diffusion) enum KernelOutput {
    F32(Vec<f32>),
    Bf16(Vec<bf16>),
}

impl From<Vec<f32>> for KernelOutput {
    fn from(values: Vec<f32>) -> Self {
        Self::F32(values)
    }
}

impl From<Vec<bf16>> for KernelOutput {
    fn from(values: Vec<bf16>) -> Self {
        Self::Bf16(values)
    }
}

/// Runs `f` on the numbers of `x`; the result has `shape`.
pub(in crate::diffusion) fn map1<M: Into<KernelOutput>>(
    name: &'static str,
    x: &Tensor,
    shape: impl Into<Shape>,
    f: impl Fn(Rows<'_>) -> M + Send + Sync,
) -> Result<Tensor> {
    x.contiguous()?.apply_op1_no_bwd(&KernelOp { name, shape: shape.into(), f })
}

/// Reads the numbers of `x`, which is in the processor's memory.
pub(in crate::diffusion) fn read<R>(x: &Tensor, f: impl FnOnce(Rows<'_>) -> R) -> Result<R> {
    let x = x.contiguous()?;
    let (storage, layout) = x.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else { bail!("the tensor is not in the processor's memory") };
    Ok(f(rows(storage, layout)?))
}

/// Runs `f` on the numbers of `x`, and of `y` as f32; the result has `shape`.
pub(in crate::diffusion) fn map2<M: Into<KernelOutput>>(
    name: &'static str,
    (x, y): (&Tensor, &Tensor),
    shape: impl Into<Shape>,
    f: impl Fn(Rows<'_>, &[f32]) -> M + Send + Sync,
) -> Result<Tensor> {
    x.contiguous()?.apply_op2_no_bwd(&y.contiguous()?, &KernelOp { name, shape: shape.into(), f })
}

/// Runs `f` on the numbers of `x`, `y` and `z`, all as f32; the result has `shape`.
pub(in crate::diffusion) fn map3<M: Into<KernelOutput>>(
    name: &'static str,
    (x, y, z): (&Tensor, &Tensor, &Tensor),
    shape: impl Into<Shape>,
    f: impl Fn(&[f32], &[f32], &[f32]) -> M + Send + Sync,
) -> Result<Tensor> {
    x.contiguous()?.apply_op3_no_bwd(&y.contiguous()?, &z.contiguous()?, &KernelOp { name, shape: shape.into(), f })
}

struct KernelOp<F> {
    name: &'static str,
    shape: Shape,
    f: F,
}

impl<F> KernelOp<F> {
    fn result(&self, output: KernelOutput) -> Result<(CpuStorage, Shape)> {
        let (count, storage) = match output {
            KernelOutput::F32(values) => (values.len(), CpuStorage::F32(values)),
            KernelOutput::Bf16(values) => (values.len(), CpuStorage::BF16(values)),
        };
        if count != self.shape.elem_count() {
            bail!("{}: {count} numbers do not make {:?}", self.name, self.shape);
        }
        Ok((storage, self.shape.clone()))
    }
}

fn rows<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<Rows<'a>> {
    let Some((from, to)) = layout.contiguous_offsets() else { bail!("the tensor is not contiguous") };
    match storage {
        CpuStorage::F32(values) => Ok(Rows::F32(&values[from..to])),
        CpuStorage::BF16(values) => Ok(Rows::Bf16(&values[from..to])),
        _ => bail!("the kernels take only f32 and bf16"),
    }
}

fn floats<'a>(rows: &'a Rows<'a>) -> Cow<'a, [f32]> {
    rows.to_f32()
}

impl<M: Into<KernelOutput>, F: Fn(Rows<'_>) -> M + Send + Sync> CustomOp1 for KernelOp<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cpu_fwd(&self, s: &CpuStorage, l: &Layout) -> Result<(CpuStorage, Shape)> {
        self.result((self.f)(rows(s, l)?).into())
    }
}

impl<M: Into<KernelOutput>, F: Fn(Rows<'_>, &[f32]) -> M + Send + Sync> CustomOp2 for KernelOp<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        self.result((self.f)(rows(s1, l1)?, &floats(&rows(s2, l2)?)).into())
    }
}

impl<M: Into<KernelOutput>, F: Fn(&[f32], &[f32], &[f32]) -> M + Send + Sync> CustomOp3 for KernelOp<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, y, z) = (rows(s1, l1)?, rows(s2, l2)?, rows(s3, l3)?);
        self.result((self.f)(&floats(&x), &floats(&y), &floats(&z)).into())
    }
}
