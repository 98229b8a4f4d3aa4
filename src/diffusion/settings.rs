//! What a person can set for one round, with ranges and the classic recipe as defaults.

use serde::{Deserialize, Serialize};

use super::{Error, Sampler, Schedule};

/// The largest seed. Random ones are drawn from below it, as AUTOMATIC1111 does.
pub const MAX_SEED: i64 = u32::MAX as i64;

/// The settings of one round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What the picture should become.
    pub prompt: String,
    /// What it should not show.
    pub negative: String,
    /// Length of the noise schedule, `1..=150`.
    pub steps: usize,
    /// How noise becomes a picture.
    pub sampler: Sampler,
    /// How its steps are spaced.
    pub schedule: Schedule,
    /// Guidance scale, `1.0..=30.0`; 1 switches guidance off.
    pub cfg_scale: f64,
    /// Denoising strength, `0.0..=1.0`.
    pub strength: f64,
    /// First image's seed, `0..=MAX_SEED`, or -1 for a random one.
    pub seed: i64,
    /// How many pictures, `1..=16`.
    pub batch: usize,
    /// Width in pixels, a multiple of 64 in `64..=2048`.
    pub width: usize,
    /// Height in pixels, likewise.
    pub height: usize,
    /// Which of the text encoder's last layers is read, `1..=12`: 1 is the last.
    pub clip_skip: usize,
    /// Pull the results' colours back towards the start image.
    pub color_correct: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prompt: "photo of perfect green apple with stem, water droplets, dramatic lighting".into(),
            negative: String::new(),
            steps: 20,
            sampler: Sampler::DpmPp2m,
            schedule: Schedule::Karras,
            cfg_scale: 11.0,
            strength: 0.75,
            seed: -1,
            batch: 4,
            width: 512,
            height: 512,
            clip_skip: 1,
            color_correct: false,
        }
    }
}

impl Settings {
    /// Sides must be a multiple of this, so that every level of the UNet divides evenly.
    pub const SIDE_STEP: usize = 64;
    /// The longest side.
    pub const MAX_SIDE: usize = 2048;

    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first value that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let fail = |text: String| Err(Error::Setting(text));
        if !(1..=150).contains(&self.steps) {
            return fail(format!("Steps must lie between 1 and 150, not {}.", self.steps));
        }
        if !(1.0..=30.0).contains(&self.cfg_scale) {
            return fail(format!("The CFG scale must lie between 1 and 30, not {}.", self.cfg_scale));
        }
        if !(0.0..=1.0).contains(&self.strength) {
            return fail(format!("The denoising strength must lie between 0 and 1, not {}.", self.strength));
        }
        if !(-1..=MAX_SEED).contains(&self.seed) {
            return fail(format!("The seed must be -1 (random) or lie between 0 and {MAX_SEED}, not {}.", self.seed));
        }
        if !(1..=16).contains(&self.batch) {
            return fail(format!("The batch size must lie between 1 and 16, not {}.", self.batch));
        }
        if !(1..=12).contains(&self.clip_skip) {
            return fail(format!("Clip skip must lie between 1 and 12, not {}.", self.clip_skip));
        }
        for (name, side) in [("width", self.width), ("height", self.height)] {
            if side % Self::SIDE_STEP != 0 || !(Self::SIDE_STEP..=Self::MAX_SIDE).contains(&side) {
                return fail(format!(
                    "The {name} must be a multiple of {} between {} and {}, not {side}.",
                    Self::SIDE_STEP,
                    Self::SIDE_STEP,
                    Self::MAX_SIDE
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_the_classic_recipe() {
        let settings = Settings::default();
        settings.check().expect("valid");
        assert_eq!((settings.steps, settings.cfg_scale, settings.strength, settings.batch), (20, 11.0, 0.75, 4));
    }

    #[test]
    fn each_range_is_checked_and_named() {
        type Break = fn(&mut Settings);
        let cases: [(Break, &str); 8] = [
            (|s| s.clip_skip = 0, "Clip skip"),
            (|s| s.steps = 0, "Steps"),
            (|s| s.cfg_scale = f64::NAN, "CFG"),
            (|s| s.strength = 1.5, "strength"),
            (|s| s.seed = -2, "seed"),
            (|s| s.batch = 17, "batch"),
            (|s| s.width = 500, "width"),
            (|s| s.height = 0, "height"),
        ];
        for (spoil, word) in cases {
            let mut settings = Settings::default();
            spoil(&mut settings);
            let text = settings.check().expect_err(word).to_string();
            assert!(text.contains(word), "{text}");
        }
    }
}
