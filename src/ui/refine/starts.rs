//! The start images of the latest rounds, so that a result can be made again.

use std::sync::Arc;

use crate::document::{RoundId, StartImage};
use crate::engine::Mask;

/// What the start images together may take, in bytes. Others are read from the document's file when they are needed.
const BUDGET: usize = 96 << 20;

/// The start images of the latest rounds. Those that were kept first are dropped first.
#[derive(Default)]
pub(in crate::ui) struct RoundStarts(Vec<KeptStart>);

struct KeptStart {
    round: RoundId,
    start: StartImage,
    /// Which pixels were painted, in the size of the results.
    painted: Option<Mask>,
}

impl RoundStarts {
    /// Keeps the start image of a round, and which of its pixels were painted in the size of the results. An
    /// unchanged canvas takes its memory once.
    pub fn keep(&mut self, round: RoundId, mut start: StartImage, painted: Option<Mask>) {
        self.0.retain(|kept| kept.round != round);
        if let Some(last) = self.0.last()
            && last.start.picture == start.picture
        {
            start.picture = Arc::clone(&last.start.picture);
        }
        self.0.push(KeptStart { round, start, painted });
        while self.bytes() > BUDGET && self.0.len() > 1 {
            self.0.remove(0);
        }
    }

    /// The start image of a round, and which of its pixels were painted if that is known.
    pub fn get(&self, round: RoundId) -> Option<(&StartImage, Option<&Mask>)> {
        self.0.iter().find(|kept| kept.round == round).map(|kept| (&kept.start, kept.painted.as_ref()))
    }

    fn bytes(&self) -> usize {
        let picture = |at: usize| &self.0[at].start.picture;
        let is_first = |at: &usize| *at == 0 || !Arc::ptr_eq(picture(*at), picture(*at - 1));
        (0..self.0.len()).filter(is_first).map(|at| picture(at).as_raw().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn start(side: u32, shade: u8) -> StartImage {
        StartImage::of_result_size(RgbImage::from_pixel(side, side, image::Rgb([shade; 3])))
    }

    #[test]
    fn the_first_are_dropped_first_and_equal_ones_take_their_memory_once() {
        let mut starts = RoundStarts::default();
        starts.keep(1, start(4000, 1), None);
        starts.keep(2, start(4000, 1), None);
        assert!(Arc::ptr_eq(&starts.get(1).expect("kept").0.picture, &starts.get(2).expect("kept").0.picture));
        starts.keep(3, start(4000, 2), None);
        starts.keep(4, start(4000, 3), None);
        assert!(starts.get(1).is_none() && starts.get(3).is_some() && starts.get(4).is_some());
        starts.keep(5, start(8000, 4), None);
        assert!(starts.get(4).is_none() && starts.get(5).is_some(), "the latest always stays");
        starts.keep(5, start(10, 5), None);
        assert_eq!((starts.0.len(), starts.bytes()), (1, 300));
    }
}
