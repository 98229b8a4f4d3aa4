//! How well a result follows its start image.

use image::RgbImage;

use crate::document::StartImage;
use crate::engine::Mask;
use crate::picture::{drift, drift_overlay, fit, outline_score};

/// How well a result follows its start image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ResultScores {
    /// How well it follows the outlines, `0.0..=1.0`, see [`outline_score`]; `None` if the start image has none.
    pub outline: Option<f32>,
    /// The mean CIEDE2000 difference where nothing was painted; `None` if that is not known or everything was.
    pub drift: Option<f32>,
}

/// A result to be scored.
#[derive(Debug)]
pub struct ScoreTask {
    /// The start image of its round.
    pub start: StartImage,
    /// The result's pixels.
    pub result: std::sync::Arc<RgbImage>,
    /// Which pixels were painted, in the size of the result.
    pub painted: Option<Mask>,
}

impl ScoreTask {
    /// Computes the scores.
    pub(super) fn scores(&self) -> ResultScores {
        let start = self.start_at_result_size();
        ResultScores {
            outline: outline_score(&start, &self.result),
            drift: self.painted.as_ref().and_then(|painted| drift(&start, &self.result, painted)),
        }
    }

    /// Draws the difference from the start image where nothing was painted; where that is not known, everywhere.
    pub(super) fn overlay(&self) -> RgbImage {
        let (width, height) = self.result.dimensions();
        let everywhere = || Mask::from_fn(width, height, |_, _| false);
        let painted = self.painted.clone().unwrap_or_else(everywhere);
        drift_overlay(&self.start_at_result_size(), &self.result, &painted)
    }

    fn start_at_result_size(&self) -> RgbImage {
        let StartImage { picture, fit: how, paper } = &self.start;
        let (width, height) = self.result.dimensions();
        if picture.dimensions() == (width, height) {
            return (**picture).clone();
        }
        fit(picture, width, height, *how, paper.0)
    }
}
