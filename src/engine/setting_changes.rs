//! Which settings differ between two pictures.

use std::path::Path;

use super::word_changes::{ChangedWord, changed_words};
use super::{ControlSettings, Inpaint, Recipe, SamplerOptions, SecondPass, Settings};

/// What made a picture, or would make the next, as far as two are compared.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// The settings; their seed is not looked at.
    pub settings: &'a Settings,
    /// The picture's seed; `None` if it is not known yet or does not matter.
    pub seed: Option<u64>,
    /// The model's name; `None` if it is not known.
    pub model: Option<&'a str>,
}

impl<'a> From<&'a Recipe> for Setup<'a> {
    fn from(recipe: &'a Recipe) -> Self {
        Self { settings: &recipe.settings, seed: Some(recipe.seed), model: Some(&recipe.model) }
    }
}

/// A setting that two pictures do not share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    /// Its name, as the settings panel has it.
    pub name: &'static str,
    /// How it was changed.
    pub value: ChangedValue,
}

/// How a setting was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedValue {
    /// A number or choice.
    Replaced {
        /// The earlier value, as the window shows it.
        before: String,
        /// The later value.
        after: String,
    },
    /// A text, as the words of both.
    Reworded(Vec<ChangedWord>),
}

/// The settings that differ, the prompt first, then in the order of the settings panel. A seed or model
/// that is not known on one side is not listed, and neither is what has no effect on either side.
pub fn setting_changes(before: Setup<'_>, after: Setup<'_>) -> Vec<SettingChange> {
    let mut list = Changes::default();
    list.models(before.model, after.model);
    // Taken apart by name, so that no setting can be forgotten here.
    let Settings {
        prompt,
        negative,
        steps,
        sampler,
        schedule,
        cfg_scale,
        guided,
        reuse,
        strength,
        seed: _,
        batch,
        width,
        height,
        rng,
        variation_seed,
        variation_strength,
        noise_multiplier,
        extra_noise,
        exact_steps,
        clip_skip,
        color_correct,
        keep_unpainted,
        feather,
        inpaint,
        image_cfg,
        controls,
        regions,
        second_pass,
        vae,
        sampling,
    } = before.settings;
    let other = after.settings;
    list.text("Prompt", prompt, &other.prompt);
    list.text("Negative prompt", negative, &other.negative);
    list.value("Steps", steps, &other.steps, usize::to_string);
    list.value("Sampler", sampler, &other.sampler, |sampler| sampler.label().into());
    if !(sampler.has_fixed_schedule() && other.sampler.has_fixed_schedule()) {
        list.value("Schedule", schedule, &other.schedule, |schedule| schedule.label().into());
    }
    list.value("CFG scale", cfg_scale, &other.cfg_scale, f64::to_string);
    list.value("Denoising strength", strength, &other.strength, f64::to_string);
    if let (Some(one), Some(other)) = (before.seed, after.seed) {
        list.value("Seed", &one, &other, u64::to_string);
    }
    list.value("Batch size", batch, &other.batch, usize::to_string);
    list.value("Size", &(*width, *height), &(other.width, other.height), |(w, h)| format!("{w} × {h}"));
    list.value("Correct colours", color_correct, &other.color_correct, on_or_off);
    list.value("Keep what I did not paint", keep_unpainted, &other.keep_unpainted, on_or_off);
    if (*keep_unpainted || other.keep_unpainted) && (inpaint.is_none() || other.inpaint.is_none()) {
        list.value("Feather", feather, &other.feather, |feather| format!("{feather} px"));
    }
    list.inpaint(inpaint.as_ref(), other.inpaint.as_ref());
    list.value("Image CFG scale", image_cfg, &other.image_cfg, |scale| {
        scale.map_or("the usual".into(), |scale| scale.to_string())
    });
    list.value("Follow my lines", controls, &other.controls, |controls| {
        let all: Vec<String> = controls.iter().map(ControlSettings::summary).collect();
        if all.is_empty() { "off".into() } else { all.join(", ") }
    });
    list.value("Regions", regions, &other.regions, |regions| {
        let all: Vec<&str> = regions.iter().map(|region| region.prompt.as_str()).collect();
        if all.is_empty() { "none".into() } else { all.join(" / ") }
    });
    list.value("Second pass", second_pass, &other.second_pass, |pass| {
        pass.as_ref().map_or("off".into(), SecondPass::summary)
    });
    list.value("Exactly this many steps", exact_steps, &other.exact_steps, on_or_off);
    list.value("Guided share", guided, &other.guided, f64::to_string);
    list.value("Reuse interval", reuse, &other.reuse, usize::to_string);
    list.value("Variation strength", variation_strength, &other.variation_strength, f64::to_string);
    if *variation_strength > 0.0 || other.variation_strength > 0.0 {
        list.value("Variation seed", variation_seed, &other.variation_seed, i64::to_string);
    }
    list.value("Noise multiplier", noise_multiplier, &other.noise_multiplier, f64::to_string);
    list.value("Extra noise", extra_noise, &other.extra_noise, f64::to_string);
    list.value("Clip skip", clip_skip, &other.clip_skip, usize::to_string);
    list.value("Random numbers", rng, &other.rng, |rng| rng.label().into());
    if sampling != &other.sampling {
        let all = |settings: &Settings| {
            let fields = SamplerOptions::fields(settings);
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name} {value}")).collect();
            if fields.is_empty() { "the usual".to_owned() } else { fields.join(", ") }
        };
        list.value("Sampler options", &all(before.settings), &all(after.settings), String::clone);
    }
    list.value("Autoencoder (VAE)", vae, &other.vae, |vae| vae.as_deref().map_or("the model's own".into(), file_name));
    list.0
}

