//! Changes to a canvas that can be undone.
//!
//! A change to part of the canvas keeps only the 64×64 tiles it touches. [`Edit::apply`] exchanges
//! these pixels with those of the canvas and returns what was there as another edit, so undo and
//! redo are the same operation.

use super::tile::{TILE_SIDE, TilePlace};
use super::{Canvas, PixelRect, Size};

/// Pixels to put on a canvas.
#[derive(Clone)]
pub struct Edit(Change);

#[derive(Clone)]
enum Change {
    /// The pixels of some tiles, for a canvas of this size.
    Tiles { size: Size, tiles: Vec<Tile> },
    /// Another canvas, of any size.
    Canvas(Canvas),
}

/// The pixels of one tile. Tiles are numbered row by row from the top left.
#[derive(Clone)]
struct Tile {
    number: usize,
    pixels: Box<[[u8; 4]]>,
}

/// Why an edit could not be applied, as one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The canvas has another size than the one the edit was made on.
    #[error("This change was made on a canvas of {} by {} pixels and cannot be applied to one of {} by {}.",
        made_on.width(), made_on.height(), found.width(), found.height())]
    OtherSize {
        /// The size of the canvas that the edit was made on.
        made_on: Size,
        /// The size of the canvas it was applied to.
        found: Size,
    },
}

impl Edit {
    /// Replaces the whole canvas.
    pub fn replace(canvas: Canvas) -> Self {
        Self(Change::Canvas(canvas))
    }

    /// Exchanges the canvas' pixels with those of the edit; returns the edit that takes this back.
    ///
    /// # Errors
    /// [`EditError::OtherSize`]; the canvas is then as it was.
    pub fn apply(self, canvas: &mut Canvas) -> Result<Self, EditError> {
        match self.0 {
            Change::Tiles { size, mut tiles } => {
                if size != canvas.size() {
                    return Err(EditError::OtherSize { made_on: size, found: canvas.size() });
                }
                for tile in &mut tiles {
                    tile.exchange(canvas);
                }
                Ok(Self(Change::Tiles { size, tiles }))
            }
            Change::Canvas(mut other) => {
                std::mem::swap(canvas, &mut other);
                canvas.mark_all();
                Ok(Self(Change::Canvas(other)))
            }
        }
    }

    /// Whether it replaces the whole canvas by one that shows the same as this one.
    pub fn shows(&self, canvas: &Canvas) -> bool {
        matches!(&self.0, Change::Canvas(other) if other.shows_the_same_as(canvas))
    }

    /// Whether it replaces the whole canvas by one that shows one colour only.
    pub fn is_blank_canvas(&self) -> bool {
        matches!(&self.0, Change::Canvas(canvas) if canvas.is_blank())
    }

    /// How much memory its pixels take, in bytes.
    pub fn bytes(&self) -> usize {
        match &self.0 {
            Change::Tiles { tiles, .. } => tiles.iter().map(|tile| tile.pixels.len() * 4).sum(),
            Change::Canvas(canvas) => canvas.size().pixels() * 4,
        }
    }
}

impl Tile {
    fn exchange(&mut self, canvas: &mut Canvas) {
        let rect = tile_rect(self.number, canvas.size());
        if rect.width() == 0 {
            return;
        }
        for (line, y) in self.pixels.chunks_exact_mut(rect.width()).zip(rect.y0..rect.y1) {
            line.swap_with_slice(&mut canvas.row_mut(y)[rect.x0..rect.x1]);
        }
        canvas.mark(rect);
    }
}

/// Keeps the tiles that a change is about to paint on, as they were before it.
pub(super) struct Recording {
    size: Size,
    /// One place for each tile of the canvas, row by row.
    tiles: Vec<Option<Box<[[u8; 4]]>>>,
}

impl Recording {
    /// Starts a change to this canvas.
    pub fn new(canvas: &Canvas) -> Self {
        let size = canvas.size();
        let count = tiles_across(size) * size.height().div_ceil(TILE_SIDE);
        Self { size, tiles: vec![None; count] }
    }

    /// Whether the change was started on a canvas of this size.
    pub fn is_of(&self, canvas: &Canvas) -> bool {
        self.size == canvas.size()
    }

