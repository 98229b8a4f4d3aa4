//! Which texts a picture follows at each evaluation of the model.

use std::collections::HashSet;

use crate::diffusion::text::composition::compose;
use crate::diffusion::text::prompt::parse;
use crate::diffusion::text::schedule::{PromptSchedule, ScheduledText};
use crate::diffusion::text::tags::take_tags;
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

/// Reads a prompt and a negative prompt as a round with these settings does, without a model: every text that they become
/// in the course of the steps, each once, without tags, with emphasis still in it.
///
/// # Errors
/// A LoRA tag that cannot be read, or more texts than can be held.
pub fn read_prompt(prompt: &str, negative: &str, settings: &Settings) -> Result<Vec<String>, Error> {
    let tags = take_tags(prompt)?;
    let plan = PromptPlan::new(&tags.text, negative, settings)?;
    let mut seen = HashSet::new();
    let texts: Vec<String> = plan.texts(true).filter(|text| seen.insert(*text)).map(String::from).collect();
    // Reading the emphasis is part of it, and has to hold for any text.
    debug_assert!(texts.iter().all(|text| !parse(text).is_empty()), "a text always has a piece");
    Ok(texts)
}

/// What of the prompts has no effect, or an unexpected one, told in sentences.
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
    fn any_text_is_read_or_refused_in_a_sentence() {
        // As fuzz/fuzz_targets/prompt.rs does, with texts of the pieces that matter.
        const PIECES: [&str; 26] = [
            "[",
            "[",
            "]",
            "]",
            "(",
            ")",
            ":",
            ":",
            "|",
            "\\",
            "a",
            " ",
            "\n",
            "AND",
            " AND ",
            "BREAK",
            "0.5",
            "3",
            "-1",
            "1e9",
            "<lora:a:1>",
            "<",
            ">",
            "苹",
            "é",
            ",",
        ];
        let mut state = 20_221_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut changing = 0;
        for _ in 0..20_000 {
            let text: String = (0..next(40)).map(|_| PIECES[next(PIECES.len())]).collect();
            let settings = settings(1 + next(30), Sampler::ALL[next(Sampler::ALL.len())]);
            match read_prompt(&text, &text, &settings) {
                Ok(texts) => {
                    assert!(texts.iter().all(|read| read.len() <= text.len()), "{text:?}: {texts:?}");
                    changing += usize::from(texts.len() > 2);
                    let plan = PromptPlan::new(&text, &text, &settings).expect("as before");
                    for evaluation in [0, 1, settings.steps, 1000] {
                        let now = plan.at(evaluation);
                        assert_eq!(now.prompts.len(), plan.weights().len());
                    }
                }
                Err(error) => assert!(error.to_string().ends_with('.'), "{text:?}: {error}"),
            }
            notices(&text, &text);
        }
        assert!(changing > 500, "{changing}");
    }

    #[test]
    fn what_has_no_effect_is_told() {
        assert!(notices("[a:b:2] | c", "")[0].starts_with("The prompt does"));
        assert!(notices("a", "[a|b] |")[0].starts_with("The negative prompt does"));
        assert!(notices("photo, 16:9", "")[0].contains("weight, 9"));
        assert!(notices("[a:b:2] AND [c|d]:0.5", "[a|b]").is_empty());
    }
}
