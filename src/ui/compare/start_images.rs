//! The start images of earlier rounds, for comparing.

use std::sync::Arc;

use image::RgbImage;

use crate::document::{RoundId, Rounds};

/// What the start images together may take, in bytes.
const BUDGET: usize = 96 << 20;

/// The start images of the latest rounds. The oldest are dropped first.
#[derive(Default)]
pub(in crate::ui) struct StartImages(Vec<(RoundId, Arc<RgbImage>)>);

impl StartImages {
    /// Keeps the start image of a round that begins. A canvas that did not change since the round before
    /// is kept once.
    pub fn keep(&mut self, round: RoundId, picture: &Arc<RgbImage>, rounds: &Rounds) {
        self.0.retain(|(id, _)| rounds.get(*id).is_some());
        let same = self.0.last().map(|(_, last)| last).filter(|last| last == &picture);
        let picture = Arc::clone(same.unwrap_or(picture));
        self.0.push((round, picture));
        self.keep_within(BUDGET);
    }

    /// The start image that was kept last.
    pub fn latest(&self) -> Option<&Arc<RgbImage>> {
        self.0.last().map(|(_, picture)| picture)
    }

    /// The start image of a round, in the size that the canvas had.
    pub fn get(&self, round: RoundId) -> Option<&Arc<RgbImage>> {
        self.0.iter().find(|(id, _)| *id == round).map(|(_, picture)| picture)
    }

    /// Drops the oldest, but never the latest.
    fn keep_within(&mut self, budget: usize) {
        while self.bytes() > budget && self.0.len() > 1 {
            self.0.remove(0);
        }
    }

    fn bytes(&self) -> usize {
        let is_first = |at: usize| at == 0 || !Arc::ptr_eq(&self.0[at].1, &self.0[at - 1].1);
        self.0.iter().enumerate().filter(|(at, _)| is_first(*at)).map(|(_, (_, picture))| picture.as_raw().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::engine::Settings;
    use crate::paint::{Rgb, Size};

    #[test]
    fn an_unchanged_canvas_is_kept_once_and_the_oldest_are_dropped_first() {
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
        let mut starts = StartImages::default();
        let pictures: Vec<Arc<RgbImage>> =
            [1, 1, 2, 3].map(|shade| Arc::new(RgbImage::from_pixel(10, 10, image::Rgb([shade; 3])))).into();
        let ids: Vec<RoundId> = pictures
            .iter()
            .map(|picture| {
                let (id, _) = document.begin_round(7, "m".into());
                starts.keep(id, picture, document.rounds());
                id
            })
            .collect();
        assert_eq!(starts.bytes(), 3 * 300);
        assert_eq!(starts.get(ids[1]), Some(&pictures[0]));
        starts.keep_within(2 * 300);
        assert!(starts.get(ids[0]).is_none() && starts.get(ids[1]).is_none());
        assert_eq!((starts.get(ids[2]), starts.get(ids[3])), (Some(&pictures[2]), Some(&pictures[3])));
        starts.keep_within(0);
        assert!(starts.get(ids[3]).is_some(), "the latest always stays");
    }

    #[test]
    fn rounds_that_left_nothing_behind_are_forgotten() {
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
        let mut starts = StartImages::default();
        let picture = Arc::new(RgbImage::new(4, 4));
        let (gone, _) = document.begin_round(7, "m".into());
        starts.keep(gone, &picture, document.rounds());
        document.rounds_mut().end(gone);
        let (next, _) = document.begin_round(8, "m".into());
        starts.keep(next, &picture, document.rounds());
        assert!(starts.get(gone).is_none() && starts.get(next).is_some());
    }
}
