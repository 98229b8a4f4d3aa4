//! The line around a selection, for the screen.

use std::sync::Arc;

use super::Selection;
use crate::paint::Size;
use crate::paint::bits::{Bits, WORD, runs, transpose};
use crate::paint::tile::{TILE_SIDE, Tile, TilePlace};

/// From this level on a pixel lies inside the line.
const INSIDE: u8 = 128;

/// A straight piece of the line around a selection, between corners of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutlineRun {
    /// Where it starts, in pixels from the left and upper edge of the canvas.
    pub from: (usize, usize),
    /// Where it ends, right of or below the start.
    pub to: (usize, usize),
}

/// The line around a selection that changes, as while it is painted: only tiles that changed are looked at again.
#[derive(Default)]
pub struct SelectionOutline {
    /// The tiles of the selection that was seen last, row by row, and what is inside of each.
    tiles: Vec<Option<(Arc<Tile>, Inside)>>,
    /// What is inside of all of them together.
    inside: Option<Bits>,
    size: Option<Size>,
}

/// Which pixels of a tile lie inside the line, one word a row.
type Inside = Box<[u64; TILE_SIDE]>;

impl SelectionOutline {
    /// The line around everything that is chosen at least half, as long straight pieces; `None` if there are more than
    /// `most`, or if nothing is chosen at all.
    pub fn of(&mut self, selection: &Selection, most: usize) -> Option<Vec<OutlineRun>> {
        let size = selection.size();
        if self.size != Some(size) {
            *self = Self { size: Some(size), ..Self::default() };
            self.tiles.resize_with(TilePlace::all(size).count(), || None);
        }
        let inside = self.inside.get_or_insert_with(|| Bits::new(size));
        // Many tiles of most selections are one and the same full tile.
        let mut last: Option<(Arc<Tile>, Inside)> = None;
        for (place, kept) in TilePlace::all(size).zip(&mut self.tiles) {
            let now = selection.as_surface().tile(place);
            let is_same = match (now, &*kept) {
                (Some(now), Some((kept, _))) => Arc::ptr_eq(now, kept),
                (now, kept) => now.is_none() && kept.is_none(),
            };
            if is_same {
                continue;
            }
            *kept = now.map(|now| match &last {
                Some((tile, inside)) if Arc::ptr_eq(tile, now) => (Arc::clone(now), inside.clone()),
                _ => (Arc::clone(now), inside_of(now)),
            });
            last.clone_from(kept);
            let rect = place.rect(size);
            for y in rect.y0..rect.y1 {
                let word = kept.as_ref().map_or(0, |(_, rows)| rows[y - rect.y0]);
                inside.row_mut(y)[place.column] = word;
            }
        }
        if selection.is_empty() { None } else { lines_around(inside, most) }
    }
}

impl Selection {
    /// The line around everything that is chosen at least half, as long straight pieces; `None` if there are more than
    /// `most`, or if nothing is chosen at all.
    pub fn outline(&self, most: usize) -> Option<Vec<OutlineRun>> {
        SelectionOutline::default().of(self, most)
    }
}

fn inside_of(tile: &Tile) -> Inside {
    let mut rows = Box::new([0; TILE_SIDE]);
    for (y, word) in rows.iter_mut().enumerate() {
        let bits = tile.row(y).iter().enumerate();
        *word = bits.fold(0, |word, (x, pixel)| word | u64::from(pixel[3] >= INSIDE) << x);
    }
    rows
}

/// The pieces between rows from top to bottom, each from left to right, then those between columns; `None` if there are
/// more than `most`.
fn lines_around(inside: &Bits, most: usize) -> Option<Vec<OutlineRun>> {
    let (width, height, across) = (inside.width(), inside.height(), inside.across());
    let mut lines = Vec::new();
    let nothing = vec![0; across];
    let row = |y: usize| if y < height { inside.row(y) } else { &nothing };
    for y in 0..=height {
        let above = if y > 0 { row(y - 1) } else { &nothing };
        let edges = row(y).iter().zip(above).map(|(here, above)| here ^ above);
        runs(edges, |run| in_pieces(run, |a, b| lines.push(OutlineRun { from: (a, y), to: (b, y) })));
        if lines.len() > most {
            return None;
        }
    }
    // Where a pixel differs from the one left of it. The edge right of the last column may need one word more.
    for column in 0..=width / WORD {
        let edges = |y: usize| {
            let row = row(y);
            let here = row.get(column).copied().unwrap_or(0);
            let left = column.checked_sub(1).and_then(|left| row.get(left)).map_or(0, |word| word >> (WORD - 1));
            here ^ (here << 1 | left)
        };
        // Column by column, each as words from top to bottom.
        let mut columns: Vec<[u64; WORD]> = Vec::with_capacity(height.div_ceil(WORD));
        for top in (0..height).step_by(WORD) {
            let mut block = [0; WORD];
            block.iter_mut().zip(top..height).for_each(|(word, y)| *word = edges(y));
            if block.iter().any(|word| *word != 0) {
                transpose(&mut block);
            }
            columns.push(block);
        }
        if columns.iter().all(|block| block.iter().all(|word| *word == 0)) {
            continue;
        }
        for x in 0..WORD {
            let at = column * WORD + x;
            runs(columns.iter().map(|block| block[x]), |run| {
                in_pieces(run, |a, b| lines.push(OutlineRun { from: (at, a), to: (at, b) }));
            });
            if lines.len() > most {
                return None;
            }
        }
    }
    Some(lines)
}

