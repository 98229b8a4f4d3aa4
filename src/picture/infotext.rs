//! The settings text of AUTOMATIC1111, as its users and many programs read it.

use super::{infotext_control, infotext_inpaint, infotext_second_pass};
use crate::engine::{Recipe, Rng, SamplerOptions};

/// What computed the picture: instructions, precision, and the fingerprint of the model's files.
pub(super) const MADE_WITH: [&str; 3] = ["Instructions", "Precision", "Model fingerprint"];

/// The prompt and the negative prompt before their wildcards were replaced, as the web UI's extension for wildcards calls
/// them. It writes each in a line of its own below the settings, which the web UI without it takes for a part of the prompt.
pub(super) const TEMPLATES: [&str; 2] = ["Template", "Negative Template"];

impl Recipe {
    /// The settings text: the prompt, the negative prompt if there is one, and one line of settings.
    pub fn infotext(&self) -> String {
        let s = &self.settings;
        let mut line = vec![
            ("Steps", s.steps.to_string()),
            ("Sampler", s.sampler.label().to_owned()),
            ("Schedule type", s.schedule.label().to_owned()),
            ("CFG scale", s.cfg_scale.to_string()),
            ("Seed", self.seed.to_string()),
            ("Size", format!("{}x{}", s.width, s.height)),
        ];
        if !self.made_with.model_hash.is_empty() {
            line.push(("Model hash", self.made_with.model_hash.clone()));
        }
        line.push(("Model", self.model.clone()));
        if self.from_picture {
            line.push(("Denoising strength", s.strength.to_string()));
        }
        if s.guided < 1.0 {
            line.push(("Guided share", s.guided.to_string()));
        }
        if s.reuse > 1 {
            line.push(("DeepCache interval", s.reuse.to_string()));
        }
        if s.variation_strength > 0.0 {
            line.push(("Variation seed", s.variation_seed.to_string()));
            line.push(("Variation seed strength", s.variation_strength.to_string()));
        }
        if self.from_picture && s.noise_multiplier != 1.0 {
            line.push(("Noise multiplier", s.noise_multiplier.to_string()));
        }
        if self.from_picture && s.extra_noise > 0.0 {
            line.push(("Extra noise", s.extra_noise.to_string()));
        }
        if s.rng != Rng::Cuda {
            line.push(("RNG", s.rng.label().to_owned()));
        }
        if self.from_picture && s.exact_steps {
            line.push(("Exact steps", "True".into()));
        }
        if self.from_picture && s.color_correct {
            line.push(("Color correction", "True".into()));
        }
        if self.from_picture
            && let Some(scale) = s.image_cfg
        {
            line.push(("Image CFG scale", scale.to_string()));
        }
        if let (true, Some(inpaint)) = (self.from_picture && s.keep_unpainted, &s.inpaint) {
            line.extend(infotext_inpaint::fields(inpaint));
        } else if self.from_picture && s.keep_unpainted {
            line.push(("Keep unpainted", "True".into()));
            line.push(("Feather", s.feather.to_string()));
        }
        if let Some(pass) = &s.second_pass {
            line.extend(infotext_second_pass::fields(pass));
        }
        if s.clip_skip > 1 {
            line.push(("Clip skip", s.clip_skip.to_string()));
        }
        line.extend(SamplerOptions::fields(s));
        if let Some(name) = s.vae.as_deref().and_then(std::path::Path::file_name) {
            line.push(("VAE", name.to_string_lossy().into_owned()));
        }
        let made = &self.made_with;
        let own = || format!("underpaint {}", env!("CARGO_PKG_VERSION"));
        line.push(("Version", Some(made.program.clone()).filter(|known| !known.is_empty()).unwrap_or_else(own)));
        for (name, value) in MADE_WITH.iter().zip([&made.instructions, &made.precision, &made.model]) {
            if !value.is_empty() {
                line.push((name, value.clone()));
            }
        }
        let controls = s.controls.iter().enumerate();
        let controls: Vec<(String, String)> = controls
            .map(|(index, control)| {
                let hash = made.control_hashes.get(index).map_or("", String::as_str);
                (format!("ControlNet {index}"), infotext_control::value(control, hash))
            })
            .collect();
        let regions = s.regions.iter().enumerate();
        let regions = regions.map(|(index, region)| (format!("Region {}", index + 1), region.prompt.clone()));
        let template = made.template.iter().flat_map(|template| {
            let texts = [&template.prompt, &template.negative];
            let fields = TEMPLATES.iter().zip(texts).filter(|(_, text)| !text.is_empty());
            fields.map(|(name, text)| ((*name).to_owned(), text.clone()))
        });
        let controls: Vec<(String, String)> = controls.into_iter().chain(regions).chain(template).collect();
        let at = line.iter().position(|(name, _)| *name == "Version").unwrap_or(line.len());
        let controls = controls.iter().map(|(name, value)| (name.as_str(), value.clone()));
        line.splice(at..at, controls);
        let line: Vec<String> = line.into_iter().map(|(key, value)| format!("{key}: {}", quoted(&value))).collect();
        let mut text = s.prompt.clone();
        if !s.negative.is_empty() {
            text.push_str("\nNegative prompt: ");
            text.push_str(&s.negative);
        }
        text.push('\n');
        text.push_str(&line.join(", "));
        text
    }
}

