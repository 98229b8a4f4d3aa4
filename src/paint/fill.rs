//! Flood fill: the connected area of nearly one colour.

use super::canvas::opaque;
use super::edit::{Edit, Recording};
use super::{Canvas, PixelRect, Rgb};

/// How far a channel may lie from the clicked colour and still be filled, so that the smooth edge
/// of a brush stroke does not keep a pale rim.
const TOLERANCE: u8 = 40;

/// Fills the area of nearly one colour around a pixel; returns the edit that takes it back. `None`
/// if the pixel lies outside the canvas or has this colour already.
pub fn fill(canvas: &mut Canvas, x: usize, y: usize, color: Rgb) -> Option<Edit> {
    if canvas.color_at(x, y).is_none_or(|there| there == color) {
        return None;
    }
    let (runs, rect) = connected_area(canvas, x, y);
    let mut recording = Recording::new(canvas);
    recording.keep(canvas, rect);
    for Run { y, x0, x1 } in runs {
        canvas.row_mut(y)[x0..x1].fill(opaque(color));
    }
    canvas.mark(rect);
    recording.finish()
}

/// Pixels `x0 <= x < x1` of row `y`.
struct Run {
    y: usize,
    x0: usize,
    x1: usize,
}

/// The pixels connected to `(x, y)`, which must lie inside, whose channels all lie within
/// [`TOLERANCE`] of its colour, and the rectangle around them.
fn connected_area(canvas: &Canvas, x: usize, y: usize) -> (Vec<Run>, PixelRect) {
    let (width, height) = (canvas.width(), canvas.height());
    let seed = canvas.row(y)[x];
    let alike = |p: [u8; 4]| p.iter().zip(seed).all(|(a, b)| a.abs_diff(b) <= TOLERANCE);
    let mut seen = vec![false; width * height];
    let mut runs = Vec::new();
    let mut rect = PixelRect { x0: x, y0: y, x1: x + 1, y1: y + 1 };
    let mut waiting = vec![(x, y)];
    while let Some((x, y)) = waiting.pop() {
        let row = canvas.row(y);
        if seen[y * width + x] || !alike(row[x]) {
            continue;
        }
        let x0 = row[..x].iter().rposition(|p| !alike(*p)).map_or(0, |i| i + 1);
        let x1 = row[x..].iter().position(|p| !alike(*p)).map_or(width, |i| x + i);
        seen[y * width + x0..y * width + x1].fill(true);
        runs.push(Run { y, x0, x1 });
        rect = rect.union(PixelRect { x0, y0: y, x1, y1: y + 1 });
        for next in [y.checked_sub(1), (y + 1 < height).then_some(y + 1)].into_iter().flatten() {
            let neighbours = canvas.row(next);
            for i in x0..x1 {
                let starts_run = i == x0 || !alike(neighbours[i - 1]);
                if starts_run && alike(neighbours[i]) && !seen[next * width + i] {
                    waiting.push((i, next));
                }
            }
        }
    }
    (runs, rect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{Brush, Size, Stroke};

    const RED: Rgb = Rgb([255, 0, 0]);

    fn sheet_with_a_line() -> Canvas {
        let mut canvas = Canvas::new(Size::new(200, 100).expect("a size"), Rgb::WHITE);
        let brush = Brush { size: 6.0, opacity: 1.0, hardness: 1.0, color: Rgb::BLACK };
        let mut stroke = Stroke::begin(brush, &mut canvas, 100.0, -10.0);
        stroke.move_to(&mut canvas, 100.0, 110.0);
        canvas
    }

    #[test]
    fn a_fill_stops_at_a_line_and_leaves_no_rim() {
        let mut canvas = sheet_with_a_line();
        fill(&mut canvas, 10, 10, RED).expect("filled");
        assert_eq!(canvas.color_at(90, 99), Some(RED));
        assert_eq!(canvas.color_at(96, 50), Some(RED), "next to the line");
        assert_eq!(canvas.color_at(150, 50), Some(Rgb::WHITE));
    }

    #[test]
    fn a_fill_can_be_taken_back() {
        let mut canvas = sheet_with_a_line();
        let before = canvas.clone();
        let back = fill(&mut canvas, 150, 50, RED).expect("filled");
        back.apply(&mut canvas).expect("undone");
        assert!(canvas.shows_the_same_as(&before));
    }

    #[test]
    fn nothing_is_filled_outside_or_with_the_same_colour() {
        let mut canvas = sheet_with_a_line();
        canvas.take_dirty();
        assert!(fill(&mut canvas, 10_000, 10_000, RED).is_none());
        assert!(fill(&mut canvas, 10, 10, Rgb::WHITE).is_none());
        assert_eq!(canvas.take_dirty(), None);
    }
}
