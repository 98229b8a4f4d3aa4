//! Settings as one flat JSON object: InvokeAI, Fooocus, NovelAI, SwarmUI, Easy Diffusion.

use serde_json::{Map, Value};

use super::Parameters;

/// Names in such objects, without punctuation and in lower case, and what AUTOMATIC1111 calls the same.
const NAMES: [(&str, &str); 24] = [
    ("steps", "Steps"),
    ("numinferencesteps", "Steps"),
    ("sampler", "Sampler"),
    ("samplername", "Sampler"),
    ("noiseschedule", "Schedule type"),
    ("scheduler", "Schedule type"),
    ("cfgscale", "CFG scale"),
    ("guidancescale", "CFG scale"),
    ("scale", "CFG scale"),
    ("seed", "Seed"),
    ("strength", "Denoising strength"),
    ("promptstrength", "Denoising strength"),
    ("denoisingstrength", "Denoising strength"),
    ("initimagecreativity", "Denoising strength"),
    ("clipskip", "Clip skip"),
    ("model", "Model"),
    ("basemodel", "Model"),
    ("usestablediffusionmodel", "Model"),
    ("vae", "VAE"),
    ("usevaemodel", "VAE"),
    ("version", "Version"),
    ("appversion", "Version"),
    ("generationmode", "Generation mode"),
    ("randdevice", "RNG"),
];
const PROMPTS: [&str; 2] = ["positiveprompt", "prompt"];
const NEGATIVES: [&str; 3] = ["negativeprompt", "uc", "negative"];

/// A text as a JSON object, if it is one.
pub(super) fn object(text: &str) -> Option<Map<String, Value>> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    // ComfyUI writes NaN, which is no JSON.
    let value = serde_json::from_str(text).or_else(|_| serde_json::from_str(&text.replace("NaN", "null")));
    match value {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

pub(super) fn read(object: &Map<String, Value>) -> Parameters {
    // SwarmUI keeps the settings one level down, InvokeAI's older files as well.
    let inner = ["sui_image_params", "image"].iter().find_map(|key| object.get(*key)?.as_object());
    let object = inner.unwrap_or(object);
    let mut read = Parameters::default();
    let is_invoke = object.contains_key("positive_prompt");
    let (mut width, mut height) = (None, None);
    for (key, value) in object {
        let name: String = key.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_lowercase();
        let Some(text) = scalar(value) else { continue };
        match name.as_str() {
            name if PROMPTS.contains(&name) => read.prompt = text,
            name if NEGATIVES.contains(&name) => read.negative = text,
            "width" => width = Some(text),
            "height" => height = Some(text),
            "resolution" => {
                let sides: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|s| !s.is_empty()).collect();
                if let [w, h] = sides[..] {
                    (width, height) = (Some(w.to_owned()), Some(h.to_owned()));
                }
            }
            // InvokeAI's schedulers are samplers, and it counts the layers that are left out.
            "scheduler" if is_invoke => read.fields.push(("Sampler".into(), text)),
            "clipskip" if is_invoke => {
                let layer = text.parse::<u64>().map_or(text, |skipped| skipped.saturating_add(1).to_string());
                read.fields.push(("Clip skip".into(), layer));
            }
            name => {
                let known = NAMES.iter().find(|(known, _)| *known == name).map_or(key.as_str(), |(_, known)| known);
                if !text.is_empty() && read.field(known).is_none() {
                    read.fields.push((known.to_owned(), text));
                }
            }
        }
    }
    if let (Some(width), Some(height)) = (width, height) {
        read.fields.push(("Size".into(), format!("{width}x{height}")));
    }
    // InvokeAI draws its noise on the CPU unless told otherwise.
    if is_invoke && read.field("RNG").is_none() {
        read.fields.push(("RNG".into(), "CPU".into()));
    }
    read
}

/// A number, text or truth value as text, or the name that an object has; `None` for anything else.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(if *truth { "True".into() } else { "False".into() }),
        Value::Object(object) => {
            ["name", "model_name"].iter().find_map(|key| Some(object.get(*key)?.as_str()?.to_owned()))
        }
        Value::Null | Value::Array(_) => None,
    }
}
