//! Noise for stochastic samplers from one fixed Brownian path, so that more steps follow the same path more
//! finely.
//!
//! The path goes from the lowest to the highest sigma. To find its position at a sigma, the range is halved
//! again and again, and each half is drawn from the seed of its branch. The web UI takes the noise of its SDE
//! samplers from `torchsde.BrownianTree`; this gives the same numbers.

use candle_core::{Device, Result, Tensor};

use super::seed_sequence::seeds;
use super::{Noise, Rng, Shape};

pub(in crate::diffusion) struct Brownian {
    rng: Rng,
    seed: u64,
    shape: Shape,
    /// The lowest and highest sigma.
    range: (f64, f64),
    /// How far the path moves over the whole range.
    whole: Vec<f32>,
}

impl Brownian {
    /// The path of one image. `range` holds the lowest sigma above 0 and the highest.
    pub fn new(rng: Rng, seed: u64, shape: Shape, range: (f64, f64)) -> Self {
        let range = (rounded(range.0), rounded(range.1));
        let length = (range.1 - range.0).sqrt() as f32;
        let [first] = seeds(seed, &[]);
        let mut whole = Noise::new(rng, u64::from(first)).numbers(shape);
        whole.iter_mut().for_each(|v| *v *= length);
        Self { rng, seed, shape, range, whole }
    }

    /// Standard normal noise for the step from one sigma down to another, both above 0.
    pub fn between(&self, sigma: f64, next: f64) -> Result<Tensor> {
        let length = (sigma - next).abs().sqrt() as f32;
        let (from, to) = (self.position_at(self.on_grid(sigma)), self.position_at(self.on_grid(next)));
        let values: Vec<f32> = from.iter().zip(to).map(|(from, to)| (to - from) / length).collect();
        Tensor::from_vec(values, self.shape, &Device::Cpu)
    }

    fn on_grid(&self, sigma: f64) -> f64 {
        rounded(sigma).clamp(self.range.0, self.range.1)
    }

    /// How far the path has moved between the lowest sigma and `sigma`.
    fn position_at(&self, sigma: f64) -> Vec<f32> {
        let (mut start, mut end) = self.range;
        let mut walked = vec![0.0; self.whole.len()];
        let mut ahead = self.whole.clone();
        let (mut branch, mut depth) = (0u32, 0u32);
        while sigma > start {
            let middle = rounded(0.5 * (end + start));
            // Sigmas are rounded to a grid, so a range of one grid step cannot be halved.
            if sigma >= end || middle <= start || middle >= end {
                walked.iter_mut().zip(&ahead).for_each(|(w, a)| *w += a);
                break;
            }
            let (left, right) = (middle - start, end - middle);
            let share = (left / (end - start)) as f32;
            let spread = (left * right / (end - start)).sqrt() as f32;
            let [seed] = seeds(self.seed, &[branch, depth]);
            let noise = Noise::new(self.rng, u64::from(seed)).numbers(self.shape);
            let into_right = sigma > middle;
            for ((walked, ahead), noise) in walked.iter_mut().zip(&mut ahead).zip(noise) {
                let in_left = share * *ahead + spread * noise;
                if into_right {
                    *walked += in_left;
                    *ahead -= in_left;
                } else {
                    *ahead = in_left;
                }
            }
            if into_right {
                start = middle;
            } else {
                end = middle;
            }
            // After 32 halvings of any range of sigmas the parts are smaller than a grid step.
            branch = branch.wrapping_mul(2).wrapping_add(u32::from(into_right));
            depth += 1;
        }
        walked
    }
}

/// Rounds to six decimal places, as the reference does.
fn rounded(value: f64) -> f64 {
    format!("{value:.6}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = (1, 1, 4, 4);

    fn numbers(path: &Brownian, sigma: f64, next: f64) -> Vec<f32> {
        path.between(sigma, next).and_then(|t| t.flatten_all()?.to_vec1()).expect("noise")
    }

    #[test]
    fn the_path_is_the_references() {
        // k-diffusion 0.1.1's BrownianTreeNoiseSampler(zeros(1, 4, 4), 0.0291675, 14.614642, seed)
        // over torchsde 0.2.6, PyTorch's CPU generator: the first four of sixteen numbers.
        for (seed, sigma, next, want) in REFERENCE {
            let path = Brownian::new(Rng::Cpu, seed, SHAPE, (f64::from(0.029_167_5f32), f64::from(14.614_642f32)));
            let got = numbers(&path, sigma, next);
            for (got, want) in got.iter().zip(want) {
                assert!((got - want).abs() < 2e-4, "{seed}, {sigma} to {next}: {got} is not {want}");
            }
        }
    }

    #[test]
    fn two_short_steps_walk_as_far_as_one_long() {
        let path = Brownian::new(Rng::Cuda, 3, SHAPE, (0.03, 14.6));
        let long = numbers(&path, 8.0, 2.0);
        let (first, second) = (numbers(&path, 8.0, 5.0), numbers(&path, 5.0, 2.0));
        for ((long, first), second) in long.iter().zip(first).zip(second) {
            let walked = (first + second) * 3f32.sqrt();
            assert!((long * 6f32.sqrt() - walked).abs() < 1e-4);
        }
    }

    const REFERENCE: [(u64, f64, f64, [f32; 4]); 4] = [
        (0, 14.614642, 10.0, [0.481328, -1.306274, 0.094316, 1.117315]),
        (42, 3.5, 1.25, [-0.549347, -0.155272, -0.884511, 0.939711]),
        (4_294_967_294, 0.5, 0.0291675, [1.326071, -0.130026, -0.789842, -0.182012]),
        (7, 1.0, 0.999, [-0.340040, 0.566269, -0.042836, -0.681224]),
    ];
}
