//! Settings as JSON: written whole, read value by value.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Settings;

/// Settings as JSON. A path that is not UTF-8 cannot be written as JSON and is left out.
pub(super) fn settings_to_json(settings: &Settings) -> String {
    serde_json::to_string(settings)
        .or_else(|_| serde_json::to_string(&Settings { vae: None, ..settings.clone() }))
        .unwrap_or_default()
}

/// Reads what [`settings_to_json`] wrote; `None` if it is no JSON object. A single value that cannot be read
/// or is out of range is replaced by its default, so that a prompt is not lost to the name of a sampler.
pub(super) fn settings_from_json(json: &str) -> Option<Settings> {
    match serde_json::from_str(json) {
        Ok(Value::Object(map)) => Some(settings_from_map(&map)),
        _ => None,
    }
}

/// Settings from a JSON object, value by value; see [`settings_from_json`].
pub(super) fn settings_from_map(map: &Map<String, Value>) -> Settings {
    // All at once in the usual case: value by value takes a parse for each.
    if let Ok(settings) = Settings::deserialize(&Value::Object(map.clone()))
        && settings.check().is_ok()
    {
        return settings;
    }
    let mut good = Settings::default();
    let mut so_far = Map::new();
    for (name, value) in map {
        so_far.insert(name.clone(), value.clone());
        match Settings::deserialize(&Value::Object(so_far.clone())) {
            Ok(settings) if settings.check().is_ok() => good = settings,
            _ => {
                so_far.remove(name);
            }
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_the_same_after_being_written_and_read() {
        let settings = Settings { prompt: "a \"quoted\" pear\n🍐".into(), steps: 33, ..Settings::default() };
        assert_eq!(settings_from_json(&settings_to_json(&settings)), Some(settings));
        for text in ["", "[1]", "{", "3"] {
            assert_eq!(settings_from_json(text), None, "{text}");
        }
    }
}
