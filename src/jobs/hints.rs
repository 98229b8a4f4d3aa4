//! What a control network is shown of a sketch, a layer or a picture file.

use std::path::PathBuf;
use std::sync::Arc;

use image::{RgbImage, imageops};

use crate::document::ControlPixels;
use crate::engine::{ControlHint, Plan, Preprocessor};
use crate::lines::preprocessed;
use crate::picture::{Fit, Placement, fit, open};

/// A hint to be drawn.
#[derive(Debug)]
pub struct HintTask {
    /// Repeated in the report.
    pub number: u64,
    /// What is followed.
    pub source: HintSource,
    /// How it becomes lines.
    pub preprocessor: Preprocessor,
    /// Width and height of the results in pixels.
    pub size: (u32, u32),
    /// How a canvas of another shape meets that size.
    pub fit: Fit,
    /// Width and height of the part of the canvas that rounds are made from.
    pub canvas: (u32, u32),
    /// The paper's colour, around a picture that shows whole.
    pub paper: [u8; 3],
}

/// What a control follows.
#[derive(Debug)]
pub enum HintSource {
    /// Layers of the document.
    Layers(Box<ControlPixels>),
    /// A picture file.
    File(PathBuf),
}

/// What a control network is shown, as far as it is known. The pixels of a large canvas are copied or composed on the thread
/// that needs them.
#[derive(Clone, Debug)]
pub enum PendingHint {
    /// It is known.
    Ready(ControlHint),
    /// A picture that is still to be made.
    Pixels(Box<ControlPixels>),
}

impl PendingHint {
    /// What the network is shown.
    pub fn ready(self) -> ControlHint {
        match self {
            Self::Ready(hint) => hint,
            Self::Pixels(pixels) => ControlHint::Picture(Arc::new(pixels.picture())),
        }
    }
}

/// A drawn hint.
#[derive(Clone, Debug)]
pub struct DrawnHint {
    /// What is followed, before it is fitted and preprocessed.
    pub picture: Arc<RgbImage>,
    /// The lines, or the depth, cut to the part that lies on the canvas.
    pub lines: RgbImage,
}

impl HintTask {
    /// Composes or reads the picture and draws its lines.
    ///
    /// # Errors
    /// A file that cannot be read, as one sentence.
    pub(super) fn draw(&self) -> Result<DrawnHint, String> {
        self.draw_with(|picture| Ok(preprocessed(picture, self.preprocessor)))
    }

    /// Composes or reads the picture and lets `lines` draw what the network is shown of it, in the same size.
    ///
    /// # Errors
    /// A file that cannot be read, or what `lines` says, as one sentence.
    pub(super) fn draw_with(
        &self,
        lines: impl FnOnce(&RgbImage) -> Result<RgbImage, String>,
    ) -> Result<DrawnHint, String> {
        let picture = match &self.source {
            HintSource::Layers(pixels) => pixels.picture(),
            HintSource::File(path) => {
                super::file_thread::refuse_endless(path).and_then(|()| open(path)).map_err(|error| error.to_string())?
            }
        };
        let (width, height) = self.size;
        let fitted = fit(&picture, width, height, self.fit, self.paper);
        let lines = lines(&fitted)?;
        // Where the canvas has another shape than the results, paper lies around it.
        let [left, top, right, bottom] = Placement::new(self.canvas, self.size, self.fit).empty;
        let inside = (width.saturating_sub(left + right).max(1), height.saturating_sub(top + bottom).max(1));
        let lines = imageops::crop_imm(&lines, left, top, inside.0, inside.1).to_image();
        Ok(DrawnHint { picture: Arc::new(picture), lines })
    }
}

/// The plan with the pictures that controls follow in this size.
pub(super) fn with_fitted_hints(plan: Plan, size: (u32, u32), how: Fit, paper: [u8; 3]) -> Plan {
    let fitted = |hint: ControlHint| match hint {
        ControlHint::Picture(picture) if picture.dimensions() != size => {
            ControlHint::Picture(Arc::new(fit(&picture, size.0, size.1, how, paper)))
        }
        other => other,
    };
    Plan { hints: plan.hints.into_iter().map(fitted).collect(), ..plan }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::picture::encode_png;

    #[test]
    fn a_file_is_fitted_drawn_and_cut_to_the_canvas() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("lines.png");
        let drawn = RgbImage::from_fn(64, 32, |x, _| Rgb([if x == 20 { 0 } else { 255 }; 3]));
        std::fs::write(&path, encode_png(&drawn, None).expect("encodes")).expect("writes");
        let task = |path: &std::path::Path| HintTask {
            number: 1,
            source: HintSource::File(path.to_path_buf()),
            preprocessor: Preprocessor::Invert,
            size: (64, 64),
            fit: Fit::Whole,
            canvas: (64, 32),
            paper: [255; 3],
        };
        let hint = task(&path).draw().expect("draws");
        assert_eq!(*hint.picture, drawn);
        assert_eq!(hint.lines, RgbImage::from_fn(64, 32, |x, _| Rgb([if x == 20 { 255 } else { 0 }; 3])));
        let missing = task(&folder.path().join("none.png")).draw().expect_err("fails");
        assert!(missing.contains("none.png"), "{missing}");
    }
}
