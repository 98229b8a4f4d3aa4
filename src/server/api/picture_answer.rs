//! The answer to a request for pictures.

use serde_json::{Map, Value, json};

use super::round_fields::RoundFields;
use crate::engine::{Request, Settings};
use crate::picture::to_base64;
use crate::server::job::MadePicture;
use crate::server::model_shelf::ListedModel;

/// The fields of a request with the values that they have in the web UI if they are left out.
const USUAL: &str = r#"{"prompt": "", "negative_prompt": "", "styles": null, "seed": -1, "subseed": -1, "subseed_strength": 0,
"seed_resize_from_h": -1, "seed_resize_from_w": -1, "sampler_name": null, "scheduler": null, "batch_size": 1, "n_iter": 1,
"steps": 50, "cfg_scale": 7.0, "width": 512, "height": 512, "restore_faces": null, "tiling": null, "eta": null,
"denoising_strength": null, "override_settings": null, "override_settings_restore_afterwards": true,
"sampler_index": "Euler", "send_images": true, "save_images": false, "alwayson_scripts": {}}"#;

/// What is known of the answer before the pictures are made.
pub(super) struct PictureAnswer {
    /// The request's fields, and those that were left out.
    parameters: Map<String, Value>,
    settings: Settings,
    images: usize,
    batch_size: usize,
    styles: Vec<String>,
    send_images: bool,
    model: ListedModel,
    is_from_picture: bool,
}

impl PictureAnswer {
    pub fn new(sent: Map<String, Value>, round: &RoundFields, request: &Request, model: ListedModel) -> Self {
        let mut parameters: Map<String, Value> = serde_json::from_str(USUAL).unwrap_or_default();
        parameters.extend(sent);
        Self {
            parameters,
            settings: request.settings.clone(),
            images: request.images(),
            batch_size: round.batch_size,
            styles: round.styles.clone(),
            send_images: round.send_images,
            model,
            is_from_picture: request.start().is_some(),
        }
    }

    /// The answer with these pictures; `trouble` says why not all were made.
    pub fn json(&self, made: &[MadePicture], trouble: Option<String>) -> Value {
        let images: Vec<String> = match self.send_images {
            true => made.iter().map(|picture| to_base64(&picture.png)).collect(),
            false => Vec::new(),
        };
        json!({"images": images, "parameters": self.parameters, "info": self.info(made, trouble).to_string()})
    }

    fn info(&self, made: &[MadePicture], trouble: Option<String>) -> Value {
        let settings = &self.settings;
        let recipes = || made.iter().map(|picture| &picture.recipe);
        let vae = settings.vae.as_deref().and_then(std::path::Path::file_name);
        let mut info = json!({
            "prompt": settings.prompt,
            "all_prompts": recipes().map(|recipe| recipe.settings.prompt.as_str()).collect::<Vec<_>>(),
            "negative_prompt": settings.negative,
            "all_negative_prompts": recipes().map(|recipe| recipe.settings.negative.as_str()).collect::<Vec<_>>(),
            "seed": settings.seed,
            "all_seeds": recipes().map(|recipe| recipe.seed).collect::<Vec<_>>(),
            "subseed": settings.variation_seed,
            "all_subseeds": recipes().map(|recipe| recipe.settings.variation_seed).collect::<Vec<_>>(),
            "subseed_strength": settings.variation_strength,
            "width": settings.width,
            "height": settings.height,
            "sampler_name": settings.sampler.label(),
            "cfg_scale": settings.cfg_scale,
            "steps": settings.steps,
            "batch_size": self.batch_size,
            "restore_faces": false,
            "face_restoration_model": null,
            "sd_model_name": self.model.name,
            "sd_model_hash": self.model.hash.clone().unwrap_or_default(),
            "sd_vae_name": vae.map(|name| name.to_string_lossy()),
            "sd_vae_hash": null,
            "seed_resize_from_w": -1,
            "seed_resize_from_h": -1,
            "denoising_strength": self.is_from_picture.then_some(settings.strength),
            "extra_generation_params": {"Schedule type": settings.schedule.label()},
            "index_of_first_image": 0,
            "infotexts": recipes().map(crate::engine::Recipe::infotext).collect::<Vec<_>>(),
            "styles": self.styles,
            "job_timestamp": chrono::Local::now().format("%Y%m%d%H%M%S").to_string(),
            "clip_skip": settings.clip_skip,
            "is_using_inpainting_conditioning": false,
            "version": concat!("underpaint ", env!("CARGO_PKG_VERSION")),
        });
        // The web UI answers a job that was interrupted as one that was not. These two fields tell them apart.
        if let Some(object) = info.as_object_mut() {
            object.insert("interrupted".into(), (made.len() < self.images).into());
            if let Some(reason) = trouble {
                object.insert("trouble".into(), reason.into());
            }
        }
        info
    }
}
