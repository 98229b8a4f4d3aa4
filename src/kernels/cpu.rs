//! Which vector instructions this machine has.

use std::sync::OnceLock;

/// The sets of instructions that kernels exist for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// 16 lanes of f32 (x86-64-v4).
    Avx512,
    /// 8 lanes of f32 with fused multiply-add (x86-64-v3).
    Avx2,
    /// What the compiler makes of plain loops: NEON on Arm, SSE2 on old x86.
    Plain,
}

/// The best set this machine has, asked for once.
///
/// `UNDERPAINT_INSTRUCTIONS` may name a lesser one, `avx2` or `plain`: for tests of all kernels on one machine, and
/// for seeing what an older one would need. Anything else counts as unset.
pub fn instructions() -> Instructions {
    static FOUND: OnceLock<Instructions> = OnceLock::new();
    *FOUND.get_or_init(find)
}

/// Whether this machine multiplies bfloat16 faster than f32 (AVX-512 with its bf16 products).
pub fn bf16_is_fast() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        static FOUND: OnceLock<bool> = OnceLock::new();
        *FOUND.get_or_init(|| instructions() == Instructions::Avx512 && is_x86_feature_detected!("avx512bf16"))
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

#[cfg(target_arch = "x86_64")]
fn find() -> Instructions {
    let less = std::env::var("UNDERPAINT_INSTRUCTIONS").unwrap_or_default();
    if less == "plain" {
        Instructions::Plain
    } else if less != "avx2" && is_x86_feature_detected!("avx512f") {
        Instructions::Avx512
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        Instructions::Avx2
    } else {
        Instructions::Plain
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn find() -> Instructions {
    Instructions::Plain
}

/// Compiles a function's body once for each set of instructions and calls the one that fits.
///
/// The body must be an `#[inline(always)]` function, so that it is compiled with the caller's
/// instructions.
macro_rules! for_each_cpu {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $kind:ty),* $(,)?) = $body:path) => {
        $(#[$doc])*
        $vis fn $name($($arg: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                fn avx512($($arg: $kind),*) { $body($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $kind),*) { $body($($arg),*) }
                match $crate::kernels::cpu::instructions() {
                    // SAFETY: `instructions` has seen that this machine has them.
                    #[allow(unsafe_code)]
                    $crate::kernels::cpu::Instructions::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    #[allow(unsafe_code)]
                    $crate::kernels::cpu::Instructions::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::kernels::cpu::Instructions::Plain => {}
                }
            }
            #[allow(unreachable_code)]
            $body($($arg),*)
        }
    };
}
pub(super) use for_each_cpu;
