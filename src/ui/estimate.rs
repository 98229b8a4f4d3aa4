//! What the next round would take, estimated again only when something changes that it depends on.

use std::sync::Arc;

use egui::{Label, RichText};

use super::theme;
use crate::engine::{Estimate, Estimator, ModelChoice, Plan, SecondPass, Settings};

/// The estimate of the next round.
#[derive(Default)]
pub(super) struct RoundEstimate {
    estimator: Option<(ModelChoice, Arc<dyn Estimator>)>,
    /// What the estimate below is of.
    settings: Option<Settings>,
    estimate: Option<Estimate>,
}

impl RoundEstimate {
    /// Estimates rounds of this model with this from now on.
    pub fn use_estimator(&mut self, model: ModelChoice, estimator: Option<Arc<dyn Estimator>>) {
        *self = Self { estimator: estimator.map(|estimator| (model, estimator)), ..Self::default() };
    }

    /// The estimate that is shown.
    pub fn shown(&self) -> Option<&Estimate> {
        self.estimate.as_ref()
    }

    /// Forgets the estimate, because memory or speed may have changed.
    pub fn refresh(&mut self) {
        self.settings = None;
    }

    /// Brings the estimate up to date for the next round with this model.
    pub fn update(&mut self, model: &ModelChoice, settings: &Settings) {
        let Some((_, estimator)) = self.estimator.as_ref().filter(|(known, _)| known == model) else {
            (self.settings, self.estimate) = (None, None);
            return;
        };
        if self.settings.as_ref() != Some(settings) {
            // The canvas is always there to start from.
            let valid = settings.check().is_ok();
            self.estimate = valid.then(|| estimator.estimate(settings, &Plan::default(), true));
            self.settings = Some(settings.clone());
        }
    }

    /// What a second pass over a picture of this size takes with this model; `None` where that is not known.
    pub fn of_second_pass(
        &self,
        model: &ModelChoice,
        pass: &SecondPass,
        settings: &Settings,
        start: (u32, u32),
    ) -> Option<Estimate> {
        let (_, estimator) = self.estimator.as_ref().filter(|(known, _)| known == model)?;
        Some(pass.estimate(&**estimator, settings, start))
    }

    /// What it says, as a short line; in the colour of an error where the round does not fit.
    pub fn ui(&self, ui: &mut egui::Ui, size: egui::Vec2) {
        let Some(estimate) = &self.estimate else {
            ui.allocate_space(size);
            return;
        };
        let text = RichText::new(estimate.summary()).small();
        let text = if estimate.obstacle.is_some() { text.color(theme::colors(ui).error) } else { text.weak() };
        ui.add_sized(size, Label::new(text).truncate()).on_hover_text(self.details(estimate));
    }

    fn details(&self, estimate: &Estimate) -> String {
        let tiles = if estimate.tiled { " Pictures are decoded in tiles, because memory is short." } else { "" };
        format!(
            "What the next round takes, estimated. The model is evaluated {} times for each picture.{tiles} {}",
            estimate.evaluations,
            estimate.obstacle.as_deref().unwrap_or_default()
        )
        .trim_end()
        .to_owned()
    }
}
