//! The web UI's options that this program has too: for all requests, or for one with `override_settings`.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::api::fields::Fields;
use super::failure::Failure;
use super::model_shelf::ModelShelf;
use crate::engine::{ModelChoice, Rng, Settings};

/// The web UI's options that this program has too.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WebOptions {
    /// `sd_model_checkpoint`.
    pub model: ModelChoice,
    /// `sd_vae`.
    pub vae: Option<PathBuf>,
    /// `CLIP_stop_at_last_layers`.
    pub clip_skip: usize,
    /// `randn_source`.
    pub rng: Rng,
    /// `initial_noise_multiplier`.
    pub noise_multiplier: f64,
    /// `img2img_extra_noise`.
    pub extra_noise: f64,
    /// `img2img_color_correction`.
    pub color_correct: bool,
    /// `img2img_fix_steps`.
    pub exact_steps: bool,
}

/// Names that mean the model's own VAE.
const OWN_VAE: [&str; 3] = ["", "automatic", "none"];

impl WebOptions {
    /// What counts until a client says otherwise.
    pub fn new(model: ModelChoice) -> Self {
        let usual = Settings::default();
        Self {
            model,
            vae: None,
            clip_skip: usual.clip_skip,
            rng: usual.rng,
            noise_multiplier: usual.noise_multiplier,
            extra_noise: usual.extra_noise,
            color_correct: usual.color_correct,
            exact_steps: usual.exact_steps,
        }
    }

    /// These options, changed by what a client sends. Names that are not known are passed over, as clients send all
    /// options of the web UI back.
    ///
    /// # Errors
    /// A value that cannot be used.
    pub fn changed(&self, sent: &Map<String, Value>, shelf: &ModelShelf) -> Result<Self, Failure> {
        let mut fields = Fields::new(sent);
        let model = fields.optional_text("sd_model_checkpoint").filter(|name| !name.is_empty());
        let vae = fields.optional_text("sd_vae");
        let source = fields.optional_text("randn_source");
        let clip_skip = fields.count("CLIP_stop_at_last_layers", self.clip_skip);
        let mut changed = Self {
            clip_skip: clip_skip.max(1),
            noise_multiplier: fields.number("initial_noise_multiplier", self.noise_multiplier),
            extra_noise: fields.number("img2img_extra_noise", self.extra_noise),
            color_correct: fields.flag("img2img_color_correction", self.color_correct),
            exact_steps: fields.flag("img2img_fix_steps", self.exact_steps),
            ..self.clone()
        };
        fields.finish()?;
        if let Some(name) = model {
            changed.model = shelf.named(&name)?.choice;
        }
        if let Some(name) = vae {
            changed.vae = vae_named(&name, shelf)?;
        }
        match source.as_deref() {
            None => {}
            Some("GPU" | "NV") => changed.rng = Rng::Cuda,
            Some("CPU") => changed.rng = Rng::Cpu,
            Some(other) => return Err(Failure::value(format!("randn_source is GPU, NV or CPU, not {other:?}."))),
        }
        let settings = changed.over(Settings::default());
        settings.check().map_err(|error| Failure::value(error.to_string()))?;
        Ok(changed)
    }

    /// Settings as these options say.
    pub fn over(&self, settings: Settings) -> Settings {
        Settings {
            vae: self.vae.clone(),
            clip_skip: self.clip_skip,
            rng: self.rng,
            noise_multiplier: self.noise_multiplier,
            extra_noise: self.extra_noise,
            color_correct: self.color_correct,
            exact_steps: self.exact_steps,
            ..settings
        }
    }

    /// As `GET /sdapi/v1/options` answers them.
    pub fn json(&self, shelf: &ModelShelf) -> Value {
        let model = shelf.entry(&self.model);
        let vae = self.vae.as_deref().and_then(std::path::Path::file_name);
        json!({
            "sd_model_checkpoint": model.title,
            "sd_checkpoint_hash": model.sha256.unwrap_or_default(),
            "sd_vae": vae.map_or("Automatic".into(), |name| name.to_string_lossy().into_owned()),
            "CLIP_stop_at_last_layers": self.clip_skip,
            "randn_source": if self.rng == Rng::Cpu { "CPU" } else { "GPU" },
            "initial_noise_multiplier": self.noise_multiplier,
            "img2img_extra_noise": self.extra_noise,
            "img2img_color_correction": self.color_correct,
            "img2img_fix_steps": self.exact_steps,
            "samples_format": "png",
            "enable_pnginfo": true,
            "eta_noise_seed_delta": 0,
            "live_previews_enable": true,
            "show_progress_every_n_steps": 1,
            "return_grid": false,
        })
    }
}

fn vae_named(name: &str, shelf: &ModelShelf) -> Result<Option<PathBuf>, Failure> {
    if OWN_VAE.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Ok(None);
    }
    let vaes = shelf.vaes();
    let found = vaes.into_iter().find(|(file, _)| file == name).map(|(_, path)| path);
    found.map(Some).ok_or_else(|| {
        Failure::value(format!("There is no VAE called {name:?} here; GET /sdapi/v1/sd-vae lists them."))
    })
}
