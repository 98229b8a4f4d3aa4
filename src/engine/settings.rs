//! What a person can set for one round, with ranges and the classic recipe as defaults.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::steps::steps_that_run;
use super::{
    ControlSettings, Error, Inpaint, InpaintArea, RegionPrompt, Rng, Sampler, SamplerOptions, Schedule, SecondPass,
};
use super::{control, region_prompt};

/// The largest seed. Random ones are drawn from below it, as AUTOMATIC1111 does.
pub const MAX_SEED: i64 = u32::MAX as i64;

/// The longest schedule that [`Settings::exact_steps`] makes.
const MAX_SCHEDULE: usize = 1000;

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
    /// Share of the steps that are guided, from the first on, `0.0..=1.0`; the others follow the prompt
    /// alone and take half the time.
    pub guided: f64,
    /// How many evaluations of the model share the features of its deep blocks (DeepCache), `1..=10`: every so many
    /// runs the whole model, the others only its outermost layers. 1 runs all of them whole.
    #[serde(skip_serializing_if = "is_one")]
    pub reuse: usize,
    /// Denoising strength, `0.0..=1.0`.
    pub strength: f64,
    /// First image's seed, `0..=MAX_SEED`, or -1 for a random one.
    pub seed: i64,
    /// How many pictures, `1..=16`.
    pub batch: usize,
    /// Width in pixels, a multiple of 8 in `64..=2048`.
    pub width: usize,
    /// Height in pixels, likewise.
    pub height: usize,
    /// Whose random numbers a seed stands for.
    pub rng: Rng,
    /// Seed of the noise that each picture's own is turned towards; it counts up through the batch
    /// instead of [`Settings::seed`] when the strength is not 0.
    pub variation_seed: i64,
    /// How far it is turned, `0.0..=1.0`.
    pub variation_strength: f64,
    /// Scales the noise that img2img starts from, `0.0..=1.5`.
    pub noise_multiplier: f64,
    /// Noise added on top of it, `0.0..=1.0`.
    pub extra_noise: f64,
    /// Run as many steps as [`Settings::steps`] says, whatever the denoising strength.
    pub exact_steps: bool,
    /// Which of the text encoder's last layers is read, `1..=12`: 1 is the last.
    pub clip_skip: usize,
    /// Pull the results' colours back towards the start image.
    pub color_correct: bool,
    /// Keep every pixel of the start image that was not painted.
    pub keep_unpainted: bool,
    /// Width in pixels of the soft edge around what was painted, `0..=256`, where it is kept.
    pub feather: usize,
    /// How a masked part is repainted; `None` keeps the rest as it is with a soft edge of [`Settings::feather`] pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inpaint: Option<Inpaint>,
    /// How strongly a model that edits pictures follows the start image, `0.0..=30.0`; `None` for its usual value. Where
    /// it is given, the start image counts at denoising strength 1 too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_cfg: Option<f64>,
    /// The control networks that are followed besides the prompt; their residuals add up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<ControlSettings>,
    /// The prompts of parts of the picture, besides the prompt of all of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionPrompt>,
    /// Enlarges the start image and works it over in tiles of [`Settings::width`] by [`Settings::height`]. Only rounds that
    /// do this have it; a document's own settings never do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_pass: Option<SecondPass>,
    /// Another autoencoder than the model's own, a file or folder.
    pub vae: Option<PathBuf>,
    /// Options of sampling that few people change.
    #[serde(skip_serializing_if = "SamplerOptions::is_default")]
    pub sampling: SamplerOptions,
}

fn is_one(value: &usize) -> bool {
    *value == 1
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
            guided: 1.0,
            reuse: 1,
            strength: 0.75,
            seed: -1,
            batch: 4,
            width: 512,
            height: 512,
            rng: Rng::Cuda,
            variation_seed: 0,
            variation_strength: 0.0,
            noise_multiplier: 1.0,
            extra_noise: 0.0,
            exact_steps: false,
            clip_skip: 1,
            color_correct: false,
            keep_unpainted: false,
            feather: 16,
            inpaint: None,
            image_cfg: None,
            controls: Vec::new(),
            regions: Vec::new(),
            second_pass: None,
            vae: None,
            sampling: SamplerOptions::default(),
        }
    }
}

impl Settings {
    /// Sides must be a multiple of this: a place of a latent stands for so many pixels a side.
    pub const SIDE_STEP: usize = 8;
    /// The shortest side.
    pub const MIN_SIDE: usize = 64;
    /// The longest side.
    pub const MAX_SIDE: usize = 2048;