/// The list while it is made.
#[derive(Default)]
struct Changes(Vec<SettingChange>);

impl Changes {
    fn value<T: PartialEq>(&mut self, name: &'static str, before: &T, after: &T, show: impl Fn(&T) -> String) {
        if before != after {
            let value = ChangedValue::Replaced { before: show(before), after: show(after) };
            self.0.push(SettingChange { name, value });
        }
    }

    fn text(&mut self, name: &'static str, before: &str, after: &str) {
        let words = changed_words(before, after);
        if !words.is_empty() {
            self.0.push(SettingChange { name, value: ChangedValue::Reworded(words) });
        }
    }

    fn inpaint(&mut self, before: Option<&Inpaint>, after: Option<&Inpaint>) {
        let is_on = |options: &Option<&Inpaint>| on_or_off(&options.is_some());
        if before.is_none() != after.is_none() {
            self.value("Inpainting options", &before, &after, is_on);
        }
        // What is off counts as the usual.
        let [one, other] = [before, after].map(|options| options.copied().unwrap_or_default());
        let Inpaint { blur, area, padding, content, inverted, soft } = one;
        self.value("Mask blur", &blur, &other.blur, |blur| format!("{blur} px"));
        self.value("Inpaint area", &area, &other.area, |area| area.label().into());
        self.value("Masked area padding", &padding, &other.padding, |padding| format!("{padding} px"));
        self.value("Masked content", &content, &other.content, |content| content.label().into());
        self.value("Inpaint what is not masked", &inverted, &other.inverted, on_or_off);
        self.value("Soft inpainting", &soft, &other.soft, on_or_off);
    }

    fn models(&mut self, before: Option<&str>, after: Option<&str>) {
        if let (Some(before), Some(after)) = (before, after) {
            self.value("Model", &before, &after, |name| (*name).to_owned());
        }
    }
}

