//! A stroke: pointer positions joined into one even mark.
//!
//! Instead of stamping dabs at a spacing, each pair of neighbouring positions is swept as a
//! capsule, and a pixel takes the strongest coverage any part of the stroke gives it. That is the
//! limit of infinitely close dabs: no scallops at any speed, and a stroke that crosses itself does
//! not darken (the "wash" mode of Krita and MyPaint).

use super::edit::{Edit, Recording};
use super::{Brush, Canvas, PixelRect};

/// A stroke in progress over a canvas of fixed size.
///
/// Coordinates are canvas pixels; the centre of the first pixel lies at (0.5, 0.5). Places outside
/// the canvas are allowed and paint what reaches in.
pub struct Stroke {
    brush: Brush,
    last: Option<(f32, f32)>,
    /// Strongest coverage so far, one value a pixel.
    coverage: Vec<f32>,
    recording: Recording,
}

impl Stroke {
    /// Starts a stroke and leaves its first dab at `(x, y)`.
    pub fn begin(brush: Brush, canvas: &mut Canvas, x: f32, y: f32) -> Self {
        let coverage = vec![0.0; canvas.size().pixels()];
        let mut stroke = Self { brush, last: None, coverage, recording: Recording::new(canvas) };
        stroke.move_to(canvas, x, y);
        stroke
    }

