//! Which vector instructions this machine has, and functions compiled once for each set of them.

use std::sync::OnceLock;

/// A set of vector instructions that the kernels are written or compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// AVX-512: 16 lanes of f32.
    Avx512,
    /// AVX2 with fused multiply-add: 8 lanes of f32.
    Avx2,
    /// NEON, on 64-bit Arm: 4 lanes of f32 in twice as many registers as AVX2 has.
    Neon,
    /// Whatever the compiler makes of plain loops: SSE2 on older x86 processors.
    Plain,
}

/// The best set of instructions this machine has. The processor is asked once per process; 64-bit Arm is not asked,
/// because NEON is part of it.
///
/// The environment variable `UNDERPAINT_INSTRUCTIONS` selects a lesser set, `avx2` or `plain`, so that
/// one machine can test and time all kernels. Any other value is ignored.
pub fn instructions() -> Instructions {
    static FOUND: OnceLock<Instructions> = OnceLock::new();
    *FOUND.get_or_init(detect)
}

/// Whether this machine multiplies bfloat16 faster than f32, which takes AVX-512 with its bfloat16
/// instructions, of a processor that is not Intel's: theirs were measured to do less with them than with f32 (a third, on
/// sixteen cores of a Xeon).
pub fn bf16_is_fast() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        static FOUND: OnceLock<bool> = OnceLock::new();
        *FOUND.get_or_init(|| has_bf16() && !is_intel())
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether the processor's maker is Intel.
#[cfg(target_arch = "x86_64")]
fn is_intel() -> bool {
    let answer = std::arch::x86_64::__cpuid(0);
    [answer.ebx, answer.edx, answer.ecx].map(u32::to_le_bytes).as_flattened() == b"GenuineIntel"
}

/// Whether this machine has AVX-512 with its bfloat16 instructions.
pub fn has_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        static FOUND: OnceLock<bool> = OnceLock::new();
        *FOUND.get_or_init(|| {
            instructions() == Instructions::Avx512
                && is_x86_feature_detected!("avx512bf16")
                && is_x86_feature_detected!("avx512bw")
        })
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether this machine widens half-precision numbers in registers, so that weights kept in them cost little: with F16C,
/// which every processor with AVX2 has, though a virtual machine may hide it, and with NEON.
pub fn f16_is_fast() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        static FOUND: OnceLock<bool> = OnceLock::new();
        *FOUND.get_or_init(|| instructions() != Instructions::Plain && is_x86_feature_detected!("f16c"))
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        instructions() == Instructions::Neon
    }
}

/// The compiler lets code for AVX-512 use AVX2, FMA and F16C, and code for AVX-512's bfloat16 use
/// AVX-512BW, so these are asked for too. Every processor sold with the former has the latter; a
/// virtual machine may hide one of them.
#[cfg(target_arch = "x86_64")]
fn detect() -> Instructions {
    let limit = std::env::var("UNDERPAINT_INSTRUCTIONS").unwrap_or_default();
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = avx2 && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("f16c");
    match limit.as_str() {
        "plain" => Instructions::Plain,
        "avx2" if avx2 => Instructions::Avx2,
        _ if avx512 => Instructions::Avx512,
        _ if avx2 => Instructions::Avx2,
        _ => Instructions::Plain,
    }
}

#[cfg(target_arch = "aarch64")]
fn detect() -> Instructions {
    match std::env::var("UNDERPAINT_INSTRUCTIONS").as_deref() {
        Ok("plain") => Instructions::Plain,
        _ => Instructions::Neon,
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn detect() -> Instructions {
    Instructions::Plain
}

/// Compiles a function's body once for each set of instructions, and calls the one for this machine. On 64-bit Arm there
/// is one body, which the compiler writes with NEON as it is.
///
/// The body must be an `#[inline(always)]` function, so that it is compiled with the instructions of
/// the function that calls it.
macro_rules! for_each_cpu {
    (
        $(#[$doc:meta])*
        $vis:vis fn $name:ident $(<$($type:ident: $bound:path),+>)? ($($arg:ident: $kind:ty),* $(,)?) = $body:path
    ) => {
        $(#[$doc])*
        $vis fn $name $(<$($type: $bound),+>)? ($($arg: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                fn avx512 $(<$($type: $bound),+>)? ($($arg: $kind),*) { $body($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2 $(<$($type: $bound),+>)? ($($arg: $kind),*) { $body($($arg),*) }
                match $crate::kernels::cpu::instructions() {
                    $crate::kernels::cpu::Instructions::Avx512 => {
                        // SAFETY: the function needs AVX-512 and nothing else, and `instructions` found it.
                        #[allow(unsafe_code)]
                        return unsafe { avx512 $(::<$($type),+>)? ($($arg),*) };
                    }
                    $crate::kernels::cpu::Instructions::Avx2 => {
                        // SAFETY: the function needs AVX2 and FMA and nothing else, and `instructions` found them.
                        #[allow(unsafe_code)]
                        return unsafe { avx2 $(::<$($type),+>)? ($($arg),*) };
                    }
                    $crate::kernels::cpu::Instructions::Neon | $crate::kernels::cpu::Instructions::Plain => {}
                }
            }
            $body($($arg),*)
        }
    };
}
pub(super) use for_each_cpu;
