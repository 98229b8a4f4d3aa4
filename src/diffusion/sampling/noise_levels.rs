//! The noise levels that a model was trained with.

use crate::diffusion::sampling::scheduler_config::SchedulerConfig;
use crate::engine::Error;

/// The noise levels that a model was trained with, `sigma[t] = sqrt((1 - ᾱ_t) / ᾱ_t)`, rising with `t`.
#[derive(Clone, Debug)]
pub(in crate::diffusion) struct NoiseLevels {
    sigmas: Vec<f64>,
    log_sigmas: Vec<f64>,
}

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
        let mut sigmas = Vec::with_capacity(n);
        for i in 0..n {
            kept *= 1.0 - beta(i)?;
            // The reference keeps the signal's share, and what follows from it, as f32.
            let share = kept as f32;
            sigmas.push(f64::from(((1.0 - share) / share).sqrt()));
        }
        let log_sigmas = sigmas.iter().map(|s| s.ln()).collect();
        Ok(Self { sigmas, log_sigmas })
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
    fn timestep_and_sigma_undo_each_other() {
        let n = levels();
        for t in [0.0, 0.25, 17.5, 500.0, 998.9, 999.0] {
            assert!((n.timestep(n.sigma(t)) - t).abs() < 1e-6);
        }
        assert_eq!(n.timestep(1e9), 999.0);
        assert_eq!(n.timestep(1e-9), 0.0);
    }
}
