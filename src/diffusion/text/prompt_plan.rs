//! Which texts a picture follows at each evaluation of the model.

use std::collections::HashSet;

use crate::diffusion::text::composition::compose;
use crate::diffusion::text::schedule::{PromptSchedule, ScheduledText};
use crate::engine::{Error, Settings};

/// The most prompts that are joined with AND: each is an evaluation of the model.
const MOST_PARTS: usize = 64;

/// The most characters of all different texts together; their states would take gigabytes of memory.
const MOST_CHARACTERS: usize = 4 * Settings::MAX_PROMPT;

/// The texts of one picture.
///
/// AUTOMATIC1111 counts the evaluations of the model, from 0, and reads schedules over the steps of the setting: twice
/// as many where a sampler evaluates the model twice in a step. Img2img begins at 0 too, though only the last part
/// of the noise schedule runs: of 20 steps at a strength of 0.5, 11 run, and a change after step 15 is never reached.
/// Evaluation 0 has the text of step 1, as has evaluation 1: it is step `n` until evaluation `n`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct PromptPlan {
    negative: Vec<ScheduledText>,
    parts: Vec<(Vec<ScheduledText>, f64)>,
}

/// The texts of one evaluation of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::diffusion) struct Texts<'a> {
    pub negative: &'a str,
    /// One for each weight.
    pub prompts: Vec<&'a str>,
}

impl PromptPlan {
    /// Reads a prompt, which has no tags any more, and a negative prompt for a picture with these settings.
    ///
    /// # Errors
    /// [`Error::Setting`] for more texts than can be held.
    pub fn new(prompt: &str, negative: &str, settings: &Settings) -> Result<Self, Error> {
        let steps = settings.steps * settings.sampler.evaluations();
        let parts = compose(prompt);
        if parts.len() > MOST_PARTS {
            return Err(Error::Setting(format!(
                "The prompt joins {} prompts with AND, and at most {MOST_PARTS} are read; join fewer.",
                parts.len()
            )));
        }
        let texts = |prompt: &str| PromptSchedule::parse(prompt).texts(steps);
        let plan = Self {
            negative: texts(negative),
            parts: parts.iter().map(|part| (texts(part.text), part.weight)).collect(),
        };
        let distinct: HashSet<&str> = plan.texts(true).collect();
        let characters: usize = distinct.iter().map(|text| text.len()).sum();
        if distinct.len() > 3 && characters > MOST_CHARACTERS {
            return Err(Error::Setting(format!(
                "The prompts change into {} texts with {characters} characters in all over the steps, and {MOST_CHARACTERS} characters are the most; shorten them, or use fewer alternatives.",
                distinct.len()
            )));
        }
        Ok(plan)
    }

    /// Every text of the prompt and, where it is wanted, of the negative prompt before it; some may be the same.
    pub fn texts(&self, negative: bool) -> impl Iterator<Item = &str> {
        let prompts = self.parts.iter().flat_map(|(texts, _)| texts);
        self.negative.iter().filter(move |_| negative).chain(prompts).map(|text| text.text.as_str())
    }

    /// The texts of evaluation number `evaluation`, counted from 0. Beyond the last step they are those of the last.
    pub fn at(&self, evaluation: usize) -> Texts<'_> {
        Texts {
            negative: at(&self.negative, evaluation),
            prompts: self.parts.iter().map(|(texts, _)| at(texts, evaluation)).collect(),
        }
    }

    /// What each prompt's guidance is multiplied by.
    pub fn weights(&self) -> Vec<f64> {
        self.parts.iter().map(|(_, weight)| *weight).collect()
    }
}

/// The texts of a prompt and what has no effect in it, told in sentences.
pub(in crate::diffusion) fn notices(prompt: &str, negative: &str) -> Vec<String> {
    let parts = compose(prompt);
    let schedules = parts.iter().filter_map(|part| PromptSchedule::parse(part.text).notice("The prompt"));
    let mut notices: Vec<String> = schedules.take(1).collect();
    notices.extend(PromptSchedule::parse(negative).notice("The negative prompt"));
    if let [part] = &parts[..]
        && part.weight != 1.0
    {
        notices.push(format!(
            "The prompt ends in a colon and a number, which is read as its weight, {}: its guidance is multiplied by it. Write \\: for a plain colon.",
            part.weight
        ));
    }
    notices
}

