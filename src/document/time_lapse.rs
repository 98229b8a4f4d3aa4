//! How a piece of work came to be, as an animation: from the first stroke to the last.

use std::ops::RangeInclusive;

use image::RgbImage;

use super::store::{Store, StoreError};
use crate::picture::{Animation, AnimationError, AnimationKind, Fit, fit};

/// How many frames a second has at most.
const FRAMES_PER_SECOND: f64 = 12.0;
/// The share of the time for which the last frame stays.
const LAST_SHARE: f64 = 0.15;
/// The shortest time of a frame, in milliseconds: programs show shorter ones of a GIF slowly.
const SHORTEST: f64 = 30.0;

/// How long and how large a time-lapse is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeLapse {
    /// The kind of animation.
    pub kind: AnimationKind,
    /// Its length in seconds, in [`TimeLapse::SECONDS`].
    pub seconds: f64,
    /// Its longer side in pixels, in [`TimeLapse::SIDES`]; a smaller canvas is not enlarged.
    pub side: u32,
}

/// Why there is no time-lapse, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum TimeLapseError {
    /// The document's file cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The encoder refused.
    #[error(transparent)]
    Animation(#[from] AnimationError),
    /// Nothing happened on the canvas.
    #[error("There is no time-lapse yet, because the document holds fewer than two states of the canvas. Paint first.")]
    TooShort,
}

impl TimeLapse {
    /// The lengths that can be chosen, in seconds.
    pub const SECONDS: RangeInclusive<f64> = 1.0..=120.0;
    /// The sizes that can be chosen, in pixels.
    pub const SIDES: RangeInclusive<u32> = 64..=1024;

    /// Makes the time-lapse of a document file. Where it holds more states of the canvas than the animation has
    /// frames, they are taken evenly.
    ///
    /// # Errors
    /// If the file cannot be read or holds fewer than two states.
    pub fn make(&self, store: &Store) -> Result<Vec<u8>, TimeLapseError> {
        let steps = store.steps()?;
        let Some(last) = steps.last().filter(|_| steps.len() >= 2) else { return Err(TimeLapseError::TooShort) };
        let seconds = self.seconds.clamp(*Self::SECONDS.start(), *Self::SECONDS.end());
        let most = ((seconds * FRAMES_PER_SECOND) as usize).max(2);
        let chosen = evenly(steps.len(), most);
        let size = self.frame_size((last.size.width() as u32, last.size.height() as u32));
        let mut bytes = Vec::new();
        let mut animation = Animation::begin(self.kind, size, chosen.len() as u32, &mut bytes)?;
        let (each, end) = times(seconds, chosen.len());
        let (mut at, mut next) = (0, 0);
        let mut failed = None;
        store.replay(&mut |_, picture| {
            if chosen.get(next) == Some(&at) {
                next += 1;
                let time = if next == chosen.len() { end } else { each };
                failed = animation.push(&framed(picture, size), time).err();
            }
            at += 1;
            failed.is_none()
        })?;
        match failed {
            Some(error) => Err(error.into()),
            None => {
                animation.finish()?;
                Ok(bytes)
            }
        }
    }

    fn frame_size(&self, (width, height): (u32, u32)) -> (u32, u32) {
        let longest = width.max(height).max(1);
        let side = self.side.clamp(*Self::SIDES.start(), *Self::SIDES.end()).min(longest);
        let scaled = |length: u32| ((u64::from(length) * u64::from(side) / u64::from(longest)) as u32).max(1);
        (scaled(width), scaled(height))
    }
}

impl Default for TimeLapse {
    fn default() -> Self {
        Self { kind: AnimationKind::default(), seconds: 12.0, side: 512 }
    }
}

/// A state of the canvas in the size of the frames; one of another shape is shown whole.
fn framed(picture: &RgbImage, (width, height): (u32, u32)) -> RgbImage {
    match picture.dimensions() == (width, height) {
        true => picture.clone(),
        false => fit(picture, width, height, Fit::Whole, [255; 3]),
    }
}

/// Which of `count` states are shown, at most `most`: the first, the last, and evenly what is between.
fn evenly(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    let last = most.saturating_sub(1).max(1);
    (0..most).map(|at| at * (count - 1) / last).collect()
}

/// How long each frame and the last one is shown, in milliseconds.
fn times(seconds: f64, frames: usize) -> (u16, u16) {
    let total = seconds * 1000.0;
    let each = (total * (1.0 - LAST_SHARE) / frames.saturating_sub(1).max(1) as f64).max(SHORTEST);
    // What a frame can be shown for has an upper limit of 65 seconds.
    let whole = |time: f64| (time / 10.0).round().clamp(1.0, 6500.0) as u16 * 10;
    (whole(each), whole(total * LAST_SHARE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{document, dot, sheet};
    use crate::paint::Rgb;

    #[test]
    fn the_ends_are_shown_and_the_time_adds_up() {
        assert_eq!(evenly(3, 10), [0, 1, 2]);
        assert_eq!(evenly(100, 4), [0, 33, 66, 99]);
        for (count, most) in [(1000, 144), (145, 144), (2, 2), (5, 1)] {
            let chosen = evenly(count, most);
            assert!(chosen.len() <= most && chosen.first() == Some(&0) && chosen.windows(2).all(|two| two[0] < two[1]));
        }
        let (each, last) = times(12.0, 100);
        let total = f64::from(each) * 99.0 + f64::from(last);
        assert!((total - 12_000.0).abs() < 600.0, "{total} ms");
        assert_eq!(times(120.0, 2).0, 65_000);
    }

    #[test]
    fn a_document_becomes_an_animation_from_its_first_to_its_last_state() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("work.underpaint");
        let mut document = document();
        document.open_picture(sheet(200, 100, Rgb::WHITE), vec![]);
        let mut store = Store::create(&path, &document.take_changes()).expect("creates");
        let lapse = TimeLapse { seconds: 1.0, side: 100, ..TimeLapse::default() };
        assert!(matches!(lapse.make(&store), Err(TimeLapseError::TooShort)));
        for at in 0..30 {
            dot(&mut document, at as f32 * 6.0, 50.0);
            store.commit(&document.take_changes()).expect("commits");
        }
        document.open_picture(sheet(100, 200, Rgb::BLACK), vec![]);
        store.commit(&document.take_changes()).expect("commits");
        for kind in AnimationKind::ALL {
            let bytes = TimeLapse { kind, ..lapse }.make(&store).expect("makes");
            let file = folder.path().join(format!("lapse.{}", kind.ending()));
            std::fs::write(&file, &bytes).expect("writes");
            let underpaint = crate::picture::inspect(&file);
            let crate::picture::InspectionDetails::Picture(report) = underpaint.details else { panic!("a picture") };
            assert_eq!((report.width, report.height, report.frames), (50, 100, 12), "{kind:?}");
            assert_eq!(crate::picture::open(&file).expect("opens").get_pixel(25, 50).0, [255; 3], "white at first");
        }
    }
}
