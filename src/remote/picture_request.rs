//! One picture as a request of the web UI's API.

use serde_json::{Map, Value, json};

use super::masked::SentMask;
use crate::engine::{Error, InpaintArea, MaskedContent, Rng, Settings};
use crate::picture::{encode_png, to_base64};

/// What is sent for one picture.
#[derive(Debug)]
pub(super) struct PictureRequest {
    /// `txt2img` or `img2img`.
    pub name: &'static str,
    pub body: Value,
}

/// The names by which the server knows what is asked for.
pub(super) struct ServerNames {
    pub model: String,
    pub sampler: String,
    pub scheduler: Option<String>,
}

/// The request for one picture of these settings, whose seed is the picture's own.
///
/// # Errors
/// A setting that the web UI's API cannot say, or a picture that cannot be written.
pub(super) fn picture_request(
    settings: &Settings,
    names: &ServerNames,
    start: Option<&image::RgbImage>,
    mask: Option<&SentMask>,
) -> Result<PictureRequest, Error> {
    if settings.guided < 1.0 {
        return Err(Error::Setting(
            "A server cannot leave steps unguided. Set the guided share to 1, or make the picture on this machine."
                .into(),
        ));
    }
    if settings.reuse > 1 {
        return Err(Error::Setting(
            "A server cannot be told to reuse deep features. Set the reuse interval to 1, or make the picture on this machine."
                .into(),
        ));
    }
    if !settings.regions.is_empty() {
        return Err(Error::Setting(
            "Regions are not sent to servers. Take them away, or make the picture on this machine.".into(),
        ));
    }
    if settings.second_pass.is_some() {
        return Err(Error::Setting(
            "A second pass is not sent to servers yet. Make it on this machine: choose it as the engine.".into(),
        ));
    }
    if !settings.controls.is_empty() || !settings.sampling.is_default() {
        return Err(Error::Setting(
            "ControlNets and the options of the sampler are not sent to servers. Switch them off, or make the picture on this machine.".into(),
        ));
    }
    let mut options = Map::new();
    options.insert("sd_model_checkpoint".into(), names.model.clone().into());
    options.insert("CLIP_stop_at_last_layers".into(), settings.clip_skip.into());
    // The numbers of an NVIDIA card, whatever the server's own is.
    options.insert("randn_source".into(), if settings.rng == Rng::Cpu { "CPU" } else { "NV" }.into());
    if let Some(name) = settings.vae.as_deref().and_then(std::path::Path::file_name) {
        options.insert("sd_vae".into(), name.to_string_lossy().into());
    }
    let mut body = json!({
        "prompt": settings.prompt,
        "negative_prompt": settings.negative,
        "steps": settings.steps,
        "sampler_name": names.sampler,
        "cfg_scale": settings.cfg_scale,
        "seed": settings.seed,
        "subseed": settings.variation_seed,
        "subseed_strength": settings.variation_strength,
        "width": settings.width,
        "height": settings.height,
        "batch_size": 1,
        "n_iter": 1,
        "send_images": true,
        "save_images": false,
        "do_not_save_samples": true,
        "do_not_save_grid": true,
    });
    let mut add = |name: &str, value: Value| {
        body[name] = value;
    };
    if let Some(scheduler) = &names.scheduler {
        add("scheduler", scheduler.clone().into());
    }
    let Some(start) = start else {
        add("override_settings", options.into());
        return Ok(PictureRequest { name: "txt2img", body });
    };
    options.insert("img2img_color_correction".into(), settings.color_correct.into());
    options.insert("img2img_fix_steps".into(), settings.exact_steps.into());
    options.insert("img2img_extra_noise".into(), settings.extra_noise.into());
    add("denoising_strength", settings.strength.into());
    add("initial_noise_multiplier", settings.noise_multiplier.into());
    add("init_images", json!([png(start)?]));
    add("resize_mode", 0.into());
    if let Some(scale) = settings.image_cfg {
        add("image_cfg_scale", scale.into());
    }
    if let Some(mask) = mask {
        let inpaint = &mask.inpaint;
        let content = match inpaint.content {
            MaskedContent::Fill => 0,
            MaskedContent::Original => 1,
            MaskedContent::LatentNoise => 2,
            MaskedContent::LatentNothing => 3,
        };
        add("mask", png(&image::DynamicImage::ImageLuma8(mask.levels.clone()).to_rgb8())?.into());
        add("mask_blur", inpaint.blur.into());
        add("inpainting_fill", content.into());
        add("inpaint_full_res", (inpaint.area == InpaintArea::OnlyMasked).into());
        add("inpaint_full_res_padding", inpaint.padding.into());
        add("inpainting_mask_invert", i32::from(inpaint.inverted).into());
        if inpaint.soft {
            // The usual values of the web UI's script.
            add("alwayson_scripts", json!({"soft inpainting": {"args": [true, 1, 0.5, 4, 0, 0.5, 2]}}));
        }
    }
    add("override_settings", options.into());
    Ok(PictureRequest { name: "img2img", body })
}

fn png(picture: &image::RgbImage) -> Result<String, Error> {
    let file = encode_png(picture, None).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(to_base64(&file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> ServerNames {
        ServerNames { model: "dream [1]".into(), sampler: "Euler a".into(), scheduler: Some("Karras".into()) }
    }

    #[test]
    fn every_setting_is_said_and_what_cannot_be_is_refused() {
        let settings = Settings { seed: 9, clip_skip: 2, rng: Rng::Cpu, exact_steps: true, ..Settings::default() };
        let text = picture_request(&settings, &names(), None, None).expect("a request");
        assert_eq!((text.name, &text.body["seed"], &text.body["scheduler"]), ("txt2img", &json!(9), &json!("Karras")));
        let options = &text.body["override_settings"];
        assert_eq!((&options["sd_model_checkpoint"], &options["randn_source"]), (&json!("dream [1]"), &json!("CPU")));
        assert!(text.body.get("init_images").is_none() && options.get("img2img_fix_steps").is_none());
        let start = image::RgbImage::new(64, 64);
        let image = picture_request(&settings, &names(), Some(&start), None).expect("a request");
        assert_eq!((image.name, &image.body["denoising_strength"]), ("img2img", &json!(0.75)));
        assert_eq!(image.body["override_settings"]["img2img_fix_steps"], true);
        assert!(picture_request(&Settings { guided: 0.5, ..settings.clone() }, &names(), None, None).is_err());
        assert!(picture_request(&Settings { reuse: 2, ..settings.clone() }, &names(), None, None).is_err());
        let controls = vec![crate::engine::ControlSettings::default()];
        assert!(picture_request(&Settings { controls, ..settings }, &names(), None, None).is_err());
    }
}
