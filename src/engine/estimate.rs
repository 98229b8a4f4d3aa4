//! What a round will take, estimated before it begins.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::{Plan, Recommended, SecondPass, Settings};

/// What a round takes on this machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Seconds for all its pictures, with the model loaded.
    pub seconds: f64,
    /// Bytes of memory at the peak, the model among them; `None` where the work uses a device whose memory is not
    /// known.
    pub memory_bytes: Option<u64>,
    /// Bytes of memory that the program may have, what it holds already among them; `None` where that is not known.
    pub available_bytes: Option<u64>,
    /// How often the model is evaluated for one picture; twice at once counts twice.
    pub evaluations: usize,
    /// Whether pictures are encoded and decoded in tiles.
    pub tiled: bool,
    /// Why it does not fit and what would, as sentences; `None` if it fits.
    pub obstacle: Option<String>,
}

/// The files besides the model that a round uses, and that an estimator may have to look into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundFiles {
    /// Files and folders of controls, each once.
    pub controls: Vec<PathBuf>,
    /// Files of networks that enlarge, each once.
    pub upscalers: Vec<PathBuf>,
}

impl RoundFiles {
    /// The files of a round with these settings.
    pub fn of(settings: &Settings) -> Self {
        let mut files = Self::default();
        files.add(Self {
            controls: settings.controls.iter().map(|control| control.model.clone()).collect(),
            upscalers: settings.second_pass.iter().filter_map(|pass| pass.upscaler.file()).map(Into::into).collect(),
        });
        files
    }

    /// Adds the files of another round. Gives whether one of them is new.
    pub fn add(&mut self, other: Self) -> bool {
        let mut is_new = false;
        for (known, added) in [(&mut self.controls, other.controls), (&mut self.upscalers, other.upscalers)] {
            for file in added {
                if !known.contains(&file) {
                    known.push(file);
                    is_new = true;
                }
            }
        }
        is_new
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.controls.is_empty() && self.upscalers.is_empty()
    }
}

/// Estimates rounds with one model.
pub trait Estimator: Debug + Send + Sync {
    /// What a round with these settings and this plan takes; `has_start` says whether there is a picture to start
    /// from. Quick enough to be asked whenever a setting changes.
    fn estimate(&self, settings: &Settings, plan: &Plan, has_start: bool) -> Estimate;

    /// Seconds that the enlarging of a second pass takes for a picture of this size; `None` where that is not known, as of
    /// a network whose file the estimator does not know, see [`Estimator::knowing`].
    fn enlarging_seconds(&self, pass: &SecondPass, start: (u32, u32)) -> Option<f64> {
        let _ = (pass, start);
        None
    }

    /// An estimator for the same model that knows these files, whose headers it reads; `None` where they make no
    /// difference. Not for the window's thread.
    fn knowing(&self, files: &RoundFiles) -> Option<Arc<dyn Estimator>> {
        let _ = files;
        None
    }

    /// What the model's maker suggests.
    fn recommended(&self) -> Recommended;
}

impl Estimate {
    /// The estimate in a few words: `about 4 min, 3.1 GB`.
    pub fn summary(&self) -> String {
        let time = duration(self.seconds);
        match self.memory_bytes {
            Some(bytes) => format!("about {time}, {:.1} GB", bytes as f64 / 1e9),
            None => format!("about {time}"),
        }
    }
}

/// A duration to about a tenth of itself: `8 s`, `1.5 min`, `40 min`, `2.5 h`.
pub fn duration(seconds: f64) -> String {
    let tidy =
        |value: f64| if value < 10.0 { format!("{}", (value * 2.0).round() / 2.0) } else { format!("{value:.0}") };
    if !seconds.is_finite() {
        return "an unknown time".into();
    }
    match seconds {
        s if s < 1.0 => "1 s".into(),
        s if s < 90.0 => format!("{:.0} s", s),
        s if s < 5400.0 => format!("{} min", tidy(s / 60.0)),
        s => format!("{} h", tidy(s / 3600.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_no_more_digits_than_an_estimate_deserves() {
        let estimate = |seconds, memory_bytes| Estimate {
            seconds,
            memory_bytes,
            available_bytes: None,
            evaluations: 8,
            tiled: false,
            obstacle: None,
        };
        for (seconds, text) in [
            (0.2, "1 s"),
            (61.4, "61 s"),
            (100.0, "1.5 min"),
            (247.0, "4 min"),
            (1500.0, "25 min"),
            (9000.0, "2.5 h"),
            (f64::INFINITY, "an unknown time"),
        ] {
            assert_eq!(estimate(seconds, None).summary(), format!("about {text}"));
        }
        assert_eq!(estimate(247.0, Some(3_140_000_000)).summary(), "about 4 min, 3.1 GB");
    }
}
