//! One dab of a brush.

use super::mark::{Mark, RowSpan, span_of};
use crate::paint::brush::{Brush, Falloff, PenReading, Tip};
use crate::paint::wide::wide;
use crate::paint::{PixelRect, Size};

/// Less than this many pixels from full coverage a dab is computed pixel by pixel.
const MARGIN: f32 = 0.01;

/// One dab: the tip at one place, as large, turned and strong as the pen made it there.
#[derive(Clone, Debug)]
pub(super) struct Dab {
    pub x: f32,
    pub y: f32,
    /// Half of the longer diameter, in pixels.
    radius: f32,
    falloff: Falloff,
    tip: Tip,
    aspect: f32,
    /// Sine and cosine of the angle by which the tip is turned.
    turn: (f32, f32),
    /// The highest coverage that the dab leads to, `0..=1`.
    pub ceiling: f32,
    /// How far it leads there, `0..=1`.
    pub flow: f32,
    /// Coverage of the whole dab, less than 1 for one that is smaller than a pixel.
    strength: f32,
    builds_up: bool,
}

impl Dab {
    /// The dab of a brush at this place. Its ceiling is relative to the brush's opacity.
    pub fn new(brush: &Brush, (x, y): (f32, f32), pen: &PenReading) -> Self {
        let (size, opacity, flow, hardness, angle) = brush.at(pen);
        let (aspect, width) = (brush.aspect, size / brush.aspect);
        let (x, y, width, falloff) = if brush.antialias {
            (x, y, width, Falloff::smooth(width, hardness))
        } else {
            let width = width.round().max(1.0);
            (snapped(x, width), snapped(y, width), width, Falloff::binary(width))
        };
        // In double precision, so that all systems round to the same numbers.
        let (sin, cos) = f64::from(angle).to_radians().sin_cos();
        Self {
            x,
            y,
            radius: width * aspect / 2.0,
            falloff,
            tip: brush.tip,
            aspect,
            turn: (sin as f32, cos as f32),
            ceiling: if brush.opacity > 0.0 { opacity / brush.opacity } else { 0.0 },
            flow,
            strength: if brush.antialias { width.min(1.0) } else { 1.0 },
            builds_up: brush.rate > 0.0,
        }
    }

    /// The dab mirrored at vertical and horizontal axes, at its new place.
    #[must_use]
    pub fn mirrored(&self, (x, y): (f32, f32), is_flipped: bool) -> Self {
        let (sin, cos) = self.turn;
        Self { x, y, turn: (if is_flipped { -sin } else { sin }, cos), ..self.clone() }
    }

    /// How far from its centre it reaches, in pixels.
    pub fn reach(&self) -> f32 {
        let outer = self.falloff.outer;
        let farthest = match self.tip {
            Tip::Round => outer * self.aspect,
            // The corner of the rectangle.
            Tip::Flat => (outer * outer + (self.radius + 0.5) * (self.radius + 0.5)).sqrt(),
        };
        farthest + 1.0
    }

    /// What of a pixel it covers, `0..=1`, at this distance of the pixel's centre from its own.
    #[inline(always)]
    pub fn profile(&self, dx: f32, dy: f32) -> f32 {
        let (sin, cos) = self.turn;
        let (along, across) = (dx * cos + dy * sin, dy * cos - dx * sin);
        let half_width = self.radius / self.aspect;
        self.falloff.at(self.tip.distance(along, across, half_width, self.aspect)) * self.strength
    }

    fn is_circle(&self) -> bool {
        self.tip == Tip::Round && self.aspect <= 1.0
    }

    /// Raises coverages to which the dab gives these shares of a pixel.
    #[inline(always)]
    fn raise(&self, coverage: &mut [f32], profile: impl Fn(i32) -> f32) -> bool {
        let (ceiling, flow) = (self.ceiling, self.flow);
        let mut changed = false;
        if self.builds_up {
            for (i, covered) in coverage.iter_mut().enumerate() {
                let raised = *covered + (ceiling - *covered).max(0.0) * (flow * profile(i as i32));
                changed |= raised > *covered;
                *covered = raised;
            }
        } else {
            for (i, covered) in coverage.iter_mut().enumerate() {
                let raised = *covered + (ceiling * profile(i as i32) - *covered).max(0.0) * flow;
                changed |= raised > *covered;
                *covered = raised;
            }
        }
        changed
    }
}

