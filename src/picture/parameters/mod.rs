//! Reading what a picture says about how it was made, and taking it over.
//!
//! Understood are the text of AUTOMATIC1111, which Forge, SD.Next, stable-diffusion.cpp, Fooocus, this
//! program and most web sites write too, the JSON objects of InvokeAI, Fooocus, NovelAI, SwarmUI and Easy
//! Diffusion, and the graphs of ComfyUI. Whatever the source, the result is a prompt, a negative prompt
//! and fields with AUTOMATIC1111's names.

mod apply;
mod comfyui;
mod control;
mod inpaint;
mod json;
mod names;
mod second_pass;
mod text;

pub use apply::NotTaken;
pub use names::{sampler as known_sampler, schedule as known_schedule};

use super::infotext::{MADE_WITH, TEMPLATES};
use crate::engine::{MadeWith, Mask, PromptTemplate, RegionPrompt};

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
    /// Where the regions lie that the text names; empty unless all of them are known.
    region_masks: Vec<Mask>,
}

/// How many settings, and how many lines below them, are kept of one text. No program writes that many, and
/// a small compressed text can hold millions.
const MOST_FIELDS: usize = 500;

impl Parameters {
    /// Reads a settings text of any program (see
    /// [`read_parameters`](crate::picture::read_parameters)). Text without settings is a prompt.
    pub fn read(text: &str) -> Self {
        let mut read = match json::object(text) {
            Some(object) => comfyui::read(&object).unwrap_or_else(|| json::read(&object)),
            None => text::read(text),
        };
        read.fields.truncate(MOST_FIELDS);
        read.extra_lines.truncate(MOST_FIELDS);
        read
    }

    /// These parameters with the masks of their regions, as the picture's file has them. They count only if there is one for each
    /// region that the text names.
    #[must_use]
    pub fn with_region_masks(mut self, masks: Vec<Mask>) -> Self {
        let count = (1..).take_while(|number| self.field(&format!("Region {number}")).is_some()).count();
        self.region_masks = if masks.len() == count { masks } else { Vec::new() };
        self
    }

    /// Where the regions lie that [`Parameters::apply_to`] takes over, in their order and all of one size.
    pub fn region_masks(&self) -> &[Mask] {
        &self.region_masks
    }

    /// The regions whose masks are known.
    fn regions(&self) -> Vec<RegionPrompt> {
        let prompt = |number: usize| self.field(&format!("Region {number}")).unwrap_or_default().to_owned();
        (1..=self.region_masks.len()).map(|number| RegionPrompt { prompt: prompt(number), layer: None }).collect()
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

    /// The beginning of the SHA-256 of the model's file, 10 hexadecimal digits in the web UI's own pictures.
    pub fn model_hash(&self) -> Option<&str> {
        self.field("Model hash").filter(|hash| !hash.is_empty())
    }

    /// What computed the picture, as far as it says.
    pub fn made_with(&self) -> MadeWith {
        let text = |name: &str| self.field(name).unwrap_or_default().to_owned();
        let [instructions, precision, model] = MADE_WITH.map(text);
        let model_hash = self.model_hash().unwrap_or_default().to_owned();
        let program = text("Version");
        let template = self.template();
        MadeWith { program, instructions, precision, model, model_hash, template, ..MadeWith::default() }
    }

    /// The prompts before their wildcards were replaced; `None` if the picture says nothing of wildcards. The web UI's
    /// extension writes them below the settings.
    pub fn template(&self) -> Option<PromptTemplate> {
        let [prompt, negative] = TEMPLATES.map(|name| {
            let below = |line: &String| line.strip_prefix(name)?.strip_prefix(':').map(|text| text.trim().to_owned());
            self.field(name).map(str::to_owned).or_else(|| self.extra_lines.iter().find_map(below))
        });
        (prompt.is_some() || negative.is_some())
            .then(|| PromptTemplate { prompt: prompt.unwrap_or_default(), negative: negative.unwrap_or_default() })
    }

    /// Whether there are settings to take over.
    pub fn has_settings(&self) -> bool {
        self.field("Steps").is_some() && (self.field("Sampler").is_some() || self.field("Seed").is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Recipe, Rng, Sampler, SamplerOptions, Schedule, Settings};

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
            reuse: 3,
            noise_multiplier: 0.9,
            extra_noise: 0.1,
            exact_steps: true,
            color_correct: true,
            sampling: SamplerOptions { eta: Some(0.5), noise_seed_delta: 31337, rho: 5.0, ..SamplerOptions::default() },
            ..Settings::default()
        };
        let recipe = Recipe {
            settings: settings.clone(),
            seed: 12,
            model: "a, b: c".into(),
            from_picture: true,
            made_with: Default::default(),
        };
        let read = Parameters::read(&recipe.infotext());
        assert_eq!(read.field("Model"), Some("a, b: c"));
        let mut back = Settings { batch: settings.batch, ..Settings::default() };
        assert_eq!(read.apply_to(&mut back), []);
        assert_eq!(back, settings);
    }

