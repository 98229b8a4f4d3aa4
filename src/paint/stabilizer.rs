//! Smoothing of a shaky hand: the stroke follows the pen at a distance.

use serde::{Deserialize, Serialize};

use super::PenSample;

/// How a stroke follows the pen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stabilizer {
    /// Exactly.
    #[default]
    Off,
    /// It lags behind by about this many pixels, which evens out what is shorter. While the pen rests it catches up.
    Weighted(f32),
    /// It is drawn along by a rope of this many pixels: a hand that moves within them moves nothing.
    Rope(f32),
}

impl Stabilizer {
    /// The distances on offer, in pixels.
    pub const DISTANCES: std::ops::RangeInclusive<f32> = 1.0..=300.0;
}

/// Less than this many pixels from the pen, a stroke has caught up.
const NEAR: f32 = 0.3;
/// How many seconds at rest bring a weighted stroke as far as its distance does.
const REST: f64 = 0.08;
/// The longest step in which a weighted stroke is computed, as a share of its distance.
const STEP: f32 = 0.125;
/// The most steps between two samples.
const MOST_STEPS: usize = 256;

/// Follows a pen with a stabiliser.
pub(super) struct Follower {
    stabilizer: Stabilizer,
    /// The pen, and the place between pen and stroke that a weighted stroke follows.
    pen: Option<(PenSample, PenSample)>,
    /// Where the stroke is.
    at: Option<PenSample>,
}

impl Follower {
    pub fn new(stabilizer: Stabilizer) -> Self {
        let within = |distance: f32| {
            let range = Stabilizer::DISTANCES;
            if distance.is_nan() { *range.start() } else { distance.clamp(0.01, *range.end()) }
        };
        let stabilizer = match stabilizer {
            Stabilizer::Off => Stabilizer::Off,
            Stabilizer::Weighted(distance) => Stabilizer::Weighted(within(distance)),
            Stabilizer::Rope(length) => Stabilizer::Rope(within(length)),
        };
        Self { stabilizer, pen: None, at: None }
    }

    /// Whether the stroke moves on while the pen rests: until it is where the pen is.
    pub fn catches_up(&self) -> bool {
        let is_behind = |at: PenSample| self.pen.is_some_and(|(pen, _)| distance(at, pen) > NEAR);
        matches!(self.stabilizer, Stabilizer::Weighted(_)) && self.at.is_some_and(is_behind)
    }

    /// Where the stroke goes when the pen goes here.
    pub fn to(&mut self, pen: PenSample, mut go: impl FnMut(PenSample)) {
        let Some(at) = self.at else {
            self.pen = Some((pen, pen));
            self.at = Some(pen);
            go(pen);
            return;
        };
        match self.stabilizer {
            Stabilizer::Off => {
                self.at = Some(pen);
                go(pen);
            }
            Stabilizer::Rope(length) => {
                let distance = distance(at, pen);
                // The pressure and the time are the pen's, only the place lags behind.
                let share = if distance > length { 1.0 - length / distance } else { 0.0 };
                let at = PenSample { x: at.x + (pen.x - at.x) * share, y: at.y + (pen.y - at.y) * share, ..pen };
                (self.pen, self.at) = (Some((pen, pen)), Some(at));
                go(at);
            }
            Stabilizer::Weighted(lag) => self.weighted(pen, lag, go),
        }
    }

    /// The pen was lifted: the stroke goes on to where it was.
    pub fn lift(&mut self, mut go: impl FnMut(PenSample)) {
        if let (Some((pen, _)), Some(at)) = (self.pen.take(), self.at.take())
            && self.stabilizer != Stabilizer::Off
            && (at.x, at.y) != (pen.x, pen.y)
        {
            go(pen);
        }
    }

    /// Goes in short steps, so that the way is the same however often the pen is asked.
    fn weighted(&mut self, pen: PenSample, lag: f32, mut go: impl FnMut(PenSample)) {
        let (Some((last, mut middle)), Some(mut at)) = (self.pen, self.at) else { return };
        let rest = ((pen.time - last.time).clamp(0.0, 1.0) / REST) as f32;
        let moved = distance(last, pen) / lag + rest;
        let steps = ((moved / STEP).ceil().max(1.0) as usize).min(MOST_STEPS);
        let share = {
            let step = moved / steps as f32;
            step / (step + 1.0)
        };
        for step in 1..=steps {
            let target = toward(last, pen, step as f32 / steps as f32);
            // Followed twice, so that the stroke has no corners.
            middle = toward(middle, target, share);
            at = PenSample {
                time: target.time,
                pressure: target.pressure,
                tilt: target.tilt,
                ..toward(at, middle, share)
            };
            go(at);
        }
        (self.pen, self.at) = (Some((pen, middle)), Some(at));
    }
}

