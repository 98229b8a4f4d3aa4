//! Loops over pixels, compiled for wide registers as well.

#[cfg(target_arch = "x86_64")]
use std::sync::LazyLock;

#[cfg(target_arch = "x86_64")]
use pulp::x86::V3;

/// AVX2 and what always comes with it, if this processor has them.
#[cfg(target_arch = "x86_64")]
static AVX2: LazyLock<Option<V3>> = LazyLock::new(V3::try_new);

/// Runs a loop over pixels, in a copy that is compiled for AVX2 if the processor has that. The results are the same: nothing
/// is reordered or contracted.
///
/// Functions that are called in the loop must be `#[inline(always)]`: what is not inlined is not compiled again.
macro_rules! wide {
    ($loop:expr) => {
        crate::paint::wide::run(
            #[inline(always)]
            || $loop,
        )
    };
}

/// Runs the loop of [`wide`], which must be `#[inline(always)]`.
#[inline(always)]
pub(super) fn run<R>(pixels: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = *AVX2 {
        return avx2.vectorize(pixels);
    }
    pixels()
}

pub(super) use wide;