impl Mark for Dab {
    fn rect(&self, size: Size) -> Option<PixelRect> {
        let (x, y, reach) = (self.x, self.y, self.reach());
        PixelRect::around(x - reach, y - reach, x + reach, y + reach, size.width(), size.height())
    }

    fn span(&self, y: usize, width: usize) -> Option<RowSpan> {
        let down = y as f32 + 0.5 - self.y;
        let extent = |reach: f32| {
            let half = (reach * reach - down * down).max(0.0).sqrt();
            (down.abs() <= reach).then(|| (f64::from(self.x - half), f64::from(self.x + half)))
        };
        let full = self.falloff.inner - MARGIN;
        let inner = if self.is_circle() && full > 0.0 { extent(full) } else { None };
        let reach = if self.is_circle() { self.falloff.outer + MARGIN } else { self.reach() };
        span_of(extent(reach)?, inner, width)
    }

    fn cover(&self, x: usize, y: usize, coverage: &mut [f32]) -> bool {
        let down = y as f32 + 0.5 - self.y;
        let right = |i: i32| (x as i32 + i) as f32 + 0.5 - self.x;
        if self.is_circle() {
            let (falloff, strength, down2) = (self.falloff, self.strength, down * down);
            return wide!({
                self.raise(coverage, |i| {
                    let dx = right(i);
                    falloff.at((dx * dx + down2).sqrt()) * strength
                })
            });
        }
        wide!(self.raise(coverage, |i| self.profile(right(i), down)))
    }

    fn cover_fully(&self, coverage: &mut [f32]) -> bool {
        let strength = self.strength;
        self.raise(coverage, |_| strength)
    }
}

/// The nearest place for the middle of a tip that covers whole pixels, `width` of them.
pub(super) fn snapped(place: f32, width: f32) -> f32 {
    if width % 2.0 == 0.0 { place.round() } else { place.floor() + 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::BrushAction;

    fn dab(brush: &Brush) -> Dab {
        Dab::new(brush, (20.3, 19.8), &PenReading { pressure: 1.0, ..PenReading::default() })
    }

    #[test]
    fn spans_leave_nothing_out_and_fill_only_what_is_full() {
        for tip in [Tip::Round, Tip::Flat] {
            for (size, aspect, angle) in [(24.0, 1.0, 0.0), (30.0, 4.0, 33.0), (1.0, 1.0, 0.0), (13.0, 20.0, 90.0)] {
                for antialias in [true, false] {
                    let brush = Brush { tip, size, aspect, angle, antialias, ..Brush::default() };
                    let dab = dab(&brush);
                    for y in 0..40 {
                        let mut exact = [0.0; 40];
                        dab.cover(0, y, &mut exact);
                        let span = dab.span(y, 40).unwrap_or_default();
                        for (x, covered) in exact.into_iter().enumerate() {
                            assert!((span.x0..span.x1).contains(&x) || covered == 0.0, "{brush:?} at {x}, {y}");
                            assert!(!(span.full0..span.full1).contains(&x) || covered == 1.0, "{brush:?} at {x}, {y}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn dabs_build_up_to_their_ceiling_and_no_further() {
        let faint = Brush { flow: 0.3, ..Brush::default() };
        let air = Brush { rate: 30.0, ..faint.clone() };
        for brush in [faint, air, Brush { action: BrushAction::Erase, flow: 0.7, ..Brush::default() }] {
            let mut dab = dab(&brush);
            dab.ceiling = 0.6;
            let mut row = [0.0; 40];
            let mut last = 0.0;
            for _ in 0..50 {
                dab.cover(0, 20, &mut row);
                assert!(row[20] >= last && row.iter().all(|c| *c <= 0.6 + 1e-6), "{row:?}");
                last = row[20];
            }
            assert!(last > 0.59, "{last}");
        }
    }
}
