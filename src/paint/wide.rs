//! Loops over pixels, compiled for wide registers as well.

use std::sync::LazyLock;

use pulp::Arch;

/// What this processor has.
pub(super) static PROCESSOR: LazyLock<Arch> = LazyLock::new(Arch::new);

/// Runs a loop over pixels, in a copy that is compiled for AVX2 if the processor has that. The results are the same: nothing
/// is reordered or contracted.
///
/// Functions that are called in the loop must be `#[inline(always)]`: what is not inlined is not compiled again.
macro_rules! wide {
    ($loop:expr) => {
        crate::paint::wide::PROCESSOR.dispatch(
            #[inline(always)]
            || $loop,
        )
    };
}

pub(super) use wide;
