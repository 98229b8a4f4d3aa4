//! Fails if the convolution kernel has become slow: `cargo run --release --example kernel_guard`.
//!
//! It times a 3×3 convolution and a plain matrix product of the same number of operations by candle's
//! `gemm`, in turns in one process, so that a slow or busy machine slows both.

use std::process::ExitCode;
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use underpaint::kernels::{ConvShape, Edges, Packed, Precision, Weights, conv2d};

/// The least speed of the convolution, relative to the matrix product. Measured: 1.3 and more.
const FLOOR: f64 = 0.7;
/// How often each is timed.
const ROUNDS: usize = 7;
/// Rows and columns of the convolution's input, in pixels.
const SIDE: usize = 64;
/// Its input channels, and its output channels.
const CHANNELS: usize = 320;

fn main() -> ExitCode {
    match ratio() {
        Ok(ratio) if ratio >= FLOOR => {
            println!("the convolution runs at {ratio:.2} times the speed of a plain matrix product (floor {FLOOR})");
            ExitCode::SUCCESS
        }
        Ok(ratio) => {
            eprintln!("the convolution runs at {ratio:.2} times the speed of a plain matrix product, below {FLOOR}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("the comparison failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The speed of the convolution relative to the matrix product, from the best time of each.
fn ratio() -> anyhow::Result<f64> {
    let weights = vec![0.01; CHANNELS * CHANNELS * 9];
    let packed = Packed::new(Weights::F32(&weights), CHANNELS, CHANNELS, 9, Precision::F32);
    let Some(packed) = packed else { anyhow::bail!("the lengths do not fit") };
    let input = vec![0.5; 2 * SIDE * SIDE * CHANNELS];
    let shape = ConvShape { images: 2, height: SIDE, width: SIDE, kernel: 3, stride: 1, edges: Edges::Even(1) };
    let rows = Tensor::ones((2 * SIDE * SIDE, 9 * CHANNELS), DType::F32, &Device::Cpu)?;
    let columns = Tensor::ones((9 * CHANNELS, CHANNELS), DType::F32, &Device::Cpu)?;
    let (mut product, mut convolution) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        std::hint::black_box(rows.matmul(&columns)?);
        product = product.min(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        std::hint::black_box(conv2d(&input, &packed, None, None, &shape));
        convolution = convolution.min(begun.elapsed().as_secs_f64());
    }
    Ok(product / convolution)
}
