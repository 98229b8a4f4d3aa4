//! One picture as a graph of ComfyUI's nodes, in its API format.

use serde_json::{Map, Value, json};

use super::offer::ComfyOffer;
use crate::engine::{ControlMode, Error, Inpaint, InpaintArea, MaskedContent, Settings};
use crate::remote::prompt_text::{flat_weights, foreign_syntax, without_loras};
use crate::remote::server_files::file_named;

/// A picture that is uploaded for the graph, by the name under which the server kept it.
pub(super) struct Uploaded {
    pub start: Option<String>,
    /// White where the picture may change.
    pub mask: Option<String>,
    /// What each control follows.
    pub hints: Vec<String>,
}

/// The node whose picture is the result.
pub(super) const RESULT: &str = "result";

/// The output `place` of a node.
fn link(node: &str, place: usize) -> Value {
    json!([node, place])
}

struct Graph {
    nodes: Map<String, Value>,
}

impl Graph {
    fn add(&mut self, id: &str, class: &str, inputs: Value) {
        self.nodes.insert(id.to_owned(), json!({"class_type": class, "inputs": inputs}));
    }
}

/// Refuses what ComfyUI's own nodes cannot do as this program does it.
///
/// # Errors
/// A sentence that says what it is.
pub(super) fn check(settings: &Settings, host: &str) -> Result<(), Error> {
    let cannot = |what: &str| {
        let text = format!("{host} is ComfyUI, which has no {what}. Leave it out, or make the picture elsewhere.");
        Err(Error::Setting(text))
    };
    if settings.guided < 1.0 || !settings.sampling.is_default() {
        return cannot("guided share and options of the sampler");
    }
    if settings.reuse > 1 {
        return cannot("reuse interval");
    }
    if !settings.regions.is_empty() {
        return cannot("prompts of regions as they are here");
    }
    if settings.second_pass.is_some() {
        return cannot("second pass as it is here");
    }
    if settings.variation_strength > 0.0 {
        return cannot("variation seeds");
    }
    if settings.extra_noise != 0.0 || (settings.noise_multiplier - 1.0).abs() > 1e-9 {
        return cannot("extra noise and noise multiplier");
    }
    if settings.color_correct {
        return cannot("colour correction");
    }
    if settings.image_cfg.is_some() {
        return cannot("guidance by the start image");
    }
    let inpaint = settings.inpaint.filter(|inpaint| {
        inpaint.area != InpaintArea::Whole || inpaint.content != MaskedContent::Original || inpaint.soft
    });
    if inpaint.is_some() {
        return cannot("inpainting of the masked part alone, filled or softly");
    }
    if let Some(syntax) = [&settings.prompt, &settings.negative].into_iter().find_map(|text| foreign_syntax(text)) {
        return cannot(&format!("prompts with {syntax}"));
    }
    if settings.controls.iter().any(|control| control.mode != ControlMode::default()) {
        return cannot("control modes");
    }
    Ok(())
}

/// Refuses what an exported graph cannot be told.
///
/// # Errors
/// A sentence that says what it is.
pub(super) fn check_own(settings: &Settings) -> Result<(), Error> {
    let what = if settings.second_pass.is_some() {
        "a second pass"
    } else if !settings.regions.is_empty() {
        "prompts of regions"
    } else if !settings.controls.is_empty() {
        "ControlNets"
    } else if settings.inpaint.is_some_and(|inpaint| inpaint != Inpaint::default()) {
        "options of inpainting"
    } else {
        return Ok(());
    };
    Err(Error::Setting(format!(
        "An exported graph makes the picture as it stands, without {what} from here. Leave them out, or build them into the graph."
    )))
}

