//! Options of sampling that AUTOMATIC1111 has in its settings, with its names in files.

use serde::{Deserialize, Serialize};

use super::{Error, MAX_SEED, Sampler, Settings};

/// Options of sampling that few people change. With the defaults they change nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SamplerOptions {
    /// How much noise stochastic samplers add in each step, `0.0..=1.0`; `None` for the sampler's usual, which is 0 for
    /// DDIM and 1 for the others.
    pub eta: Option<f64>,
    /// Added to the seed for the noise of the steps (ENSD), `-MAX_SEED..=MAX_SEED`. 0 goes on with the generator that
    /// drew the first noise.
    pub noise_seed_delta: i64,
    /// Noise that Euler, Heun and DPM2 add before each step, `0.0..=100.0` (Karras et al. 2022, algorithm 2).
    pub churn: f64,
    /// The lowest sigma that churn is added at, `0.0..=1000.0`.
    pub churn_from: f64,
    /// The highest sigma that churn is added at, `0.0..=1000.0`; 0 for any.
    pub churn_to: f64,
    /// What the noise of steps is multiplied by, `0.0..=1.5`.
    pub step_noise: f64,
    /// The lowest sigma of the schedules Karras, Exponential, Polyexponential, SGM Uniform, KL Optimal, Normal and Beta,
    /// `0.0..=1000.0`; 0 for the model's.
    pub min_sigma: f64,
    /// The highest sigma of those schedules, `0.0..=1000.0`; 0 for the model's.
    pub max_sigma: f64,
    /// The exponent of Karras and Polyexponential, `0.0..=100.0`; 0 for the usual, 7 and 1.
    pub rho: f64,
    /// The first shape parameter of the beta distribution, `0.01..=1.0`.
    pub beta_alpha: f64,
    /// The second, likewise.
    pub beta_beta: f64,
    /// Leave out the second-to-last sigma with every sampler.
    pub discard_penultimate: bool,
    /// Start from noise as SGM does: of variance `sigma² + 1` instead of `sigma²`. Counts without a start image alone.
    pub sgm_noise: bool,
    /// Below this sigma every other evaluation follows the prompt alone (NGMS), `0.0..=15.0`; 0 for none.
    pub negative_min_sigma: f64,
    /// Not every other evaluation but all of them.
    pub negative_min_sigma_all: bool,
    /// Share of the steps, from the first on, that follow the prompt alone (Skip Early CFG), `0.0..=1.0`.
    pub skip_early: f64,
    /// What emphasis in prompts does.
    pub emphasis: Emphasis,
    /// Another noise schedule than the model's.
    pub zero_snr: bool,
    /// What the model predicts; `None` to tell by its files, or by trial.
    pub prediction: Option<PredictionType>,
}

/// What emphasis in prompts does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Emphasis {
    /// Scales the states of words; then all, so that their mean stays.
    #[default]
    Original,
    /// Scales the states of words only.
    NoNorm,
    /// Brackets are read and have no effect.
    Ignore,
    /// Brackets are plain text.
    None,
}

/// What a UNet predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictionType {
    /// The noise.
    Epsilon,
    /// The velocity (Salimans and Ho 2022).
    V,
}

impl Emphasis {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Original, Self::NoNorm, Self::Ignore, Self::None];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::NoNorm => "no-norm",
            Self::Ignore => "ignore",
            Self::None => "none",
        }
    }

    /// Its name in the window and in files, as AUTOMATIC1111 writes it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Original => "Original",
            Self::NoNorm => "No norm",
            Self::Ignore => "Ignore",
            Self::None => "None",
        }
    }

    /// Finds one by its id or label, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.id().eq_ignore_ascii_case(name) || e.label().eq_ignore_ascii_case(name))
    }
}

impl PredictionType {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Epsilon, Self::V];

    /// Its name on the command line and in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Epsilon => "epsilon",
            Self::V => "v",
        }
    }

    /// Finds one by its id, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prediction| prediction.id().eq_ignore_ascii_case(name))
    }
}

impl Default for SamplerOptions {
    fn default() -> Self {
        Self {
            eta: None,
            noise_seed_delta: 0,
            churn: 0.0,
            churn_from: 0.0,
            churn_to: 0.0,
            step_noise: 1.0,
            min_sigma: 0.0,
            max_sigma: 0.0,
            rho: 0.0,
            beta_alpha: 0.6,
            beta_beta: 0.6,
            discard_penultimate: false,
            sgm_noise: false,
            negative_min_sigma: 0.0,
            negative_min_sigma_all: false,
            skip_early: 0.0,
            emphasis: Emphasis::Original,
            zero_snr: false,
            prediction: None,
        }
    }
}

