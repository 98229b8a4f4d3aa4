//! How real steps compare with what the kernels' rates promise, so that estimates improve as work is done.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::{Event, Stage};

/// The slowest and the fastest that is believed, in relation to the rates.
const BELIEVABLE: std::ops::RangeInclusive<f64> = 0.25..=8.0;

/// The ratio of seen to promised seconds. Clones share it.
#[derive(Clone, Debug, Default)]
pub(in crate::diffusion) struct Observed(Arc<Mutex<Option<f64>>>);

impl Observed {
    /// What promised seconds are multiplied by.
    pub fn ratio(&self) -> f64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or(1.0)
    }

    /// Takes in that work that was promised to take `promised` seconds took `seen`.
    pub fn add(&self, promised: f64, seen: f64) {
        let ratio = seen / promised;
        if !ratio.is_finite() || !BELIEVABLE.contains(&ratio) {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(kept.map_or(ratio, |kept| (kept + ratio) / 2.0));
    }
}

/// Times the steps of a job by its events.
#[derive(Debug, Default)]
pub(in crate::diffusion) struct StepClock {
    /// When the latest step of a picture ended, and which picture it was.
    last: Option<(usize, Instant)>,
    /// Steps whose whole time was seen.
    steps: usize,
    time: Duration,
}

impl StepClock {
    /// Takes in an event of the job at the time it came.
    pub fn saw(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Step { image, .. } => {
                if let Some((previous, at)) = self.last
                    && previous == *image
                {
                    self.steps += 1;
                    self.time += now.saturating_duration_since(at);
                }
                self.last = Some((*image, now));
            }
            Event::Stage(Stage::Decoding(_)) | Event::Finished(_) => self.last = None,
            _ => {}
        }
    }

    /// Mean seconds of a step; `None` if fewer than two were seen.
    pub fn seconds_a_step(&self) -> Option<f64> {
        (self.steps > 1).then(|| self.time.as_secs_f64() / self.steps as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_follows_what_is_seen_and_ignores_nonsense() {
        let observed = Observed::default();
        observed.add(0.0, 1.0);
        observed.add(1.0, 1000.0);
        observed.add(f64::NAN, 1.0);
        assert_eq!(observed.ratio(), 1.0);
        observed.clone().add(2.0, 3.0);
        assert_eq!(observed.ratio(), 1.5);
        observed.add(2.0, 5.0);
        assert_eq!(observed.ratio(), 2.0);
    }

    #[test]
    fn only_whole_steps_of_one_picture_count() {
        let begun = Instant::now();
        let at = |tenths: u64| begun + Duration::from_millis(100 * tenths);
        let step = |image| Event::Step { image, step: 1, steps: 9, preview: image::RgbImage::new(1, 1) };
        let mut clock = StepClock::default();
        clock.saw(&step(0), at(50));
        clock.saw(&step(0), at(60));
        assert_eq!(clock.seconds_a_step(), None);
        clock.saw(&step(0), at(72));
        clock.saw(&Event::Stage(Stage::Decoding(0)), at(72));
        clock.saw(&step(1), at(200));
        clock.saw(&step(1), at(208));
        let seconds = clock.seconds_a_step().expect("three steps");
        assert!((seconds - 1.0).abs() < 1e-9, "{seconds}");
    }
}
