//! Reading the `parameters` text back: AUTOMATIC1111's own, Forge's, stable-diffusion.cpp's and ours.

use crate::engine::{Rng, Sampler, Schedule, Settings};

/// What a `parameters` text says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// The prompt.
    pub prompt: String,
    /// The negative prompt.
    pub negative: String,
    /// The rest, name and value, in the order they stand.
    pub fields: Vec<(String, String)>,
}

impl Parameters {
    /// Reads a text. The last line holds the fields when it has at least three; the lines before
    /// are the prompt, from `Negative prompt:` on the negative one.
    pub fn read(text: &str) -> Self {
        let mut lines: Vec<&str> = text.trim().lines().collect();
        let mut fields = lines.last().map(|line| fields(line)).unwrap_or_default();
        if fields.len() < 3 {
            fields.clear();
        } else {
            lines.pop();
        }
        let (mut prompt, mut negative, mut within) = (Vec::new(), Vec::new(), false);
        for line in lines {
            let line = line.trim();
            match line.strip_prefix("Negative prompt:") {
                Some(rest) => {
                    within = true;
                    negative.push(rest.trim());
                }
                None if within => negative.push(line),
                None => prompt.push(line),
            }
        }
        Self { prompt: prompt.join("\n"), negative: negative.join("\n"), fields }
    }

    /// A field's value, by its name in any case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The seed.
    pub fn seed(&self) -> Option<u64> {
        self.field("Seed")?.parse().ok()
    }

    /// Whether there is anything to take over.
    pub fn has_settings(&self) -> bool {
        self.field("Steps").is_some() && self.field("Sampler").is_some()
    }

    /// Takes over what is said and fits; the rest of `settings` stays. The batch stays too: the
    /// text speaks of one picture.
    pub fn apply_to(&self, settings: &mut Settings) {
        settings.prompt.clone_from(&self.prompt);
        settings.negative.clone_from(&self.negative);
        let mut keep = |change: &dyn Fn(&mut Settings)| {
            let mut changed = settings.clone();
            change(&mut changed);
            if changed.check().is_ok() {
                *settings = changed;
            }
        };
        let number = |name: &str| self.field(name).and_then(|v| v.parse::<f64>().ok());
        let whole = |name: &str| self.field(name).and_then(|v| v.parse::<usize>().ok());
        if let Some(steps) = whole("Steps") {
            keep(&|s| s.steps = steps);
        }
        if let Some((sampler, schedule)) = self.sampler() {
            keep(&|s| (s.sampler, s.schedule) = (sampler, schedule));
        }
        if let Some(scale) = number("CFG scale") {
            keep(&|s| s.cfg_scale = scale);
        }
        if let Some(strength) = number("Denoising strength").or_else(|| number("Strength")) {
            keep(&|s| s.strength = strength);
        }
        if let Some(seed) = self.seed().and_then(|seed| i64::try_from(seed).ok()) {
            keep(&|s| s.seed = seed);
        }
        let rng = self.field("RNG").and_then(|v| Rng::ALL.into_iter().find(|r| r.label().eq_ignore_ascii_case(v)));
        keep(&|s| s.rng = rng.unwrap_or_default());
        let variation = number("Variation seed strength").unwrap_or(0.0);
        let variation_seed = whole("Variation seed").and_then(|v| i64::try_from(v).ok()).unwrap_or(0);
        keep(&|s| (s.variation_strength, s.variation_seed) = (variation, variation_seed));
        keep(&|s| s.guided = number("Guided share").unwrap_or(1.0));
        keep(&|s| s.noise_multiplier = number("Noise multiplier").unwrap_or(1.0));
        keep(&|s| s.extra_noise = number("Extra noise").unwrap_or(0.0));
        let clip_skip = whole("Clip skip").unwrap_or(1);
        keep(&|s| s.clip_skip = clip_skip);
        if let Some((width, height)) = self.size() {
            keep(&|s| (s.width, s.height) = (width, height));
        }
    }

    /// `DPM++ 2M` with `Schedule type: Karras`, the older `DPM++ 2M Karras`, or `dpm++2s_a`.
    fn sampler(&self) -> Option<(Sampler, Schedule)> {
        let name = self.field("Sampler")?.replace('_', "-");
        let (sampler, with) = Sampler::with_schedule_from_name(&name)?;
        let said = self.field("Schedule type").or_else(|| self.field("Scheduler")).and_then(Schedule::from_name);
        Some((sampler, said.or(with).unwrap_or(Schedule::Automatic)))
    }

    fn size(&self) -> Option<(usize, usize)> {
        let (width, height) = self.field("Size")?.split_once('x')?;
        Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
    }
}

/// `Name: value, Name: "quoted, value", …` as pairs.
fn fields(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = line.trim_start();
    while let Some((name, after)) = rest.split_once(':') {
        // What stands before the name belongs to no field.
        let name = name.rsplit(',').next().unwrap_or(name).trim();
        let after = after.trim_start();
        let (value, end) = match quoted(after) {
            Some((value, length)) => (value, length),
            None => {
                let length = after.find(',').unwrap_or(after.len());
                (after[..length].trim().to_owned(), length)
            }
        };
        let plain = |c: char| c.is_alphanumeric() || " -_/".contains(c);
        if name.len() > 1 && name.chars().all(plain) {
            found.push((name.to_owned(), value));
        }
        rest = after[end..].trim_start().strip_prefix(',').unwrap_or(&after[end..]).trim_start();
    }
    found
}

