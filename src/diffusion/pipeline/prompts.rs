//! What a picture follows at each evaluation of the model.

use std::cell::RefCell;
use std::sync::Arc;

use crate::diffusion::networks::unet::RegionMasks;
use crate::diffusion::sampling::prompt_rows::{PromptRows, RegionRows};
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
    /// The prompts of the regions, each with the prompt of all behind it.
    regions: Option<RegionPrompts>,
    /// The latest evaluation's rows, and the number of the evaluation that they were made for.
    latest: RefCell<Option<(usize, PromptRows)>>,
}

/// The prompts of the regions of one picture.
pub(super) struct RegionPrompts {
    /// One for each region.
    pub plans: Vec<PromptPlan>,
    /// Where each of them counts.
    pub masks: Arc<RegionMasks>,
}

impl<'a> ImagePrompts<'a> {
    pub fn new(plan: PromptPlan, regions: Option<RegionPrompts>, texts: &'a EncodedTexts, guidance: Guidance) -> Self {
        let with_negative = guidance.needs_negative(&plan.weights());
        Self { plan, texts, with_negative, regions, latest: RefCell::new(None) }
    }

    /// What evaluation number `evaluation`, counted from 0, follows.
    ///
    /// # Errors
    /// A text that was not encoded.
    pub fn rows(&self, evaluation: usize) -> Result<PromptRows, Error> {
        let texts = self.plan.at(evaluation);
        if let Some((before, rows)) = &*self.latest.borrow()
            && self.plan.at(*before) == texts
            && self.region_plans().iter().all(|plan| plan.at(*before) == plan.at(evaluation))
        {
            return Ok(rows.clone());
        }
        let mut all = texts.prompts.clone();
        if self.with_negative {
            all.insert(0, texts.negative);
        }
        let states = self.texts.rows(&all)?;
        let regions = match &self.regions {
            Some(regions) => Some(self.region_rows(regions, evaluation)?),
            None => None,
        };
        let rows = PromptRows { states, with_negative: self.with_negative, weights: self.plan.weights(), regions };
        *self.latest.borrow_mut() = Some((evaluation, rows.clone()));
        Ok(rows)
    }

    fn region_plans(&self) -> &[PromptPlan] {
        self.regions.as_ref().map_or(&[][..], |regions| regions.plans.as_slice())
    }

    fn region_rows(&self, regions: &RegionPrompts, evaluation: usize) -> Result<RegionRows, Error> {
        let of_region = |plan: &PromptPlan| {
            let texts = plan.at(evaluation);
            let mut all = texts.prompts.clone();
            if self.with_negative {
                all.insert(0, texts.negative);
            }
            self.texts.rows(&all)
        };
        let states = regions.plans.iter().map(of_region).collect::<Result<_, _>>()?;
        Ok(RegionRows { states, masks: Arc::clone(&regions.masks) })
    }
}
