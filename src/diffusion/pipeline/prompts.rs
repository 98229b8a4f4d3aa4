//! What a picture follows at each evaluation of the model.

use std::cell::RefCell;

use crate::diffusion::sampling::prompt_rows::PromptRows;
use crate::diffusion::text::conditioning::EncodedTexts;
use crate::diffusion::text::prompt_plan::PromptPlan;
use crate::engine::Error;

/// Which guidance a picture is made with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Guidance {
    /// None: the model takes the scale as an input.
    None,
    /// At this scale, away from the negative prompt.
    Scale(f64),
    /// In any case.
    Full,
}

impl Guidance {
    /// Whether the negative prompt is evaluated. With a single prompt, whose guidance is multiplied by 1 in all, its
    /// prediction cancels out.
    fn needs_negative(self, weights: &[f64]) -> bool {
        match (self, weights) {
            (Self::None, _) => false,
            (Self::Full, _) => true,
            (Self::Scale(scale), [weight]) => scale * weight != 1.0,
            (Self::Scale(_), _) => true,
        }
    }
}

/// Every text that pictures follow, each once.
pub(super) fn distinct_texts(plans: &[(PromptPlan, Guidance)]) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    let mut texts: Vec<&str> = Vec::new();
    for (plan, guidance) in plans {
        let negative = guidance.needs_negative(&plan.weights());
        texts.extend(plan.texts(negative).filter(|text| seen.insert(*text)));
    }
    texts
}

/// The prompts of one picture.
pub(super) struct ImagePrompts<'a> {
    plan: PromptPlan,
    texts: &'a EncodedTexts,
    with_negative: bool,
    /// The latest evaluation's rows, and the number of the evaluation that they were made for.
    latest: RefCell<Option<(usize, PromptRows)>>,
}

impl<'a> ImagePrompts<'a> {
    pub fn new(plan: PromptPlan, texts: &'a EncodedTexts, guidance: Guidance) -> Self {
        let with_negative = guidance.needs_negative(&plan.weights());
        Self { plan, texts, with_negative, latest: RefCell::new(None) }
    }

    /// What evaluation number `evaluation`, counted from 0, follows.
    ///
    /// # Errors
    /// A text that was not encoded.
    pub fn rows(&self, evaluation: usize) -> Result<PromptRows, Error> {
        let texts = self.plan.at(evaluation);
        if let Some((before, rows)) = &*self.latest.borrow()
            && self.plan.at(*before) == texts
        {
            return Ok(rows.clone());
        }
        let mut all = texts.prompts.clone();
        if self.with_negative {
            all.insert(0, texts.negative);
        }
        let states = self.texts.rows(&all)?;
        let rows = PromptRows { states, with_negative: self.with_negative, weights: self.plan.weights() };
        *self.latest.borrow_mut() = Some((evaluation, rows.clone()));
        Ok(rows)
    }
}
