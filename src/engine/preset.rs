//! One choice between quality and speed, which sets everything that it takes.

use std::path::PathBuf;

use super::few_steps::FewSteps;
use super::{ModelChoice, Recommended, Settings};

/// What a person chooses between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The usual number of steps with guidance, and the model's own autoencoder.
    Quality,
    /// A few steps with a LoRA or model that was made for them, and a tiny autoencoder where there is one.
    Quick,
}

/// The files on this machine that presets use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PresetFiles {
    /// LoRAs, as prompts name them.
    pub loras: Vec<String>,
    /// A tiny autoencoder for Stable Diffusion 1.5 (TAESD).
    pub tiny_vae: Option<PathBuf>,
}

/// How [`Preset::Quick`] is done with a model and the files that are here.
#[derive(Clone, Debug, PartialEq)]
pub struct QuickRecipe {
    few: FewSteps,
    /// The LoRA, where the model is not made for few steps itself.
    lora: Option<String>,
    tiny_vae: Option<PathBuf>,
}

impl Preset {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Quality, Self::Quick];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Quality => "Quality",
            Self::Quick => "Quick",
        }
    }

    /// Finds a preset by its name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.label().eq_ignore_ascii_case(name))
    }

    /// Which preset settings for this model belong to.
    pub fn of(settings: &Settings, model: &ModelChoice) -> Self {
        let by_lora = tags(&settings.prompt).any(|(_, _, name)| FewSteps::of_lora(name).is_some());
        let by_model = FewSteps::of_model(&model.name()).is_some_and(|few| settings.steps <= 2 * few.steps);
        if by_lora || by_model { Self::Quick } else { Self::Quality }
    }
}

impl QuickRecipe {
    /// How few steps are done with this model.
    ///
    /// # Errors
    /// Why they cannot be, and what would help, as a sentence.
    pub fn new(model: &ModelChoice, files: &PresetFiles) -> Result<Self, String> {
        if *model == ModelChoice::Starter {
            return Err(
                "The starter is small and quick already; Quick is for Stable Diffusion 1.5 and models made from it."
                    .into(),
            );
        }
        let tiny_vae = files.tiny_vae.clone();
        if let Some(few) = FewSteps::of_model(&model.name()) {
            return Ok(Self { few, lora: None, tiny_vae });
        }
        match FewSteps::best(files.loras.iter().map(String::as_str)) {
            Some((name, few)) => Ok(Self { few, lora: Some(name.to_owned()), tiny_vae }),
            None => Err(
                "Quick needs a LoRA for few steps: fetch Hyper-SD15-4steps-lora.safetensors of ByteDance/Hyper-SD, or latent-consistency/lcm-lora-sdv1-5."
                    .into(),
            ),
        }
    }

    /// Sets what few steps need. The denoising strength stays and does what it says: as many steps run as the LoRA
    /// or model is made for.
    pub fn apply(&self, settings: &mut Settings) {
        self.write_lora(&mut settings.prompt);
        settings.steps = self.few.steps;
        (settings.sampler, settings.schedule) = (self.few.sampler, self.few.schedule);
        settings.cfg_scale = self.few.cfg_scale;
        settings.guided = 1.0;
        // Between so few steps deep features change too much to be reused.
        settings.reuse = 1;
        settings.exact_steps = true;
        if let Some(tiny) = &self.tiny_vae {
            settings.vae = Some(tiny.clone());
        }
    }

    /// Writes the LoRA into a prompt in place of other LoRAs for few steps.
    pub fn write_lora(&self, prompt: &mut String) {
        take_loras(prompt);
        if let Some(lora) = &self.lora {
            let space = if prompt.is_empty() { "" } else { " " };
            prompt.push_str(&format!("{space}<lora:{lora}:1>"));
        }
    }

    /// The tiny autoencoder, which also makes quick previews.
    pub fn tiny_vae(&self) -> Option<&PathBuf> {
        self.tiny_vae.as_ref()
    }

    /// What it does and what it gives up, as sentences.
    pub fn explanation(&self) -> String {
        let FewSteps { label, steps, .. } = self.few;
        let loss = if self.few.is_guided() {
            "Pictures have less detail than with the usual number of steps."
        } else {
            "Pictures have less detail and vary less, and the negative prompt has no effect."
        };
        let tiny = if self.tiny_vae.is_some() { " TAESD decodes them, which is a little softer." } else { "" };
        format!("{steps} steps with {label}. {loss}{tiny}")
    }
}

/// Sets what [`Preset::Quality`] needs: what the model's maker suggests, otherwise the usual number of steps, and no LoRA
/// or autoencoder of [`Preset::Quick`]. The denoising strength stays.
pub fn use_quality(settings: &mut Settings, recommended: Recommended, files: &PresetFiles) {
    let (strength, usual) = (settings.strength, Settings::default());
    take_loras(&mut settings.prompt);
    recommended.apply_to(settings);
    settings.strength = strength;
    settings.guided = usual.guided;
    settings.reuse = usual.reuse;
    settings.exact_steps = usual.exact_steps;
    if settings.vae == files.tiny_vae {
        settings.vae = None;
    }
}

