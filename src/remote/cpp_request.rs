//! What stable-diffusion.cpp's server reads otherwise than the web UI, whose API it speaks.

use serde_json::{Value, json};

use super::picture_request::PictureRequest;
use super::prompt_text::{foreign_syntax, without_loras};
use super::server_files::file_named;
use crate::engine::{Error, InpaintArea, MaskedContent, Settings};

/// Refuses what the server would pass over without a word.
///
/// # Errors
/// A sentence that says what it is.
pub(super) fn check(settings: &Settings, host: &str) -> Result<(), Error> {
    let inpaint = settings.inpaint.is_some_and(|inpaint| {
        inpaint.area != InpaintArea::Whole || inpaint.content != MaskedContent::Original || inpaint.soft
    });
    let what = if settings.variation_strength > 0.0 {
        "variation seeds"
    } else if settings.extra_noise != 0.0 || (settings.noise_multiplier - 1.0).abs() > 1e-9 {
        "extra noise and noise multiplier"
    } else if settings.color_correct {
        "colour correction"
    } else if settings.image_cfg.is_some() {
        "guidance by the start image"
    } else if settings.exact_steps {
        "exact count of steps"
    } else if settings.vae.is_some() {
        "choice of another VAE"
    } else if inpaint {
        "inpainting of the masked part alone, filled or softly"
    } else if let Some(syntax) = foreign_syntax_of(settings) {
        syntax
    } else {
        return Ok(());
    };
    let text = format!(
        "{host} is stable-diffusion.cpp, whose server has no {what}. Leave it out, or make the picture elsewhere."
    );
    Err(Error::Setting(text))
}

/// What the prompts hold that the server takes for ordinary words; it knows BREAK.
fn foreign_syntax_of(settings: &Settings) -> Option<&'static str> {
    let syntax = |text: &String| foreign_syntax(&text.replace("BREAK", ""));
    let found = [&settings.prompt, &settings.negative].into_iter().find_map(syntax);
    found.map(|syntax| if syntax == "AND" { "prompts with AND" } else { "prompts that change over the steps" })
}

/// The request as the server reads it: LoRAs are files in a list, clip skip is a field, and a prompt is never empty. `loras`
/// is the server's own list.
///
/// # Errors
/// A LoRA that the server lacks, as a sentence.
pub(super) fn for_cpp(
    mut request: PictureRequest,
    settings: &Settings,
    loras: &Value,
    host: &str,
) -> Result<PictureRequest, Error> {
    let files: Vec<String> = loras
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| entry["path"].as_str().map(str::to_owned))
        .collect();
    let (prompt, named) = without_loras(&settings.prompt);
    let (negative, more) = without_loras(&settings.negative);
    let file = |(name, weight): (String, f64)| match file_named(&files, &name) {
        Some(path) => Ok(json!({"path": path, "multiplier": weight})),
        None => Err(Error::Remote(format!("{host} has no LoRA called {name}."))),
    };
    let list: Vec<Value> = named.into_iter().chain(more).map(file).collect::<Result<_, _>>()?;
    request.body["lora"] = list.into();
    request.body["clip_skip"] = settings.clip_skip.into();
    // The server refuses an empty prompt; spaces are no words.
    request.body["prompt"] = if prompt.is_empty() { " ".into() } else { prompt.into() };
    request.body["negative_prompt"] = negative.into();
    Ok(request)
}

/// Whether a prompt of these settings names LoRAs, so that the server's list is needed.
pub(super) fn names_loras(settings: &Settings) -> bool {
    [&settings.prompt, &settings.negative].into_iter().any(|text| !without_loras(text).1.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Inpaint;

    #[test]
    fn loras_are_a_list_of_files_and_a_prompt_is_never_empty() {
        let asked = || PictureRequest { name: "txt2img", body: json!({"prompt": "as it was", "steps": 4}) };
        let loras = json!([{"name": "Ink", "path": "sub/Ink.safetensors"}, {"name": "x"}]);
        let settings = Settings {
            prompt: "an apple <lora:ink:0.7>".into(),
            negative: "bad <lora:Ink:-0.2>".into(),
            clip_skip: 2,
            ..Settings::default()
        };
        assert!(names_loras(&settings) && !names_loras(&Settings::default()));
        let body = for_cpp(asked(), &settings, &loras, "host:1").expect("a request").body;
        let list = json!([{"path": "sub/Ink.safetensors", "multiplier": 0.7}, {"path": "sub/Ink.safetensors", "multiplier": -0.2}]);
        assert_eq!((&body["lora"], &body["clip_skip"], &body["steps"]), (&list, &json!(2), &json!(4)));
        assert_eq!((&body["prompt"], &body["negative_prompt"]), (&json!("an apple"), &json!("bad")));
        let empty = Settings { prompt: String::new(), negative: String::new(), ..settings.clone() };
        let body = for_cpp(asked(), &empty, &Value::Null, "host:1").expect("a request").body;
        assert_eq!((&body["prompt"], &body["lora"]), (&json!(" "), &json!([])));
        let missing = for_cpp(asked(), &settings, &json!([]), "host:1").expect_err("none").to_string();
        assert!(missing.contains("host:1 has no LoRA called ink"), "{missing}");
    }

    #[test]
    fn what_the_server_would_pass_over_is_refused() {
        let base = Settings { prompt: "a cat BREAK (big:1.2)".into(), ..Settings::default() };
        check(&base, "host:1").expect("it can all of this");
        let soft = Inpaint { soft: true, ..Inpaint::default() };
        check(&Settings { inpaint: Some(Inpaint::default()), ..base.clone() }, "host:1").expect("blended here");
        for (settings, word) in [
            (Settings { variation_strength: 0.1, ..base.clone() }, "variation"),
            (Settings { extra_noise: 0.1, ..base.clone() }, "extra noise"),
            (Settings { color_correct: true, ..base.clone() }, "colour"),
            (Settings { exact_steps: true, ..base.clone() }, "count of steps"),
            (Settings { vae: Some("/v/x.safetensors".into()), ..base.clone() }, "VAE"),
            (Settings { inpaint: Some(soft), ..base.clone() }, "softly"),
            (Settings { prompt: "a AND b".into(), ..base.clone() }, "AND"),
            (Settings { negative: "[a:b:0.5]".into(), ..base.clone() }, "change over the steps"),
            (Settings { prompt: "a BREAK [b:c:0.5]".into(), ..base }, "change over the steps"),
        ] {
            let text = check(&settings, "host:1").expect_err("refused").to_string();
            assert!(text.contains(word) && text.contains("host:1") && text.ends_with('.'), "{text}");
        }
    }
}
