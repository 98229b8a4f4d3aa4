//! Reading what a picture says about how it was made, and taking it over.
//!
//! Understood are the text of AUTOMATIC1111, which Forge, SD.Next, stable-diffusion.cpp, Fooocus, this
//! program and most web sites write too, the JSON objects of InvokeAI, Fooocus, NovelAI, SwarmUI and Easy
//! Diffusion, and the graphs of ComfyUI. Whatever the source, the result is a prompt, a negative prompt
//! and fields with AUTOMATIC1111's names.

mod apply;
mod comfyui;
mod json;
mod names;
mod text;

pub use apply::NotTaken;

/// What a picture says about how it was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// The prompt.
    pub prompt: String,
    /// The negative prompt.
    pub negative: String,
    /// The settings, name and value, in their order in the text; the names are those of AUTOMATIC1111
    /// where it has the same setting.
    pub fields: Vec<(String, String)>,
    /// Lines below the line of settings, as extensions write them.
    pub extra_lines: Vec<String>,
}

impl Parameters {
    /// Reads a settings text of any program (see
    /// [`read_parameters`](crate::picture::read_parameters)). Text without settings is a prompt.
    pub fn read(text: &str) -> Self {
        if let Some(object) = json::object(text) {
            return comfyui::read(&object).unwrap_or_else(|| json::read(&object));
        }
        text::read(text)
    }

    /// A setting's value, by its name in any case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The seed, if it is a whole number from 0 to 2^64 - 1.
    pub fn seed(&self) -> Option<u64> {
        self.field("Seed")?.parse().ok()
    }

    /// The model's name.
    pub fn model(&self) -> Option<&str> {
        self.field("Model").filter(|name| !name.is_empty())
    }

    /// Whether there are settings to take over.
    pub fn has_settings(&self) -> bool {
        self.field("Steps").is_some() && (self.field("Sampler").is_some() || self.field("Seed").is_some())
    }
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
