//! The learned vectors of the patches' places, for a grid of another size: bicubic interpolation as PyTorch has it (a = -0.75,
//! places outside as the nearest ones inside, corners not aligned).

use candle_core::{Device, Tensor};

/// The cubic's free parameter.
const A: f64 = -0.75;

/// Vectors `[1, side·side, width]` of a square grid as `[1, h·w, width]`.
///
/// # Errors
/// If the vectors are not as many as the grid has places.
pub(super) fn resized(vectors: &Tensor, side: usize, grid: (usize, usize)) -> candle_core::Result<Tensor> {
    if grid == (side, side) {
        return Ok(vectors.clone());
    }
    let width = vectors.dim(2)?;
    // Both directions as products with the matrices of the weights.
    let down = weights(side, grid.0)?;
    let across = weights(side, grid.1)?;
    let rows = down.matmul(&vectors.reshape((side, side * width))?)?;
    let columns =
        rows.reshape((grid.0, side, width))?.transpose(0, 1)?.contiguous()?.reshape((side, grid.0 * width))?;
    let made = across.matmul(&columns)?.reshape((grid.1, grid.0, width))?.transpose(0, 1)?.contiguous()?;
    made.reshape((1, grid.0 * grid.1, width))
}

/// How much each of `from` places counts for each of `to`, `[to, from]`.
fn weights(from: usize, to: usize) -> candle_core::Result<Tensor> {
    let mut weights = vec![0f32; from * to];
    for (place, row) in weights.chunks_exact_mut(from.max(1)).enumerate() {
        let at = (place as f64 + 0.5) * from as f64 / to as f64 - 0.5;
        let first = at.floor();
        for offset in -1..=2 {
            let neighbour = first + f64::from(offset);
            let inside = neighbour.clamp(0.0, from as f64 - 1.0) as usize;
            row[inside] += cubic(at - neighbour) as f32;
        }
    }
    Tensor::from_vec(weights, (to, from), &Device::Cpu)
}

/// The cubic convolution kernel (Keys 1981).
fn cubic(distance: f64) -> f64 {
    match distance.abs() {
        x if x <= 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        x if x < 2.0 => ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A,
        _ => 0.0,
    }
}
