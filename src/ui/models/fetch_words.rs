//! Says how far fetching is.

use super::fetch_queue::{Fetch, FetchState};
use super::fetches::Fetches;
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
    /// What to say of something that did not fail. `ahead` are fetched before it, and `is_offline` says that nothing
    /// may be fetched now.
    pub fn of(fetch: &Fetch, ahead: usize, is_offline: bool) -> Self {
        match &fetch.state {
            FetchState::Working(progress) => {
                let stage = if fetch.is_paused { FetchStage::Paused } else { progress.stage };
                let progress = Progress { stage, ..*progress };
                Self { share: share(&progress), text: text(&progress) }
            }
            FetchState::Done => Self { share: Some(1.0), text: "Fetched; searching the folders".into() },
            FetchState::Queued(Some(reached)) if fetch.is_paused => {
                let progress = Progress { stage: FetchStage::Paused, ..*reached };
                Self { share: share(&progress), text: text(&progress) }
            }
            FetchState::Queued(reached) => {
                let text = match ahead {
                    _ if fetch.is_unanswered => "Not finished last time; waits until you go on".to_owned(),
                    _ if fetch.is_paused => "Paused".to_owned(),
                    _ if is_offline => "Waiting until Offline is turned off".to_owned(),
                    0 => "Waiting for its turn".to_owned(),
                    1 => "Waiting for its turn, after 1 other".to_owned(),
                    ahead => format!("Waiting for its turn, after {ahead} others"),
                };
                Self { share: reached.as_ref().and_then(share), text }
            }
            FetchState::Starting => Self { share: None, text: "Asking the server".into() },
            FetchState::CutOff { .. } | FetchState::Failed { .. } => Self { share: None, text: "Not fetched".into() },
        }
    }
}

/// One line about everything that is fetched, for the settings; `None` if there is nothing to wait for.
pub(in crate::ui) fn downloads_line(fetches: &Fetches) -> Option<String> {
    let wanted: Vec<&Fetch> = fetches.queue.list().iter().filter(|fetch| fetch.is_wanted()).collect();
    let count = match wanted.len() {
        0 => return None,
        1 => "1 download".to_owned(),
        count => format!("{count} downloads"),
    };
    let works = |fetch: &&&Fetch| matches!(fetch.state, FetchState::Starting | FetchState::Working(_));
    if wanted.iter().all(|fetch| fetch.is_paused) {
        return Some(format!("{count}, paused"));
    }
    if fetches.is_offline() {
        return Some(format!("{count}, offline"));
    }
    match wanted.iter().find(works).filter(|fetch| !fetch.is_paused) {
        Some(Fetch { state: FetchState::Working(progress), .. }) => {
            let done = share(progress).map(|share| format!(" {} %", (share * 100.0).floor())).unwrap_or_default();
            let verb = if progress.stage == FetchStage::Checking { "checking" } else { "fetching" };
            Some(format!("{count}, {verb}{done}"))
        }
        Some(_) => Some(format!("{count}, fetching")),
        None if fetches.queue.is_cut_off() => Some(format!("{count}, no connection")),
        None => Some(format!("{count}, waiting")),
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
