//! The one door to the paint engine: a canvas, the stroke being drawn on it, and its history.

use super::fill;
use super::history::History;
use super::stroke::Stroke;
use super::{Brush, Canvas, PixelRect, Rgb};

/// How far a channel may lie from the clicked colour and still be filled, so that the smooth edge
/// of a brush stroke does not keep a pale rim.
const FILL_TOLERANCE: u8 = 40;

/// A canvas with its running stroke and history. Coordinates are canvas pixels; the centre of the
/// first pixel lies at (0.5, 0.5). Places outside the canvas are allowed and paint what reaches in.
pub struct Painting {
    canvas: Canvas,
    paper: Rgb,
    history: History,
    stroke: Option<Stroke>,
    revision: u64,
}

impl Painting {
    /// A fresh painting on paper of one colour.
    pub fn new(width: usize, height: usize, paper: Rgb) -> Self {
        Self {
            canvas: Canvas::new(width, height, paper),
            paper,
            history: History::default(),
            stroke: None,
            revision: 0,
        }
    }

    /// The pixels.
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// What the eraser paints.
    pub fn paper(&self) -> Rgb {
        self.paper
    }

    /// A number that changes whenever pixels do.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What changed since this was last asked.
    pub fn take_dirty(&mut self) -> Option<PixelRect> {
        self.canvas.take_dirty()
    }

    /// Start a stroke and leave its first dab at `(x, y)`. Ends a stroke still running.
    pub fn begin_stroke(&mut self, brush: Brush, x: f32, y: f32) {
        self.end_stroke();
        self.history.begin();
        self.stroke = Some(Stroke::new(brush, &self.canvas));
        self.stroke_to(x, y);
    }

    /// The same with the paper's colour.
    pub fn begin_erasing(&mut self, brush: Brush, x: f32, y: f32) {
        self.begin_stroke(Brush { color: self.paper, ..brush }, x, y);
    }

    /// Lead the running stroke on to `(x, y)`; without one, or at a place that is no number,
    /// nothing happens.
    pub fn stroke_to(&mut self, x: f32, y: f32) {
        let Some(stroke) = &mut self.stroke else { return };
        if !x.is_finite() || !y.is_finite() {
            return;
        }
        if let Some(rect) = stroke.reach_to(x, y, &self.canvas) {
            self.history.keep(&self.canvas, rect);
        }
        let (history, width) = (&self.history, self.canvas.width());
        let before = |px, py| history.before(width, px, py).unwrap_or([0, 0, 0, 255]);
        if stroke.move_to(x, y, &mut self.canvas, before).is_some() {
            self.revision += 1;
        }
    }

    /// Lift the brush: the stroke becomes one step of the history.
    pub fn end_stroke(&mut self) {
        if self.stroke.take().is_some() {
            self.history.end();
        }
    }

    /// Whether the brush is down.
    pub fn is_stroking(&self) -> bool {
        self.stroke.is_some()
    }

    /// Fill the area of nearly one colour around a pixel; outside the canvas nothing happens.
    pub fn fill(&mut self, x: usize, y: usize, color: Rgb) {
        self.end_stroke();
        if self.canvas.color_at(x, y).is_none_or(|there| there == color) {
            return;
        }
        let (runs, rect) = fill::area(&self.canvas, x, y, FILL_TOLERANCE);
        self.history.begin();
        self.history.keep(&self.canvas, rect);
        fill::paint(&mut self.canvas, &runs, color);
        self.history.end();
        self.canvas.mark(rect);
        self.revision += 1;
    }

