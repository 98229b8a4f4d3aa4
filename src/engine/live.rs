//! How frames of live painting are made: the settings of a round, changed so that a frame takes little time.

use super::preset::QuickRecipe;
use super::{ModelChoice, Preset, PresetFiles, Settings};

/// How much work goes into a frame of live painting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiveQuality {
    /// A first look: smaller, with fewer steps, or both.
    Rough,
    /// All that live painting makes of the canvas.
    Full,
}

/// How large a rough frame is: an eighth of the sides of a full one, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveSize(u8);

impl LiveSize {
    /// Three eighths of each side: at 512 pixels as small as the starter can be.
    pub const SMALLEST: Self = Self(3);
    /// As large as a full frame.
    pub const WHOLE: Self = Self(8);
    /// All sizes, the smallest first.
    pub const ALL: [Self; 6] = [Self(3), Self(4), Self(5), Self(6), Self(7), Self(8)];

    /// The share of the pixels of a full frame, in `0.0..=1.0`.
    pub fn pixels(self) -> f64 {
        (f64::from(self.0) / 8.0).powi(2)
    }

    /// Width and height of a rough frame, in the shape of the full one. No side is shorter than `shortest`, where no side of
    /// the full one is.
    fn sides(self, (width, height): (usize, usize), shortest: usize) -> (usize, usize) {
        let least = shortest as f64 / width.min(height).max(1) as f64;
        let share = (f64::from(self.0) / 8.0).max(least);
        if share >= 1.0 {
            return (width, height);
        }
        let side = |full: usize| Settings::nearest_side((full as f64 * share).round() as usize);
        (side(width), side(height))
    }
}

impl Default for LiveSize {
    /// Half of each side, until it is known how long a frame takes.
    fn default() -> Self {
        Self(4)
    }
}

/// The shortest side of a rough frame of the starter, in pixels. Smaller pictures show other things.
const STARTER_SHORTEST: usize = 192;
/// The shortest side of a rough frame of other models, in pixels. Stable Diffusion 1.5 makes no sense of smaller ones.
const SHORTEST: usize = 256;
/// Steps of a full frame of the starter.
const STARTER_STEPS: usize = 4;
/// Steps of a rough frame of the starter that cannot be smaller.
const STARTER_ROUGH_STEPS: usize = 3;
/// Steps of a full frame of a model that is not made for few steps.
const FEWER_STEPS: usize = 8;
/// Steps of a rough frame of such a model.
const FEWEST_STEPS: usize = 4;

/// How frames are made with a model.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveRecipe(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// The starter needs few steps and no guidance, and can make small pictures.
    Starter,
    /// A LoRA or model that is made for few steps; nothing is left to be chosen where the settings use it already.
    FewSteps(Option<QuickRecipe>),
    /// Any other model.
    FewerSteps,
}

impl LiveRecipe {
    /// How frames are made with this model, these settings and the files that are here.
    pub fn new(model: &ModelChoice, settings: &Settings, files: &PresetFiles) -> Self {
        Self(match QuickRecipe::new(model, files) {
            _ if *model == ModelChoice::Starter => Kind::Starter,
            _ if Preset::of(settings, model) == Preset::Quick => Kind::FewSteps(None),
            Ok(quick) => Kind::FewSteps(Some(quick)),
            Err(_) => Kind::FewerSteps,
        })
    }

