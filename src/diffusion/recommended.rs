//! Settings that a model's maker suggests.

use serde::Deserialize;

use super::Settings;

/// What the file `underpaint.json` in a model's folder suggests; what it leaves out is as in the
/// classic recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Recommended {
    /// Guidance scale.
    pub cfg_scale: Option<f64>,
    /// Denoising strength.
    pub strength: Option<f64>,
}

impl Recommended {
    /// Guidance scale and strength of a fresh start with this model.
    pub fn or_classic(self) -> (f64, f64) {
        let classic = Settings::default();
        (self.cfg_scale.unwrap_or(classic.cfg_scale), self.strength.unwrap_or(classic.strength))
    }

    /// Takes these values over, wherever the settings still hold what the model `before` suggested:
    /// a value that a person chose stays.
    pub fn follow(self, before: Self, settings: &mut Settings) {
        let (old, new) = (before.or_classic(), self.or_classic());
        if settings.cfg_scale == old.0 {
            settings.cfg_scale = new.0;
        }
        if settings.strength == old.1 {
            settings.strength = new.1;
        }
    }

    /// Nonsense in the file counts as nothing said.
    pub(super) fn sane(self) -> Self {
        Self {
            cfg_scale: self.cfg_scale.filter(|v| (1.0..=30.0).contains(v)),
            strength: self.strength.filter(|v| (0.0..=1.0).contains(v)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Recommended = Recommended { cfg_scale: Some(3.0), strength: Some(0.6) };

    #[test]
    fn a_fresh_start_follows_the_model_and_back() {
        let mut settings = Settings::default();
        SMALL.follow(Recommended::default(), &mut settings);
        assert_eq!((settings.cfg_scale, settings.strength), (3.0, 0.6));
        Recommended::default().follow(SMALL, &mut settings);
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn what_a_person_chose_stays() {
        let mut settings = Settings { strength: 0.5, ..Settings::default() };
        SMALL.follow(Recommended::default(), &mut settings);
        assert_eq!((settings.cfg_scale, settings.strength), (3.0, 0.5));
    }

    #[test]
    fn nonsense_counts_as_nothing_said() {
        let odd = Recommended { cfg_scale: Some(-4.0), strength: Some(f64::NAN) };
        assert_eq!(odd.sane(), Recommended::default());
    }
}
