//! What the bar of live painting says.

use super::state::LiveObstacle;
use crate::engine::LiveQuality;
use crate::ui::state::WindowState;

/// What is shown in place of the first frame.
pub(super) fn before_the_first(state: &WindowState) -> &'static str {
    match state.live.obstacle {
        None => "The first frame is being made.",
        Some(_) => "No frame yet; the line below says why.",
    }
}

/// What is going on, as a short line.
pub(super) fn status(state: &WindowState) -> String {
    let live = &state.live;
    match &live.obstacle {
        Some(LiveObstacle::Queue) => return "Waits for the rounds in the queue.".into(),
        Some(LiveObstacle::Model) => return "Waits for the model.".into(),
        Some(LiveObstacle::Comparing | LiveObstacle::Document) => return "Waits.".into(),
        Some(LiveObstacle::Settings(reason)) => return reason.clone(),
        Some(LiveObstacle::NothingChanges) => {
            return "Nothing would change: paint something, or remove the mask.".into();
        }
        None => {}
    }
    let Some(shown) = &live.shown else { return "Making the first frame".into() };
    let seed = shown.source.kept.seed;
    let seconds = live.scheduler.seconds(LiveQuality::Full).or_else(|| live.scheduler.seconds(LiveQuality::Rough));
    let pace = seconds.map(|seconds| format!("  ·  {seconds:.1} s a frame")).unwrap_or_default();
    // In a narrow window only the beginning is seen.
    let what = match (live.scheduler.is_current(), shown.frame.quality) {
        (true, LiveQuality::Full) => "Up to date",
        (true, LiveQuality::Rough) => "First look",
        (false, _) => "Following",
    };
    format!("{what}{pace}  ·  seed {seed}")
}
