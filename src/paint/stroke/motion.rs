//! How fast the pen moves, from where it was and when.

use super::trail::PathPoint;
use crate::paint::PenSample;
use crate::paint::brush::PenReading;

/// Over how many seconds the speed is smoothed.
const SMOOTHING: f32 = 0.04;
/// The speed in pixels a second that counts as a half.
const HALF_SPEED: f32 = 1000.0;

/// Follows the pen and tells its speed.
#[derive(Default)]
pub(super) struct Motion {
    last: Option<PenSample>,
    /// Pixels since the time last changed: all moves of one frame can have the same time.
    distance: f32,
    /// Pixels a second, smoothed.
    speed: f32,
}

impl Motion {
    /// The sample as a point of the stroke's way.
    pub fn to(&mut self, sample: PenSample) -> PathPoint {
        if let Some(last) = self.last.replace(sample) {
            let (dx, dy) = (sample.x - last.x, sample.y - last.y);
            self.distance += (dx * dx + dy * dy).sqrt();
            let passed = (sample.time - last.time) as f32;
            if passed > 0.0 {
                let now = self.distance / passed;
                self.speed += (now - self.speed) * (passed / (passed + SMOOTHING));
                self.distance = 0.0;
            }
        }
        let speed = self.speed / (self.speed + HALF_SPEED);
        let pen = PenReading { pressure: sample.pressure, tilt: sample.tilt, speed };
        PathPoint { x: sample.x, y: sample.y, pen, time: sample.time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_hand_has_its_speed_also_if_moves_share_a_time() {
        for moves in [1, 5] {
            let mut motion = Motion::default();
            let mut last = 0.0;
            for i in 0..100 * moves {
                // 1,000 pixels a second.
                let time = (i / moves) as f64 / 60.0;
                last = motion.to(PenSample::mouse(i as f32 * 1000.0 / 60.0 / moves as f32, 0.0, time)).pen.speed;
            }
            assert!((last - 0.5).abs() < 0.02, "{last} with {moves}");
        }
        let mut motion = Motion::default();
        assert_eq!(motion.to(PenSample::mouse(5.0, 5.0, 1.0)).pen.speed, 0.0);
        assert_eq!(motion.to(PenSample::mouse(500.0, 5.0, 0.5)).pen.speed, 0.0, "a clock that goes back");
    }
}
