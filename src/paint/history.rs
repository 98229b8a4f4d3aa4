//! Undo and redo, by tiles: a change keeps only the 64 by 64 squares it touched.

use std::collections::HashMap;

use super::{Canvas, PixelRect};

const TILE: usize = 64;
/// What all kept changes together may hold, in bytes; the oldest go first.
const BUDGET: usize = 256 << 20;

type Tiles = HashMap<(usize, usize), Vec<[u8; 4]>>;

/// One change, as the pixels to swap in when it is undone (or redone).
enum Change {
    Tiles(Tiles),
    Whole(Canvas),
}

impl Change {
    fn bytes(&self) -> usize {
        match self {
            Self::Tiles(tiles) => tiles.values().map(|t| t.len() * 4).sum(),
            Self::Whole(canvas) => canvas.width() * canvas.height() * 4,
        }
    }

    /// Exchange the canvas' pixels with the kept ones.
    fn swap(self, canvas: &mut Canvas) -> Self {
        match self {
            Self::Tiles(tiles) => {
                let swapped = tiles
                    .into_iter()
                    .map(|(at, pixels)| {
                        let rect = tile_rect(at, canvas);
                        let now = canvas.copy_rect(rect);
                        for (line, y) in pixels.chunks_exact(rect.width()).zip(rect.y0..rect.y1) {
                            canvas.row_mut(y)[rect.x0..rect.x1].copy_from_slice(line);
                        }
                        canvas.mark(rect);
                        (at, now)
                    })
                    .collect();
                Self::Tiles(swapped)
            }
            Self::Whole(mut other) => {
                std::mem::swap(canvas, &mut other);
                canvas.mark_all();
                Self::Whole(other)
            }
        }
    }
}

fn tile_rect((column, row): (usize, usize), canvas: &Canvas) -> PixelRect {
    PixelRect {
        x0: column * TILE,
        y0: row * TILE,
        x1: ((column + 1) * TILE).min(canvas.width()),
        y1: ((row + 1) * TILE).min(canvas.height()),
    }
}

/// The changes behind and ahead of the present canvas.
#[derive(Default)]
pub(super) struct History {
    undo: Vec<Change>,
    redo: Vec<Change>,
    /// Tiles of the change in progress, as they were before it.
    open: Option<Tiles>,
}

impl History {
    /// Begin a change; every rectangle must be shown to [`History::keep`] before it is painted on.
    pub fn begin(&mut self) {
        self.open = Some(Tiles::new());
    }

    /// Keep the tiles under `rect` as they are now, unless this change already did.
    pub fn keep(&mut self, canvas: &Canvas, rect: PixelRect) {
        let Some(open) = &mut self.open else { return };
        for row in rect.y0 / TILE..=(rect.y1 - 1) / TILE {
            for column in rect.x0 / TILE..=(rect.x1 - 1) / TILE {
                open.entry((column, row)).or_insert_with(|| canvas.copy_rect(tile_rect((column, row), canvas)));
            }
        }
    }

    /// A pixel as it was before the open change, if its tile was kept.
    pub fn before(&self, canvas_width: usize, x: usize, y: usize) -> Option<[u8; 4]> {
        let tile = self.open.as_ref()?.get(&(x / TILE, y / TILE))?;
        let width = TILE.min(canvas_width - x / TILE * TILE);
        tile.get((y % TILE) * width + x % TILE).copied()
    }

    /// End the change; one that touched nothing leaves no trace.
    pub fn end(&mut self) {
        if let Some(tiles) = self.open.take()
            && !tiles.is_empty()
        {
            self.push(Change::Tiles(tiles));
        }
    }

    /// Record that the whole canvas was exchanged for another.
    pub fn replaced(&mut self, before: Canvas) {
        self.push(Change::Whole(before));
    }

    fn push(&mut self, change: Change) {
        self.redo.clear();
        self.undo.push(change);
        let mut bytes: usize = self.undo.iter().map(Change::bytes).sum();
        while bytes > BUDGET && self.undo.len() > 1 {
            bytes -= self.undo.remove(0).bytes();
        }
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    pub fn undo(&mut self, canvas: &mut Canvas) -> bool {
        let Some(change) = self.undo.pop() else { return false };
        self.redo.push(change.swap(canvas));
        true
    }

    pub fn redo(&mut self, canvas: &mut Canvas) -> bool {
        let Some(change) = self.redo.pop() else { return false };
        self.undo.push(change.swap(canvas));
        true
    }
}
