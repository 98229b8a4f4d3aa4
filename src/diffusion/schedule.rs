//! Noise levels: what the model was trained on, and the sigmas a sampler walks down.

use super::Error;
use super::config::ScheduleConfig;

/// The training noise levels of a model, `sigma[t] = sqrt((1 - ᾱ_t) / ᾱ_t)`, rising with `t`.
#[derive(Clone, Debug)]
pub(super) struct Noising {
    sigmas: Vec<f64>,
    log_sigmas: Vec<f64>,
}

impl Noising {
    pub fn new(config: &ScheduleConfig) -> Result<Self, Error> {
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
            sigmas.push(((1.0 - kept) / kept).sqrt());
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

    /// The sigma of a timestep, the inverse of [`Noising::timestep`].
    fn sigma(&self, timestep: f64) -> f64 {
        let low = (timestep.floor() as usize).min(self.log_sigmas.len() - 2);
        let w = timestep - low as f64;
        ((1.0 - w) * self.log_sigmas[low] + w * self.log_sigmas[low + 1]).exp()
    }

    /// `steps` sigmas spaced as Karras et al. 2022 (eq. 5, rho 7), falling, and a final 0.
    pub fn karras(&self, steps: usize) -> Vec<f64> {
        const RHO: f64 = 7.0;
        let low = self.sigmas[0].powf(1.0 / RHO);
        let high = self.sigmas[self.sigmas.len() - 1].powf(1.0 / RHO);
        let ramp = |i: usize| if steps == 1 { 0.0 } else { i as f64 / (steps - 1) as f64 };
        (0..steps).map(|i| (high + ramp(i) * (low - high)).powf(RHO)).chain([0.0]).collect()
    }

    /// `steps` sigmas at evenly spaced timesteps, falling, and a final 0.
    pub fn uniform(&self, steps: usize) -> Vec<f64> {
        let top = (self.sigmas.len() - 1) as f64;
        let ramp = |i: usize| if steps == 1 { 0.0 } else { i as f64 / (steps - 1) as f64 };
        (0..steps).map(|i| self.sigma(top * (1.0 - ramp(i)))).chain([0.0]).collect()
    }
}

/// How many of `steps` img2img runs at a denoising strength: AUTOMATIC1111's rule.
///
/// `t_enc = int(min(strength, 0.999) * steps)` and sampling starts at sigma index
/// `steps - t_enc - 1`, so `t_enc + 1` steps are left: 20 at 0.75 run 16.
pub fn steps_that_run(steps: usize, strength: f64) -> usize {
    ((strength.clamp(0.0, 0.999) * steps as f64) as usize + 1).min(steps.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noising() -> Noising {
        Noising::new(&ScheduleConfig::default()).expect("the standard schedule")
    }

    #[test]
    fn stable_diffusions_sigmas_reach_from_0_03_to_14_6() {
        let n = noising();
        assert!((n.sigmas[0] - 0.029_167).abs() < 1e-5);
        assert!((n.sigmas[999] - 14.614_6).abs() < 1e-3);
    }

    #[test]
    fn karras_sigmas_are_those_k_diffusion_prints() {
        // k-diffusion 0.1.1, get_sigmas_karras(5, 0.02916753850877285, 14.614641189575195).
        let expected = [14.6146, 4.7965, 1.2741, 0.2480, 0.0292, 0.0];
        for (got, want) in noising().karras(5).iter().zip(expected) {
            assert!((got - want).abs() < 6e-5, "{got} is not {want}");
        }
    }

    #[test]
    fn timestep_and_sigma_undo_each_other() {
        let n = noising();
        for t in [0.0, 0.25, 17.5, 500.0, 998.9, 999.0] {
            assert!((n.timestep(n.sigma(t)) - t).abs() < 1e-6);
        }
        assert_eq!(n.timestep(1e9), 999.0);
        assert_eq!(n.timestep(1e-9), 0.0);
    }

    #[test]
    fn both_schedules_fall_to_zero() {
        for steps in [1, 2, 20, 150] {
            for sigmas in [noising().karras(steps), noising().uniform(steps)] {
                assert_eq!(sigmas.len(), steps + 1);
                assert!(sigmas.windows(2).all(|w| w[1] < w[0]));
                assert_eq!(sigmas[steps], 0.0);
            }
        }
    }

    #[test]
    fn twenty_steps_at_three_quarters_run_sixteen() {
        assert_eq!(steps_that_run(20, 0.75), 16);
        assert_eq!(steps_that_run(20, 0.0), 1);
        assert_eq!(steps_that_run(20, 1.0), 20);
        assert_eq!(steps_that_run(1, 0.5), 1);
        assert_eq!(steps_that_run(50, 0.3), 16);
    }
}
