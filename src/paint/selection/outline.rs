//! The line around a selection, for the screen.

use super::Selection;
use crate::paint::tile::TILE_SIDE;

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

impl Selection {
    /// The line around everything that is chosen at least half, as long straight pieces; `None` if there are more than
    /// `most`.
    pub fn outline(&self, most: usize) -> Option<Vec<OutlineRun>> {
        let (width, height) = (self.size().width(), self.size().height());
        let levels = self.levels();
        let inside = |x: usize, y: usize| x < width && y < height && levels[y * width + x] >= INSIDE;
        let mut runs = Vec::new();
        let bounds = self.bounds()?;
        for y in bounds.y0..=bounds.y1 {
            let is_edge = |x: usize| inside(x, y) != (y > 0 && inside(x, y - 1));
            add_runs(bounds.x0, bounds.x1, is_edge, |a, b| runs.push(OutlineRun { from: (a, y), to: (b, y) }));
            if runs.len() > most {
                return None;
            }
        }
        for x in bounds.x0..=bounds.x1 {
            let is_edge = |y: usize| inside(x, y) != (x > 0 && inside(x - 1, y));
            add_runs(bounds.y0, bounds.y1, is_edge, |a, b| runs.push(OutlineRun { from: (x, a), to: (x, b) }));
            if runs.len() > most {
                return None;
            }
        }
        Some(runs)
    }
}

/// Adds each longest run of edges. A run ends after at most as many pixels as a tile has, so that dashes can be drawn
/// along each.
fn add_runs(from: usize, to: usize, is_edge: impl Fn(usize) -> bool, mut add: impl FnMut(usize, usize)) {
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