    /// The settings of a frame. `settings` are those of a round, with a drawn seed; `keeps_part` says whether a part of
    /// the canvas is kept, which must then have the size in the settings. A rough frame has this size otherwise. There is
    /// always one picture.
    pub fn settings(&self, quality: LiveQuality, size: LiveSize, settings: &Settings, keeps_part: bool) -> Settings {
        // A second pass would take longer than the frame. Regions are left out, since their masks have the size of a round's
        // results.
        let mut live = Settings { batch: 1, second_pass: None, regions: Vec::new(), ..settings.clone() };
        match &self.0 {
            Kind::Starter => {
                run_steps(&mut live, STARTER_STEPS);
                live.cfg_scale = 1.0;
            }
            Kind::FewSteps(Some(quick)) => quick.apply(&mut live),
            Kind::FewSteps(None) => {}
            Kind::FewerSteps => run_steps(&mut live, FEWER_STEPS),
        }
        if quality == LiveQuality::Full {
            return live;
        }
        if !keeps_part {
            let shortest = if self.0 == Kind::Starter { STARTER_SHORTEST } else { SHORTEST };
            (live.width, live.height) = size.sides((live.width, live.height), shortest);
        }
        match &self.0 {
            // With fewer steps the starter leaves noise, while smaller it makes much the same picture.
            Kind::Starter if !keeps_part => {}
            Kind::Starter => run_steps(&mut live, STARTER_ROUGH_STEPS),
            // Its steps are evenly spaced, so that every second one is left out.
            Kind::FewSteps(_) => live.steps = live.steps.div_ceil(2),
            Kind::FewerSteps => run_steps(&mut live, FEWEST_STEPS),
        }
        live
    }

    /// The settings of the result that a frame becomes when it is kept: those of a full frame, decoded by the autoencoder
    /// that the round's settings say and not by a tiny one.
    pub fn kept(&self, settings: &Settings, keeps_part: bool) -> Settings {
        let full = self.settings(LiveQuality::Full, LiveSize::WHOLE, settings, keeps_part);
        Settings { vae: settings.vae.clone(), ..full }
    }

    /// How frames are made and what they give up, as sentences.
    pub fn explanation(&self) -> String {
        match &self.0 {
            Kind::Starter => format!(
                "{STARTER_STEPS} steps without guidance, so the negative prompt has no effect; while you paint, smaller where this machine is slow."
            ),
            Kind::FewSteps(Some(quick)) => {
                format!(
                    "{} While you paint, half the steps, and smaller where this machine is slow. A kept frame is decoded by the model's own VAE.",
                    quick.explanation()
                )
            }
            Kind::FewSteps(None) => {
                "The steps of the settings; while you paint, half of them, and smaller where this machine is slow."
                    .into()
            }
            Kind::FewerSteps => format!(
                "At most {FEWER_STEPS} steps, while you paint {FEWEST_STEPS} and smaller where this machine is slow: less detail than a round. A LoRA for few steps makes live painting faster."
            ),
        }
    }
}

