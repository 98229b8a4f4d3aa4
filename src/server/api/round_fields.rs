//! The fields of a request for pictures: what they say, and the settings that they stand for.

use serde_json::{Map, Value};

use super::RoundKind;
use super::fields::Fields;
use super::unsupported;
use crate::engine::{
    Inpaint, InpaintArea, MAX_SEED, MaskedContent, Sampler, SamplerOptions, Schedule, Settings, random_seed,
};
use crate::picture::{Fit, known_sampler, known_schedule};
use crate::prompts::{StyleList, apply_styles};
use crate::server::failure::Failure;
use crate::server::web_options::WebOptions;

/// The sampler where a request names none.
const USUAL_SAMPLER: &str = "Euler";
/// The name of the web UI's script for soft inpainting.
pub(super) const SOFT_INPAINTING: &str = "soft inpainting";

/// What a request for pictures says, but for its pictures.
pub(super) struct RoundFields {
    /// Settings with drawn seeds, checked.
    pub settings: Settings,
    /// What happens to a start image of another shape.
    pub fit: Fit,
    /// How a masked part is repainted, where there is a mask.
    pub inpaint: Inpaint,
    /// Pictures of one iteration, `batch_size`.
    pub batch_size: usize,
    /// Whether the pictures are sent.
    pub send_images: bool,
    /// Whether the start image and the mask come back with the answer.
    pub include_init_images: bool,
    /// The styles that were applied.
    pub styles: Vec<String>,
}

/// Reads a request for pictures.
///
/// # Errors
/// Fields of the wrong type or out of range, and those that ask for what this server does not have.
pub(super) fn read(
    kind: RoundKind,
    sent: &Map<String, Value>,
    options: &WebOptions,
    styles: &StyleList,
) -> Result<RoundFields, Failure> {
    let mut fields = Fields::new(sent);
    unsupported::refuse(&mut fields);
    let (sampler, schedule) = sampling(&mut fields);
    let (batch_size, iterations) = (fields.count("batch_size", 1), fields.count("n_iter", 1));
    let strength = fields.number("subseed_strength", 0.0);
    let variation_seed = if strength > 0.0 { seed(&mut fields, "subseed") } else { 0 };
    let usual = options.over(Settings::default());
    let settings = Settings {
        prompt: fields.text("prompt"),
        negative: fields.text("negative_prompt"),
        steps: fields.count("steps", 50),
        sampler,
        schedule,
        cfg_scale: fields.number("cfg_scale", 7.0),
        strength: fields.number("denoising_strength", 0.75),
        seed: seed(&mut fields, "seed"),
        batch: batch_size.saturating_mul(iterations),
        width: fields.count("width", 512),
        height: fields.count("height", 512),
        variation_seed,
        variation_strength: strength,
        noise_multiplier: fields.number("initial_noise_multiplier", usual.noise_multiplier),
        image_cfg: fields.optional_number("image_cfg_scale"),
        sampling: sampler_options(&mut fields),
        ..usual
    };
    let names = fields.texts("styles");
    let chosen: Vec<_> = names.iter().filter_map(|name| styles.get(name)).collect();
    if let Some(unknown) = names.iter().find(|name| styles.get(name).is_none()) {
        fields.wrong("styles", format!("names {unknown:?}, and there is no such style"));
    }
    let (mut inpaint, mut fit) = (Inpaint::default(), Fit::Stretch);
    if kind == RoundKind::Img2Img {
        (inpaint, fit) = (inpainting(&mut fields), resizing(&mut fields));
    }
    inpaint.soft = always_on_scripts(&mut fields);
    let send_images = fields.flag("send_images", true);
    let include_init_images = fields.flag("include_init_images", false);
    fields.finish()?;
    let settings = apply_styles(chosen, &settings);
    let checked = Settings { inpaint: Some(inpaint), ..settings.clone() }.check();
    checked.map_err(|error| Failure::value(error.to_string()))?;
    Ok(RoundFields { settings, fit, inpaint, batch_size, send_images, include_init_images, styles: names })
}

/// A seed; any negative one asks for a random one.
fn seed(fields: &mut Fields<'_>, name: &str) -> i64 {
    let seed = fields.whole(name, -1);
    if seed > MAX_SEED {
        fields.wrong(name, format!("must be -1 (random) or lie between 0 and {MAX_SEED}"));
    }
    if seed < 0 { random_seed() } else { seed }
}