fn at(texts: &[ScheduledText], evaluation: usize) -> &str {
    let text = texts.iter().find(|text| evaluation <= text.until).or(texts.last());
    text.map_or("", |text| text.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Sampler;

    fn settings(steps: usize, sampler: Sampler) -> Settings {
        Settings { steps, sampler, ..Settings::default() }
    }

    fn prompts(prompt: &str, settings: &Settings, evaluations: usize) -> Vec<String> {
        let plan = PromptPlan::new(prompt, "", settings).expect("reads");
        (0..evaluations).map(|evaluation| plan.at(evaluation).prompts.join("+")).collect()
    }

    #[test]
    fn evaluations_are_counted_as_the_web_ui_counts_them() {
        // Its denoiser takes the first text whose last step is not below the number of evaluations so far.
        assert_eq!(prompts("[a:b:2]", &settings(5, Sampler::Euler), 5), ["a", "a", "a", "b", "b"]);
        assert_eq!(prompts("[a|b]", &settings(5, Sampler::Euler), 5), ["a", "a", "b", "a", "b"]);
        assert_eq!(prompts("[a:b:0.5]", &settings(4, Sampler::Heun), 7), ["a", "a", "a", "a", "a", "b", "b"]);
        assert_eq!(prompts("[a:b:2]", &settings(4, Sampler::Heun), 7), ["a", "a", "a", "b", "b", "b", "b"]);
        assert_eq!(prompts("[a:b:1] AND c", &settings(3, Sampler::Euler), 3), ["a+ c", "a+ c", "b+ c"]);
        assert_eq!(prompts("[a:b:3]", &settings(3, Sampler::Ddim), 5), ["a"; 5]);
    }

    #[test]
    fn negative_prompts_change_too_but_are_not_split() {
        let plan = PromptPlan::new("x:2", "[a:b AND c:1]:3", &settings(3, Sampler::Euler)).expect("reads");
        let negative: Vec<&str> = (0..3).map(|evaluation| plan.at(evaluation).negative).collect();
        assert_eq!(negative, ["a:3", "a:3", "b AND c:3"]);
        assert_eq!(plan.weights(), [2.0]);
    }

    #[test]
    fn more_than_can_be_held_is_refused_in_one_sentence() {
        let wide =
            format!("[{}]", (0..150).map(|i| format!("{i} {}", "word ".repeat(300))).collect::<Vec<_>>().join("|"));
        let text = PromptPlan::new(&wide, "", &settings(150, Sampler::Euler)).expect_err("refused").to_string();
        assert!(text.contains("150 texts") || text.contains("151 texts"), "{text}");
        PromptPlan::new(&wide, "", &settings(20, Sampler::Euler)).expect("fewer steps");
        let text = PromptPlan::new(&"a AND ".repeat(64), "", &settings(1, Sampler::Euler)).expect_err("refused");
        assert!(text.to_string().contains("joins 65 prompts"), "{text}");
        // However long, a plain prompt is left to the check of the settings.
        PromptPlan::new(&"é".repeat(Settings::MAX_PROMPT), &"é".repeat(Settings::MAX_PROMPT), &Settings::default())
            .expect("a plain prompt");
    }

    #[test]
    fn what_has_no_effect_is_told() {
        assert!(notices("[a:b:2] | c", "")[0].starts_with("The prompt does"));
        assert!(notices("a", "[a|b] |")[0].starts_with("The negative prompt does"));
        assert!(notices("photo, 16:9", "")[0].contains("weight, 9"));
        assert!(notices("[a:b:2] AND [c|d]:0.5", "[a|b]").is_empty());
    }
}
