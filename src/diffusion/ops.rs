//! The program's own kernels as operations on candle tensors.
//!
//! Tensors go in and come out channels-last: `[b, h, w, c]` or `[b, n, c]`, f32, on the CPU.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, bail};

/// Runs `f` on the numbers of `x`; the result has `shape`.
pub(super) fn map1(
    name: &'static str,
    x: &Tensor,
    shape: impl Into<Shape>,
    f: impl Fn(&[f32]) -> Vec<f32> + Send + Sync,
) -> Result<Tensor> {
    x.contiguous()?.apply_op1_no_bwd(&Map { name, shape: shape.into(), f })
}

/// The same with two tensors.
pub(super) fn map2(
    name: &'static str,
    (x, y): (&Tensor, &Tensor),
    shape: impl Into<Shape>,
    f: impl Fn(&[f32], &[f32]) -> Vec<f32> + Send + Sync,
) -> Result<Tensor> {
    x.contiguous()?.apply_op2_no_bwd(&y.contiguous()?, &Map { name, shape: shape.into(), f })
}

/// The same with three.
pub(super) fn map3(
    name: &'static str,
    (x, y, z): (&Tensor, &Tensor, &Tensor),
    shape: impl Into<Shape>,
    f: impl Fn(&[f32], &[f32], &[f32]) -> Vec<f32> + Send + Sync,
) -> Result<Tensor> {
    x.contiguous()?.apply_op3_no_bwd(&y.contiguous()?, &z.contiguous()?, &Map { name, shape: shape.into(), f })
}

struct Map<F> {
    name: &'static str,
    shape: Shape,
    f: F,
}

impl<F> Map<F> {
    fn result(&self, values: Vec<f32>) -> Result<(CpuStorage, Shape)> {
        if values.len() != self.shape.elem_count() {
            bail!("{}: {} numbers do not make {:?}", self.name, values.len(), self.shape);
        }
        Ok((CpuStorage::F32(values), self.shape.clone()))
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((from, to)) = layout.contiguous_offsets() else { bail!("the numbers do not lie side by side") };
    Ok(&storage.as_slice::<f32>()?[from..to])
}

impl<F: Fn(&[f32]) -> Vec<f32> + Send + Sync> CustomOp1 for Map<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cpu_fwd(&self, s: &CpuStorage, l: &Layout) -> Result<(CpuStorage, Shape)> {
        self.result((self.f)(values(s, l)?))
    }
}

impl<F: Fn(&[f32], &[f32]) -> Vec<f32> + Send + Sync> CustomOp2 for Map<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        self.result((self.f)(values(s1, l1)?, values(s2, l2)?))
    }
}

impl<F: Fn(&[f32], &[f32], &[f32]) -> Vec<f32> + Send + Sync> CustomOp3 for Map<F> {
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
        self.result((self.f)(values(s1, l1)?, values(s2, l2)?, values(s3, l3)?))
    }
}