fn sampling(fields: &mut Fields<'_>) -> (Sampler, Schedule) {
    let usual = (Sampler::Euler, Schedule::Automatic);
    // `sampler_index` is the name of older clients.
    let index = fields.optional_text("sampler_index");
    let name = fields.optional_text("sampler_name").filter(|name| !name.is_empty());
    let name = name.or(index.filter(|name| !name.is_empty())).unwrap_or_else(|| USUAL_SAMPLER.into());
    let Some((sampler, own)) = known_sampler(&name) else {
        fields.wrong("sampler_name", format!("is {name:?}: Sampler not found; GET /sdapi/v1/samplers lists them"));
        return usual;
    };
    let asked = fields.optional_text("scheduler").filter(|name| !name.is_empty());
    let schedule = match asked.as_deref().map(|name| (name, known_schedule(name))) {
        // A schedule in the sampler's name counts unless another one is asked for.
        None | Some((_, Some(Schedule::Automatic))) => own.unwrap_or(Schedule::Automatic),
        Some((_, Some(schedule))) => schedule,
        Some((name, None)) => {
            fields.wrong("scheduler", format!("is {name:?}: Scheduler not found; GET /sdapi/v1/schedulers lists them"));
            Schedule::Automatic
        }
    };
    (sampler, schedule)
}

fn sampler_options(fields: &mut Fields<'_>) -> SamplerOptions {
    let usual = SamplerOptions::default();
    // Clients write "no highest sigma" as 0 or as a very large number.
    let highest = fields.number("s_tmax", usual.churn_to);
    SamplerOptions {
        eta: fields.optional_number("eta").or(usual.eta),
        churn: fields.number("s_churn", usual.churn),
        churn_from: fields.number("s_tmin", usual.churn_from),
        churn_to: if highest > 999.0 { usual.churn_to } else { highest },
        step_noise: fields.number("s_noise", usual.step_noise),
        negative_min_sigma: fields.number("s_min_uncond", usual.negative_min_sigma),
        ..usual
    }
}

fn inpainting(fields: &mut Fields<'_>) -> Inpaint {
    let content = match fields.whole("inpainting_fill", 0) {
        0 => MaskedContent::Fill,
        1 => MaskedContent::Original,
        2 => MaskedContent::LatentNoise,
        3 => MaskedContent::LatentNothing,
        _ => {
            fields.wrong("inpainting_fill", "must be 0 (fill), 1 (original), 2 (latent noise) or 3 (latent nothing)");
            MaskedContent::Fill
        }
    };
    let whole = fields.count("mask_blur", 4);
    let (across, down) = (fields.count("mask_blur_x", whole), fields.count("mask_blur_y", whole));
    // Clients that set `mask_blur` send the usual values of the other two with it.
    let blur = if fields.value("mask_blur").is_some() { whole } else { across };
    if fields.value("mask_blur").is_none() && across != down {
        fields.wrong("mask_blur_y", "must be the same as mask_blur_x");
    }
    let whole_picture = !fields.flag("inpaint_full_res", true);
    Inpaint {
        blur,
        area: if whole_picture { InpaintArea::Whole } else { InpaintArea::OnlyMasked },
        padding: fields.count("inpaint_full_res_padding", 0),
        content,
        inverted: fields.flag("inpainting_mask_invert", false),
        soft: false,
    }
}

fn resizing(fields: &mut Fields<'_>) -> Fit {
    match fields.whole("resize_mode", 0) {
        0 => Fit::Stretch,
        1 => Fit::Fill,
        2 => Fit::Whole,
        _ => {
            fields.wrong("resize_mode", "must be 0 (just resize), 1 (crop and resize) or 2 (resize and fill)");
            Fit::Stretch
        }
    }
}

