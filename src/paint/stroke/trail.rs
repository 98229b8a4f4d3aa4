//! Where dabs lie along a stroke.

use crate::paint::brush::{Brush, PenReading};

/// The shortest distance between dabs, in pixels.
const CLOSEST: f32 = 0.5;
/// The longest time between two samples that counts, in seconds: after a pause of the program an airbrush does not make up
/// for it.
const LONGEST_PAUSE: f64 = 0.1;

/// A place on a stroke's way, and what the pen told there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PathPoint {
    pub x: f32,
    pub y: f32,
    pub pen: PenReading,
    /// Seconds.
    pub time: f64,
}

impl PathPoint {
    /// The point this share of the way to another one.
    pub fn toward(&self, to: &Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Self {
            x: mix(self.x, to.x),
            y: mix(self.y, to.y),
            pen: PenReading {
                pressure: mix(self.pen.pressure, to.pen.pressure),
                tilt: (mix(self.pen.tilt.0, to.pen.tilt.0), mix(self.pen.tilt.1, to.pen.tilt.1)),
                speed: mix(self.pen.speed, to.pen.speed),
            },
            time: self.time + (to.time - self.time) * f64::from(share),
        }
    }
}

/// Places dabs: one at the start, and then one each time distance and time together have gone far enough.
#[derive(Default)]
pub(super) struct Trail {
    last: Option<PathPoint>,
    /// How far the next dab is on its way, `0..1`.
    progress: f32,
}

impl Trail {
    /// The dabs on the way to this point, in order.
    pub fn to(&mut self, brush: &Brush, next: PathPoint, mut lay: impl FnMut(PathPoint)) {
        let Some(mut at) = self.last.replace(next) else {
            lay(next);
            return;
        };
        let pause = ((next.time - at.time).clamp(0.0, LONGEST_PAUSE)) as f32;
        let mut rest = 1.0;
        let distance = ((next.x - at.x) * (next.x - at.x) + (next.y - at.y) * (next.y - at.y)).sqrt();
        loop {
            let (size, ..) = brush.at(&at.pen);
            let spacing = (size / brush.aspect * brush.spacing).max(CLOSEST);
            let dabs = rest * (distance / spacing + pause * brush.rate);
            if self.progress + dabs < 1.0 || dabs <= 0.0 {
                self.progress += dabs;
                return;
            }
            let share = ((1.0 - self.progress) / dabs).clamp(0.0, 1.0);
            at = at.toward(&next, share);
            rest *= 1.0 - share;
            self.progress = 0.0;
            lay(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f32, time: f64) -> PathPoint {
        PathPoint { x, y: 0.0, pen: PenReading { pressure: 1.0, ..PenReading::default() }, time }
    }

    #[test]
    fn dabs_are_evenly_spaced_however_many_samples_there_are() {
        let brush = Brush { size: 20.0, spacing: 0.1, ..Brush::default() };
        for samples in [1, 3, 50, 700] {
            let mut trail = Trail::default();
            let mut places = Vec::new();
            for i in 0..=samples {
                trail.to(&brush, point(100.0 * i as f32 / samples as f32, 0.0), |at| places.push(at.x));
            }
            assert!((50..=51).contains(&places.len()), "{} for {samples}", places.len());
            for (i, x) in places.into_iter().enumerate() {
                assert!((x - 2.0 * i as f32).abs() < 0.05, "{x} at {i} for {samples}");
            }
        }
    }

    #[test]
    fn an_airbrush_goes_on_at_rest_and_does_not_make_up_for_a_pause() {
        let brush = Brush { rate: 20.0, ..Brush::default() };
        let mut trail = Trail::default();
        let mut count = 0;
        for i in 0..=100 {
            trail.to(&brush, point(7.0, i as f64 / 100.0), |_| count += 1);
        }
        assert!((20..=22).contains(&count), "{count}");
        trail.to(&brush, point(7.0, 1e9), |_| count += 1);
        trail.to(&brush, point(7.0, 3.0), |_| count += 1);
        assert!(count <= 25, "{count}");
    }
}