/// The graph for one picture of these settings, whose seed is the picture's own. `checkpoint` is a file of the server;
/// `uploaded` are the pictures that were sent before.
///
/// The steps are this program's: the denoising strength says how many of the last steps of the schedule run,
/// which `KSamplerAdvanced` does from its `start_at_step` on.
///
/// # Errors
/// A setting that ComfyUI cannot follow, or a file that it lacks, as a sentence.
pub(super) fn graph(
    settings: &Settings,
    offer: &ComfyOffer,
    checkpoint: &str,
    uploaded: &Uploaded,
    host: &str,
) -> Result<Value, Error> {
    check(settings, host)?;
    let (sampler, scheduler) = offer.sampling(settings, host).map_err(Error::Remote)?;
    let lacks = |what: &str, name: &str| Error::Remote(format!("{host} has no {what} called {name}."));
    let mut graph = Graph { nodes: Map::new() };
    graph.add("checkpoint", "CheckpointLoaderSimple", json!({"ckpt_name": checkpoint}));
    let (mut model, mut clip, mut vae) = (link("checkpoint", 0), link("checkpoint", 1), link("checkpoint", 2));
    let (prompt, loras) = without_loras(&settings.prompt);
    let (negative, more) = without_loras(&settings.negative);
    for (place, (name, weight)) in loras.into_iter().chain(more).enumerate() {
        let file = file_named(&offer.loras, &name).ok_or_else(|| lacks("LoRA", &name))?;
        let id = format!("lora {}", place + 1);
        let inputs =
            json!({"model": model, "clip": clip, "lora_name": file, "strength_model": weight, "strength_clip": weight});
        graph.add(&id, "LoraLoader", inputs);
        (model, clip) = (link(&id, 0), link(&id, 1));
    }
    if settings.clip_skip > 1 {
        let layer = -i64::try_from(settings.clip_skip).unwrap_or(1);
        graph.add("clip skip", "CLIPSetLastLayer", json!({"clip": clip, "stop_at_clip_layer": layer}));
        clip = link("clip skip", 0);
    }
    if let Some(path) = &settings.vae {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = file_named(&offer.vaes, &name).ok_or_else(|| lacks("VAE", &name))?;
        graph.add("vae", "VAELoader", json!({"vae_name": file}));
        vae = link("vae", 0);
    }
    graph.add("prompt", "CLIPTextEncode", json!({"clip": clip, "text": flat_weights(&prompt)}));
    graph.add("negative prompt", "CLIPTextEncode", json!({"clip": clip, "text": flat_weights(&negative)}));
    let (mut positive, mut against) = (link("prompt", 0), link("negative prompt", 0));
    for (place, (control, hint)) in settings.controls.iter().zip(&uploaded.hints).enumerate() {
        if !control.is_run() {
            continue;
        }
        let name = control.model_name();
        let file = file_named(&offer.control_nets, &name).ok_or_else(|| lacks("ControlNet", &name))?;
        let [hint_id, net, id] = ["hint", "control net", "control"].map(|what| format!("{what} {}", place + 1));
        graph.add(&hint_id, "LoadImage", json!({"image": hint}));
        graph.add(&net, "ControlNetLoader", json!({"control_net_name": file}));
        let inputs = json!({"positive": positive, "negative": against, "control_net": link(&net, 0),
            "image": link(&hint_id, 0), "strength": control.weight, "start_percent": control.start, "end_percent": control.end});
        graph.add(&id, "ControlNetApplyAdvanced", inputs);
        (positive, against) = (link(&id, 0), link(&id, 1));
    }
    let (whole, run) = settings.planned_steps(uploaded.start.is_some());
    let mut latent = link("latent", 0);
    match &uploaded.start {
        None => {
            let inputs = json!({"width": settings.width, "height": settings.height, "batch_size": 1});
            graph.add("latent", "EmptyLatentImage", inputs);
        }
        Some(name) => {
            graph.add("start", "LoadImage", json!({"image": name}));
            match &uploaded.mask {
                None => graph.add("latent", "VAEEncode", json!({"pixels": link("start", 0), "vae": vae})),
                Some(mask) => {
                    graph.add("mask", "LoadImageMask", json!({"image": mask, "channel": "red"}));
                    if checkpoint.to_lowercase().contains("inpaint") {
                        // A model that takes the masked picture besides the latent.
                        let inputs = json!({"positive": positive, "negative": against, "vae": vae,
                            "pixels": link("start", 0), "mask": link("mask", 0), "noise_mask": true});
                        graph.add("masked", "InpaintModelConditioning", inputs);
                        (positive, against, latent) = (link("masked", 0), link("masked", 1), link("masked", 2));
                    } else {
                        graph.add("latent", "VAEEncode", json!({"pixels": link("start", 0), "vae": vae}));
                        let inputs = json!({"samples": link("latent", 0), "mask": link("mask", 0)});
                        graph.add("masked", "SetLatentNoiseMask", inputs);
                        latent = link("masked", 0);
                    }
                }
            }
        }
    }
    let inputs = json!({
        "model": model, "positive": positive, "negative": against, "latent_image": latent,
        "add_noise": "enable", "noise_seed": settings.seed, "steps": whole, "cfg": settings.cfg_scale,
        "sampler_name": sampler, "scheduler": scheduler, "start_at_step": whole.saturating_sub(run),
        "end_at_step": whole, "return_with_leftover_noise": "disable",
    });
    graph.add("sampler", "KSamplerAdvanced", inputs);
    graph.add("picture", "VAEDecode", json!({"samples": link("sampler", 0), "vae": vae}));
    // Written into the server's folder of temporary files, which it empties.
    graph.add(RESULT, "PreviewImage", json!({"images": link("picture", 0)}));
    Ok(Value::Object(graph.nodes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ControlSettings, RegionPrompt, Sampler, Schedule, SecondPass};

    fn offer() -> ComfyOffer {
        ComfyOffer::for_tests(&["dream.safetensors"], &["Ink.safetensors"], &["edges.safetensors"])
    }

    fn none() -> Uploaded {
        Uploaded { start: None, mask: None, hints: Vec::new() }
    }

    fn made(settings: &Settings, checkpoint: &str, uploaded: &Uploaded) -> Result<Value, String> {
        graph(settings, &offer(), checkpoint, uploaded, "host:1").map_err(|error| error.to_string())
    }

    /// Every link leads to a node of the graph.
    fn is_whole(graph: &Value) -> bool {
        let nodes = graph.as_object().expect("nodes");
        let mut links = nodes.values().flat_map(|node| node["inputs"].as_object().expect("inputs").values());
        links.all(|input| !input.is_array() || input[0].as_str().is_some_and(|id| nodes.contains_key(id)))
    }

    #[test]
    fn a_picture_from_a_picture_runs_the_last_steps_of_the_schedule() {
        let settings = Settings { seed: 7, strength: 0.5, steps: 20, ..Settings::default() };
        let uploaded = Uploaded { start: Some("a.png".into()), ..none() };
        let graph = made(&settings, "dream.safetensors", &uploaded).expect("a graph");
        let sampler = &graph["sampler"]["inputs"];
        let (whole, run) = settings.planned_steps(true);
        assert_eq!((&sampler["steps"], &sampler["start_at_step"]), (&json!(whole), &json!(whole - run)));
        assert_eq!((&sampler["noise_seed"], &sampler["sampler_name"]), (&json!(7), &json!("dpmpp_2m")));
        assert_eq!(graph["latent"]["class_type"], "VAEEncode");
        assert!(is_whole(&graph) && graph.get("mask").is_none());
        let exact = Settings { exact_steps: true, ..settings.clone() };
        let graph = made(&exact, "dream.safetensors", &uploaded).expect("a graph");
        assert_eq!(
            (&graph["sampler"]["inputs"]["steps"], &graph["sampler"]["inputs"]["start_at_step"]),
            (&json!(40), &json!(20))
        );
        let text = made(&settings, "dream.safetensors", &none()).expect("a graph");
        assert_eq!(
            (&text["latent"]["class_type"], &text["sampler"]["inputs"]["start_at_step"]),
            (&json!("EmptyLatentImage"), &json!(0))
        );
    }

    #[test]
    fn masks_loras_controls_and_layers_of_the_text_encoder_are_nodes() {
        let control = ControlSettings { model: "edges".into(), weight: 0.5, end: 0.8, ..ControlSettings::default() };
        let settings = Settings {
            prompt: "an apple <lora:ink:0.7>".into(),
            clip_skip: 2,
            controls: vec![control],
            seed: 1,
            ..Settings::default()
        };
        let uploaded =
            Uploaded { start: Some("a.png".into()), mask: Some("m.png".into()), hints: vec!["h.png".into()] };
        let graph = made(&settings, "dream.safetensors", &uploaded).expect("a graph");
        assert!(is_whole(&graph));
        assert_eq!(graph["masked"]["class_type"], "SetLatentNoiseMask");
        assert_eq!(graph["sampler"]["inputs"]["latent_image"], json!(["masked", 0]));
        assert_eq!(graph["prompt"]["inputs"]["text"], "an apple");
        assert_eq!(
            (&graph["lora 1"]["inputs"]["lora_name"], &graph["lora 1"]["inputs"]["strength_clip"]),
            (&json!("Ink.safetensors"), &json!(0.7))
        );
        assert_eq!(graph["clip skip"]["inputs"]["stop_at_clip_layer"], -2);
        assert_eq!(
            (&graph["control 1"]["inputs"]["end_percent"], &graph["control 1"]["inputs"]["strength"]),
            (&json!(0.8), &json!(0.5))
        );
        assert_eq!(graph["sampler"]["inputs"]["positive"], json!(["control 1", 0]));
        let inpaint = made(&settings, "dream-inpainting.safetensors", &uploaded).expect("a graph");
        assert!(is_whole(&inpaint));
        assert_eq!(inpaint["masked"]["class_type"], "InpaintModelConditioning");
        assert_eq!(inpaint["sampler"]["inputs"]["latent_image"], json!(["masked", 2]));
    }

    #[test]
    fn what_comfy_cannot_do_is_refused_in_one_sentence() {
        let base = Settings { seed: 1, ..Settings::default() };
        let inpaint = Inpaint { area: InpaintArea::OnlyMasked, ..Inpaint::default() };
        for (settings, word) in [
            (Settings { guided: 0.5, ..base.clone() }, "guided share"),
            (Settings { reuse: 3, ..base.clone() }, "reuse interval"),
            (Settings { variation_strength: 0.1, ..base.clone() }, "variation"),
            (Settings { regions: vec![RegionPrompt::default()], ..base.clone() }, "regions"),
            (Settings { second_pass: Some(SecondPass::default()), ..base.clone() }, "second pass"),
            (Settings { noise_multiplier: 1.1, ..base.clone() }, "noise"),
            (Settings { color_correct: true, ..base.clone() }, "colour"),
            (Settings { inpaint: Some(inpaint), ..base.clone() }, "inpainting"),
            (Settings { prompt: "a AND b".into(), ..base.clone() }, "AND"),
            (Settings { sampler: Sampler::Tcd, ..base.clone() }, "sampler TCD"),
            (Settings { schedule: Schedule::AlignYourSteps, ..base.clone() }, "schedule"),
            (Settings { prompt: "x <lora:none:1>".into(), ..base.clone() }, "LoRA called none"),
            (Settings { vae: Some("/v/none.safetensors".into()), ..base }, "VAE called none"),
        ] {
            let text = made(&settings, "dream.safetensors", &none()).expect_err("refused");
            assert!(text.contains(word) && text.contains("host:1") && text.ends_with('.'), "{text}");
        }
    }

    #[test]
    fn what_an_exported_graph_cannot_be_told_is_refused() {
        let base = Settings::default();
        check_own(&base).expect("nothing of that");
        for (settings, word) in [
            (Settings { regions: vec![RegionPrompt::default()], ..base.clone() }, "regions"),
            (Settings { second_pass: Some(SecondPass::default()), ..base.clone() }, "second pass"),
            (Settings { controls: vec![ControlSettings::default()], ..base.clone() }, "ControlNets"),
            (Settings { inpaint: Some(Inpaint { blur: 9, ..Inpaint::default() }), ..base }, "inpainting"),
        ] {
            let text = check_own(&settings).expect_err("refused").to_string();
            assert!(text.contains(word) && text.ends_with('.'), "{text}");
        }
    }
}