    fn applied(text: &str) -> (Settings, Vec<String>) {
        let mut settings = Settings::default();
        let left = Parameters::read(text).apply_to(&mut settings);
        (settings, left.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines_below_the_settings_do_not_hide_them() {
        let line = "Steps: 28, Sampler: Euler a, CFG scale: 7, Seed: 3, Size: 512x512";
        let text = format!(
            "an apple\n{line}\nTemplate: a {{red|green}} apple\nNegative Template: none, at: all, x: y\nspecial words"
        );
        let read = Parameters::read(&text);
        assert_eq!((read.prompt.as_str(), read.seed()), ("an apple", Some(3)));
        assert_eq!(read.extra_lines.len(), 3);
        let template = read.template().expect("below the settings");
        assert_eq!(
            (template.prompt.as_str(), template.negative.as_str()),
            ("a {red|green} apple", "none, at: all, x: y")
        );
        let (settings, left) = applied(&text);
        assert_eq!((settings.steps, settings.sampler), (28, Sampler::EulerA));
        assert_eq!(left, ["Line below the settings (special words): it is not understood"]);
        // A prompt may look like settings, and the settings come after it.
        let read = Parameters::read(&format!("Steps: 1, Seed: 2, Size: 3x3\n{line}"));
        assert_eq!((read.prompt.as_str(), read.seed()), ("Steps: 1, Seed: 2, Size: 3x3", Some(3)));
        let read = Parameters::read("a house, style: old, light: soft, camera: close");
        assert!(read.fields.is_empty() && read.prompt.starts_with("a house"));
    }

    #[test]
    fn a_text_with_any_number_of_settings_is_read_in_a_moment() {
        let many: String = (0..200_000).map(|i| format!(", a{i}: 1")).collect();
        let lines = "\nmore".repeat(200_000);
        let begun = std::time::Instant::now();
        let (settings, left) = applied(&format!("x\nSteps: 31, Sampler: Euler, Seed: 1{many}{lines}"));
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
        assert_eq!((settings.steps, settings.sampler), (31, Sampler::Euler));
        assert!(left.len() <= 2 * MOST_FIELDS, "{}", left.len());
    }

    #[test]
    fn a_prompt_too_long_to_be_used_is_left_out_and_said() {
        let long = "apple ".repeat(20_000);
        let text = format!("{long}\nNegative prompt: {long}\nSteps: 31, Sampler: Euler, Seed: 1");
        let (settings, left) = applied(&text);
        assert_eq!((settings.prompt, settings.steps), (Settings::default().prompt, 31));
        assert_eq!(left.len(), 2);
        assert!(left[0].starts_with("Prompt (apple apple") && left[0].ends_with("characters here"), "{}", left[0]);
        assert!(left.iter().all(|left| left.len() < 200), "{left:?}");
    }

    #[test]
    fn what_is_not_taken_is_listed_with_the_reason() {
        let (settings, left) = applied(
            "x\nSteps: 20, Sampler: Restart, Schedule type: Karras, CFG scale: 7, Seed: 18446744073709551615, \
             Size: 500x4000, Hires upscale: 2, Denoising strength: 0.4, ENSD: 31337, RNG: NV, VAE: best.vae, Version: 1",
        );
        assert_eq!((settings.width, settings.height), (504, 2048));
        assert_eq!((settings.strength, settings.sampler), (0.75, Sampler::DpmPp2m));
        assert_eq!(settings.sampling.noise_seed_delta, 31337);
        assert_eq!(
            left,
            [
                "Sampler (Restart): there is no sampler of this name; the one that is set stays",
                "Schedule type (Karras): its sampler is not known here",
                "Seed (18446744073709551615): seeds go up to 4294967295 here",
                "Size (500x4000): 504x2048 is used; sides are multiples of 8 up to 2048 here",
                "Hires upscale (2): there is no high-resolution pass",
                "Denoising strength (0.4): it is that of the high-resolution pass, which there is not here",
                "VAE (best.vae): a replacement VAE is a file that has to be chosen by hand",
            ]
        );
    }

    #[test]
    fn a_long_seed_of_the_cpus_generator_means_the_noise_of_its_low_bits() {
        let (settings, left) = applied("x\nSteps: 20, Sampler: Euler, Seed: 4294967301, RNG: CPU");
        assert_eq!((settings.seed, settings.rng), (5, Rng::Cpu));
        assert_eq!(left, ["Seed (4294967301): 5 is used, which gives the same noise with the CPU's generator"]);
    }

    #[test]
    fn json_objects_of_other_programs_are_read() {
        let invoke = r#"{"positive_prompt": "an apple", "negative_prompt": "blurry", "steps": 30, "cfg_scale": 7.5,
            "scheduler": "dpmpp_2m_k", "seed": 9, "width": 512, "height": 640, "model": {"name": "dream", "hash": "x"},
            "clip_skip": 1, "app_version": "5.0"}"#;
        let (settings, left) = applied(invoke);
        assert_eq!(left, [""; 0]);
        assert_eq!((settings.prompt.as_str(), settings.negative.as_str()), ("an apple", "blurry"));
        assert_eq!((settings.sampler, settings.schedule), (Sampler::DpmPp2m, Schedule::Karras));
        assert_eq!((settings.width, settings.height, settings.rng), (512, 640, Rng::Cpu));
        assert_eq!((settings.seed, settings.steps, settings.clip_skip), (9, 30, 2));
        assert_eq!(Parameters::read(invoke).model(), Some("dream"));

        let fooocus = r#"{"prompt": "a", "negative_prompt": "b", "steps": 30, "resolution": "(512, 768)",
            "guidance_scale": 4.0, "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras", "seed": "12"}"#;
        let (settings, _) = applied(fooocus);
        assert_eq!((settings.sampler, settings.schedule), (Sampler::DpmPp2mSde, Schedule::Karras));
        assert_eq!((settings.seed, settings.cfg_scale, settings.height), (12, 4.0, 768));

        let novel =
            r#"{"prompt": "a", "uc": "b", "steps": 28, "sampler": "k_euler_ancestral", "scale": 11.0, "seed": 7}"#;
        let (settings, _) = applied(novel);
        assert_eq!((settings.sampler, settings.negative.as_str()), (Sampler::EulerA, "b"));

        let swarm =
            r#"{"sui_image_params": {"prompt": "a", "seed": 3, "steps": 20, "cfgscale": 7, "sampler": "euler"}}"#;
        assert_eq!(applied(swarm).0.seed, 3);
        // Braces in a prompt are no object.
        assert_eq!(Parameters::read("{red|green} apple").prompt, "{red|green} apple");
    }

