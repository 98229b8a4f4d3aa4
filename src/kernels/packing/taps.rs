//! The taps of convolution kernels on their way from a file's order into a panel.
//!
//! A 3×3 kernel has nine numbers for each pair of output and input, its taps. An algorithm may want other
//! numbers in their place, computed from the nine; it says which by a [`TapTransform`].

use crate::kernels::cpu::for_each_cpu;
use crate::kernels::micro::Multiply;

/// How many inputs are packed together: whole vectors, and few enough that what is written stays in the
/// cache.
pub const STRIP: usize = 32;
/// The most numbers that one pair of output and input has, before or after a transform.
pub const MAX_TAPS: usize = 36;

/// The kernels of one output and a strip of inputs: for each tap, the inputs side by side.
pub type Strip = [[f32; STRIP]; MAX_TAPS];

/// What a convolution multiplies with instead of the taps of a kernel.
pub trait TapTransform: Copy + Sync {
    /// How many numbers take the place of `taps` taps.
    fn count(self, taps: usize) -> usize;

    /// Computes these numbers from the taps of a strip, in `scratch` if it needs to, and returns where they
    /// are. To be `#[inline(always)]`, so that it is compiled for the machine's instructions.
    fn apply<'a>(self, kernels: &'a Strip, scratch: &'a mut Strip) -> &'a Strip;
}

/// Leaves the taps as they are.
#[derive(Clone, Copy)]
pub struct Unchanged;

impl TapTransform for Unchanged {
    fn count(self, taps: usize) -> usize {
        taps
    }

    #[inline(always)]
    fn apply<'a>(self, kernels: &'a Strip, _: &'a mut Strip) -> &'a Strip {
        kernels
    }
}

/// Where the kernels of one output and a strip of inputs go in a panel.
#[derive(Clone, Copy)]
pub struct Destination<F> {
    /// Taps of a kernel in the file.
    pub taps: usize,
    /// What takes the place of the taps.
    pub transform: F,
    /// Outputs of the panel, with the padding.
    pub width: usize,
    /// Numbers of one tap in the panel.
    pub tap_size: usize,
    /// Where the strip's first input begins in the panel's first tap.
    pub first: usize,
}

/// Memory for the steps in between.
pub struct Scratch {
    kernels: Strip,
    transformed: Strip,
}

impl Scratch {
    /// All zeros.
    pub fn new() -> Self {
        Self { kernels: [[0.0; STRIP]; MAX_TAPS], transformed: [[0.0; STRIP]; MAX_TAPS] }
    }
}

for_each_cpu! {
    /// Transforms the kernels `[inputs, taps]` of one output and up to [`STRIP`] inputs, and writes them to
    /// their panel in its precision.
    pub fn write_strip<T: Multiply, F: TapTransform>(
        kernels: &[f32],
        destination: Destination<F>,
        scratch: &mut Scratch,
        panel: &mut [T],
    ) = write_strip_body
}

#[inline(always)]
fn write_strip_body<T: Multiply, F: TapTransform>(
    kernels: &[f32],
    destination: Destination<F>,
    scratch: &mut Scratch,
    panel: &mut [T],
) {
    let Destination { taps, transform, width, tap_size, first } = destination;
    let Scratch { kernels: by_tap, transformed } = scratch;
    let inputs = kernels.len() / taps;
    if taps == 1 {
        by_tap[0][..inputs].copy_from_slice(kernels);
    } else {
        for (tap, row) in by_tap[..taps].iter_mut().enumerate() {
            for (value, kernel) in row.iter_mut().zip(kernels.chunks_exact(taps)) {
                *value = kernel[tap];
            }
        }
    }
    let result = transform.apply(by_tap, transformed);
    for (tap, row) in result[..transform.count(taps)].iter().enumerate() {
        let mut narrowed = [T::default(); STRIP];
        for (narrowed, value) in narrowed.iter_mut().zip(row) {
            *narrowed = T::narrow(*value);
        }
        let lines = panel[tap * tap_size + first..].chunks_mut(width * T::GROUP);
        for (line, group) in lines.zip(narrowed[..inputs].chunks_exact(T::GROUP)) {
            line[..T::GROUP].copy_from_slice(group);
        }
    }
}
