//! A sampler with what is unusual about its steps.

use candle_core::{Result, Tensor};

use crate::engine::{Sampler, SamplerOptions};

/// A sampler with what is unusual about its steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::diffusion) struct Stepping {
    pub sampler: Sampler,
    /// How much noise a stochastic step adds, 1 is usual and 0 none; DDIM's usual is 0.
    pub eta: f64,
    /// What the noise of steps is multiplied by, in those samplers in which the reference lets it be changed.
    pub noise: f64,
    churn: Churn,
}

/// Noise that is added before a step (Karras et al. 2022, algorithm 2).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Churn {
    amount: f64,
    from: f64,
    to: f64,
}

impl From<Sampler> for Stepping {
    fn from(sampler: Sampler) -> Self {
        Self::new(sampler, &SamplerOptions::default())
    }
}

impl Stepping {
    /// The steps of a sampler with these options.
    pub fn new(sampler: Sampler, options: &SamplerOptions) -> Self {
        let churns = matches!(sampler, Sampler::Euler | Sampler::Heun | Sampler::Dpm2);
        let scales = churns
            || matches!(
                sampler,
                Sampler::Dpm2A | Sampler::DpmPp2sA | Sampler::DpmPpSde | Sampler::DpmPp2mSde | Sampler::DpmPp3mSde
            );
        let to = if options.churn_to > 0.0 { options.churn_to } else { f64::INFINITY };
        Self {
            sampler,
            eta: options.eta_of(sampler),
            noise: if scales { options.step_noise } else { 1.0 },
            churn: if churns {
                Churn { amount: options.churn, from: options.churn_from, to }
            } else {
                Churn::default()
            },
        }
    }

    /// The latent and sigma that a step of `steps` begins with.
    pub fn churned(
        &self,
        x: Tensor,
        (sigma, next): (f64, f64),
        steps: usize,
        noise: &mut dyn FnMut(f64, f64) -> Result<Tensor>,
    ) -> Result<(Tensor, f64)> {
        let Churn { amount, from, to } = self.churn;
        if amount == 0.0 {
            return Ok((x, sigma));
        }
        // k-diffusion draws at every step, whether it uses the noise or not.
        let drawn = noise(sigma, next)?;
        let gamma = if (from..=to).contains(&sigma) {
            (amount / steps as f64).min(std::f64::consts::SQRT_2 - 1.0)
        } else {
            0.0
        };
        if gamma == 0.0 {
            return Ok((x, sigma));
        }
        let higher = sigma * (gamma + 1.0);
        Ok(((x + (drawn * (higher * higher - sigma * sigma).sqrt())?)?, higher))
    }
}
