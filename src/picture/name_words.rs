//! What the words of a [`NamePattern`](super::NamePattern) stand for.

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime};

use crate::engine::Recipe;

/// The longest prompt in a name, in characters.
const MAX_PROMPT: usize = 60;

/// What is known of a picture that gets a name.
#[derive(Clone, Debug, PartialEq)]
pub struct NameWords {
    /// When it was made, in local time.
    pub time: NaiveDateTime,
    /// The beginning of its prompt, on one line.
    pub prompt: String,
    /// Its own seed.
    pub seed: u64,
    /// Its place in the batch, from 1.
    pub index: usize,
    /// The number of its round, from 1.
    pub round: usize,
    /// The model's name.
    pub model: String,
    /// The sampler's name on the command line.
    pub sampler: String,
    /// Sampling steps.
    pub steps: usize,
    /// CFG scale.
    pub cfg_scale: f64,
    /// Denoising strength; 1 without a start image.
    pub strength: f64,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
}

impl NameWords {
    /// A picture made by this recipe: `image` is its place in the batch, from 0, and `round` the number of its
    /// round.
    pub fn new(recipe: &Recipe, round: usize, image: usize, time: NaiveDateTime) -> Self {
        let s = &recipe.settings;
        let prompt = s.prompt.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            time,
            prompt: prompt.chars().take(MAX_PROMPT).collect::<String>().trim_end().to_owned(),
            seed: recipe.seed,
            index: image.saturating_add(1),
            round,
            model: recipe.model.clone(),
            sampler: s.sampler.id().to_owned(),
            steps: s.steps,
            cfg_scale: s.cfg_scale,
            strength: if recipe.from_picture { s.strength } else { 1.0 },
            width: s.width,
            height: s.height,
        }
    }

    /// Now, in local time.
    pub fn now() -> NaiveDateTime {
        Local::now().naive_local()
    }

    /// A moment in local time, from seconds since 1970 (UTC); the beginning of 1970 for a moment that no
    /// calendar has.
    pub fn local_time(seconds: i64) -> NaiveDateTime {
        DateTime::from_timestamp(seconds, 0)
            .map_or_else(NaiveDateTime::default, |time| time.with_timezone(&Local).naive_local())
    }

    /// A made-up picture, for an example of a name.
    pub fn example() -> Self {
        let time = NaiveDate::from_ymd_opt(2026, 3, 14).and_then(|day| day.and_hms_opt(15, 9, 26));
        let recipe = Recipe { seed: 1_234_567, model: "starter".into(), from_picture: true, ..Recipe::default() };
        Self { prompt: "green apple with stem".into(), ..Self::new(&recipe, 3, 0, time.unwrap_or_default()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Settings;

    #[test]
    fn a_long_prompt_is_cut_and_put_on_one_line() {
        let settings = Settings { prompt: format!("  a\n\tpear {}", "苹".repeat(500)), ..Settings::default() };
        let recipe = Recipe { settings, ..Recipe::default() };
        let words = NameWords::new(&recipe, 1, usize::MAX, NameWords::local_time(i64::MAX));
        assert!(words.prompt.starts_with("a pear 苹苹") && words.prompt.chars().count() == MAX_PROMPT);
        assert_eq!(words.strength, 1.0, "without a start image");
        assert_eq!(words.time, NaiveDateTime::default());
    }
}