    /// The most evaluations that share deep features.
    pub const MAX_REUSE: usize = 10;

    /// The widest soft edge around what was painted, in pixels.
    pub const MAX_FEATHER: usize = 256;

    /// How many characters a prompt has at most: a longer one would take gigabytes of memory.
    pub const MAX_PROMPT: usize = 50_000;

    /// The valid width or height that is nearest to so many pixels.
    pub fn nearest_side(pixels: usize) -> usize {
        let steps = pixels.saturating_add(Self::SIDE_STEP / 2) / Self::SIDE_STEP;
        (steps.min(Self::MAX_SIDE / Self::SIDE_STEP) * Self::SIDE_STEP).max(Self::MIN_SIDE)
    }

    /// Length of the noise schedule, and how many of its steps run; `from_picture` says whether
    /// there is a picture to start from.
    ///
    /// Img2img runs the end of the schedule that the denoising strength leaves (see
    /// [`steps_that_run`]); with [`Settings::exact_steps`] the schedule is made so long that its
    /// end has as many steps as were asked for.
    pub fn planned_steps(&self, from_picture: bool) -> (usize, usize) {
        if !from_picture || self.strength >= 1.0 {
            return (self.steps, self.steps);
        }
        if !self.exact_steps {
            return (self.steps, steps_that_run(self.steps, self.strength));
        }
        let whole = (self.steps as f64 / self.strength.clamp(0.001, 0.999)) as usize;
        (whole.clamp(self.steps, MAX_SCHEDULE), self.steps)
    }

    /// How many steps an image takes with these settings, as it reports them.
    pub fn steps_to_report(&self, from_picture: bool) -> usize {
        let (whole, run) = self.planned_steps(from_picture);
        self.sampler.steps_of(whole, run, from_picture && self.noises_picture())
    }

    /// Whether a picture to start from is noised, and not replaced by noise alone.
    pub fn noises_picture(&self) -> bool {
        self.strength < 1.0 || self.inpaint.is_some()
    }

    /// Whether only the masked part of a start image is sampled, so that the start image may have any size.
    pub fn samples_masked_part(&self) -> bool {
        self.inpaint.is_some_and(|inpaint| inpaint.area == InpaintArea::OnlyMasked)
    }

    /// How many of so many steps are guided.
    pub fn guided_steps(&self, steps: usize) -> usize {
        (self.guided * steps as f64).round() as usize
    }

