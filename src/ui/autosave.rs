//! Saves the canvas to a file by itself, so that closing the window loses nothing.

use std::path::PathBuf;

use image::RgbImage;

use crate::jobs::FileTask;
use crate::paint::{Canvas, Painting, Rgb};

/// Seconds between the first unsaved change and saving the canvas.
const PAUSE: f64 = 5.0;

/// Knows which revision of the painting is in the file.
pub(super) struct Autosave {
    file: Option<PathBuf>,
    /// The revision in the file.
    saved: u64,
    /// When the first change after that revision was seen, in seconds of the window's clock.
    changed: Option<f64>,
}

impl Autosave {
    /// Saves to `file`, or never without one.
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { file, saved: 0, changed: None }
    }

    /// The task that reads the canvas of the last launch; `None` if there is no file for it.
    pub fn restore(&self) -> Option<FileTask> {
        self.file.clone().map(FileTask::RestoreDrawing)
    }

    /// Notes that the file holds the painting as it is now.
    pub fn is_saved(&mut self, painting: &Painting) {
        self.saved = painting.revision();
        self.changed = None;
    }

    /// The task that saves the canvas, once the last unsaved change is some seconds old and no
    /// stroke is being painted. Until then it requests a repaint at that time.
    pub fn when_due(&mut self, painting: &Painting, now: f64, ctx: &egui::Context) -> Option<FileTask> {
        if self.file.is_none() || painting.revision() == self.saved {
            return None;
        }
        let due = *self.changed.get_or_insert(now) + PAUSE;
        if painting.is_stroking() {
            return None;
        }
        if now < due {
            ctx.request_repaint_after_secs((due - now) as f32);
            return None;
        }
        self.now(painting)
    }

    /// The task that saves the canvas now; `None` if the file is up to date.
    pub fn now(&mut self, painting: &Painting) -> Option<FileTask> {
        let path = self.file.clone()?;
        if painting.revision() == self.saved {
            return None;
        }
        self.is_saved(painting);
        Some(FileTask::KeepDrawing { picture: picture_of(painting.canvas())?, path, revision: painting.revision() })
    }
}

/// The canvas as an RGB picture.
pub(super) fn picture_of(canvas: &Canvas) -> Option<RgbImage> {
    RgbImage::from_raw(canvas.width() as u32, canvas.height() as u32, canvas.to_rgb())
}

/// The paper colour a picture was probably painted on: the colour of its corners if all four agree.
pub(super) fn paper_of(canvas: &Canvas) -> Option<Rgb> {
    let (right, low) = (canvas.width().checked_sub(1)?, canvas.height().checked_sub(1)?);
    let corner = canvas.color_at(0, 0)?;
    let same = |x, y| canvas.color_at(x, y) == Some(corner);
    (same(right, 0) && same(0, low) && same(right, low)).then_some(corner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Brush;

    fn writes(command: &Option<FileTask>) -> bool {
        matches!(command, Some(FileTask::KeepDrawing { .. }))
    }

    #[test]
    fn a_change_is_written_once_after_a_pause_and_not_during_a_stroke() {
        let ctx = egui::Context::default();
        let mut painting = Painting::new(64, 64, Rgb::WHITE);
        let mut autosave = Autosave::new(Some("drawing.png".into()));
        assert!(autosave.when_due(&painting, 0.0, &ctx).is_none(), "nothing is drawn yet");
        painting.begin_stroke(Brush::default(), 20.0, 20.0);
        assert!(autosave.when_due(&painting, 1.0, &ctx).is_none());
        assert!(autosave.when_due(&painting, 1.1 + PAUSE, &ctx).is_none(), "the brush is down");
        painting.end_stroke();
        assert!(writes(&autosave.when_due(&painting, 1.2 + PAUSE, &ctx)));
        assert!(autosave.when_due(&painting, 100.0, &ctx).is_none(), "it is written");
        painting.undo();
        assert!(autosave.when_due(&painting, 200.0, &ctx).is_none());
        assert!(writes(&autosave.now(&painting)), "when the window closes there is no pause");
        assert!(Autosave::new(None).now(&painting).is_none(), "nowhere to write");
    }

    #[test]
    fn paper_is_what_the_corners_agree_on() {
        let mut painting = Painting::new(64, 64, Rgb::BLACK);
        assert_eq!(paper_of(painting.canvas()), Some(Rgb::BLACK));
        painting.begin_stroke(Brush { color: Rgb::WHITE, ..Brush::default() }, 0.0, 0.0);
        assert_eq!(paper_of(painting.canvas()), None);
    }
}