/// Reads `alwayson_scripts` and returns whether they ask for soft inpainting, the only one that there is here.
fn always_on_scripts(fields: &mut Fields<'_>) -> bool {
    let Some(scripts) = fields.object("alwayson_scripts") else { return false };
    let mut is_soft = false;
    for (name, script) in scripts {
        let args = script.get("args").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if name.eq_ignore_ascii_case(SOFT_INPAINTING) {
            is_soft |= matches!(args, [Value::Bool(true), ..]);
        } else if !args.is_empty() {
            fields.wrong("alwayson_scripts", format!("asks for the script {name:?}, which this server does not have"));
        }
    }
    is_soft
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ModelChoice;
    use serde_json::json;

    fn read_json(kind: RoundKind, sent: &Value) -> Result<RoundFields, Failure> {
        let options = WebOptions::new(ModelChoice::Starter);
        read(kind, sent.as_object().expect("an object"), &options, &StyleList::default())
    }

    #[test]
    fn what_is_left_out_is_as_in_the_web_ui() {
        let read = read_json(RoundKind::Img2Img, &json!({"prompt": "a pear", "scheduler": null})).expect("valid");
        let settings = read.settings;
        assert_eq!((settings.steps, settings.cfg_scale, settings.strength, settings.batch), (50, 7.0, 0.75, 1));
        assert_eq!((settings.sampler, settings.schedule), (Sampler::Euler, Schedule::Automatic));
        assert!(settings.seed >= 0 && (settings.width, settings.height) == (512, 512));
        assert_eq!((read.inpaint.content, read.inpaint.area), (MaskedContent::Fill, InpaintArea::OnlyMasked));
        assert_eq!((read.inpaint.blur, read.inpaint.padding, read.fit), (4, 0, Fit::Stretch));
        assert!(read.send_images && !read.include_init_images);
    }

    #[test]
    fn samplers_and_schedules_have_their_names_of_any_year() {
        for (sent, expected) in [
            (json!({"sampler_name": "DPM++ 2M Karras"}), (Sampler::DpmPp2m, Schedule::Karras)),
            (json!({"sampler_index": "Euler a"}), (Sampler::EulerA, Schedule::Automatic)),
            (json!({"sampler_name": "DPM++ 2M", "scheduler": "karras"}), (Sampler::DpmPp2m, Schedule::Karras)),
            (json!({"sampler_name": "Heun", "scheduler": "SGM Uniform"}), (Sampler::Heun, Schedule::SgmUniform)),
        ] {
            let settings = read_json(RoundKind::Txt2Img, &sent).expect("valid").settings;
            assert_eq!((settings.sampler, settings.schedule), expected, "{sent}");
        }
    }

    #[test]
    fn what_this_server_does_not_have_is_refused_and_what_asks_for_nothing_is_not() {
        for (sent, word) in [
            (json!({"enable_hr": true}), "high-resolution"),
            (json!({"script_name": "x/y/z plot"}), "scripts"),
            (json!({"tiling": true}), "tiling"),
            (json!({"sampler_name": "Restart"}), "Sampler not found"),
            (json!({"scheduler": "Turbo"}), "Scheduler not found"),
            (json!({"alwayson_scripts": {"ADetailer": {"args": [{}]}}}), "ADetailer"),
            (json!({"styles": ["no such style"]}), "no such style"),
            (json!({"steps": 500}), "Steps"),
            (json!({"batch_size": 8, "n_iter": 3}), "batch"),
            (json!({"width": 100_000}), "width"),
            (json!({"seed": 99_999_999_999_i64}), "seed"),
        ] {
            let failure = read_json(RoundKind::Txt2Img, &sent).err().expect("refused");
            assert_eq!(failure.status, 422);
            assert!(failure.body()["errors"].as_str().expect("a sentence").contains(word), "{sent}");
        }
        let nothing = json!({"enable_hr": false, "script_name": "None", "restore_faces": false, "eta": 1.0, "s_churn": null, "s_tmax": 0, "s_noise": 1,
            "alwayson_scripts": {"ControlNet": {"args": []}}, "styles": [], "script_args": [], "some_new_field": 3});
        read_json(RoundKind::Txt2Img, &nothing).expect("asks for nothing special");
    }

    #[test]
    fn soft_inpainting_is_the_script_of_that_name() {
        let soft = json!({"alwayson_scripts": {"Soft Inpainting": {"args": [true, 1, 0.5, 4, 0, 0.5, 2]}}});
        assert!(read_json(RoundKind::Img2Img, &soft).expect("valid").inpaint.soft);
        let off = json!({"alwayson_scripts": {"soft inpainting": {"args": [false, 1]}}});
        assert!(!read_json(RoundKind::Img2Img, &off).expect("valid").inpaint.soft);
    }
}