/// A JSON string at the start of the text, and how long it is there.
fn quoted(text: &str) -> Option<(String, usize)> {
    if !text.starts_with('"') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Recipe;

    #[test]
    fn our_own_text_comes_back_as_the_settings_that_made_it() {
        let settings = Settings {
            prompt: "a (red:1.2) apple,\nSteps: up the hill".into(),
            negative: "blurry, \"quoted\"".into(),
            steps: 33,
            sampler: Sampler::EulerA,
            schedule: Schedule::SgmUniform,
            cfg_scale: 7.5,
            strength: 0.6,
            seed: 12,
            width: 640,
            height: 448,
            clip_skip: 2,
            rng: Rng::Cpu,
            variation_seed: 99,
            variation_strength: 0.25,
            guided: 0.6,
            noise_multiplier: 0.9,
            extra_noise: 0.1,
            ..Settings::default()
        };
        let recipe = Recipe { settings: settings.clone(), seed: 12, model: "a, b: c".into(), from_picture: true };
        let read = Parameters::read(&recipe.infotext());
        assert_eq!(read.field("Model"), Some("a, b: c"));
        let mut back = Settings { batch: settings.batch, ..Settings::default() };
        read.apply_to(&mut back);
        assert_eq!(back, settings);
    }

    #[test]
    fn automatic1111_before_and_after_schedules_had_names_of_their_own() {
        let old = "an apple, (red), masterpiece\nNegative prompt: worst quality,\nlow quality\nSteps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 3141592653, Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Denoising strength: 0.55, Clip skip: 2, Lora hashes: \"detail: f2bf, more: aa\", Version: v1.6.0";
        let read = Parameters::read(old);
        assert_eq!(read.prompt, "an apple, (red), masterpiece");
        assert_eq!(read.negative, "worst quality,\nlow quality");
        assert_eq!(read.field("Lora hashes"), Some("detail: f2bf, more: aa"));
        let mut settings = Settings::default();
        read.apply_to(&mut settings);
        assert_eq!((settings.sampler, settings.schedule), (Sampler::DpmPp2m, Schedule::Karras));
        assert_eq!((settings.steps, settings.cfg_scale, settings.strength), (28, 7.0, 0.55));
        assert_eq!((settings.seed, settings.clip_skip, settings.batch), (3_141_592_653, 2, 4));
        assert_eq!((settings.width, settings.height), (512, 768));

        let new = "apple\nSteps: 20, Sampler: Euler a, Schedule type: Align Your Steps, CFG scale: 11, Seed: 1, Size: 512x512, Version: f2.0.1v1.10.1";
        let mut settings = Settings::default();
        Parameters::read(new).apply_to(&mut settings);
        assert_eq!((settings.sampler, settings.schedule), (Sampler::EulerA, Schedule::AlignYourSteps));
        assert_eq!(settings.negative, "");
    }

    #[test]
    fn stable_diffusion_cpp_is_understood() {
        let text = "a lovely cat\nSteps: 20, CFG scale: 7.000000, Guidance: 3.500000, Seed: 42, Size: 512x512, Model: sd-v1-4.ckpt, RNG: cuda, Sampler: dpm++2s_a karras, Version: stable-diffusion.cpp";
        let mut settings = Settings::default();
        Parameters::read(text).apply_to(&mut settings);
        assert_eq!((settings.sampler, settings.schedule), (Sampler::DpmPp2sA, Schedule::Karras));
        assert_eq!((settings.cfg_scale, settings.seed), (7.0, 42));
    }

    #[test]
    fn what_does_not_fit_is_left_alone() {
        let text = "x\nSteps: 9000, Sampler: Magic, CFG scale: -3, Seed: many, Size: 500x-1, Denoising strength: 7";
        let mut settings = Settings::default();
        Parameters::read(text).apply_to(&mut settings);
        assert_eq!(settings, Settings { prompt: "x".into(), ..Settings::default() });
    }

    #[test]
    fn odd_text_is_only_a_prompt() {
        for text in ["", "just words", "Steps: 20", ":::,,:", "a: \"unclosed, b: c", "Negative prompt: x"] {
            let read = Parameters::read(text);
            assert!(!read.has_settings(), "{text}");
        }
        assert_eq!(Parameters::read("Negative prompt: x").negative, "x");
        assert_eq!(Parameters::read("line one\nline two").prompt, "line one\nline two");
    }

    /// Scrambled texts are read as something, and what they say never breaks the settings.
    #[test]
    fn scrambled_texts_never_panic() {
        let text = "a \"b\", (c:1.2)\nNegative prompt: d\nSteps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1, Size: 512x512, Model: \"x, y: \\\"z\", RNG: CPU";
        let letters: Vec<char> = text.chars().chain("é苹\\\"\n:,(".chars()).collect();
        let mut state = 3u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..3000 {
            let mut scrambled: Vec<char> = text.chars().collect();
            for _ in 0..1 + next(12) {
                let at = next(scrambled.len());
                scrambled[at] = letters[next(letters.len())];
            }
            let mut settings = Settings::default();
            Parameters::read(&scrambled.iter().collect::<String>()).apply_to(&mut settings);
            settings.check().expect("still valid");
        }
    }
}
