//! Keeps the size of the canvas and the size of the results together.

use super::commands::Services;
use super::placement;
use super::state::WindowState;
use crate::engine::Settings;
use crate::paint::{Canvas, Rgb};

/// The size that the canvas had in the previous frame.
#[derive(Default)]
pub(super) struct CanvasSize {
    seen: Option<(usize, usize)>,
}

/// Runs once a frame. When the canvas has a new size (a picture was opened, a result painted over,
/// a change undone), the width and height of the settings follow. When the settings have a new
/// size, an empty canvas or a picture that was just placed follows; for a canvas that was painted
/// on the window asks, see [`differs`].
///
/// `settled` says that nobody is dragging or typing a number now.
pub(super) fn synchronise(state: &mut WindowState, services: &Services, settled: bool) {
    let work = &mut state.work;
    let canvas = (work.painting.canvas().width(), work.painting.canvas().height());
    let settings = (work.settings.width, work.settings.height);
    if state.placed.as_ref().is_some_and(|placed| !placed.is_untouched(work)) {
        state.placed = None;
    }
    if state.canvas_size.seen.replace(canvas) != Some(canvas) {
        (work.settings.width, work.settings.height) = (valid_side(canvas.0), valid_side(canvas.1));
    } else if settings == canvas || !settled || work.settings.check().is_err() {
        // Nothing to do, or not yet.
    } else if let Some(placed) = state.placed.as_ref() {
        if placed.requested != settings {
            let placement = placed.placement.within_canvas();
            placement::change(state, services, placement);
        }
    } else if work.painting.canvas().is_blank() {
        let paper = work.painting.canvas().color_at(0, 0).unwrap_or(Rgb::WHITE);
        let ancestry = work.ancestry.clone();
        work.replace_canvas(Canvas::new(settings.0, settings.1, paper), paper, ancestry);
        state.canvas_size.seen = Some(settings);
    }
}

/// The size of the canvas and the size of the results, if they are different.
pub(super) fn differs(state: &WindowState) -> Option<((usize, usize), (usize, usize))> {
    let canvas = (state.work.painting.canvas().width(), state.work.painting.canvas().height());
    let results = (state.work.settings.width, state.work.settings.height);
    (canvas != results).then_some((canvas, results))
}

/// The closest side that results can have.
fn valid_side(side: usize) -> usize {
    let step = Settings::SIDE_STEP;
    ((side + step / 2) / step * step).clamp(step, Settings::MAX_SIDE)
}