    #[test]
    fn graphs_with_circles_numbers_and_several_passes_are_read() {
        let graph = r#"{"1": {"class_type": "KSampler", "inputs": {"seed": ["5", 0], "steps": 10, "cfg": 2, "sampler_name":
            "euler", "scheduler": "normal", "denoise": 0.5, "positive": ["3", 0], "negative": ["4", 0], "latent_image": ["2", 0],
            "model": ["1", 0]}},
            "2": {"class_type": "KSampler", "inputs": {"seed": 77, "steps": 20, "cfg": 3, "sampler_name": "euler_ancestral",
            "scheduler": "normal", "denoise": 1, "positive": ["3", 0], "negative": ["4", 0], "latent_image": ["6", 0],
            "model": ["2", 0]}},
            "3": {"class_type": "CLIPTextEncode", "inputs": {"text": ["7", 0], "clip": ["3", 0]}},
            "4": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["4", 0]}},
            "5": {"class_type": "Seed", "inputs": {"seed": 12}}, "6": {"class_type": "EmptyLatentImage", "inputs":
            {"width": 512, "height": 512}}, "7": {"class_type": "PrimitiveString", "inputs": {"value": "an apple"}},
            "8": {"class_type": "Odd", "inputs": {"is_changed": [NaN]}}}"#;
        let read = Parameters::read(graph);
        assert_eq!((read.prompt.as_str(), read.negative.as_str(), read.seed()), ("an apple", "", Some(77)));
        assert_eq!((read.field("Passes"), read.field("Sampler")), (Some("2"), Some("euler_ancestral")));
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
        let json = r#"{"3": {"class_type": "KSampler", "inputs": {"seed": 3, "steps": 20, "positive": ["6", 0]}}, "prompt": "x"}"#;
        let letters: Vec<char> = text.chars().chain("é苹\\\"\n:,(".chars()).collect();
        let mut state = 3u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for i in 0..6000 {
            let mut scrambled: Vec<char> = if i % 2 == 0 { text } else { json }.chars().collect();
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