/// Divides a run of edges into pieces that are at most as long as a tile has pixels, so that dashes can be drawn along each.
fn in_pieces(run: std::ops::Range<usize>, mut add: impl FnMut(usize, usize)) {
    let mut from = run.start;
    while run.end - from > TILE_SIDE {
        add(from, from + TILE_SIDE);
        from += TILE_SIDE;
    }
    add(from, run.end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::PixelRect;

    /// The line pixel by pixel: what the quick one must give.
    fn plain_outline(selection: &Selection, most: usize) -> Option<Vec<OutlineRun>> {
        let (width, height) = (selection.size().width(), selection.size().height());
        let levels = selection.levels();
        let inside = |x: usize, y: usize| x < width && y < height && levels[y * width + x] >= INSIDE;
        let mut runs = Vec::new();
        let bounds = selection.bounds()?;
        for y in bounds.y0..=bounds.y1 {
            let is_edge = |x: usize| inside(x, y) != (y > 0 && inside(x, y - 1));
            plain_runs(bounds.x0, bounds.x1, is_edge, |a, b| runs.push(OutlineRun { from: (a, y), to: (b, y) }));
            if runs.len() > most {
                return None;
            }
        }
        for x in bounds.x0..=bounds.x1 {
            let is_edge = |y: usize| inside(x, y) != (x > 0 && inside(x - 1, y));
            plain_runs(bounds.y0, bounds.y1, is_edge, |a, b| runs.push(OutlineRun { from: (x, a), to: (x, b) }));
            if runs.len() > most {
                return None;
            }
        }
        Some(runs)
    }

    fn plain_runs(from: usize, to: usize, is_edge: impl Fn(usize) -> bool, mut add: impl FnMut(usize, usize)) {
        let mut start = None;
        for at in from..=to {
            let edge = at < to && is_edge(at);
            match start {
                Some(begun) if !edge || at - begun >= TILE_SIDE => {
                    add(begun, at);
                    start = edge.then_some(at);
                }
                None if edge => start = Some(at),
                _ => {}
            }
        }
    }

    #[test]
    fn the_line_is_the_one_that_goes_around_pixel_by_pixel() {
        for (width, height) in [(150, 90), (128, 64), (64, 192), (1, 1), (65, 129)] {
            let size = Size::new(width, height).expect("a size");
            let mut kept = SelectionOutline::default();
            let middle = (width as f32 / 2.0, height as f32 / 2.0);
            let number = |i: usize| ((i as u32).wrapping_mul(2_654_435_761) >> 24) as u8;
            let mut selections = vec![
                Selection::empty(size),
                Selection::all(size),
                Selection::ellipse(size, (3.0, 2.0), (width as f32 * 0.9, height as f32 * 0.8), true),
                Selection::ellipse(size, (-30.0, -9.0), middle, true).inverted().feathered(5.0),
                Selection::rectangle(size, PixelRect { x0: 3, y0: 1, x1: 140, y1: 64 }),
                Selection::from_levels(size, &vec![90; width * height]),
                Selection::from_levels(size, &(0..width * height).map(number).collect::<Vec<u8>>()),
            ];
            selections.push(selections[3].clone());
            for selection in &selections {
                for most in [0, 40, 100_000] {
                    let plain = plain_outline(selection, most);
                    assert_eq!(selection.outline(most), plain, "{width} by {height}, {most}");
                    assert_eq!(kept.of(selection, most), plain, "{width} by {height}, {most}");
                }
            }
        }
    }
}
