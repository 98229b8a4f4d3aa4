//! The drawing is written to a file by itself, so that closing the window loses nothing.

use std::path::PathBuf;

use image::RgbImage;

use crate::jobs::FileCommand;
use crate::paint::{Canvas, Painting, Rgb};

/// Seconds that a change waits for more to come before the drawing is written.
const PAUSE: f64 = 5.0;

/// Knows which state of the drawing lies in the file.
pub(super) struct Keeper {
    file: Option<PathBuf>,
    kept: u64,
    /// When the first change since then was seen.
    changed: Option<f64>,
}

impl Keeper {
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { file, kept: 0, changed: None }
    }

    /// What brings the last drawing back; nothing where none is kept.
    pub fn restore(&self) -> Option<FileCommand> {
        self.file.clone().map(FileCommand::RestoreDrawing)
    }

    /// The drawing as it is now needs no writing: it came from the file.
    pub fn is_kept(&mut self, painting: &Painting) {
        self.kept = painting.revision();
        self.changed = None;
    }

    /// What writes the drawing once it has changed a while ago and no stroke is running. Asks for a
    /// frame at that time.
    pub fn when_due(&mut self, painting: &Painting, now: f64, ctx: &egui::Context) -> Option<FileCommand> {
        if self.file.is_none() || painting.revision() == self.kept {
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

    /// What writes the drawing if it has changed.
    pub fn now(&mut self, painting: &Painting) -> Option<FileCommand> {
        let path = self.file.clone()?;
        if painting.revision() == self.kept {
            return None;
        }
        self.is_kept(painting);
        Some(FileCommand::KeepDrawing { picture: picture_of(painting.canvas())?, path, revision: painting.revision() })
    }
}

/// A canvas as a picture.
pub(super) fn picture_of(canvas: &Canvas) -> Option<RgbImage> {
    RgbImage::from_raw(canvas.width() as u32, canvas.height() as u32, canvas.to_rgb())
}

/// The paper that a picture was probably painted on: the colour of its corners, where they agree.
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

    fn writes(command: &Option<FileCommand>) -> bool {
        matches!(command, Some(FileCommand::KeepDrawing { .. }))
    }

    #[test]
    fn a_change_is_written_once_after_a_pause_and_not_during_a_stroke() {
        let ctx = egui::Context::default();
        let mut painting = Painting::new(64, 64, Rgb::WHITE);
        let mut keeper = Keeper::new(Some("drawing.png".into()));
        assert!(keeper.when_due(&painting, 0.0, &ctx).is_none(), "nothing is drawn yet");
        painting.begin_stroke(Brush::default(), 20.0, 20.0);
        assert!(keeper.when_due(&painting, 1.0, &ctx).is_none());
        assert!(keeper.when_due(&painting, 1.1 + PAUSE, &ctx).is_none(), "the brush is down");
        painting.end_stroke();
        assert!(writes(&keeper.when_due(&painting, 1.2 + PAUSE, &ctx)));
        assert!(keeper.when_due(&painting, 100.0, &ctx).is_none(), "it is written");
        painting.undo();
        assert!(keeper.when_due(&painting, 200.0, &ctx).is_none());
        assert!(writes(&keeper.now(&painting)), "when the window closes there is no pause");
        assert!(Keeper::new(None).now(&painting).is_none(), "nowhere to write");
    }

    #[test]
    fn paper_is_what_the_corners_agree_on() {
        let mut painting = Painting::new(64, 64, Rgb::BLACK);
        assert_eq!(paper_of(painting.canvas()), Some(Rgb::BLACK));
        painting.begin_stroke(Brush { color: Rgb::WHITE, ..Brush::default() }, 0.0, 0.0);
        assert_eq!(paper_of(painting.canvas()), None);
    }
}
