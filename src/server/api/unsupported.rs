//! Fields of the web UI's requests that ask for something this program does not do.

use serde_json::Value;

use super::fields::Fields;

/// Fields that must be empty, zero, false or not given, and what they ask for.
const MUST_BE_EMPTY: [(&str, &str); 8] = [
    ("enable_hr", "high-resolution fix"),
    ("restore_faces", "face restoration"),
    ("tiling", "tiling pictures"),
    ("script_name", "scripts"),
    ("refiner_checkpoint", "refiners"),
    ("firstpass_image", "a first-pass image"),
    ("latent_mask", "a latent mask"),
    ("infotext", "settings from a text"),
];

/// Notes every field that asks for something this program does not do. A request that asks for it gets an error and
/// not another picture than the one that was meant.
pub(super) fn refuse(fields: &mut Fields<'_>) {
    for (name, what) in MUST_BE_EMPTY {
        if fields.value(name).is_some_and(|value| !is_empty(value)) {
            fields.wrong(name, format!("asks for {what}, which this server does not have; leave it out"));
        }
    }
    for name in ["seed_resize_from_w", "seed_resize_from_h"] {
        if fields.value(name).and_then(Value::as_f64).is_some_and(|side| side > 0.0) {
            fields.wrong(name, "asks for a resized seed, which this server does not have; leave it out");
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        // Some clients send the name of the choice that means nothing.
        Value::String(text) => text.is_empty() || text.eq_ignore_ascii_case("none"),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(true) => false,
    }
}