/// A value as it stands in the line of settings: as a JSON string where it would break the line apart.
fn quoted(value: &str) -> String {
    if value.contains([',', ':', '\n']) { serde_json::Value::from(value).to_string() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ControlSettings, MadeWith, PromptTemplate, Settings};
    use crate::picture::Parameters;

    fn recipe() -> Recipe {
        Recipe {
            settings: Settings::default(),
            seed: 7,
            model: "starter".into(),
            from_picture: true,
            made_with: Default::default(),
        }
    }

    #[test]
    fn the_text_is_what_automatic1111_writes() {
        let mut recipe = recipe();
        recipe.settings.negative = "blurry".into();
        assert_eq!(
            recipe.infotext(),
            format!(
                "photo of perfect green apple with stem, water droplets, dramatic lighting\n\
                 Negative prompt: blurry\n\
                 Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 11, Seed: 7, Size: 512x512, \
                 Model: starter, Denoising strength: 0.75, Version: underpaint {}",
                env!("CARGO_PKG_VERSION")
            )
        );
    }

    #[test]
    fn what_computed_the_picture_stands_at_the_end_and_is_read_back() {
        let mut recipe = recipe();
        recipe.made_with = MadeWith {
            program: "underpaint 9.9".into(),
            instructions: "AVX-512".into(),
            precision: "bf16".into(),
            model: "0123456789abcdef".into(),
            model_hash: "e9476a1372".into(),
            ..MadeWith::default()
        };
        let text = recipe.infotext();
        assert!(text.contains("Size: 512x512, Model hash: e9476a1372, Model: starter, "), "{text}");
        let end =
            "Version: underpaint 9.9, Instructions: AVX-512, Precision: bf16, Model fingerprint: 0123456789abcdef";
        assert!(text.ends_with(end), "{text}");
        assert_eq!(Parameters::read(&text).made_with(), recipe.made_with);
        assert_eq!(Parameters::read(&text).apply_to(&mut Settings::default()), [], "they say nothing about settings");
    }

    #[test]
    fn the_hash_of_a_control_stands_behind_its_name_and_the_name_is_read_back() {
        let control = ControlSettings { model: "lines".into(), ..ControlSettings::default() };
        let mut recipe = Recipe { settings: Settings { controls: vec![control], ..Settings::default() }, ..recipe() };
        recipe.made_with.control_hashes = vec!["43d4be0d".into()];
        let text = recipe.infotext();
        assert!(text.contains("Model: lines [43d4be0d], Weight: 1"), "{text}");
        let mut back = Settings::default();
        Parameters::read(&text).apply_to(&mut back);
        assert_eq!(back.controls, recipe.settings.controls);
    }

    #[test]
    fn the_prompts_before_wildcards_were_replaced_are_written_and_read_back() {
        let template = PromptTemplate { prompt: "a __fruit__,\nsilk: \"old\"".into(), negative: "__bad__".into() };
        let mut recipe = recipe();
        recipe.settings.prompt = "a fig,\nsilk: \"old\"".into();
        recipe.made_with.template = Some(template.clone());
        let text = recipe.infotext();
        assert!(
            text.contains(r#"Template: "a __fruit__,\nsilk: \"old\"", Negative Template: __bad__, Version: "#),
            "{text}"
        );
        let read = Parameters::read(&text);
        assert_eq!((read.prompt.as_str(), read.template()), (recipe.settings.prompt.as_str(), Some(template)));
        assert_eq!(read.made_with().template, read.template());
        assert_eq!(read.apply_to(&mut Settings::default()), [], "they are no settings that get lost");
        recipe.made_with.template = Some(PromptTemplate { prompt: "x __y__".into(), negative: String::new() });
        let text = recipe.infotext();
        assert!(text.contains("Template: x __y__") && !text.contains("Negative Template"), "{text}");
    }

    #[test]
    fn awkward_names_are_quoted_and_text_to_image_has_no_strength() {
        let mut recipe = recipe();
        recipe.model = "my, model: 2".into();
        recipe.from_picture = false;
        let text = recipe.infotext();
        assert!(text.contains(r#"Model: "my, model: 2", Version"#), "{text}");
        assert!(!text.contains("Denoising"));
    }
}
