//! The noise levels that a model was trained with.

use crate::diffusion::sampling::scheduler_config::SchedulerConfig;
use crate::engine::{Error, SamplerOptions};

/// The noise levels that a model was trained with, `sigma[t] = sqrt((1 - ᾱ_t) / ᾱ_t)`, rising with `t`.
#[derive(Clone, Debug)]
pub(in crate::diffusion) struct NoiseLevels {
    sigmas: Vec<f64>,
    log_sigmas: Vec<f64>,
}

/// What diffusers puts in the place of a share of 0, 2⁻²⁴.
const DIFFUSERS_LAST_SHARE: f32 = 1.0 / 16_777_216.0;
/// What AUTOMATIC1111 puts there.
const WEB_UI_LAST_SHARE: f32 = 4.897_345e-8;

impl NoiseLevels {
    pub fn new(config: &SchedulerConfig) -> Result<Self, Error> {
        let n = config.num_train_timesteps;
        let (start, end) = (config.beta_start, config.beta_end);
        let sane = (2..=100_000).contains(&n) && start > 0.0 && end > start && end < 1.0;
        if !sane {
            return Err(Error::Unsupported("its noise schedule is out of range".into()));
        }
        let share = |i: usize| i as f64 / (n - 1) as f64;
        let beta = |i: usize| match config.beta_schedule.as_str() {
            "scaled_linear" => Ok((start.sqrt() + share(i) * (end.sqrt() - start.sqrt())).powi(2)),
            "linear" => Ok(start + share(i) * (end - start)),
            other => Err(Error::Unsupported(format!("its noise schedule is {other}"))),
        };
        let mut kept = 1.0;
        let mut shares = Vec::with_capacity(n);
        for i in 0..n {
            kept *= 1.0 - beta(i)?;
            // The reference keeps the signal's share, and what follows from it, as f32.
            shares.push(kept as f32);
        }
        let levels = Self::of_shares(&shares);
        Ok(if config.rescale_betas_zero_snr { levels.zero_terminal_snr(DIFFUSERS_LAST_SHARE) } else { levels })
    }

    /// These noise levels, or those that are asked for in their place.
    #[must_use]
    pub fn with(&self, options: &SamplerOptions) -> Self {
        if options.zero_snr { self.zero_terminal_snr(WEB_UI_LAST_SHARE) } else { self.clone() }
    }

    /// The noise levels where the signal has these shares of the variance, ᾱ.
    fn of_shares(shares: &[f32]) -> Self {
        let sigmas: Vec<f64> = shares.iter().map(|share| f64::from(((1.0 - share) / share).sqrt())).collect();
        let log_sigmas = sigmas.iter().map(|s| s.ln()).collect();
        Self { sigmas, log_sigmas }
    }

    /// The noise levels rescaled so that at the last timestep nothing of the picture is left (Lin et al. 2023, algorithm
    /// 1): √ᾱ is moved down to 0 there and stretched to what it was at the first. A share of 0 would be an infinite sigma;
    /// `last` is in its place.
    #[must_use]
    pub fn zero_terminal_snr(&self, last: f32) -> Self {
        let roots: Vec<f64> = self.sigmas.iter().map(|sigma| 1.0 / (sigma * sigma + 1.0).sqrt()).collect();
        let (first, end) = (roots[0], roots[roots.len() - 1]);
        let mut shares: Vec<f32> =
            roots.iter().map(|root| ((root - end) * first / (first - end)).powi(2) as f32).collect();
        if let Some(share) = shares.last_mut() {
            *share = last;
        }
        Self::of_shares(&shares)
    }

    /// The timestep of a sigma, interpolated in log sigma and not rounded (k-diffusion).
    pub fn timestep(&self, sigma: f64) -> f64 {
        let log = sigma.ln();
        let above = self.log_sigmas.partition_point(|l| *l <= log);
        let low = above.saturating_sub(1).min(self.log_sigmas.len() - 2);
        let (a, b) = (self.log_sigmas[low], self.log_sigmas[low + 1]);
        low as f64 + ((log - a) / (b - a)).clamp(0.0, 1.0)
    }

    /// The sigma of a timestep, the inverse of [`NoiseLevels::timestep`].
    pub fn sigma(&self, timestep: f64) -> f64 {
        let low = (timestep.floor() as usize).min(self.log_sigmas.len() - 2);
        let w = timestep - low as f64;
        ((1.0 - w) * self.log_sigmas[low] + w * self.log_sigmas[low + 1]).exp()
    }

    /// The sigma between two timesteps with the logarithm of the signal's share, `-ln(1 + sigma²)/2`,
    /// on a line between theirs, as DPM-Solver and UniPC see continuous time.
    pub fn sigma_between(&self, timestep: f64) -> f64 {
        let low = (timestep.max(0.0) as usize).min(self.sigmas.len() - 2);
        let w = timestep - low as f64;
        let log_signal = |sigma: f64| -0.5 * (sigma * sigma).ln_1p();
        let log = (1.0 - w) * log_signal(self.sigmas[low]) + w * log_signal(self.sigmas[low + 1]);
        (-2.0 * log).exp_m1().sqrt()
    }

    /// How many noise levels there are.
    pub fn count(&self) -> usize {
        self.sigmas.len()
    }

    /// The lowest and the highest sigma.
    pub fn range(&self) -> (f64, f64) {
        (self.sigmas[0], self.sigmas[self.sigmas.len() - 1])
    }

    /// The sigma of a whole timestep; beyond the last, the last.
    pub fn trained(&self, timestep: usize) -> f64 {
        self.sigmas[timestep.min(self.sigmas.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels() -> NoiseLevels {
        NoiseLevels::new(&SchedulerConfig::default()).expect("the standard schedule")
    }

    #[test]
    fn stable_diffusions_sigmas_reach_from_0_03_to_14_6() {
        let n = levels();
        assert!((n.sigmas[0] - 0.029_167).abs() < 1e-5);
        assert!((n.sigmas[999] - 14.614_6).abs() < 1e-3);
    }

    #[test]
    fn a_rescaled_schedule_ends_without_any_signal() {
        // diffusers 0.42.1, rescale_zero_terminal_snr of the betas in f64.
        let config = SchedulerConfig { rescale_betas_zero_snr: true, ..SchedulerConfig::default() };
        let n = NoiseLevels::new(&config).expect("the schedule");
        for (t, wanted) in
            [(0, 0.029_167_16), (1, 0.042_067_57), (500, 1.774_557_5), (900, 18.351_919), (998, 2_254.238)]
        {
            assert!((n.sigmas[t] / wanted - 1.0).abs() < 1e-4, "{t}: {} is not {wanted}", n.sigmas[t]);
        }
        assert!((n.sigmas[999] - 4096.0).abs() < 0.01, "{}", n.sigmas[999]);
        assert!((levels().zero_terminal_snr(WEB_UI_LAST_SHARE).sigmas[999] - 4518.8).abs() < 0.1);
        assert!(n.sigmas.windows(2).all(|pair| pair[0] < pair[1]));
        for t in [0.0, 500.5, 998.9] {
            assert!((n.timestep(n.sigma(t)) - t).abs() < 1e-6);
        }
    }

    #[test]
    fn timestep_and_sigma_undo_each_other() {
        let n = levels();
        for t in [0.0, 0.25, 17.5, 500.0, 998.9, 999.0] {
            assert!((n.timestep(n.sigma(t)) - t).abs() < 1e-6);
        }
        assert_eq!(n.timestep(1e9), 999.0);
        assert_eq!(n.timestep(1e-9), 0.0);
    }
}
