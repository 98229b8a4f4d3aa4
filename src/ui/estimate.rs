//! What the next round would take, estimated again only when something changes that it depends on.

use std::sync::Arc;

use egui::{Label, RichText};

use super::theme;
use crate::engine::{Estimate, Estimator, ModelChoice, Plan, RoundFiles, SecondPass, Settings};

/// The estimate of the next round.
#[derive(Default)]
pub(super) struct RoundEstimate {
    estimator: Option<(ModelChoice, Arc<dyn Estimator>)>,
    /// What the estimate below is of.
    settings: Option<Settings>,
    estimate: Option<Estimate>,
    /// Counts the estimators.
    number: u64,
    /// The files that the estimator was asked to know.
    asked: RoundFiles,
    /// Those that it has looked into.
    known: RoundFiles,
}

/// An estimator that is to know files of rounds, see [`Estimator::knowing`].
pub(super) struct FileQuestion {
    pub number: u64,
    pub estimator: Arc<dyn Estimator>,
    pub files: RoundFiles,
}

impl RoundEstimate {
    /// Estimates rounds of this model with this from now on.
    pub fn use_estimator(&mut self, model: ModelChoice, estimator: Option<Arc<dyn Estimator>>) {
        let (estimator, number) = (estimator.map(|estimator| (model, estimator)), self.number + 1);
        *self = Self { estimator, number, ..Self::default() };
    }

    /// The question that must be asked about these files; then they count as asked about. Files that were asked about
    /// before are in it, because the answer is an estimator that knows all of them.
    pub fn asks_about_files(&mut self, files: RoundFiles) -> Option<FileQuestion> {
        let (_, estimator) = self.estimator.as_ref()?;
        let is_new = self.asked.add(files);
        is_new.then(|| FileQuestion {
            number: self.number,
            estimator: Arc::clone(estimator),
            files: self.asked.clone(),
        })
    }

    /// The answer to a question about files. An answer about an earlier estimator is dropped.
    pub fn knows_files(&mut self, number: u64, knowing: Arc<dyn Estimator>, files: RoundFiles) {
        if let Some((_, estimator)) = self.estimator.as_mut().filter(|_| number == self.number) {
            (*estimator, self.known) = (knowing, files);
            self.refresh();
        }
    }

    /// Changes whenever an estimate of the same may be another one.
    pub fn knowledge(&self) -> (u64, &RoundFiles) {
        (self.number, &self.known)
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

    /// What a second pass over a picture of this size takes with this model; `None` where that is not known, as before the
    /// upscaler's file was looked into.
    pub fn of_second_pass(
        &self,
        model: &ModelChoice,
        pass: &SecondPass,
        settings: &Settings,
        start: (u32, u32),
    ) -> Option<Estimate> {
        let (_, estimator) = self.estimator.as_ref().filter(|(known, _)| known == model)?;
        if pass.upscaler.file().is_some_and(|file| !self.known.upscalers.iter().any(|known| known == file)) {
            return None;
        }
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
    use std::path::PathBuf;

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

        fn knowing(&self, files: &RoundFiles) -> Option<Arc<dyn Estimator>> {
            assert_eq!(files.controls, [PathBuf::from("/b"), PathBuf::from("/a")]);
            Some(Arc::new(Self(self.0 + 1.0)))
        }

        fn recommended(&self) -> Recommended {
            Recommended::default()
        }
    }

    #[test]
    fn files_are_asked_about_once_and_a_late_answer_is_dropped() {
        let mut round = RoundEstimate::default();
        let controls = ["/b", "/a", "/b"]
            .map(|model| ControlSettings { model: model.into(), ..ControlSettings::default() })
            .to_vec();
        let settings = Settings { controls, ..Settings::default() };
        let files = || RoundFiles::of(&settings);
        assert!(round.asks_about_files(files()).is_none(), "there is no estimator");
        let seconds = |round: &mut RoundEstimate| {
            round.update(&ModelChoice::Starter, &settings);
            round.shown().expect("an estimate").seconds
        };
        round.use_estimator(ModelChoice::Starter, Some(Arc::new(Fixed(1.0))));
        assert!(round.asks_about_files(RoundFiles::default()).is_none(), "there is no control");
        let first = round.asks_about_files(files()).expect("a question");
        assert!(round.asks_about_files(files()).is_none(), "it was asked");
        assert_eq!(seconds(&mut round), 1.0);
        let answer = first.estimator.knowing(&first.files).expect("an answer");
        round.knows_files(first.number, Arc::clone(&answer), first.files.clone());
        assert_eq!(seconds(&mut round), 2.0);
        round.use_estimator(ModelChoice::Starter, Some(Arc::new(Fixed(10.0))));
        round.knows_files(first.number, answer, first.files);
        assert_eq!(seconds(&mut round), 10.0);
        assert!(round.asks_about_files(files()).is_some(), "the new estimator knows nothing of them");
    }
}