    /// Sweeps the brush on to `(x, y)`; returns whether that can have changed pixels.
    ///
    /// Nothing happens if a coordinate is not finite, or if the canvas is not of the size that the
    /// stroke was begun on.
    pub fn move_to(&mut self, canvas: &mut Canvas, x: f32, y: f32) -> bool {
        if !x.is_finite() || !y.is_finite() || !self.recording.is_of(canvas) {
            return false;
        }
        let rect = self.reach_to(x, y, canvas);
        let from = self.last.replace((x, y)).unwrap_or((x, y));
        let Some(rect) = rect else { return false };
        self.recording.keep(canvas, rect);
        let width = canvas.width();
        let along = (x - from.0, y - from.1);
        let length_squared = along.0 * along.0 + along.1 * along.1;
        let opacity = self.brush.opacity.clamp(0.0, 1.0);
        for py in rect.y0..rect.y1 {
            let row = canvas.row_mut(py);
            for (px, pixel) in row.iter_mut().enumerate().take(rect.x1).skip(rect.x0) {
                let to = (px as f32 + 0.5 - from.0, py as f32 + 0.5 - from.1);
                let t = if length_squared > 0.0 {
                    ((to.0 * along.0 + to.1 * along.1) / length_squared).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let distance = (to.0 - t * along.0).hypot(to.1 - t * along.1);
                let covered = self.brush.coverage(distance);
                let strongest = &mut self.coverage[py * width + px];
                if covered > *strongest {
                    *strongest = covered;
                    // Mixed with the pixel before the stroke, so that sweeping over it twice does
                    // not count twice.
                    let before = self.recording.before(px, py).unwrap_or(*pixel);
                    *pixel = mix(before, self.brush.color.0, covered * opacity);
                }
            }
        }
        canvas.mark(rect);
        true
    }

    /// Lifts the brush; returns the edit that takes the stroke back, `None` if it never reached the
    /// canvas.
    pub fn end(self) -> Option<Edit> {
        self.recording.finish()
    }

    /// The pixels that moving on to `(x, y)` can change.
    fn reach_to(&self, x: f32, y: f32, canvas: &Canvas) -> Option<PixelRect> {
        let (from_x, from_y) = self.last.unwrap_or((x, y));
        let reach = self.brush.reach();
        PixelRect::around(
            from_x.min(x) - reach,
            from_y.min(y) - reach,
            from_x.max(x) + reach,
            from_y.max(y) + reach,
            canvas.width(),
            canvas.height(),
        )
    }
}

fn mix(under: [u8; 4], over: [u8; 3], share: f32) -> [u8; 4] {
    let channel = |i: usize| {
        let from = f32::from(under[i]);
        (from + (f32::from(over[i]) - from) * share).round() as u8
    };
    [channel(0), channel(1), channel(2), 255]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{Rgb, Size};

    const RED: Rgb = Rgb([255, 0, 0]);

    fn brush(size: f32) -> Brush {
        Brush { size, opacity: 1.0, hardness: 1.0, color: RED }
    }

    fn sheet() -> Canvas {
        let mut canvas = Canvas::new(Size::new(200, 100).expect("a size"), Rgb::WHITE);
        canvas.take_dirty();
        canvas
    }

    fn paint(canvas: &mut Canvas, brush: Brush, path: &[(f32, f32)]) -> Option<Edit> {
        let mut stroke = Stroke::begin(brush, canvas, path[0].0, path[0].1);
        for (x, y) in &path[1..] {
            stroke.move_to(canvas, *x, *y);
        }
        stroke.end()
    }

    #[test]
    fn a_click_leaves_a_dot_of_the_brush_size() {
        let mut canvas = sheet();
        paint(&mut canvas, brush(10.0), &[(50.0, 50.0)]);
        let red = canvas.to_rgb().chunks(3).filter(|p| *p == [255, 0, 0]).count() as f32;
        assert!((60.0..=80.0).contains(&red), "a disc of radius 5 holds about 79 pixels, not {red}");
    }

    #[test]
    fn a_fast_stroke_is_as_even_as_a_slow_one() {
        let mut fast = sheet();
        paint(&mut fast, brush(12.0), &[(10.5, 40.5), (180.5, 40.5)]);
        let mut slow = sheet();
        let path: Vec<_> = (10..=180).map(|x| (x as f32 + 0.5, 40.5)).collect();
        paint(&mut slow, brush(12.0), &path);
        assert!(fast.shows_the_same_as(&slow));
    }

    #[test]
    fn a_half_transparent_stroke_does_not_darken_where_it_crosses_itself() {
        let mut canvas = sheet();
        let half = Brush { opacity: 0.5, ..brush(10.0) };
        paint(&mut canvas, half, &[(20.0, 50.0), (80.0, 50.0), (20.0, 50.0)]);
        assert_eq!(canvas.color_at(50, 50), Some(Rgb([255, 128, 128])));
    }

    #[test]
    fn only_the_rectangle_around_the_brush_is_reported() {
        let mut canvas = sheet();
        paint(&mut canvas, brush(4.0), &[(100.0, 50.0)]);
        let dirty = canvas.take_dirty().expect("the dab");
        assert!(dirty.width() <= 6 && dirty.height() <= 6, "{dirty:?}");
        assert_eq!(canvas.take_dirty(), None);
    }

    #[test]
    fn a_stroke_across_tiles_can_be_taken_back() {
        let mut canvas = sheet();
        let before = canvas.clone();
        let back = paint(&mut canvas, brush(30.0), &[(60.0, 60.0), (140.0, 70.0)]).expect("painted");
        assert!(!canvas.shows_the_same_as(&before));
        back.apply(&mut canvas).expect("undone");
        assert!(canvas.shows_the_same_as(&before));
    }

    #[test]
    fn wild_coordinates_do_no_harm() {
        let mut canvas = sheet();
        let before = canvas.clone();
        let path = [(f32::NAN, 1.0), (1e30, -1e30), (f32::INFINITY, 0.0), (-5.0, 50.0)];
        let wild = Brush { size: f32::NAN, opacity: f32::NAN, hardness: f32::NAN, color: RED };
        for brush in [brush(200.0), brush(-3.0), brush(f32::INFINITY), wild] {
            if let Some(back) = paint(&mut canvas, brush, &path) {
                back.apply(&mut canvas).expect("undone");
            }
            assert!(canvas.shows_the_same_as(&before));
        }
    }

    #[test]
    fn a_canvas_of_another_size_is_left_alone() {
        let mut canvas = sheet();
        let mut stroke = Stroke::begin(brush(10.0), &mut canvas, 50.0, 50.0);
        let mut other = Canvas::new(Size::new(10, 10).expect("a size"), Rgb::WHITE);
        assert!(!stroke.move_to(&mut other, 5.0, 5.0));
        assert!(other.is_blank());
    }
}
