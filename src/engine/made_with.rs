//! What computed a picture, besides its request.

use serde::{Deserialize, Serialize};

use super::Settings;

/// The program, arithmetic and model files that computed a picture. Two pictures of the same request and equal
/// values here have the same pixels, on any number of threads. An empty text stands for something unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MadeWith {
    /// The program and its version, such as `underpaint 0.1.0`.
    pub program: String,
    /// The processor's instructions (`AVX-512`, `AVX2` or `plain`), or the name of a graphics card's device.
    pub instructions: String,
    /// The number format of the model's weights: `f32`, `f16` or `bf16`.
    pub precision: String,
    /// A fingerprint of the model's files, 16 hexadecimal digits. It is quick to compute and no cryptographic hash
    /// of all bytes.
    pub model: String,
    /// The beginning of the SHA-256 of the model's file, 10 hexadecimal digits, as AUTOMATIC1111's web UI writes it; empty
    /// for folders, and where the whole file has not been read.
    pub model_hash: String,
    /// The hash of each control's file, see [`ControlSettings::web_hash`](super::ControlSettings::web_hash); empty for a
    /// folder or a file that cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub control_hashes: Vec<String>,
    /// The prompts that were asked for, if wildcards in them were replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<PromptTemplate>,
}

/// The prompts of a picture before their wildcards were replaced. A prompt without wildcards is empty here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromptTemplate {
    /// The prompt.
    pub prompt: String,
    /// The negative prompt.
    pub negative: String,
}

impl PromptTemplate {
    /// Puts the prompts with their wildcards back into the settings, unless they are too long for a prompt.
    pub fn apply_to(&self, settings: &mut Settings) {
        for (template, prompt) in [(&self.prompt, &mut settings.prompt), (&self.negative, &mut settings.negative)] {
            if !template.is_empty() && template.chars().count() <= Settings::MAX_PROMPT {
                prompt.clone_from(template);
            }
        }
    }
}

/// One thing that differs between how two pictures were computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MadeWithDifference {
    /// What it is, such as `precision`.
    pub what: &'static str,
    /// The value of the first picture; empty if unknown.
    pub first: String,
    /// The value of the second picture; empty if unknown.
    pub second: String,
}

impl MadeWith {
    /// What differs from another picture's, as far as both are known.
    pub fn differences(&self, other: &Self) -> Vec<MadeWithDifference> {
        [
            ("program version", &self.program, &other.program),
            ("instructions", &self.instructions, &other.instructions),
            ("precision", &self.precision, &other.precision),
            ("model fingerprint", &self.model, &other.model),
        ]
        .into_iter()
        .filter(|(_, first, second)| first != second && !first.is_empty() && !second.is_empty())
        .map(|(what, first, second)| MadeWithDifference { what, first: first.clone(), second: second.clone() })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_does_not_differ() {
        let one = MadeWith { program: "underpaint 0.1.0".into(), precision: "f32".into(), ..MadeWith::default() };
        let other = MadeWith { precision: "bf16".into(), instructions: "AVX2".into(), ..one.clone() };
        let difference = MadeWithDifference { what: "precision", first: "f32".into(), second: "bf16".into() };
        assert_eq!(one.differences(&other), [difference]);
        assert_eq!(one.differences(&one), []);
    }

    #[test]
    fn a_template_is_kept_with_what_computed_the_picture_and_goes_back_into_the_settings() {
        let template = PromptTemplate { prompt: "a __fruit__".into(), negative: String::new() };
        let made = MadeWith { template: Some(template.clone()), ..MadeWith::default() };
        let kept = serde_json::to_string(&made).expect("JSON");
        assert_eq!(serde_json::from_str::<MadeWith>(&kept).expect("reads"), made);
        assert!(!serde_json::to_string(&MadeWith::default()).expect("JSON").contains("template"));
        let mut settings = Settings { prompt: "a fig".into(), negative: "fog".into(), ..Settings::default() };
        template.apply_to(&mut settings);
        assert_eq!((settings.prompt.as_str(), settings.negative.as_str()), ("a __fruit__", "fog"));
    }
}