/// The name of an option in files.
pub type OptionName = &'static str;

impl SamplerOptions {
    /// Whether everything is as usual.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How much noise a sampler adds in each step.
    pub fn eta_of(&self, sampler: Sampler) -> f64 {
        self.eta.unwrap_or(if sampler == Sampler::Ddim { 0.0 } else { 1.0 })
    }

    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first value that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        for (name, value, range) in [
            ("eta", self.eta.unwrap_or(1.0), 0.0..=1.0),
            ("sigma churn", self.churn, 0.0..=100.0),
            ("sigma tmin", self.churn_from, 0.0..=1000.0),
            ("sigma tmax", self.churn_to, 0.0..=1000.0),
            ("sigma noise", self.step_noise, 0.0..=1.5),
            ("schedule min sigma", self.min_sigma, 0.0..=1000.0),
            ("schedule max sigma", self.max_sigma, 0.0..=1000.0),
            ("schedule rho", self.rho, 0.0..=100.0),
            ("beta schedule alpha", self.beta_alpha, 0.01..=1.0),
            ("beta schedule beta", self.beta_beta, 0.01..=1.0),
            ("negative guidance minimum sigma", self.negative_min_sigma, 0.0..=15.0),
            ("share without guidance", self.skip_early, 0.0..=1.0),
        ] {
            if !range.contains(&value) {
                return Err(Error::Setting(format!(
                    "The {name} must lie between {} and {}, not {value}.",
                    range.start(),
                    range.end()
                )));
            }
        }
        if !(-MAX_SEED..=MAX_SEED).contains(&self.noise_seed_delta) {
            return Err(Error::Setting(format!(
                "The eta noise seed delta must lie between -{MAX_SEED} and {MAX_SEED}, not {}.",
                self.noise_seed_delta
            )));
        }
        if self.min_sigma > 0.0 && self.max_sigma > 0.0 && self.min_sigma >= self.max_sigma {
            return Err(Error::Setting(format!(
                "The schedule's min sigma, {}, must be below its max sigma, {}.",
                self.min_sigma, self.max_sigma
            )));
        }
        Ok(())
    }

    /// What differs from the usual and has an effect, as AUTOMATIC1111 writes it into its parameters: name and value.
    pub fn fields(settings: &Settings) -> Vec<(OptionName, String)> {
        let (o, usual) = (&settings.sampling, Self::default());
        let mut fields: Vec<(OptionName, String)> = Vec::new();
        let mut number = |name, value: f64, usual: f64| {
            if value != usual {
                fields.push((name, value.to_string()));
            }
        };
        if let Some(eta) = o.eta {
            match settings.sampler {
                Sampler::Ddim => number("Eta DDIM", eta, 0.0),
                _ => number("Eta", eta, 1.0),
            }
        }
        number("Sigma churn", o.churn, usual.churn);
        number("Sigma tmin", o.churn_from, usual.churn_from);
        number("Sigma tmax", o.churn_to, usual.churn_to);
        number("Sigma noise", o.step_noise, usual.step_noise);
        number("Schedule min sigma", o.min_sigma, usual.min_sigma);
        number("Schedule max sigma", o.max_sigma, usual.max_sigma);
        number("Schedule rho", o.rho, usual.rho);
        number("Beta schedule alpha", o.beta_alpha, usual.beta_alpha);
        number("Beta schedule beta", o.beta_beta, usual.beta_beta);
        number("NGMS", o.negative_min_sigma, usual.negative_min_sigma);
        number("Skip Early CFG", o.skip_early, usual.skip_early);
        if o.noise_seed_delta != 0 {
            fields.push(("ENSD", o.noise_seed_delta.to_string()));
        }
        for (name, is_on) in [
            ("NGMS all steps", o.negative_min_sigma_all),
            ("Discard penultimate sigma", o.discard_penultimate),
            ("SGM noise multiplier", o.sgm_noise),
        ] {
            if is_on {
                fields.push((name, "True".into()));
            }
        }
        if o.emphasis != Emphasis::Original {
            fields.push(("Emphasis", o.emphasis.label().into()));
        }
        if o.zero_snr {
            fields.push(("Noise Schedule", "Zero Terminal SNR".into()));
        }
        if let Some(prediction) = o.prediction {
            fields.push(("Prediction", prediction.id().into()));
        }
        fields
    }

    /// Takes over a field of those that [`SamplerOptions::fields`] gives, its name in lower case: `None` if it is none of
    /// them, `Some(false)` if its value cannot be read.
    pub fn take(&mut self, name: &str, value: &str) -> Option<bool> {
        let number = |place: &mut f64| {
            let read = value.parse::<f64>().ok().filter(|number| number.is_finite());
            read.map(|number| *place = number).is_some()
        };
        let truth = |place: &mut bool| {
            let read =
                [("true", true), ("false", false)].into_iter().find(|(word, _)| value.eq_ignore_ascii_case(word));
            read.map(|(_, truth)| *place = truth).is_some()
        };
        Some(match name {
            "eta" | "eta ddim" => {
                let mut eta = 0.0;
                let read = number(&mut eta);
                if read {
                    self.eta = Some(eta);
                }
                read
            }
            "ensd" => value.parse().map(|delta| self.noise_seed_delta = delta).is_ok(),
            "sigma churn" => number(&mut self.churn),
            "sigma tmin" => number(&mut self.churn_from),
            // The web UI writes infinity for "any".
            "sigma tmax" if value.eq_ignore_ascii_case("inf") => {
                self.churn_to = 0.0;
                true
            }
            "sigma tmax" => number(&mut self.churn_to),
            "sigma noise" => number(&mut self.step_noise),
            "schedule min sigma" => number(&mut self.min_sigma),
            "schedule max sigma" => number(&mut self.max_sigma),
            "schedule rho" => number(&mut self.rho),
            "beta schedule alpha" => number(&mut self.beta_alpha),
            "beta schedule beta" => number(&mut self.beta_beta),
            "ngms" => number(&mut self.negative_min_sigma),
            "ngms all steps" => truth(&mut self.negative_min_sigma_all),
            "skip early cfg" => number(&mut self.skip_early),
            "discard penultimate sigma" => truth(&mut self.discard_penultimate),
            "sgm noise multiplier" => truth(&mut self.sgm_noise),
            "emphasis" => Emphasis::from_name(value).map(|emphasis| self.emphasis = emphasis).is_some(),
            "noise schedule" => match value.to_ascii_lowercase().as_str() {
                "zero terminal snr" => {
                    self.zero_snr = true;
                    true
                }
                "default" => true,
                _ => false,
            },
            "prediction" => PredictionType::from_name(value).map(|kind| self.prediction = Some(kind)).is_some(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unusual() -> SamplerOptions {
        SamplerOptions {
            eta: Some(0.5),
            noise_seed_delta: 31337,
            churn: 2.0,
            churn_from: 0.1,
            churn_to: 9.0,
            step_noise: 1.003,
            min_sigma: 0.1,
            max_sigma: 10.0,
            rho: 5.0,
            beta_alpha: 0.5,
            beta_beta: 0.7,
            discard_penultimate: true,
            sgm_noise: true,
            negative_min_sigma: 1.5,
            negative_min_sigma_all: true,
            skip_early: 0.1,
            emphasis: Emphasis::NoNorm,
            zero_snr: true,
            prediction: Some(PredictionType::V),
        }
    }

    #[test]
    fn every_option_is_written_and_read_back() {
        for sampler in [Sampler::EulerA, Sampler::Ddim] {
            let settings = Settings { sampling: unusual(), sampler, ..Settings::default() };
            let fields = SamplerOptions::fields(&settings);
            assert_eq!(fields.len(), 19, "{fields:?}");
            let mut back = SamplerOptions::default();
            for (name, value) in fields {
                assert_eq!(back.take(&name.to_ascii_lowercase(), &value), Some(true), "{name}");
            }
            assert_eq!(back, unusual());
        }
        assert_eq!(SamplerOptions::fields(&Settings::default()), []);
        assert_eq!(SamplerOptions::default().take("steps", "3"), None);
        for (name, value) in [("eta", "much"), ("ensd", "1.5"), ("emphasis", "loud"), ("ngms", "nan")] {
            assert_eq!(SamplerOptions::default().take(name, value), Some(false), "{name}");
        }
    }

    #[test]
    fn each_range_is_checked_and_named() {
        unusual().check().expect("valid");
        type Break = fn(&mut SamplerOptions);
        let cases: [(Break, &str); 6] = [
            (|o| o.eta = Some(1.5), "eta"),
            (|o| o.churn = f64::NAN, "sigma churn"),
            (|o| o.beta_beta = 0.0, "beta schedule beta"),
            (|o| o.noise_seed_delta = MAX_SEED + 1, "noise seed delta"),
            (|o| o.min_sigma = 20.0, "below its max sigma"),
            (|o| o.skip_early = 2.0, "without guidance"),
        ];
        for (spoil, word) in cases {
            let mut options = unusual();
            spoil(&mut options);
            let text = options.check().expect_err(word).to_string();
            assert!(text.contains(word), "{text}");
        }
    }
}
