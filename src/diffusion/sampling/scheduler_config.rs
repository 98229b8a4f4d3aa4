//! `scheduler/scheduler_config.json`: the noise schedule that a model was trained with.

use serde::Deserialize;

/// The noise schedule that a model was trained with, and what its UNet predicts.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct SchedulerConfig {
    pub beta_start: f64,
    pub beta_end: f64,
    pub beta_schedule: String,
    pub num_train_timesteps: usize,
    pub prediction_type: String,
    /// Whether the schedule is rescaled so that nothing of the picture is left at its end (Lin et al. 2023).
    pub rescale_betas_zero_snr: bool,
}

impl Default for SchedulerConfig {
    fn default() -> Self {
        Self {
            beta_start: 0.00085,
            beta_end: 0.012,
            beta_schedule: "scaled_linear".into(),
            num_train_timesteps: 1000,
            prediction_type: "epsilon".into(),
            rescale_betas_zero_snr: false,
        }
    }
}
