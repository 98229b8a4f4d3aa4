//! What a round takes from the canvas, which another thread copies and scales on a large one.

use std::sync::Arc;

use image::RgbImage;

use super::{Ancestry, Document, RoundId, Rounds, Settings, StartImage};
use crate::engine::{Mask, Plan, RegionPrompt};

/// A round that is about to be asked for. It shares its pixels with the document.
pub struct PlannedRound {
    copy: Box<Document>,
    plan: Plan,
    /// The start image of an earlier round, which this one shares if it is the same.
    earlier: Option<Arc<RgbImage>>,
}

/// All that a round takes from the canvas.
#[derive(Clone, Debug)]
pub struct PreparedRound {
    /// What was planned, with the mask of the document, if there is one, and the regions.
    pub plan: Plan,
    /// The painted pixels in the size of the results, see [`Document::painted_at_result_size`].
    pub painted: Mask,
    /// Whether the canvas shows one colour only.
    pub canvas_is_blank: bool,
    regions: Vec<RegionPrompt>,
    start: Option<StartImage>,
}

impl PlannedRound {
    /// Copies and scales.
    pub fn run(self) -> PreparedRound {
        let Self { copy, plan, earlier } = self;
        let mut prepared = copy.prepared_round(plan, copy.painted_at_result_size());
        if let (Some(start), Some(earlier)) = (&mut prepared.start, earlier)
            && *start.picture == *earlier
        {
            start.picture = earlier;
        }
        prepared
    }
}

impl Document {
    /// Plans a round with this plan and the present settings, see [`Document::begin_planned`]. A stroke that is being painted
    /// ends. If `earlier` is what the round starts from, it shares that.
    pub fn plan_round(&mut self, plan: Plan, earlier: Option<Arc<RgbImage>>) -> PlannedRound {
        self.end_stroke();
        PlannedRound { copy: Box::new(self.copy_of_canvas(Rounds::default())), plan, earlier }
    }

    /// What a round takes from the canvas.
    pub(super) fn prepared_round(&self, mut plan: Plan, painted: Mask) -> PreparedRound {
        plan.mask = plan.mask.or_else(|| self.mask_at_result_size());
        let mut regions = self.settings.regions.clone();
        if plan.regions.is_empty() && !regions.is_empty() {
            (regions, plan.regions) = self.regions_at_result_size();
        }
        let start = plan.starts_from_picture(&self.settings).then(|| self.canvas_as_start());
        PreparedRound { plan, painted, canvas_is_blank: self.canvas.is_blank(), regions, start }
    }

    /// Opens a round of this model with the present settings, this drawn seed and what was prepared; the canvas must still be
    /// the same. Without a mask, and if the settings say that what was not painted is kept, the mask is what was painted.
    /// Returns its number and the start image, which is `None` if the round starts from noise alone.
    pub fn begin_prepared(
        &mut self,
        seed: i64,
        prepared: PreparedRound,
        model: String,
    ) -> (RoundId, Option<StartImage>) {
        let PreparedRound { mut plan, painted, regions, start, .. } = prepared;
        if self.settings.keep_unpainted && plan.mask.is_none() {
            plan.mask = Some(painted);
        }
        let (parent, ancestry) =
            if start.is_some() { (self.origin, self.ancestry.clone()) } else { (None, Ancestry::new()) };
        let settings = Settings { seed, regions, ..self.settings.clone() };
        (self.begin_round_from(start.clone(), (parent, ancestry, self.frame()), (settings, plan), model), start)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{document, dot};
    use super::*;
    use crate::document::Mark;
    use crate::paint::{PixelRect, Selection};

    #[test]
    fn a_prepared_round_is_the_one_that_is_begun_at_once() {
        for (keeps, masks) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut document = document();
            (document.settings_mut().width, document.settings_mut().height) = (128, 64);
            document.settings_mut().keep_unpainted = keeps;
            dot(&mut document, 20.0, 20.0);
            document.set_region_prompt(document.layers().current(), "a pear");
            if masks {
                let rect = PixelRect { x0: 10, y0: 10, x1: 50, y1: 40 };
                document.set_mark(Mark::Mask, Some(Selection::rectangle(document.canvas().size(), rect)));
            }
            let planned = document.plan_round(Plan::default(), None);
            let (first, start) = document.begin_planned(7, Plan::default(), "m".into());
            let painted = document.painted_at_result_size();
            let prepared = std::thread::spawn(move || planned.run()).join().expect("prepares");
            assert_eq!((&prepared.painted, prepared.canvas_is_blank), (&painted, false));
            let (second, again) = document.begin_prepared(7, prepared, "m".into());
            let rounds = [first, second].map(|id| document.rounds().get(id).expect("begun"));
            assert_eq!((&rounds[0].plan, &rounds[0].settings), (&rounds[1].plan, &rounds[1].settings));
            assert_eq!(rounds[0].ancestry, rounds[1].ancestry);
            let (start, again) = (start.expect("a picture").picture, again.expect("a picture").picture);
            assert_eq!(start, again);
            let shared = document.plan_round(Plan::default(), Some(Arc::clone(&start))).run();
            assert!(shared.start.is_some_and(|shared| Arc::ptr_eq(&shared.picture, &start)));
            dot(&mut document, 40.0, 40.0);
            let other = document.plan_round(Plan::default(), Some(Arc::clone(&start))).run();
            assert!(other.start.is_some_and(|other| *other.picture != *start));
        }
    }
}
