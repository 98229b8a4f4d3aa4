//! UniPC (Zhao et al. 2023, "UniPC: a unified predictor-corrector framework"), predicting the clean
//! latent, variant B₁ with h, third order, lower at the end: AUTOMATIC1111's settings of it.
//!
//! With the latent written as `clean + sigma·noise` and lambda = -ln sigma, a step of length h from
//! the last sigma is `x·sigma'/sigma - φ·m₀ - h'·Σ ρᵢ·Dᵢ`, h' = -h, φ = expm1(h'): the exponential
//! integrator of a polynomial through the clean latents at the previous sigmas. The corrector also uses the
//! model's estimate at the new sigma.

use candle_core::Tensor;

use crate::diffusion::sampling::linear_system::solve;
use crate::engine::Error;

const ORDER: usize = 3;

/// A sigma that was passed: -ln of it, and the clean latent there.
struct Passed {
    lambda: f64,
    clean: Tensor,
}

/// Takes `x` down the sigmas, one evaluation a step. `denoise` and `after` are those of [`super::sample`];
/// `after` is called with the corrected latent, once the model has been asked at the end of the step.
pub(super) fn sample(
    mut x: Tensor,
    sigmas: &[f64],
    mut denoise: impl FnMut(&Tensor, f64, usize) -> Result<Tensor, Error>,
    mut after: impl FnMut(usize, Tensor) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    let steps = sigmas.len() - 1;
    let mut passed: Vec<Passed> = Vec::with_capacity(ORDER);
    let mut clean = denoise(&x, sigmas[0], 0)?;
    for step in 1..=steps {
        let (sigma, next) = (sigmas[step - 1], sigmas[step]);
        if next == 0.0 {
            return after(step - 1, clean);
        }
        passed.push(Passed { lambda: -sigma.ln(), clean });
        if passed.len() > ORDER {
            passed.remove(0);
        }
        let order = passed.len().min(steps + 1 - step);
        let update = Update::new(&passed, -next.ln(), order)?;
        let (straight, predicted) = update.predict(&x, next / sigma)?;
        if step == steps {
            return after(step - 1, predicted);
        }
        clean = denoise(&predicted, next, step)?;
        x = after(step - 1, update.correct(straight, &clean)?)?;
    }
    Ok(x)
}

/// One step, with the previous clean latents as differences from the last one.
struct Update<'a> {
    last: &'a Tensor,
    /// `(mᵢ - m₀)/rᵢ`, the latest first.
    differences: Vec<Tensor>,
    /// Where they are in -ln sigma, in units of the step; 1 is the end of the step.
    places: Vec<f64>,
    /// Minus the length of the step.
    h: f64,
}

impl<'a> Update<'a> {
    fn new(passed: &'a [Passed], lambda: f64, order: usize) -> candle_core::Result<Self> {
        let here = &passed[passed.len() - 1];
        let length = lambda - here.lambda;
        let mut places = Vec::with_capacity(order);
        let mut differences = Vec::with_capacity(order);
        for before in passed.iter().rev().skip(1).take(order - 1) {
            let place = (before.lambda - here.lambda) / length;
            differences.push(((&before.clean - &here.clean)? / place)?);
            places.push(place);
        }
        places.push(1.0);
        Ok(Self { last: &here.clean, differences, places, h: -length })
    }

    /// The result for a constant clean latent, and the prediction from the previous clean latents.
    fn predict(&self, x: &Tensor, shrink: f64) -> candle_core::Result<(Tensor, Tensor)> {
        let straight = ((x * shrink)? - (self.last * self.h.exp_m1())?)?;
        let weights = match self.differences.len() {
            0 => Vec::new(),
            1 => vec![0.5],
            n => self.weights(n),
        };
        let mut out = straight.clone();
        for (difference, weight) in self.differences.iter().zip(weights) {
            out = (out - (difference * (self.h * weight))?)?;
        }
        Ok((straight, out))
    }

    /// The step corrected by the model's estimate at its end.
    fn correct(&self, straight: Tensor, clean: &Tensor) -> candle_core::Result<Tensor> {
        let order = self.places.len();
        let weights = if order == 1 { vec![0.5] } else { self.weights(order) };
        let mut out = straight;
        for (difference, weight) in self.differences.iter().zip(&weights) {
            out = (out - (difference * (self.h * weight))?)?;
        }
        out - ((clean - self.last)? * (self.h * weights[order - 1]))?
    }

    /// The ρ of the first `n` clean latents: Σⱼ ρⱼ·rⱼⁱ = (i+1)!·φᵢ₊₂(h)/h for every i below n.
    fn weights(&self, n: usize) -> Vec<f64> {
        let mut matrix = Vec::with_capacity(n);
        let mut target = Vec::with_capacity(n);
        let mut phi = self.h.exp_m1() / self.h - 1.0;
        let mut factorial = 1.0;
        for power in 0..n {
            matrix.push(self.places[..n].iter().map(|place| place.powi(power as i32)).collect::<Vec<_>>());
            target.push(phi * factorial / self.h);
            factorial *= power as f64 + 2.0;
            phi = phi / self.h - 1.0 / factorial;
        }
        solve(matrix, target)
    }
}
