//! Says how far fetching is.

use super::fetches::{Fetch, FetchState};
use crate::engine::duration;
use crate::hub::{FetchStage, Progress};
use crate::models::size_text;

/// How far something is, as a row shows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FetchLine {
    /// Which share is done, in `0.0..=1.0`; `None` while that is not known.
    pub share: Option<f32>,
    /// Stage, percentage, speed and the time that is left.
    pub text: String,
}

impl FetchLine {
    /// What to say of something that did not fail.
    pub fn of(fetch: &Fetch) -> Self {
        let is_paused = fetch.control.is_paused();
        match &fetch.state {
            FetchState::Working(progress) => {
                let stage = if is_paused { FetchStage::Paused } else { progress.stage };
                let progress = Progress { stage, ..*progress };
                Self { share: share(&progress), text: text(&progress) }
            }
            FetchState::Done => Self { share: Some(1.0), text: "Fetched; searching the folders".into() },
            FetchState::Queued | FetchState::Failed { .. } => {
                Self { share: None, text: if is_paused { "Paused" } else { "Waiting for its turn" }.into() }
            }
        }
    }
}

fn share(progress: &Progress) -> Option<f32> {
    let total = progress.total.filter(|total| *total > 0)?;
    Some((progress.bytes as f64 / total as f64).min(1.0) as f32)
}

fn text(progress: &Progress) -> String {
    let stage = match progress.stage {
        FetchStage::Waiting => return "Waiting for another program that fetches it".into(),
        FetchStage::Fetching => "Fetching",
        FetchStage::Paused => "Paused",
        FetchStage::Checking => "Checking",
    };
    let done = match share(progress) {
        // The last hundredth is complete only at the end.
        Some(share) => format!("{stage}: {} %", (share * 100.0).floor()),
        None => format!("{stage}: {}", size_text(progress.bytes)),
    };
    if progress.stage == FetchStage::Paused {
        return done;
    }
    let speed = progress.bytes_per_second.map(|speed| format!(", {} a second", size_text(speed))).unwrap_or_default();
    let left = progress.seconds_left.map(|left| format!(", about {} left", duration(left as f64))).unwrap_or_default();
    format!("{done}{speed}{left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_stage_percentage_speed_and_time() {
        let progress = |stage, bytes, total| Progress {
            stage,
            bytes,
            total,
            bytes_per_second: Some(5_000_000),
            seconds_left: Some(240),
        };
        for (stage, bytes, total, says) in [
            (FetchStage::Fetching, 419, Some(1000), "Fetching: 41 %, 5 MB a second, about 4 min left"),
            (FetchStage::Checking, 1000, Some(1000), "Checking: 100 %, 5 MB a second, about 4 min left"),
            (FetchStage::Paused, 999, Some(1000), "Paused: 99 %"),
            (FetchStage::Waiting, 0, None, "Waiting for another program that fetches it"),
        ] {
            assert_eq!(text(&progress(stage, bytes, total)), says);
        }
        let unknown =
            Progress { bytes_per_second: None, seconds_left: None, ..progress(FetchStage::Fetching, 12_000_000, None) };
        assert_eq!((text(&unknown).as_str(), share(&unknown)), ("Fetching: 12 MB", None));
        assert_eq!(share(&progress(FetchStage::Fetching, u64::MAX, Some(0))), None);
        assert_eq!(share(&progress(FetchStage::Fetching, 9, Some(3))), Some(1.0));
    }
}
