//! Copying what is selected, which another thread does on a large canvas.

use super::{Document, Rounds};
use crate::paint::{PixelRect, Surface};

/// What is to be copied. It shares its pixels with the document.
pub struct PlannedCopy {
    copy: Box<Document>,
    merged: bool,
}

/// Copied pixels.
#[derive(Debug)]
pub struct CopiedPixels {
    /// They lie where they were, in the size of the canvas.
    pub surface: Surface,
    /// The rectangle around them.
    pub bounds: PixelRect,
    /// Those inside the rectangle, row by row, RGBA with straight alpha.
    pub pixels: Vec<[u8; 4]>,
}

impl PlannedCopy {
    /// Copies; `None` if there is nothing, see [`Document::copied`].
    pub fn run(self) -> Option<CopiedPixels> {
        let (surface, bounds) = self.copy.copied(self.merged)?;
        let pixels = surface.copy_rect(bounds);
        Some(CopiedPixels { surface, bounds, pixels })
    }
}

impl Document {
    /// Plans to copy what is selected, of the picture that all layers give, or of the current layer. A stroke that is being
    /// painted ends.
    pub fn plan_copy(&mut self, merged: bool) -> PlannedCopy {
        self.end_stroke();
        PlannedCopy { copy: Box::new(self.copy_of_canvas(Rounds::default())), merged }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{document, dot};
    use super::*;
    use crate::document::Mark;
    use crate::paint::Selection;

    #[test]
    fn what_is_copied_later_is_what_was_there_when_it_was_planned() {
        let mut document = document();
        dot(&mut document, 20.0, 20.0);
        let half = PixelRect { x0: 0, y0: 0, x1: 20, y1: 64 };
        document.set_mark(Mark::Selection, Some(Selection::rectangle(document.canvas().size(), half)));
        for merged in [false, true] {
            let (surface, bounds) = document.copied(merged).expect("pixels");
            let planned = document.plan_copy(merged);
            document.clear_selection();
            let copied = planned.run().expect("pixels");
            assert!(copied.surface.shows_the_same_as(&surface));
            assert_eq!((copied.bounds, copied.pixels), (bounds, surface.copy_rect(bounds)));
            document.undo();
        }
        document.set_mark(
            Mark::Selection,
            Some(Selection::rectangle(document.canvas().size(), PixelRect { x0: 40, x1: 60, ..half })),
        );
        assert!(document.plan_copy(false).run().is_none(), "the layer is empty there");
    }
}
