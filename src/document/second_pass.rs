//! Rounds that make a result larger.

use std::sync::Arc;

use image::RgbImage;

use super::painted::fitted_levels;
use super::{Document, ResultId, RoundId, StartImage};
use crate::engine::{ControlHint, Mask, Plan, Settings};
use crate::paint::Rgb;
use crate::picture::Fit;

impl Document {
    /// Opens a round that works over this result, whose pixels these are, with these settings, whose seed is drawn. `hints`
    /// are the pictures that the settings' controls follow; those of another size meet the result as the start image of its
    /// round met it. Regions are where they were in the result's round. Its parent is the result, and it has the same place on the
    /// canvas. Returns its number and its start image; `None` if there is no such result.
    pub fn begin_second_pass(
        &mut self,
        id: ResultId,
        picture: Arc<RgbImage>,
        settings: Settings,
        hints: Vec<ControlHint>,
        model: String,
    ) -> Option<(RoundId, StartImage)> {
        let ancestry = self.rounds.ancestry_of(id)?;
        let round = self.rounds.get(id.round)?;
        let place = round.place;
        let (width, height) = picture.dimensions();
        // The result of a second pass is larger than its regions.
        let fitted = |mask: &Mask| match mask.size() == (width, height) {
            true => mask.clone(),
            false => Mask::from_levels(fitted_levels(mask.picture(), width, height, Fit::Stretch)),
        };
        let regions: Vec<Mask> = round.plan.regions.iter().map(fitted).collect();
        let start = match (&round.start, hints.is_empty()) {
            (_, true) => StartImage { picture, fit: Fit::Stretch, paper: self.paper },
            (Some(of_round), _) => StartImage { picture, fit: of_round.fit, paper: of_round.paper },
            // As the queue fits what a round without a start image follows.
            (None, _) => StartImage { picture, fit: Fit::Whole, paper: Rgb::WHITE },
        };
        let asked = (settings, Plan { hints, regions, ..Plan::default() });
        Some((self.begin_round_from(Some(start.clone()), (Some(id), ancestry, place), asked, model), start))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{document, make_round};
    use super::*;

    use crate::document::Ancestry;
    use crate::engine::{Recipe, RegionPrompt, SecondPass};
    use crate::paint::Canvas;

    fn enlarged(document: &mut Document, of: ResultId) -> (RoundId, StartImage) {
        let picture = Arc::new(RgbImage::from_pixel(64, 64, image::Rgb([7; 3])));
        let settings = Settings { second_pass: Some(SecondPass::default()), seed: 5, batch: 1, ..Settings::default() };
        document.begin_second_pass(of, picture, settings, Vec::new(), "m".into()).expect("a round")
    }

    #[test]
    fn it_is_a_child_of_the_result_and_the_canvas_takes_its_size() {
        let mut document = document();
        let id = make_round(&mut document, 3);
        let (round, start) = enlarged(&mut document, id);
        let made = document.rounds().get(round).expect("a round").clone();
        assert_eq!((made.parent, made.plan.images(&made.settings)), (Some(id), 1));
        assert!(made.ancestry.contains(&3), "the noise of the result is in its start image");
        assert_eq!(start.picture.dimensions(), (64, 64));
        let id = ResultId { round, image: 0 };
        let picture = Arc::new(RgbImage::from_pixel(128, 128, image::Rgb([9; 3])));
        let recipe = Recipe { settings: (*made.settings).clone(), seed: 5, from_picture: true, ..Recipe::default() };
        document.rounds_mut().finished(id, Arc::clone(&picture), Arc::new(recipe));
        let before = (document.canvas().size(), document.settings().clone());
        let canvas = Canvas::from_rgb(128, 128, picture.as_raw()).expect("a canvas");
        assert!(document.paint_over(id, canvas));
        assert_eq!((document.canvas().width(), document.canvas().height()), (128, 128));
        assert_eq!((document.settings().width, document.settings().height), (128, 128), "results follow the canvas");
        document.undo();
        assert_eq!((document.canvas().size(), document.settings().clone()), before);
        let none = ResultId { round: 99, image: 0 };
        let nothing = document.begin_second_pass(none, picture, Settings::default(), Vec::new(), "m".into());
        assert!(nothing.is_none());
    }

    #[test]
    fn regions_lie_where_they_were_in_the_size_of_the_result() {
        let mut document = document();
        let id = make_round(&mut document, 3);
        let half = Mask::from_fn(32, 32, |x, _| x < 16);
        let prompts = vec![RegionPrompt { prompt: "a pear".into(), layer: None }];
        let plan = Plan { regions: vec![half.clone()], ..Plan::default() };
        let settings = Settings { regions: prompts.clone(), seed: 3, batch: 1, ..document.settings().clone() };
        let round =
            document.begin_round_from(None, (Some(id), Ancestry::new(), None), (settings.clone(), plan), "m".into());
        let made = ResultId { round, image: 0 };
        let recipe = Recipe { settings, seed: 3, ..Recipe::default() };
        let small = Arc::new(RgbImage::from_pixel(32, 32, image::Rgb([9; 3])));
        document.rounds_mut().finished(made, Arc::clone(&small), Arc::new(recipe.clone()));
        let mut larger = |picture: Arc<RgbImage>| {
            let pass = Settings { second_pass: Some(SecondPass::default()), ..recipe.settings.clone() };
            let (round, _) = document.begin_second_pass(made, picture, pass, Vec::new(), "m".into()).expect("a round");
            let round = document.rounds().get(round).expect("a round");
            assert_eq!(round.settings.regions, prompts);
            round.plan.regions.clone()
        };
        assert_eq!(larger(small), [half]);
        let masks = larger(Arc::new(RgbImage::from_pixel(64, 64, image::Rgb([9; 3]))));
        assert_eq!(masks[0].size(), (64, 64));
        assert!(masks[0].is_painted(24, 60) && !masks[0].is_painted(40, 3));
    }

    #[test]
    fn going_back_to_it_leaves_the_next_round_a_usual_one() {
        let mut document = document();
        let id = make_round(&mut document, 3);
        let (round, start) = enlarged(&mut document, id);
        let canvas = Canvas::from_rgb(64, 64, start.picture.as_raw()).expect("a canvas");
        document.go_back(round, Some(canvas));
        assert_eq!(document.settings().second_pass, None);
        document.settings_mut().second_pass = Some(SecondPass::default());
        assert_eq!(document.settings().second_pass, None);
    }
}
