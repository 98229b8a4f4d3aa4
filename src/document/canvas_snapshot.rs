//! The canvas as it is at one moment, from which a round may begin later.

use super::{Ancestry, CanvasPart, Document, ResultId, RoundId, StartImage};
use crate::engine::{Plan, Settings};
use crate::paint::Region;

/// All that a round takes over from the canvas. A frame of live painting is made from one; if the frame is kept, its
/// round begins with what the canvas was then, whatever was painted since.
#[derive(Clone, Debug)]
pub struct CanvasSnapshot {
    /// What becomes the start image; `None` if the round starts from noise alone.
    pub start: Option<CanvasPart>,
    /// The part of the canvas that it is made from; `None` for all of it.
    pub place: Option<Region>,
    parent: Option<ResultId>,
    ancestry: Ancestry,
}

impl Document {
    /// The canvas as it is now, with a stroke that is being painted, and what a round with these settings asks for
    /// besides: the mask, or the painted pixels if the settings keep the others.
    pub fn snapshot(&self, settings: &Settings) -> (CanvasSnapshot, Plan) {
        let painted = || settings.keep_unpainted.then(|| self.painted_at_result_size());
        let plan = Plan { mask: self.mask_at_result_size().or_else(painted), ..Plan::default() };
        let start = plan.starts_from_picture(settings).then(|| self.canvas_part());
        let (parent, ancestry) = match start {
            Some(_) => (self.origin, self.ancestry.clone()),
            None => (None, Ancestry::new()),
        };
        (CanvasSnapshot { start, place: self.frame(), parent, ancestry }, plan)
    }

    /// Opens a round that starts from a snapshot, with these settings, whose seed is drawn. Returns its number and the
    /// start image.
    pub fn begin_from_snapshot(
        &mut self,
        snapshot: &CanvasSnapshot,
        settings: Settings,
        plan: Plan,
        model: String,
    ) -> (RoundId, Option<StartImage>) {
        let CanvasSnapshot { start, place, parent, ancestry } = snapshot.clone();
        let start = start.map(|part| part.start_image());
        (self.begin_round_from(start.clone(), (parent, ancestry, place), (settings, plan), model), start)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{document, dot, make_round, sheet};
    use super::*;
    use crate::paint::Rgb;

    #[test]
    fn a_round_of_a_snapshot_is_the_one_that_would_have_begun_then() {
        let mut document = document();
        let id = make_round(&mut document, 3);
        document.paint_over(id, sheet(64, 64, Rgb([90; 3])));
        dot(&mut document, 10.0, 10.0);
        let settings = Settings { seed: 8, ..document.settings().clone() };
        let (snapshot, plan) = document.snapshot(&settings);
        let (then, start) = document.begin_round(8, "m".into());
        dot(&mut document, 40.0, 40.0);
        let (later, begun) = document.begin_from_snapshot(&snapshot, settings, plan, "m".into());
        let rounds = [then, later].map(|id| document.rounds().get(id).expect("open").clone());
        assert_eq!(rounds[0].parent, Some(id));
        assert_eq!(rounds[0].parent, rounds[1].parent);
        assert_eq!(rounds[0].ancestry, rounds[1].ancestry);
        assert_eq!((&rounds[0].settings, &rounds[0].plan), (&rounds[1].settings, &rounds[1].plan));
        assert_eq!(start.expect("from the canvas").picture, begun.expect("from the canvas").picture);
    }

    #[test]
    fn without_influence_of_the_canvas_nothing_of_it_is_taken() {
        let mut document = document();
        dot(&mut document, 10.0, 10.0);
        let settings = Settings { strength: 1.0, ..document.settings().clone() };
        let (snapshot, plan) = document.snapshot(&settings);
        assert!(snapshot.start.is_none() && snapshot.ancestry.is_empty() && plan.is_empty());
        let (_, plan) = document.snapshot(&Settings { keep_unpainted: true, ..settings });
        assert!(plan.mask.is_some_and(|mask| mask.is_painted(10, 10)));
    }
}
