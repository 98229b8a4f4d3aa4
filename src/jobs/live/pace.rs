//! How long frames take.

use crate::engine::{LiveQuality, LiveSize};

/// The weight of the latest frame in the average.
const LATEST: f64 = 0.3;

/// The average time of a frame of each quality, in seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct LivePace {
    rough: Option<f64>,
    full: Option<f64>,
}

impl LivePace {
    /// The average time of a frame; `None` before the first one.
    pub fn of(&self, quality: LiveQuality) -> Option<f64> {
        match quality {
            LiveQuality::Rough => self.rough,
            LiveQuality::Full => self.full,
        }
    }

    /// A frame took this long.
    pub fn measured(&mut self, quality: LiveQuality, seconds: f64) {
        let average = match quality {
            LiveQuality::Rough => &mut self.rough,
            LiveQuality::Full => &mut self.full,
        };
        *average = Some(match *average {
            // The first frame may have loaded something.
            Some(average) if seconds * 2.0 >= average => average + (seconds - average) * LATEST,
            _ => seconds,
        });
    }

    /// Rough frames have another size from now on.
    pub fn resized(&mut self, before: LiveSize, now: LiveSize) {
        self.rough = self.rough.map(|seconds| seconds * now.pixels() / before.pixels());
    }

    /// A frame that was given up had taken this long: the average is not less.
    pub fn at_least(&mut self, quality: LiveQuality, seconds: f64) {
        if self.of(quality).is_none_or(|average| average < seconds) {
            self.measured(quality, seconds);
        }
    }
}
