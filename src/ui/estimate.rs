//! What the next round would take, estimated again only when something changes that it depends on.

use std::path::PathBuf;
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
    /// Counts the estimators.
    number: u64,
    /// The files of controls that the estimator was asked to know.
    asked: Vec<PathBuf>,
}

/// An estimator that is to know files of controls, see [`Estimator::knowing`].
pub(super) struct ControlQuestion {
    pub number: u64,
    pub estimator: Arc<dyn Estimator>,
    pub controls: Vec<PathBuf>,
}

impl RoundEstimate {
    /// Estimates rounds of this model with this from now on.
    pub fn use_estimator(&mut self, model: ModelChoice, estimator: Option<Arc<dyn Estimator>>) {
        let (estimator, number) = (estimator.map(|estimator| (model, estimator)), self.number + 1);
        *self = Self { estimator, number, ..Self::default() };
    }

    /// The question that must be asked about the controls in these settings; then it counts as asked.
    pub fn asks_about_controls(&mut self, settings: &Settings) -> Option<ControlQuestion> {
        let (_, estimator) = self.estimator.as_ref()?;
        let mut controls: Vec<PathBuf> = settings.controls.iter().map(|control| control.model.clone()).collect();
        controls.sort();
        controls.dedup();
        if controls.is_empty() || controls == self.asked {
            return None;
        }
        self.asked.clone_from(&controls);
        Some(ControlQuestion { number: self.number, estimator: Arc::clone(estimator), controls })
    }

    /// The answer to a question about controls. An answer about an earlier estimator is dropped.
    pub fn knows_controls(&mut self, number: u64, knowing: Arc<dyn Estimator>) {
        if let Some((_, estimator)) = self.estimator.as_mut().filter(|_| number == self.number) {
            *estimator = knowing;
            self.refresh();
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ControlSettings, Recommended};

    /// Says that every round takes so many seconds, and one more where it knows the controls.
    #[derive(Debug)]
    struct Fixed(f64);

    impl Estimator for Fixed {
        fn estimate(&self, _: &Settings, _: &Plan, _: bool) -> Estimate {
            let (memory_bytes, available_bytes) = (None, None);
            Estimate { seconds: self.0, memory_bytes, available_bytes, evaluations: 1, tiled: false, obstacle: None }
        }

        fn knowing(&self, controls: &[PathBuf]) -> Option<Arc<dyn Estimator>> {
            assert_eq!(controls, [PathBuf::from("/a"), PathBuf::from("/b")]);
            Some(Arc::new(Self(self.0 + 1.0)))
        }

        fn recommended(&self) -> Recommended {
            Recommended::default()
        }
    }

    #[test]
    fn controls_are_asked_about_once_and_a_late_answer_is_dropped() {
        let mut round = RoundEstimate::default();
        let controls = ["/b", "/a", "/b"]
            .map(|model| ControlSettings { model: model.into(), ..ControlSettings::default() })
            .to_vec();
        let settings = Settings { controls, ..Settings::default() };
        assert!(round.asks_about_controls(&settings).is_none(), "there is no estimator");
        let seconds = |round: &mut RoundEstimate| {
            round.update(&ModelChoice::Starter, &settings);
            round.shown().expect("an estimate").seconds
        };
        round.use_estimator(ModelChoice::Starter, Some(Arc::new(Fixed(1.0))));
        assert!(round.asks_about_controls(&Settings::default()).is_none(), "there is no control");
        let first = round.asks_about_controls(&settings).expect("a question");
        assert!(round.asks_about_controls(&settings).is_none(), "it was asked");
        assert_eq!(seconds(&mut round), 1.0);
        let answer = first.estimator.knowing(&first.controls).expect("an answer");
        round.knows_controls(first.number, Arc::clone(&answer));
        assert_eq!(seconds(&mut round), 2.0);
        round.use_estimator(ModelChoice::Starter, Some(Arc::new(Fixed(10.0))));
        round.knows_controls(first.number, answer);
        assert_eq!(seconds(&mut round), 10.0);
        assert!(round.asks_about_controls(&settings).is_some(), "the new estimator knows nothing of them");
    }
}