    /// Seed and variation seed of image `n` of the batch. Seeds wrap at 2^32, as they are written in
    /// files.
    pub fn seeds_of(&self, image: usize) -> (u64, u64) {
        let wrapped = |seed: i64, by: usize| (seed.max(0) as u64 + by as u64) & u64::from(u32::MAX);
        if self.variation_strength > 0.0 {
            (wrapped(self.seed, 0), wrapped(self.variation_seed, image))
        } else {
            (wrapped(self.seed, image), 0)
        }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first value that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let fail = |text: String| Err(Error::Setting(text));
        for (name, text) in [("prompt", &self.prompt), ("negative prompt", &self.negative)] {
            let count = text.chars().count();
            if count > Self::MAX_PROMPT {
                return fail(format!(
                    "The {name} has {count} characters, and at most {} are read; shorten it.",
                    Self::MAX_PROMPT
                ));
            }
        }
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
        if !(0..=MAX_SEED).contains(&self.variation_seed) {
            return fail(format!("The variation seed must lie between 0 and {MAX_SEED}, not {}.", self.variation_seed));
        }
        for (name, value, most) in [
            ("guided share", self.guided, 1.0),
            ("variation strength", self.variation_strength, 1.0),
            ("noise multiplier", self.noise_multiplier, 1.5),
            ("extra noise", self.extra_noise, 1.0),
        ] {
            if !(0.0..=most).contains(&value) {
                return fail(format!("The {name} must lie between 0 and {most}, not {value}."));
            }
        }
        if !(1..=Self::MAX_REUSE).contains(&self.reuse) {
            return fail(format!(
                "The interval of reused features must lie between 1 and {}, not {}.",
                Self::MAX_REUSE,
                self.reuse
            ));
        }
        if let Some(scale) = self.image_cfg
            && !(0.0..=30.0).contains(&scale)
        {
            return fail(format!("The image CFG scale must lie between 0 and 30, not {scale}."));
        }
        if let Some(inpaint) = &self.inpaint {
            inpaint.check()?;
        }
        control::check_all(&self.controls)?;
        region_prompt::check_all(&self.regions)?;
        if let Some(pass) = &self.second_pass {
            pass.check((self.width, self.height))?;
        }
        self.sampling.check()?;
        if !(1..=12).contains(&self.clip_skip) {
            return fail(format!("Clip skip must lie between 1 and 12, not {}.", self.clip_skip));
        }
        if self.feather > Self::MAX_FEATHER {
            return fail(format!("The feather must lie between 0 and {}, not {}.", Self::MAX_FEATHER, self.feather));
        }
        for (name, side) in [("width", self.width), ("height", self.height)] {
            let nearest = Self::nearest_side(side);
            if side != nearest {
                return fail(format!(
                    "The {name} must be a multiple of {} between {} and {}, not {side}; {nearest} is the nearest.",
                    Self::SIDE_STEP,
                    Self::MIN_SIDE,
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
    fn the_slider_can_be_taken_at_its_word() {
        let settings = Settings { exact_steps: true, ..Settings::default() };
        assert_eq!(settings.planned_steps(true), (26, 20));
        assert_eq!(settings.planned_steps(false), (20, 20));
        assert_eq!(Settings::default().planned_steps(true), (20, 16));
        for strength in [0.0, 0.001, 0.5, 0.999, 1.0] {
            let (whole, run) = Settings { strength, ..settings.clone() }.planned_steps(true);
            assert!(run == 20 && whole >= run && whole <= 1000, "{strength}: {whole}");
        }
    }

    #[test]
    fn either_the_seed_or_the_variation_counts_up() {
        let plain = Settings { seed: MAX_SEED, variation_seed: 7, ..Settings::default() };
        assert_eq!((plain.seeds_of(0).0, plain.seeds_of(1).0), (u64::from(u32::MAX), 0));
        let varied = Settings { variation_strength: 0.2, seed: 5, ..plain };
        assert_eq!((varied.seeds_of(0), varied.seeds_of(3)), ((5, 7), (5, 10)));
    }

    #[test]
    fn each_range_is_checked_and_named() {
        type Break = fn(&mut Settings);
        let cases: [(Break, &str); 21] = [
            (|s| s.controls = vec![ControlSettings::default()], "control"),
            (|s| s.image_cfg = Some(f64::NAN), "image CFG"),
            (|s| s.sampling.churn = -1.0, "sigma churn"),
            (|s| s.inpaint = Some(Inpaint { blur: 65, ..Inpaint::default() }), "mask blur"),
            (|s| s.feather = 257, "feather"),
            (|s| s.prompt = "é".repeat(Settings::MAX_PROMPT + 1), "The prompt has 50001 characters"),
            (|s| s.negative = "x".repeat(100_000), "negative prompt"),
            (|s| s.guided = -0.5, "guided share"),
            (|s| s.reuse = 11, "reused features"),
            (|s| s.variation_seed = -1, "variation seed"),
            (|s| s.variation_strength = 1.1, "variation strength"),
            (|s| s.noise_multiplier = 2.0, "noise multiplier"),
            (|s| s.extra_noise = f64::INFINITY, "extra noise"),
            (|s| s.clip_skip = 0, "Clip skip"),
            (|s| s.steps = 0, "Steps"),
            (|s| s.cfg_scale = f64::NAN, "CFG"),
            (|s| s.strength = 1.5, "strength"),
            (|s| s.seed = -2, "seed"),
            (|s| s.batch = 17, "batch"),
            (|s| s.width = 501, "width"),
            (|s| s.height = 0, "height"),
        ];
        for (spoil, word) in cases {
            let mut settings = Settings::default();
            spoil(&mut settings);
            let text = settings.check().expect_err(word).to_string();
            assert!(text.contains(word), "{text}");
        }
    }

    #[test]
    fn a_side_off_the_grid_is_refused_with_the_nearest_that_works() {
        for (side, nearest) in [(0, 64), (1, 64), (67, 64), (68, 72), (500, 504), (520, 520), (2049, 2048)] {
            assert_eq!(Settings::nearest_side(side), nearest);
        }
        assert_eq!(Settings::nearest_side(usize::MAX), 2048);
        let text = Settings { height: 501, ..Settings::default() }.check().expect_err("refused").to_string();
        assert_eq!(text, "The height must be a multiple of 8 between 64 and 2048, not 501; 504 is the nearest.");
        Settings { width: 520, height: 64, ..Settings::default() }.check().expect("on the grid");
        Settings { width: 56, ..Settings::default() }.check().expect_err("too small");
    }
}