/// Makes at most this number of steps run. The schedule is shortened so that the same share of it runs:
/// a start image then gets about as much noise as before, and changes as much.
fn run_steps(settings: &mut Settings, steps: usize) {
    let (whole, run) = settings.planned_steps(true);
    if run > steps {
        let shorter = (steps * whole) as f64 / run as f64;
        (settings.steps, settings.exact_steps) = ((shorter.round() as usize).max(1), false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sd() -> ModelChoice {
        ModelChoice::Path("/models/v1-5.safetensors".into())
    }

    #[test]
    fn frames_of_every_model_are_valid_and_a_rough_one_is_less_work() {
        let files = PresetFiles { loras: vec!["lcm-lora-sdv1-5".into()], tiny_vae: Some("taesd".into()) };
        let settings = Settings { seed: 7, width: 520, height: 384, ..Settings::default() };
        for (model, files) in [(ModelChoice::Starter, &files), (sd(), &files), (sd(), &PresetFiles::default())] {
            let recipe = LiveRecipe::new(&model, &settings, files);
            let [rough, full] = [LiveQuality::Rough, LiveQuality::Full]
                .map(|quality| recipe.settings(quality, LiveSize::default(), &settings, false));
            for live in [&rough, &full, &recipe.kept(&settings, false)] {
                live.check().expect("valid");
                assert_eq!((live.batch, live.seed, live.strength), (1, 7, settings.strength), "{live:?}");
            }
            let work = |live: &Settings| live.steps_to_report(true) * live.width * live.height;
            assert!(work(&rough) < work(&full), "{rough:?}");
            assert!(work(&full) < work(&settings), "{full:?}");
            assert!(!recipe.explanation().is_empty());
            let masked = recipe.settings(LiveQuality::Rough, LiveSize::SMALLEST, &settings, true);
            assert_eq!((masked.width, masked.height), (520, 384), "a kept part fits the size of the results");
        }
    }

    #[test]
    fn a_rough_frame_is_as_large_as_asked_but_no_smaller_than_a_model_makes_sense_of() {
        let settings = Settings { seed: 7, width: 768, height: 512, ..Settings::default() };
        let files = PresetFiles { loras: vec!["lcm-lora-sdv1-5".into()], tiny_vae: None };
        let sides = |model: &ModelChoice, size, settings: &Settings| {
            let live = LiveRecipe::new(model, settings, &files).settings(LiveQuality::Rough, size, settings, false);
            live.check().expect("valid");
            (live.width, live.height)
        };
        assert_eq!(sides(&ModelChoice::Starter, LiveSize::default(), &settings), (384, 256));
        assert_eq!(sides(&ModelChoice::Starter, LiveSize::SMALLEST, &settings), (288, 192), "in the same shape");
        assert_eq!(sides(&sd(), LiveSize::SMALLEST, &settings), (384, 256));
        assert_eq!(sides(&sd(), LiveSize::WHOLE, &settings), (768, 512));
        let small = Settings { width: 64, height: 128, ..settings };
        assert_eq!(sides(&sd(), LiveSize::SMALLEST, &small), (64, 128), "never larger than a full frame");
    }

    #[test]
    fn a_shorter_schedule_begins_with_about_as_much_noise() {
        for (strength, exact_steps) in [(0.3, false), (0.3, true), (0.75, false), (0.05, false), (1.0, true)] {
            let settings = Settings { strength, exact_steps, ..Settings::default() };
            let mut shorter = settings.clone();
            run_steps(&mut shorter, 4);
            let share = |settings: &Settings| {
                let (whole, run) = settings.planned_steps(true);
                (run, run as f64 / whole as f64)
            };
            let ((all, before), (run, after)) = (share(&settings), share(&shorter));
            assert!(run == 4 || run == all, "{strength} {exact_steps}: {run}");
            assert!((before - after).abs() < 0.03, "{strength} {exact_steps}: {before} {after}");
        }
    }

    #[test]
    fn a_kept_frame_is_decoded_by_the_models_own_autoencoder() {
        let files = PresetFiles { loras: vec!["lcm-lora-sdv1-5".into()], tiny_vae: Some("taesd".into()) };
        let settings = Settings { prompt: "a tree".into(), seed: 7, ..Settings::default() };
        let recipe = LiveRecipe::new(&sd(), &settings, &files);
        let full = recipe.settings(LiveQuality::Full, LiveSize::WHOLE, &settings, false);
        assert_eq!((full.vae.clone(), full.prompt.as_str()), (files.tiny_vae, "a tree <lora:lcm-lora-sdv1-5:1>"));
        assert_eq!(recipe.kept(&settings, false), Settings { vae: None, ..full });
    }

    #[test]
    fn settings_for_few_steps_stay_as_they_are() {
        let files = PresetFiles { loras: vec!["Hyper-SD15-4steps-lora".into()], tiny_vae: None };
        let mut settings = Settings { seed: 7, batch: 1, ..Settings::default() };
        QuickRecipe::new(&sd(), &files).expect("here").apply(&mut settings);
        settings.steps = 5;
        let recipe = LiveRecipe::new(&sd(), &settings, &files);
        assert_eq!(recipe.settings(LiveQuality::Full, LiveSize::WHOLE, &settings, false), settings);
        assert_eq!(recipe.settings(LiveQuality::Rough, LiveSize::WHOLE, &settings, false).steps, 3);
    }
}
