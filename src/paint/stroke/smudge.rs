//! Smudging: a dab takes the colours under it along and leaves them at the next place.

use super::dab::Dab;
use super::ground::{Ground, GroundRow};
use super::lay::Ink;
use super::mark::Mark;
use crate::paint::Mixing;
use crate::paint::brush::{Brush, Tip};
use crate::paint::mixing::round;
use crate::paint::tile::TilePlace;

/// The colours that a smudging tip carries: red, green and blue times alpha, and alpha, `0..=255`.
#[derive(Default)]
pub(super) struct Smudge {
    /// A square around the tip's centre, row by row; empty before the first dab.
    carried: Vec<[f32; 4]>,
    /// Pixels from the centre of the square to its edge.
    half: i64,
}

impl Smudge {
    /// For this brush.
    pub fn new(brush: &Brush) -> Self {
        // A square reaches further at its corners, and an ellipse fades out over a pixel of its shorter side.
        let corner = if brush.tip == Tip::Flat { 1.42 } else { 1.0 };
        Self { carried: Vec::new(), half: ((brush.reach() + brush.aspect) * corner).ceil() as i64 + 2 }
    }

    /// Leaves the colours of the last place with this opacity, and takes along those of this one.
    pub fn dab(&mut self, dab: &Dab, ink: &Ink, ground: &mut Ground<'_>) {
        let (x, y) = (dab.x.floor() as i64, dab.y.floor() as i64);
        let side = (2 * self.half + 1) as usize;
        let place = |i: usize| ((i % side) as i64 - self.half + x, (i / side) as i64 - self.half + y);
        if self.carried.is_empty() {
            self.carried = (0..side * side).map(|i| premultiplied(ground.pixel(place(i).0, place(i).1))).collect();
            return;
        }
        let size = ground.size();
        let Some(rect) = dab.rect(size) else { return };
        let (keep, leave) = (dab.flow, dab.ceiling * ink.opacity);
        let keeps_alpha = matches!(ink.mixing, Mixing::PaintInside(_));
        // Of what lies outside the canvas nothing is taken along.
        for tile in TilePlace::touched_by(rect) {
            let part = tile.rect(size);
            for row in part.y0.max(rect.y0)..part.y1.min(rect.y1) {
                let Some(span) = dab.span(row, size.width()) else { continue };
                let (x0, x1) = (span.x0.max(part.x0), span.x1.min(part.x1));
                let line = row as i64 - y + self.half;
                let first = x0 as i64 - x + self.half;
                if x0 >= x1 || line < 0 || line >= side as i64 || first < 0 || first as usize + x1 - x0 > side {
                    continue;
                }
                let start = line as usize * side + first as usize;
                let carried = &mut self.carried[start..start + x1 - x0];
                let Some(GroundRow { pixels, .. }) = ground.row(tile, row, x0, x1) else { continue };
                let down = row as f32 + 0.5 - dab.y;
                for (i, (pixel, carried)) in pixels.iter_mut().zip(carried).enumerate() {
                    let under = premultiplied(*pixel);
                    let share = dab.profile((x0 + i) as f32 + 0.5 - dab.x, down) * leave;
                    let mut mixed = [0.0; 4];
                    for channel in 0..4 {
                        carried[channel] = under[channel] + (carried[channel] - under[channel]) * keep;
                        mixed[channel] = under[channel] + (carried[channel] - under[channel]) * share;
                    }
                    if share > 0.0 {
                        *pixel = match (straight(mixed), *pixel) {
                            (after, _) if !keeps_alpha => after,
                            // Colour moves only where there was and is some.
                            ([r, g, b, 1..=255], [.., alpha @ 1..=255]) => [r, g, b, alpha],
                            (_, before) => before,
                        };
                    }
                }
            }
        }
        ground.mark(rect);
    }
}

fn premultiplied([r, g, b, a]: [u8; 4]) -> [f32; 4] {
    let alpha = f32::from(a) / 255.0;
    [f32::from(r) * alpha, f32::from(g) * alpha, f32::from(b) * alpha, f32::from(a)]
}

fn straight([r, g, b, a]: [f32; 4]) -> [u8; 4] {
    let alpha = round(a.clamp(0.0, 255.0));
    if alpha == 0 {
        return [0; 4];
    }
    let channel = |v: f32| round((v * 255.0 / a).clamp(0.0, 255.0));
    [channel(r), channel(g), channel(b), alpha]
}