    /// Keeps the tiles under `rect` as they are now, unless this change already did. Must be called
    /// before they are painted on.
    pub fn keep(&mut self, canvas: &Canvas, rect: PixelRect) {
        let rect = rect.inside(self.size);
        if !self.is_of(canvas) || rect.width() == 0 || rect.height() == 0 {
            return;
        }
        for row in rect.y0 / TILE_SIDE..=(rect.y1 - 1) / TILE_SIDE {
            for column in rect.x0 / TILE_SIDE..=(rect.x1 - 1) / TILE_SIDE {
                let number = row * tiles_across(self.size) + column;
                if let Some(place) = self.tiles.get_mut(number)
                    && place.is_none()
                {
                    *place = Some(canvas.copy_rect(tile_rect(number, self.size)).into_boxed_slice());
                }
            }
        }
    }

    /// A pixel as it was before the change, if its tile was kept.
    pub fn before(&self, x: usize, y: usize) -> Option<[u8; 4]> {
        let (column, row) = (x / TILE_SIDE, y / TILE_SIDE);
        let tile = self.tiles.get(row * tiles_across(self.size) + column)?.as_ref()?;
        let width = TILE_SIDE.min(self.size.width().checked_sub(column * TILE_SIDE)?);
        tile.get((y % TILE_SIDE) * width + x % TILE_SIDE).copied()
    }

    /// The edit that takes the change back; `None` if it touched nothing.
    pub fn finish(self) -> Option<Edit> {
        let tiles: Vec<Tile> =
            (0..).zip(self.tiles).filter_map(|(number, pixels)| pixels.map(|pixels| Tile { number, pixels })).collect();
        (!tiles.is_empty()).then_some(Edit(Change::Tiles { size: self.size, tiles }))
    }
}

fn tiles_across(size: Size) -> usize {
    size.width().div_ceil(TILE_SIDE)
}

/// The pixels of a tile, cut at the canvas' edges.
fn tile_rect(number: usize, size: Size) -> PixelRect {
    TilePlace { row: number / tiles_across(size), column: number % tiles_across(size) }.rect(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Rgb;

    fn sheet(width: usize, height: usize) -> Canvas {
        Canvas::new(Size::new(width, height).expect("a size"), Rgb::WHITE)
    }

    fn paint_rect(canvas: &mut Canvas, rect: PixelRect) -> Option<Edit> {
        let mut recording = Recording::new(canvas);
        recording.keep(canvas, rect);
        for y in rect.y0..rect.y1 {
            canvas.row_mut(y)[rect.x0..rect.x1].fill([1, 2, 3, 255]);
        }
        recording.finish()
    }

    #[test]
    fn applying_an_edit_twice_changes_nothing() {
        let mut canvas = sheet(130, 70);
        let before = canvas.clone();
        let edit = paint_rect(&mut canvas, PixelRect { x0: 60, y0: 60, x1: 130, y1: 70 }).expect("painted");
        let after = canvas.clone();
        canvas.take_dirty();
        let redo = edit.apply(&mut canvas).expect("undone");
        assert!(canvas.shows_the_same_as(&before));
        assert_eq!(canvas.take_dirty(), Some(PixelRect::whole(130, 70)), "all six tiles were touched");
        redo.apply(&mut canvas).expect("redone");
        assert!(canvas.shows_the_same_as(&after));
    }

    #[test]
    fn only_the_touched_tiles_are_kept() {
        let mut canvas = sheet(512, 512);
        let edit = paint_rect(&mut canvas, PixelRect { x0: 10, y0: 10, x1: 20, y1: 20 }).expect("painted");
        assert_eq!(edit.bytes(), 64 * 64 * 4);
        let empty = PixelRect { x0: 10, y0: 10, x1: 10, y1: 10 };
        assert!(paint_rect(&mut canvas, empty).is_none());
    }

    #[test]
    fn an_edit_of_another_size_is_refused_and_nothing_changes() {
        let mut small = sheet(64, 64);
        let edit = paint_rect(&mut small, PixelRect::whole(64, 64)).expect("painted");
        let mut large = sheet(128, 64);
        let before = large.clone();
        assert!(matches!(edit.apply(&mut large), Err(EditError::OtherSize { .. })));
        assert!(large.shows_the_same_as(&before));
    }

    #[test]
    fn a_replaced_canvas_comes_back_with_its_size() {
        let mut canvas = sheet(64, 64);
        let back = Edit::replace(sheet(10, 20)).apply(&mut canvas).expect("replaced");
        assert_eq!((canvas.width(), canvas.height()), (10, 20));
        back.apply(&mut canvas).expect("undone");
        assert_eq!((canvas.width(), canvas.height()), (64, 64));
    }
}