fn distance(a: PenSample, b: PenSample) -> f32 {
    ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).sqrt()
}

/// The sample this share of the way from one to another.
fn toward(from: PenSample, to: PenSample, share: f32) -> PenSample {
    let mix = |a: f32, b: f32| a + (b - a) * share;
    PenSample {
        x: mix(from.x, to.x),
        y: mix(from.y, to.y),
        pressure: mix(from.pressure, to.pressure),
        tilt: (mix(from.tilt.0, to.tilt.0), mix(from.tilt.1, to.tilt.1)),
        time: from.time + (to.time - from.time) * f64::from(share),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leads a pen along, and returns where the stroke went.
    fn follow(stabilizer: Stabilizer, pen: &[(f32, f32)]) -> Vec<(f32, f32)> {
        let mut follower = Follower::new(stabilizer);
        let mut way = Vec::new();
        for (i, (x, y)) in pen.iter().enumerate() {
            follower.to(PenSample::mouse(*x, *y, i as f64 / 1000.0), |at| way.push((at.x, at.y)));
        }
        follower.lift(|at| way.push((at.x, at.y)));
        way
    }

    fn roughness(way: &[(f32, f32)]) -> f32 {
        way.iter().map(|(_, y)| (y - 50.0).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn every_stroke_begins_and_ends_where_the_pen_does() {
        let pen: Vec<(f32, f32)> = (0..200).map(|i| (i as f32, 50.0 + (i % 7) as f32 - 3.0)).collect();
        for stabilizer in
            [Stabilizer::Off, Stabilizer::Weighted(40.0), Stabilizer::Rope(30.0), Stabilizer::Rope(f32::NAN)]
        {
            let way = follow(stabilizer, &pen);
            assert_eq!((way.first(), way.last()), (pen.first(), pen.last()), "{stabilizer:?}");
        }
        assert_eq!(follow(Stabilizer::Off, &pen), pen);
    }

    #[test]
    fn a_shaky_line_becomes_smooth() {
        let pen: Vec<(f32, f32)> = (0..400).map(|i| (i as f32, if i % 2 == 0 { 46.0 } else { 54.0 })).collect();
        let weighted = follow(Stabilizer::Weighted(40.0), &pen);
        let rope = follow(Stabilizer::Rope(40.0), &pen);
        // What lies between the start and the last step to the pen.
        assert!(roughness(&weighted[weighted.len() / 2..weighted.len() - 1]) < 1.0);
        assert!(roughness(&rope[rope.len() / 2..rope.len() - 1]) < 2.0);
    }

    #[test]
    fn a_rope_that_hangs_loose_moves_nothing() {
        let way = follow(Stabilizer::Rope(20.0), &[(50.0, 50.0), (60.0, 55.0), (45.0, 40.0), (65.0, 50.0)]);
        assert_eq!(way, [(50.0, 50.0), (50.0, 50.0), (50.0, 50.0), (50.0, 50.0), (65.0, 50.0)]);
    }

    #[test]
    fn a_weighted_stroke_catches_up_while_the_pen_rests() {
        let mut follower = Follower::new(Stabilizer::Weighted(100.0));
        let mut at = PenSample::mouse(0.0, 0.0, 0.0);
        for i in 0..100 {
            let x = if i == 0 { 0.0 } else { 80.0 };
            follower.to(PenSample::mouse(x, 0.0, f64::from(i) / 60.0), |now| at = now);
            assert!(i != 2 || follower.catches_up());
        }
        assert!(!follower.catches_up() && (at.x - 80.0).abs() < 0.5, "{at:?}");
    }

    #[test]
    fn the_way_hardly_depends_on_how_often_the_pen_is_asked() {
        let few: Vec<(f32, f32)> = (0..=4).map(|i| (i as f32 * 50.0, 50.0)).collect();
        let many: Vec<(f32, f32)> = (0..=200).map(|i| (i as f32, 50.0)).collect();
        let end = |pen: &[(f32, f32)]| {
            let mut follower = Follower::new(Stabilizer::Weighted(50.0));
            let mut last = 0.0;
            pen.iter().for_each(|(x, y)| follower.to(PenSample::mouse(*x, *y, 0.0), |at| last = at.x));
            last
        };
        assert!((end(&few) - end(&many)).abs() < 4.0, "{} and {}", end(&few), end(&many));
    }
}
