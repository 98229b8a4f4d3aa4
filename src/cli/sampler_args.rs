//! What can be said to `underpaint generate` about sampling, beyond what most people need.

use super::option_values::number;
use crate::engine::{Emphasis, PredictionType, SamplerOptions};

/// Options of sampling that AUTOMATIC1111 has in its settings. Pictures made with --from have them from the file.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Sampler options")]
pub struct SamplerArgs {
    /// Eta, 0 to 1: how much noise stochastic samplers add in each step [default: 0 for ddim, else 1]
    #[arg(long, value_parser = number, value_name = "ETA")]
    pub eta: Option<f64>,
    /// Eta noise seed delta (ENSD): added to the seed for the noise of the steps [default: 0]
    #[arg(long, value_parser = delta, allow_hyphen_values = true, value_name = "NUMBER")]
    pub ensd: Option<i64>,
    /// Sigma churn of euler, heun and dpm2, 0 to 100: noise added before each step [default: 0]
    #[arg(long, value_parser = number, value_name = "AMOUNT")]
    pub churn: Option<f64>,
    /// The lowest sigma that churn is added at [default: 0]
    #[arg(long, value_parser = number, value_name = "SIGMA")]
    pub churn_min: Option<f64>,
    /// The highest sigma that churn is added at; 0 for any [default: 0]
    #[arg(long, value_parser = number, value_name = "SIGMA")]
    pub churn_max: Option<f64>,
    /// Sigma noise, 0 to 1.5: what the noise of steps is multiplied by [default: 1]
    #[arg(long, value_parser = number, value_name = "FACTOR")]
    pub step_noise: Option<f64>,
    /// The schedule's lowest sigma; 0 for the model's [default: 0]
    #[arg(long, value_parser = number, value_name = "SIGMA")]
    pub sigma_min: Option<f64>,
    /// The schedule's highest sigma; 0 for the model's [default: 0]
    #[arg(long, value_parser = number, value_name = "SIGMA")]
    pub sigma_max: Option<f64>,
    /// The exponent of the schedules karras and polyexponential; 0 for the usual, 7 and 1 [default: 0]
    #[arg(long, value_parser = number, value_name = "RHO")]
    pub rho: Option<f64>,
    /// Alpha of the schedule beta, 0.01 to 1 [default: 0.6]
    #[arg(long, value_parser = number, value_name = "ALPHA")]
    pub beta_alpha: Option<f64>,
    /// Beta of the schedule beta, 0.01 to 1 [default: 0.6]
    #[arg(long, value_parser = number, value_name = "BETA")]
    pub beta_beta: Option<f64>,
    /// Leave out the second-to-last sigma of the schedule, as some samplers do anyway
    #[arg(long)]
    pub discard_penultimate: bool,
    /// Without a start picture, begin with noise of the variance that SGM gives it (SGM noise multiplier)
    #[arg(long)]
    pub sgm_noise: bool,
    /// Negative guidance minimum sigma (NGMS), 0 to 15: below it every other evaluation of the model ignores the
    /// negative prompt and takes half the time [default: 0]
    #[arg(long, value_parser = number, value_name = "SIGMA")]
    pub ngms: Option<f64>,
    /// With --ngms, every evaluation and not every other
    #[arg(long)]
    pub ngms_all: bool,
    /// Share of the steps, the first ones, that ignore the negative prompt (Skip Early CFG), 0 to 1 [default: 0]
    #[arg(long, value_parser = number, value_name = "SHARE")]
    pub skip_early_cfg: Option<f64>,
    /// What (word:1.2) does: original; no-norm, without restoring the mean; ignore; none, where brackets are plain text
    /// [default: original]
    #[arg(long, value_parser = emphasis, value_name = "MODE")]
    pub emphasis: Option<Emphasis>,
    /// Rescale the noise schedule so that it ends without any signal (zero terminal SNR)
    #[arg(long)]
    pub zero_snr: bool,
    /// What the model predicts: epsilon, v, or auto, which tells by its files [default: auto]
    #[arg(long, value_parser = prediction, value_name = "auto|epsilon|v")]
    pub prediction: Option<Prediction>,
}

/// What the model predicts, as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// Told by its files.
    Auto,
    /// As it is said.
    Given(PredictionType),
}

impl SamplerArgs {
    /// These options, over those of a document, picture or preset.
    pub fn options_over(&self, base: SamplerOptions) -> SamplerOptions {
        SamplerOptions {
            eta: self.eta.or(base.eta),
            noise_seed_delta: self.ensd.unwrap_or(base.noise_seed_delta),
            churn: self.churn.unwrap_or(base.churn),
            churn_from: self.churn_min.unwrap_or(base.churn_from),
            churn_to: self.churn_max.unwrap_or(base.churn_to),
            step_noise: self.step_noise.unwrap_or(base.step_noise),
            min_sigma: self.sigma_min.unwrap_or(base.min_sigma),
            max_sigma: self.sigma_max.unwrap_or(base.max_sigma),
            rho: self.rho.unwrap_or(base.rho),
            beta_alpha: self.beta_alpha.unwrap_or(base.beta_alpha),
            beta_beta: self.beta_beta.unwrap_or(base.beta_beta),
            discard_penultimate: self.discard_penultimate || base.discard_penultimate,
            sgm_noise: self.sgm_noise || base.sgm_noise,
            negative_min_sigma: self.ngms.unwrap_or(base.negative_min_sigma),
            negative_min_sigma_all: self.ngms_all || base.negative_min_sigma_all,
            skip_early: self.skip_early_cfg.unwrap_or(base.skip_early),
            emphasis: self.emphasis.unwrap_or(base.emphasis),
            zero_snr: self.zero_snr || base.zero_snr,
            prediction: match self.prediction {
                None => base.prediction,
                Some(Prediction::Auto) => None,
                Some(Prediction::Given(kind)) => Some(kind),
            },
        }
    }
}

fn delta(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| "give a whole number such as 31337".into())
}

fn emphasis(name: &str) -> Result<Emphasis, String> {
    Emphasis::from_name(name).ok_or_else(|| "say original, no-norm, ignore or none".into())
}

fn prediction(name: &str) -> Result<Prediction, String> {
    if name.eq_ignore_ascii_case("auto") {
        return Ok(Prediction::Auto);
    }
    PredictionType::from_name(name).map(Prediction::Given).ok_or_else(|| "say auto, epsilon or v".into())
}
