//! Where in a picture file the settings that made it stand.

use std::path::Path;

use super::exif;
use super::format::{Content, START_LENGTH, recognise};
use super::metadata::Metadata;
use super::open::{contents, name_of};

/// The settings text of a picture file, if it has one; see [`settings_text`].
pub fn read_parameters(path: &Path) -> Option<String> {
    let bytes = contents(path).ok()?;
    text_in(&bytes, &name_of(path))
}

/// The text in a picture file that says how it was made, for [`Parameters::read`](super::Parameters::read).
///
/// That is, in this order: a PNG text called `parameters` (AUTOMATIC1111 and many others), the EXIF user
/// comment (the same programs in JPEG and WebP files), the texts of InvokeAI, NovelAI and ComfyUI, and a
/// comment block that reads like settings.
pub fn settings_text(bytes: &[u8]) -> Option<String> {
    text_in(bytes, "")
}

fn text_in(bytes: &[u8], name: &str) -> Option<String> {
    let Content::Picture(format) = recognise(&bytes[..bytes.len().min(START_LENGTH)], name) else { return None };
    let metadata = Metadata::read(bytes, format);
    let given = |keyword: &str| metadata.text(keyword).filter(|text| !text.trim().is_empty());
    if let Some(text) = given("parameters") {
        return Some(text.to_owned());
    }
    let facts = metadata.exif.as_deref().map(exif::read).unwrap_or_default();
    if let Some(text) = facts.comment {
        return Some(text);
    }
    if let Some(text) = ["invokeai_metadata", "sd-metadata"].into_iter().find_map(given) {
        return Some(text.to_owned());
    }
    if let Some(text) = given("Comment").filter(|text| is_object(text)) {
        return Some(with_prompt(text, given("Description")));
    }
    if let Some(text) = given("prompt").filter(|text| is_object(text)) {
        return Some(text.to_owned());
    }
    // ComfyUI has no text blocks in WebP files and uses the camera's names, with a word before the object.
    let after_word = |text: &String| {
        let text = text.strip_prefix("prompt:").or_else(|| text.strip_prefix("Prompt:"))?;
        is_object(text).then(|| text.trim().to_owned())
    };
    if let Some(text) = facts.others.iter().find_map(after_word) {
        return Some(text);
    }
    let reads_like_settings = |text: &&str| text.contains("Steps:") && text.contains("Seed:");
    facts
        .others
        .iter()
        .map(String::as_str)
        .chain(metadata.texts.iter().map(|(_, text)| text.as_str()))
        .find(reads_like_settings)
        .map(str::to_owned)
}

fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// NovelAI's older files keep the prompt beside the settings instead of among them.
fn with_prompt(settings: &str, prompt: Option<&str>) -> String {
    let (Some(prompt), Ok(serde_json::Value::Object(mut object))) = (prompt, serde_json::from_str(settings)) else {
        return settings.to_owned();
    };
    object.entry("prompt").or_insert_with(|| prompt.into());
    serde_json::Value::Object(object).to_string()
}
