//! What latent consistency models were distilled on: 50 of the 1000 timesteps, and a boundary condition
//! (Luo et al. 2023), as AUTOMATIC1111 samples them.

use candle_core::{Result, Tensor};

use crate::diffusion::sampling::noise_levels::NoiseLevels;

/// Timesteps of the distillation.
const GRID: usize = 50;
/// Standard deviation of the data in the boundary condition.
const DATA: f64 = 0.5;
/// Scale of timesteps in the boundary condition.
const SCALING: f64 = 10.0;

/// Timestep `k` of the grid, from the lowest.
fn grid_timestep(levels: &NoiseLevels, k: usize) -> usize {
    let stride = (levels.count() / GRID).max(1);
    (k * stride + stride - 1).min(levels.count() - 1)
}

/// `steps` falling sigmas, evenly along the grid and interpolated in log sigma, then 0.
pub(super) fn sigmas(levels: &NoiseLevels, steps: usize) -> Vec<f64> {
    let log = |k: usize| levels.trained(grid_timestep(levels, k)).ln();
    let top = (GRID - 1) as f64;
    let at = |i: usize| {
        let k = if steps == 1 { top } else { top * (1.0 - i as f64 / (steps - 1) as f64) };
        let low = (k as usize).min(GRID - 2);
        let share = k - low as f64;
        ((1.0 - share) * log(low) + share * log(low + 1)).exp()
    };
    (0..steps).map(at).chain([0.0]).collect()
}

/// The timestep of the grid whose log sigma is nearest.
pub(super) fn timestep(levels: &NoiseLevels, sigma: f64) -> f64 {
    let away = |k: &usize| (levels.trained(grid_timestep(levels, *k)).ln() - sigma.ln()).abs();
    let nearest = (0..GRID).min_by(|a, b| away(a).total_cmp(&away(b))).unwrap_or(0);
    grid_timestep(levels, nearest) as f64
}

/// The boundary condition: near timestep 0 the result is `x` itself.
pub(super) fn boundary_condition(clean: Tensor, x: &Tensor, timestep: f64) -> Result<Tensor> {
    let scaled = timestep * SCALING;
    let size = scaled * scaled + DATA * DATA;
    (clean * (scaled / size.sqrt()))? + (x * (DATA * DATA / size))?
}
