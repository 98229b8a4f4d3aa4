//! A stroke: pointer positions joined into one even mark.
//!
//! Instead of stamping dabs at a spacing, each pair of neighbouring positions is swept as a
//! capsule, and a pixel takes the strongest coverage any part of the stroke gives it. That is the
//! limit of infinitely close dabs: no scallops at any speed, and a stroke that crosses itself does
//! not darken (the "wash" mode of Krita and MyPaint).

use super::canvas::Canvas;
use super::{Brush, PixelRect};

/// A stroke in progress over a canvas of fixed size.
pub(super) struct Stroke {
    brush: Brush,
    last: Option<(f32, f32)>,
    /// Strongest coverage so far, one value a pixel.
    coverage: Vec<f32>,
}

impl Stroke {
    pub fn new(brush: Brush, canvas: &Canvas) -> Self {
        Self { brush, last: None, coverage: vec![0.0; canvas.width() * canvas.height()] }
    }

    /// The pixels that moving on to `(x, y)` can change; coordinates in pixels, the centre of the
    /// first pixel at 0.5.
    pub fn reach_to(&self, x: f32, y: f32, canvas: &Canvas) -> Option<PixelRect> {
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

    /// Sweep the brush on to `(x, y)`. `before` gives the pixel as it was when the stroke began.
    pub fn move_to(
        &mut self,
        x: f32,
        y: f32,
        canvas: &mut Canvas,
        before: impl Fn(usize, usize) -> [u8; 4],
    ) -> Option<PixelRect> {
        let rect = self.reach_to(x, y, canvas);
        let from = self.last.replace((x, y)).unwrap_or((x, y));
        let rect = rect?;
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
                    *pixel = mix(before(px, py), self.brush.color.0, covered * opacity);
                }
            }
        }
        canvas.mark(rect);
        Some(rect)
    }
}

fn mix(under: [u8; 4], over: [u8; 3], share: f32) -> [u8; 4] {
    let channel = |i: usize| {
        let from = f32::from(under[i]);
        (from + (f32::from(over[i]) - from) * share).round() as u8
    };
    [channel(0), channel(1), channel(2), 255]
}