/// Takes the LoRAs for few steps out of a prompt.
fn take_loras(prompt: &mut String) {
    let known: Vec<(usize, usize)> =
        tags(prompt).filter(|(_, _, name)| FewSteps::of_lora(name).is_some()).map(|(from, to, _)| (from, to)).collect();
    for (from, to) in known.into_iter().rev() {
        let from = prompt[..from].trim_end().len();
        prompt.replace_range(from..to, "");
    }
}

/// The LoRA tags of a prompt: where each begins and ends, in bytes, and the name in it.
fn tags(prompt: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    const OPENING: &str = "<lora:";
    prompt.match_indices(OPENING).filter_map(|(from, _)| {
        let content = &prompt[from + OPENING.len()..];
        let length = content.find('>')?;
        let name = content[..length].split(':').next()?.trim();
        Some((from, from + OPENING.len() + length + 1, name))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Sampler, Schedule};
    use super::*;

    fn files(loras: &[&str]) -> PresetFiles {
        PresetFiles { loras: loras.iter().map(|name| (*name).to_owned()).collect(), tiny_vae: Some("taesd".into()) }
    }

    fn model() -> ModelChoice {
        ModelChoice::Path("/models/v1-5.safetensors".into())
    }

    #[test]
    fn quick_and_back_leaves_the_settings_as_a_fresh_start_has_them() {
        let files = files(&["ink", "Hyper-SD15-4steps-lora", "lcm-lora-sdv1-5"]);
        let fresh = Settings { prompt: "an apple <lora:ink:0.5>, red".into(), strength: 0.4, ..Settings::default() };
        let mut settings = fresh.clone();
        let quick = QuickRecipe::new(&model(), &files).expect("a LoRA is here");
        assert_eq!(Preset::of(&settings, &model()), Preset::Quality);
        quick.apply(&mut settings);
        assert_eq!(settings.prompt, "an apple <lora:ink:0.5>, red <lora:Hyper-SD15-4steps-lora:1>");
        assert_eq!((settings.sampler, settings.schedule), (Sampler::Euler, Schedule::SgmUniform));
        assert_eq!((settings.steps, settings.cfg_scale, settings.strength), (4, 1.0, 0.4));
        assert_eq!(settings.planned_steps(true), (10, 4), "strength 0.4 begins where six of ten steps are left out");
        assert_eq!(settings.vae, files.tiny_vae);
        assert_eq!(Preset::of(&settings, &model()), Preset::Quick);
        settings.check().expect("valid");
        let once = settings.clone();
        quick.apply(&mut settings);
        assert_eq!(settings, once, "a second time changes nothing");
        use_quality(&mut settings, Recommended::default(), &files);
        assert_eq!(settings, fresh);
    }

    #[test]
    fn another_lora_for_few_steps_is_replaced() {
        let mut prompt = "<lora:lcm-lora-sdv1-5:1> a tree <lora:ink:1>".to_owned();
        QuickRecipe::new(&model(), &files(&["TCD-SD15-LoRA"])).expect("here").write_lora(&mut prompt);
        assert_eq!(prompt.trim(), "a tree <lora:ink:1> <lora:TCD-SD15-LoRA:1>");
        let mut odd = "a <lora: <lora:lcm-lora <lora:x".to_owned();
        take_loras(&mut odd);
        assert_eq!(odd, "a <lora: <lora:lcm-lora <lora:x");
    }

    #[test]
    fn a_model_made_for_few_steps_needs_no_lora() {
        let turbo = ModelChoice::Path("/models/sd_turbo.safetensors".into());
        let quick = QuickRecipe::new(&turbo, &PresetFiles::default()).expect("by itself");
        let mut settings = Settings { prompt: "an apple".into(), ..Settings::default() };
        quick.apply(&mut settings);
        assert_eq!((settings.prompt.as_str(), settings.steps, settings.vae.clone()), ("an apple", 4, None));
        assert_eq!(Preset::of(&settings, &turbo), Preset::Quick);
        settings.steps = 20;
        assert_eq!(Preset::of(&settings, &turbo), Preset::Quality);
    }

    #[test]
    fn what_is_missing_and_what_is_given_up_is_said() {
        let text = QuickRecipe::new(&model(), &files(&["ink"])).expect_err("nothing is here");
        assert!(text.contains("Hyper-SD15-4steps-lora.safetensors") && text.contains("lcm-lora-sdv1-5"), "{text}");
        let text = QuickRecipe::new(&ModelChoice::Starter, &files(&["lcm-lora"])).expect_err("quick already");
        assert!(text.contains("starter"), "{text}");
        let explained = |lora| QuickRecipe::new(&model(), &files(&[lora])).expect("here").explanation();
        let plain = explained("Hyper-SD15-4steps-lora");
        assert!(plain.contains("4 steps") && plain.contains("negative prompt") && plain.contains("TAESD"), "{plain}");
        assert!(!explained("Hyper-SD15-8steps-CFG-lora").contains("negative prompt"));
        assert_eq!([Preset::from_name("QUICK"), Preset::from_name("fast")], [Some(Preset::Quick), None]);
    }
}
