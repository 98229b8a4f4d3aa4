//! The settings that a model's maker suggests.

use serde::{Deserialize, Deserializer};

use super::{Sampler, Schedule, Settings};

/// What the file `underpaint.json` in a model's folder suggests; what it leaves out is as in the
/// classic recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Recommended {
    /// Guidance scale.
    pub cfg_scale: Option<f64>,
    /// Denoising strength.
    pub strength: Option<f64>,
    /// Sampling steps, 1 to 150: a small model may draw cleaner pictures with few.
    pub steps: Option<usize>,
    /// The sampler by its name on the command line, with its schedule if need be (`euler-a`,
    /// `dpm++2m-karras`); without one the sampler's own.
    #[serde(deserialize_with = "by_name")]
    pub sampler: Option<(Sampler, Schedule)>,
}

impl Recommended {
    /// Sets what a fresh start with this model has.
    pub fn apply_to(self, settings: &mut Settings) {
        let classic = Settings::default();
        settings.cfg_scale = self.cfg_scale.unwrap_or(classic.cfg_scale);
        settings.strength = self.strength.unwrap_or(classic.strength);
        settings.steps = self.steps.unwrap_or(classic.steps);
        (settings.sampler, settings.schedule) = self.sampler.unwrap_or((classic.sampler, classic.schedule));
    }

    /// Takes these values over, wherever the settings still hold what the model `before` suggested:
    /// a value that a person chose stays.
    pub fn follow(self, before: Self, settings: &mut Settings) {
        let [mut old, mut new] = [Settings::default(), Settings::default()];
        before.apply_to(&mut old);
        self.apply_to(&mut new);
        if settings.cfg_scale == old.cfg_scale {
            settings.cfg_scale = new.cfg_scale;
        }
        if settings.strength == old.strength {
            settings.strength = new.strength;
        }
        if settings.steps == old.steps {
            settings.steps = new.steps;
        }
        if (settings.sampler, settings.schedule) == (old.sampler, old.schedule) {
            (settings.sampler, settings.schedule) = (new.sampler, new.schedule);
        }
    }

    /// Whether the settings are what a fresh start with this model has.
    pub fn is_followed_by(self, settings: &Settings) -> bool {
        let mut fresh = settings.clone();
        self.apply_to(&mut fresh);
        fresh == *settings
    }

    /// Drops values out of range, so that a faulty file suggests nothing.
    pub fn sane(self) -> Self {
        Self {
            cfg_scale: self.cfg_scale.filter(|v| (1.0..=30.0).contains(v)),
            strength: self.strength.filter(|v| (0.0..=1.0).contains(v)),
            steps: self.steps.filter(|v| (1..=150).contains(v)),
            sampler: self.sampler,
        }
    }
}

/// A sampler that is not known counts as nothing said.
fn by_name<'de, D: Deserializer<'de>>(file: D) -> Result<Option<(Sampler, Schedule)>, D::Error> {
    let name = serde_json::Value::deserialize(file)?;
    let known = name.as_str().and_then(Sampler::with_schedule_from_name);
    Ok(known.map(|(sampler, schedule)| (sampler, schedule.unwrap_or(Schedule::Automatic))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Recommended = Recommended {
        cfg_scale: Some(3.0),
        strength: Some(0.6),
        steps: Some(6),
        sampler: Some((Sampler::EulerA, Schedule::Automatic)),
    };

    #[test]
    fn a_fresh_start_follows_the_model_and_back() {
        let mut settings = Settings::default();
        assert!(!SMALL.is_followed_by(&settings));
        SMALL.follow(Recommended::default(), &mut settings);
        assert_eq!((settings.cfg_scale, settings.strength, settings.sampler), (3.0, 0.6, Sampler::EulerA));
        assert_eq!(settings.steps, 6);
        assert!(SMALL.is_followed_by(&settings));
        Recommended::default().follow(SMALL, &mut settings);
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn what_a_person_chose_stays() {
        let mut settings = Settings { strength: 0.5, steps: 33, schedule: Schedule::Uniform, ..Settings::default() };
        SMALL.follow(Recommended::default(), &mut settings);
        assert_eq!((settings.cfg_scale, settings.strength, settings.steps), (3.0, 0.5, 33));
        assert_eq!((settings.sampler, settings.schedule), (Sampler::DpmPp2m, Schedule::Uniform));
    }

    #[test]
    fn a_file_names_samplers_as_the_command_line_does() {
        let read = |text: &str| serde_json::from_str::<Recommended>(text).expect("reads").sane();
        let all = read(r#"{"cfg_scale": 3.0, "strength": 0.6, "steps": 6, "sampler": "euler-a"}"#);
        assert_eq!(all, SMALL);
        let both = read(r#"{"sampler": "heun-karras"}"#);
        assert_eq!(both.sampler, Some((Sampler::Heun, Schedule::Karras)));
    }

    #[test]
    fn nonsense_counts_as_nothing_said() {
        for steps in [0, 151] {
            let odd =
                Recommended { cfg_scale: Some(-4.0), strength: Some(f64::NAN), steps: Some(steps), sampler: None };
            assert_eq!(odd.sane(), Recommended::default());
        }
        for text in [r#"{"sampler": "guesswork"}"#, r#"{"sampler": 3}"#, r#"{"sampler": null}"#] {
            assert_eq!(serde_json::from_str::<Recommended>(text).expect("reads"), Recommended::default(), "{text}");
        }
    }
}