fn on_or_off(value: &bool) -> String {
    if *value { "on".into() } else { "off".into() }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Rng, Sampler, Schedule, WordChange};
    use super::*;

    fn of(settings: &Settings) -> Setup<'_> {
        Setup { settings, seed: None, model: None }
    }

    /// The changes in short: `name before → after`, a text as its name.
    fn told(before: Setup<'_>, after: Setup<'_>) -> Vec<String> {
        let short = |change: SettingChange| match change.value {
            ChangedValue::Replaced { before, after } => format!("{} {before} → {after}", change.name),
            ChangedValue::Reworded(_) => change.name.to_owned(),
        };
        setting_changes(before, after).into_iter().map(short).collect()
    }

    #[test]
    fn each_setting_that_has_an_effect_is_told_alone() {
        type Change = fn(&mut Settings);
        let cases: [(Change, &str); 25] = [
            (|s| s.inpaint = Some(Inpaint::default()), "Inpainting options off → on"),
            (|s| s.image_cfg = Some(1.2), "Image CFG scale the usual → 1.2"),
            (|s| s.keep_unpainted = true, "Keep what I did not paint off → on"),
            (|s| s.prompt += " x", "Prompt"),
            (|s| s.negative = "dull".into(), "Negative prompt"),
            (|s| s.steps = 30, "Steps 20 → 30"),
            (|s| s.sampler = Sampler::Heun, "Sampler DPM++ 2M → Heun"),
            (|s| s.schedule = Schedule::Uniform, "Schedule Karras → Uniform"),
            (|s| s.cfg_scale = 7.0, "CFG scale 11 → 7"),
            (|s| s.strength = 0.5, "Denoising strength 0.75 → 0.5"),
            (|s| s.batch = 1, "Batch size 4 → 1"),
            (|s| s.width = 768, "Size 512 × 512 → 768 × 512"),
            (|s| s.height = 768, "Size 512 × 512 → 512 × 768"),
            (|s| s.color_correct = true, "Correct colours off → on"),
            (
                |s| s.controls = vec![ControlSettings { model: "/c/lines.pth".into(), ..ControlSettings::default() }],
                "Follow my lines off → lines (lineart, weight 1, 0 to 1, balanced)",
            ),
            (|s| s.exact_steps = true, "Exactly this many steps off → on"),
            (|s| s.guided = 0.6, "Guided share 1 → 0.6"),
            (|s| s.reuse = 3, "Reuse interval 1 → 3"),
            (|s| s.variation_strength = 0.1, "Variation strength 0 → 0.1"),
            (|s| s.noise_multiplier = 0.9, "Noise multiplier 1 → 0.9"),
            (|s| s.extra_noise = 0.1, "Extra noise 0 → 0.1"),
            (|s| s.clip_skip = 2, "Clip skip 1 → 2"),
            (|s| s.rng = Rng::Cpu, "Random numbers GPU → CPU"),
            (|s| s.sampling.churn = 2.0, "Sampler options the usual → Sigma churn 2"),
            (
                |s| s.vae = Some("/vae/clear.safetensors".into()),
                "Autoencoder (VAE) the model's own → clear.safetensors",
            ),
        ];
        let before = Settings::default();
        for (change, expected) in cases {
            let mut after = before.clone();
            change(&mut after);
            assert_eq!(told(of(&before), of(&after)), [expected]);
        }
    }

    #[test]
    fn equal_settings_and_those_without_effect_are_not_told() {
        let before = Settings { sampler: Sampler::Ddim, ..Settings::default() };
        assert!(told(of(&before), of(&before)).is_empty());
        let after = Settings { schedule: Schedule::Uniform, variation_seed: 9, seed: 4, ..before.clone() };
        assert!(told(of(&before), of(&after)).is_empty());
    }

    #[test]
    fn seed_and_model_are_told_where_both_are_known() {
        let settings = Settings::default();
        let one = Recipe {
            settings: settings.clone(),
            seed: 40,
            model: "starter".into(),
            from_picture: true,
            made_with: Default::default(),
        };
        let other = Recipe { seed: 41, model: "dream".into(), ..one.clone() };
        assert_eq!(told(Setup::from(&one), Setup::from(&other)), ["Model starter → dream", "Seed 40 → 41"]);
        assert!(told(Setup::from(&one), of(&settings)).is_empty());
        let inpaint = |soft| Settings { inpaint: Some(Inpaint { soft, ..Inpaint::default() }), ..settings.clone() };
        assert_eq!(told(of(&inpaint(false)), of(&inpaint(true))), ["Soft inpainting off → on"]);
    }

    #[test]
    fn a_changed_prompt_has_its_words_marked() {
        let before = Settings { prompt: "a red apple".into(), ..Settings::default() };
        let after = Settings { prompt: "a green apple".into(), ..Settings::default() };
        let [SettingChange { name: "Prompt", value: ChangedValue::Reworded(words) }] =
            &setting_changes(of(&before), of(&after))[..]
        else {
            panic!("one change of the prompt")
        };
        let marks: Vec<WordChange> = words.iter().map(|word| word.change).collect();
        assert_eq!(marks, [WordChange::Kept, WordChange::Removed, WordChange::Added, WordChange::Kept]);
    }
}
