//! A named set of prompt parts and settings.

use serde::{Deserialize, Serialize};

use crate::engine::{Sampler, Schedule, Settings};

/// What stands for the prompt inside a style's own.
const PROMPT: &str = "{prompt}";

/// A named set of prompt parts and settings, which a round is made with besides what is typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Style {
    /// Its name, by which it is chosen.
    pub name: String,
    /// What is added to the prompt after a comma; or, if it contains `{prompt}`, the text around the prompt.
    pub prompt: String,
    /// What is added to the negative prompt, in the same way.
    pub negative: String,
    /// Settings that it chooses; usually none.
    #[serde(skip_serializing_if = "StyleSettings::is_empty")]
    pub settings: StyleSettings,
}

/// The settings that a style chooses. Those that are `None` stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StyleSettings {
    /// Denoising strength, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
    /// CFG scale, 1 to 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cfg_scale: Option<f64>,
    /// Sampling steps, 1 to 150.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Sampling method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampler: Option<Sampler>,
    /// Schedule type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
}

impl StyleSettings {
    /// Whether it chooses none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn apply_to(self, settings: &mut Settings) {
        let chosen = Settings {
            strength: self.strength.unwrap_or(settings.strength),
            cfg_scale: self.cfg_scale.unwrap_or(settings.cfg_scale),
            steps: self.steps.unwrap_or(settings.steps),
            sampler: self.sampler.unwrap_or(settings.sampler),
            schedule: self.schedule.unwrap_or(settings.schedule),
            ..settings.clone()
        };
        // A file can say anything; what is out of range is left out.
        if chosen.check().is_ok() {
            *settings = chosen;
        }
    }

    /// What it chooses, for people: `strength 0.6, CFG scale 7`. Empty if nothing.
    pub fn in_words(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.strength.map(|strength| format!("strength {strength}")));
        words.extend(self.cfg_scale.map(|scale| format!("CFG scale {scale}")));
        words.extend(self.steps.map(|steps| format!("{steps} steps")));
        words.extend(self.sampler.map(|sampler| sampler.label().to_owned()));
        words.extend(self.schedule.map(|schedule| format!("schedule {}", schedule.label())));
        words.join(", ")
    }
}

/// The settings with these styles, the first one applied first. Settings that a style chooses out of range stay as they are.
pub fn apply_styles<'a>(styles: impl IntoIterator<Item = &'a Style>, settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    for style in styles {
        settings.prompt = joined(&style.prompt, &settings.prompt);
        settings.negative = joined(&style.negative, &settings.negative);
        style.settings.apply_to(&mut settings);
    }
    settings
}

/// A prompt inside or before the part of a style.
fn joined(part: &str, prompt: &str) -> String {
    let (part, prompt) = (part.trim(), prompt.trim());
    match (part.is_empty(), prompt.is_empty()) {
        (true, _) => prompt.to_owned(),
        (false, _) if part.contains(PROMPT) => around(part, prompt),
        (false, true) => part.to_owned(),
        (false, false) => format!("{}, {part}", prompt.trim_end_matches([',', ' '])),
    }
}

/// A style's text with every `{prompt}` replaced. A style may contain it thousands of times, so the result is cut off
/// shortly after the length that [`Settings::check`] refuses.
fn around(part: &str, prompt: &str) -> String {
    let mut text = String::new();
    for (number, piece) in part.split(PROMPT).enumerate() {
        if number > 0 {
            text.push_str(prompt);
        }
        text.push_str(piece);
        // A character has at most four bytes.
        if text.len() > 4 * Settings::MAX_PROMPT {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_after_the_prompt_or_around_it_and_settings_count() {
        let ink = Style { prompt: "ink drawing".into(), negative: "photo".into(), ..Style::default() };
        let book = Style {
            prompt: "children's book page of {prompt}, flat colours".into(),
            settings: StyleSettings { strength: Some(0.6), steps: Some(12), ..StyleSettings::default() },
            ..Style::default()
        };
        let settings = Settings { prompt: "a pear, ".into(), negative: String::new(), ..Settings::default() };
        let styled = apply_styles([&ink, &book], &settings);
        assert_eq!(styled.prompt, "children's book page of a pear, ink drawing, flat colours");
        assert_eq!((styled.negative.as_str(), styled.strength, styled.steps), ("photo", 0.6, 12));
        assert_eq!(apply_styles([], &settings), settings);
        let alone = apply_styles([&ink], &Settings { prompt: " ".into(), ..settings.clone() });
        assert_eq!(alone.prompt, "ink drawing");
        assert_eq!(book.settings.in_words(), "strength 0.6, 12 steps");
    }

    #[test]
    fn a_style_that_repeats_the_prompt_is_refused_and_takes_little_memory() {
        let bomb = Style { prompt: "{prompt} ".repeat(2000), ..Style::default() };
        let settings = Settings { prompt: "an apple".into(), ..Settings::default() };
        let styled = apply_styles([&bomb, &bomb, &bomb], &settings);
        assert!(styled.prompt.len() < 1_000_000);
        assert!(styled.check().expect_err("refused").to_string().contains("shorten it"));
    }

    #[test]
    fn a_value_out_of_range_is_left_out() {
        let wild = StyleSettings { strength: Some(9.0), ..StyleSettings::default() };
        let style = Style { prompt: "x".into(), settings: wild, ..Style::default() };
        let styled = apply_styles([&style], &Settings::default());
        assert_eq!(styled.strength, Settings::default().strength);
        assert!(styled.check().is_ok());
    }
}
