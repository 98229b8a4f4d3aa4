//! How fast this machine does each kind of work: a few of the kernels, timed for a part of a second.

use std::sync::OnceLock;
use std::time::Instant;

use super::work::Work;
use crate::kernels::{
    AttentionShape, ConvShape, Edges, Packed, Precision, Weights, attention, conv2d, group_norm, linear,
};

/// How often each kernel is timed; the best counts.
const RUNS: usize = 3;

/// Work of each kind a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rates(Work);

impl Rates {
    /// The rates of this machine, measured when they are first asked for.
    pub fn of_this_machine(precision: Precision) -> Self {
        static F32: OnceLock<Rates> = OnceLock::new();
        static F16: OnceLock<Rates> = OnceLock::new();
        static BF16: OnceLock<Rates> = OnceLock::new();
        let measured = match precision {
            Precision::F32 => &F32,
            Precision::F16 => &F16,
            Precision::Bf16 => &BF16,
        };
        *measured.get_or_init(|| Self::measure(precision))
    }

    /// Seconds for so much work.
    pub fn seconds(&self, work: Work) -> f64 {
        let Self(rates) = self;
        let parts = [
            (work.winograd, rates.winograd),
            (work.few_winograd, rates.few_winograd),
            (work.direct, rates.direct),
            (work.linear, rates.linear),
            (work.attention, rates.attention),
            (work.moved, rates.moved),
        ];
        parts.into_iter().map(|(amount, rate)| amount / rate.max(1.0)).sum()
    }

    fn measure(precision: Precision) -> Self {
        const WIDTH: usize = 320;
        const SIDE: usize = 32;
        const ROWS: usize = SIDE * SIDE;
        // A level of a UNet with more channels and fewer pixels.
        const MANY: usize = 2 * WIDTH;
        const FEW_ROWS: usize = ROWS / 4;
        let numbers = |count: usize| (0..count).map(|i| (i % 101) as f32 / 50.0 - 1.0).collect::<Vec<f32>>();
        let input = numbers(ROWS * WIDTH);
        let deep = numbers(FEW_ROWS * MANY);
        let weights = numbers(9 * MANY * MANY);
        let shape = ConvShape { images: 1, height: SIDE, width: SIDE, kernel: 3, stride: 1, edges: Edges::Even(1) };
        let pixels = ROWS as f64;
        let winograd = Packed::winograd(Weights::F32(&weights), MANY, MANY, precision);
        let few = Packed::winograd(Weights::F32(&weights[..9 * WIDTH * WIDTH]), WIDTH, WIDTH, precision);
        let direct = Packed::new(Weights::F32(&weights[..9 * WIDTH * WIDTH]), WIDTH, WIDTH, 9, precision);
        let products = Packed::new(Weights::F32(&weights[..4 * WIDTH * WIDTH]), 4 * WIDTH, WIDTH, 1, precision);
        let heads = AttentionShape { batch: 1, heads: 8, depth: WIDTH / 8, queries: ROWS, keys: ROWS };
        let small = ConvShape { height: SIDE / 2, width: SIDE / 2, ..shape };
        let convolve = |packed: Option<Packed>, input: &[f32], shape: ConvShape| {
            packed.map_or(f64::INFINITY, |packed| best(|| conv2d(input, &packed, None, None, &shape)))
        };
        let (gain, bias) = (vec![1.0; WIDTH], vec![0.0; WIDTH]);
        Self(Work {
            winograd: Work::conv3(MANY, MANY, FEW_ROWS as f64, false).winograd / convolve(winograd, &deep, small),
            few_winograd: Work::conv3(WIDTH, WIDTH, pixels, false).few_winograd / convolve(few, &input, shape),
            direct: Work::direct(WIDTH, WIDTH, 9, pixels).direct / convolve(direct, &input, shape),
            linear: Work::linear(WIDTH, 4 * WIDTH, pixels).linear
                / products.map_or(f64::INFINITY, |packed| best(|| linear(&input, &packed, None, None))),
            attention: Work::attention(pixels, pixels, WIDTH).attention
                / match precision {
                    Precision::F32 | Precision::F16 => best(|| attention::<f32>(&input, &input, &input, &heads)),
                    Precision::Bf16 => best(|| attention::<half::bf16>(&input, &input, &input, &heads)),
                },
            moved: Work::norm(WIDTH, pixels).moved
                / best(|| group_norm::<f32>(&input, 1, 32, &gain, &bias, 1e-5, true)),
        })
    }
}

/// Seconds of the fastest of a few runs, at least a microsecond.
fn best<T>(work: impl Fn() -> T) -> f64 {
    let timed = (0..RUNS).map(|_| {
        let begun = Instant::now();
        std::hint::black_box(work());
        begun.elapsed().as_secs_f64()
    });
    timed.fold(f64::INFINITY, f64::min).max(1e-6)
}
