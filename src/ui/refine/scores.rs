//! The scores of results: asked of the file thread, and what is shown of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use egui::{TextureHandle, TextureOptions};
use image::RgbImage;

use super::starts::RoundStarts;
use crate::document::{ResultId, RoundId, Rounds};
use crate::jobs::{DocumentId, FileTask, ResultScores, ScoreTask};
use crate::ui::results::color_image;

/// The scores of results of this document.
#[derive(Default)]
pub(in crate::ui) struct Scores {
    known: HashMap<ResultId, ResultScores>,
    /// The results that are scored or were.
    asked: HashSet<ResultId>,
    /// Rounds whose start image was asked for.
    starts_asked: HashSet<RoundId>,
    /// Whether the round on show lies in the order of its outline scores.
    pub sorts: bool,
    /// Whether the drift of the result on show is drawn over it.
    pub shows_drift: bool,
    overlay: Option<Overlay>,
    overlay_asked: Option<ResultId>,
}

/// The drift of one result in false colours.
struct Overlay {
    id: ResultId,
    picture: RgbImage,
    texture: Option<TextureHandle>,
}

impl Scores {
    /// No scores yet, shown in the same way.
    pub fn of_another_document(&self) -> Self {
        Self { sorts: self.sorts, shows_drift: self.shows_drift, ..Self::default() }
    }

    /// The scores of a result, once they are computed.
    pub fn of(&self, id: ResultId) -> Option<ResultScores> {
        self.known.get(&id).copied()
    }

    /// Takes the scores of a result.
    pub fn take(&mut self, id: ResultId, scores: ResultScores) {
        self.known.insert(id, scores);
    }

    /// Takes the picture of a result's drift.
    pub fn take_overlay(&mut self, id: ResultId, picture: RgbImage) {
        self.overlay = Some(Overlay { id, picture, texture: None });
    }

    /// The drift of a result as a texture, if it is shown and there.
    pub fn drift_texture(&mut self, ctx: &egui::Context, id: ResultId) -> Option<&TextureHandle> {
        let overlay = self.overlay.as_mut().filter(|overlay| self.shows_drift && overlay.id == id)?;
        let load = || ctx.load_texture("drift", color_image(&overlay.picture), TextureOptions::LINEAR);
        Some(overlay.texture.get_or_insert_with(load))
    }

    /// These pictures of a round, in the order in which they are shown.
    pub fn order(&self, round: RoundId, mut images: Vec<usize>) -> Vec<usize> {
        if self.sorts {
            // Those without a score come last.
            let score = |image: &usize| {
                let scores = self.of(ResultId { round, image: *image });
                scores.and_then(|scores| scores.outline).unwrap_or(-1.0)
            };
            images.sort_by(|one, other| score(other).total_cmp(&score(one)));
        }
        images
    }

    /// What the file thread should compute for the round on show, whose large picture is `large`.
    pub fn tasks(
        &mut self,
        document: DocumentId,
        rounds: &Rounds,
        starts: &RoundStarts,
        large: ResultId,
    ) -> Vec<FileTask> {
        let Some(round) = rounds.get(large.round) else { return Vec::new() };
        let finished = round.slots.iter().enumerate().filter_map(|(image, slot)| Some((image, slot.result()?)));
        let mut finished = finished.filter(|(_, result)| result.recipe.from_picture).peekable();
        if finished.peek().is_none() {
            return Vec::new();
        }
        let Some((start, painted)) = starts.get(round.id) else {
            let is_new = self.starts_asked.insert(round.id);
            return is_new.then_some(FileTask::ReadStart(document, round.id)).into_iter().collect();
        };
        // Without a parent there is nothing to drift from.
        let painted =
            round.plan.changing(&round.settings).or_else(|| painted.filter(|_| round.parent.is_some()).cloned());
        let task = |result: &Arc<RgbImage>| ScoreTask {
            start: start.clone(),
            result: Arc::clone(result),
            painted: painted.clone(),
        };
        let mut tasks = Vec::new();
        for (image, result) in finished {
            let (id, Some(pixels)) = (ResultId { round: round.id, image }, result.image.pixels()) else { continue };
            if self.asked.insert(id) {
                tasks.push(FileTask::Score(document, id, task(pixels)));
            }
            let wanted = self.shows_drift && id == large && self.overlay.as_ref().is_none_or(|shown| shown.id != id);
            if wanted && self.overlay_asked != Some(id) {
                self.overlay_asked = Some(id);
                tasks.push(FileTask::DrawDrift(document, id, task(pixels)));
            }
        }
        tasks
    }

    /// Whether the drift picture should be drawn again when it is wanted next.
    pub fn toggle_drift(&mut self) {
        self.shows_drift = !self.shows_drift;
        (self.overlay, self.overlay_asked) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, StartImage};
    use crate::engine::{Recipe, Settings};
    use crate::jobs::Jobs;
    use crate::paint::{Rgb, Size};

    #[test]
    fn results_are_scored_once_and_shown_in_the_order_of_their_scores() {
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
        let (round, start) = document.begin_round(1, "m".into());
        let recipe = Recipe { seed: 1, model: "m".into(), from_picture: true, ..Recipe::default() };
        for image in 0..3 {
            let id = ResultId { round, image };
            document.rounds_mut().finished(id, Arc::new(RgbImage::new(8, 8)), Arc::new(recipe.clone()));
        }
        let (mut scores, mut starts) = (Scores::default(), RoundStarts::default());
        let jobs = Jobs::start(|| Box::new(crate::ui::refine::tests::NoEngine), || ());
        let (shown, large) = (jobs.next_document(), ResultId { round, image: 1 });
        let tasks = |scores: &mut Scores, starts: &RoundStarts| scores.tasks(shown, document.rounds(), starts, large);
        assert!(matches!(tasks(&mut scores, &starts)[..], [FileTask::ReadStart(..)]));
        assert!(tasks(&mut scores, &starts).is_empty(), "asked once");
        starts.keep(round, start.unwrap_or_else(|| StartImage::of_result_size(RgbImage::new(8, 8))), None);
        assert_eq!(tasks(&mut scores, &starts).len(), 3);
        assert!(tasks(&mut scores, &starts).is_empty(), "scored once");
        scores.toggle_drift();
        assert!(matches!(tasks(&mut scores, &starts)[..], [FileTask::DrawDrift(_, id, _)] if id == large));
        for (image, outline) in [(0, Some(0.2)), (2, Some(0.7))] {
            scores.take(ResultId { round, image }, ResultScores { outline, drift: None });
        }
        assert_eq!(scores.order(round, vec![0, 1, 2, 3]), [0, 1, 2, 3]);
        scores.sorts = true;
        assert_eq!(scores.order(round, vec![0, 1, 2, 3]), [2, 0, 1, 3]);
    }
}
