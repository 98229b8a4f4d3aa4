//! `POST /sdapi/v1/png-info`.

use serde_json::{Map, Value, json};

use super::picture_fields;
use crate::picture::{Parameters, settings_text};
use crate::server::failure::Failure;

/// What a picture says about how it was made.
///
/// # Errors
/// If there is no picture in base64.
pub(in crate::server) fn png_info(sent: &Map<String, Value>) -> Result<Value, Failure> {
    let bytes = picture_fields::bytes(sent.get("image").unwrap_or(&Value::Null), "image")?;
    let Some(text) = settings_text(&bytes) else {
        return Ok(json!({"info": "", "items": {}, "parameters": {}}));
    };
    let read = Parameters::read(&text);
    let mut parameters: Map<String, Value> =
        read.fields.into_iter().map(|(name, value)| (name, value.into())).collect();
    parameters.insert("Prompt".into(), read.prompt.into());
    parameters.insert("Negative prompt".into(), read.negative.into());
    Ok(json!({"info": text, "items": {"parameters": text}, "parameters": parameters}))
}