    /// Exchange the whole canvas (a new sheet, an opened picture, a result to paint over); one
    /// undo brings the old one back.
    pub fn replace(&mut self, mut canvas: Canvas, paper: Rgb) {
        self.end_stroke();
        canvas.mark_all();
        self.history.replaced(std::mem::replace(&mut self.canvas, canvas));
        self.paper = paper;
        self.revision += 1;
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        self.history.can_undo()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// Take the last change back. A stroke still running is ended first.
    pub fn undo(&mut self) {
        self.end_stroke();
        if self.history.undo(&mut self.canvas) {
            self.revision += 1;
        }
    }

    /// Make the last undone change again.
    pub fn redo(&mut self) {
        self.end_stroke();
        if self.history.redo(&mut self.canvas) {
            self.revision += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Rgb = Rgb([255, 0, 0]);

    fn brush(size: f32) -> Brush {
        Brush { size, opacity: 1.0, hardness: 1.0, color: RED }
    }

    fn sheet() -> Painting {
        let mut painting = Painting::new(200, 100, Rgb::WHITE);
        painting.take_dirty();
        painting
    }

    #[test]
    fn a_click_leaves_a_dot_of_the_brush_size() {
        let mut painting = sheet();
        painting.begin_stroke(brush(10.0), 50.0, 50.0);
        painting.end_stroke();
        let red = painting.canvas().to_rgb().chunks(3).filter(|p| *p == [255, 0, 0]).count() as f32;
        assert!((60.0..=80.0).contains(&red), "a disc of radius 5 holds about 79 pixels, not {red}");
    }

    #[test]
    fn a_fast_stroke_is_as_even_as_a_slow_one() {
        let mut fast = sheet();
        fast.begin_stroke(brush(12.0), 10.5, 40.5);
        fast.stroke_to(180.5, 40.5);
        fast.end_stroke();
        let mut slow = sheet();
        slow.begin_stroke(brush(12.0), 10.5, 40.5);
        for x in 11..=180 {
            slow.stroke_to(x as f32 + 0.5, 40.5);
        }
        slow.end_stroke();
        assert!(fast.canvas().to_rgb() == slow.canvas().to_rgb());
    }

    #[test]
    fn a_half_transparent_stroke_does_not_darken_where_it_crosses_itself() {
        let mut painting = sheet();
        painting.begin_stroke(Brush { opacity: 0.5, ..brush(10.0) }, 20.0, 50.0);
        painting.stroke_to(80.0, 50.0);
        painting.stroke_to(20.0, 50.0);
        painting.end_stroke();
        assert_eq!(painting.canvas().color_at(50, 50), Some(Rgb([255, 128, 128])));
    }

    #[test]
    fn only_the_rectangle_around_the_brush_is_reported() {
        let mut painting = sheet();
        painting.begin_stroke(brush(4.0), 100.0, 50.0);
        let dirty = painting.take_dirty().expect("the dab");
        assert!(dirty.width() <= 6 && dirty.height() <= 6, "{dirty:?}");
        assert_eq!(painting.take_dirty(), None);
    }

    #[test]
    fn undo_and_redo_walk_through_strokes_fills_and_replaced_canvases() {
        let mut painting = sheet();
        let mut seen = vec![painting.canvas().to_rgb()];
        painting.begin_stroke(brush(30.0), 60.0, 60.0);
        painting.stroke_to(140.0, 70.0);
        painting.end_stroke();
        seen.push(painting.canvas().to_rgb());
        painting.fill(0, 0, Rgb([0, 0, 255]));
        seen.push(painting.canvas().to_rgb());
        painting.replace(Canvas::new(64, 64, RED), Rgb::WHITE);
        seen.push(painting.canvas().to_rgb());
        for expected in seen.iter().rev().skip(1) {
            painting.undo();
            assert!(painting.canvas().to_rgb() == *expected);
        }
        assert!(!painting.can_undo());
        for expected in &seen[1..] {
            painting.redo();
            assert!(painting.canvas().to_rgb() == *expected);
        }
        assert!(!painting.can_redo());
    }

    #[test]
    fn a_fill_stops_at_a_line_and_leaves_no_rim() {
        let mut painting = sheet();
        painting.begin_stroke(Brush { color: Rgb::BLACK, ..brush(6.0) }, 100.0, -10.0);
        painting.stroke_to(100.0, 110.0);
        painting.end_stroke();
        painting.fill(10, 10, RED);
        assert_eq!(painting.canvas().color_at(90, 99), Some(RED));
        assert_eq!(painting.canvas().color_at(150, 50), Some(Rgb::WHITE));
    }

    #[test]
    fn the_eraser_brings_the_paper_back() {
        let mut painting = Painting::new(50, 50, Rgb([9, 9, 9]));
        painting.begin_stroke(brush(20.0), 25.0, 25.0);
        painting.end_stroke();
        painting.begin_erasing(brush(40.0), 25.0, 25.0);
        painting.end_stroke();
        assert_eq!(painting.canvas().color_at(25, 25), Some(Rgb([9, 9, 9])));
    }

    #[test]
    fn wild_coordinates_do_no_harm() {
        let mut painting = sheet();
        painting.begin_stroke(brush(200.0), f32::NAN, 1.0);
        painting.stroke_to(1e30, -1e30);
        painting.stroke_to(f32::INFINITY, 0.0);
        painting.stroke_to(-5.0, 50.0);
        painting.fill(10_000, 10_000, RED);
        painting.undo();
        assert!(painting.canvas().is_blank());
    }
}
