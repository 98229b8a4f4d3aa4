//! Lets the canvas follow a size that was chosen for the results.
//!
//! The document lets the size of the results follow the canvas.

use super::commands::Services;
use super::placement;
use super::state::WindowState;

/// Runs once a frame. When the results are to have another size than the canvas, an empty canvas or a
/// picture that was just placed follows; for a canvas that was painted on the window asks, see
/// [`differs`].
///
/// `settled` says that nobody is dragging or typing a number now.
pub(super) fn synchronise(state: &mut WindowState, services: &Services, settled: bool) {
    if state.placed.as_ref().is_some_and(|placed| !placed.is_untouched(&state.document)) {
        state.placed = None;
    }
    let Some((_, results)) = differs(state).filter(|_| settled) else { return };
    match &state.placed {
        Some(placed) if placed.requested == results => {}
        Some(_) => placement::change_frame(state, services, results),
        None => {
            state.document.fit_blank_canvas();
        }
    }
}

/// The size of the canvas and the size of the results, if they are different and results are made from all of it.
pub(super) fn differs(state: &WindowState) -> Option<((usize, usize), (usize, usize))> {
    if state.document.frame().is_some() {
        // Results need not be as large as the canvas.
        return None;
    }
    let canvas = (state.document.canvas().width(), state.document.canvas().height());
    let results = (state.document.settings().width, state.document.settings().height);
    (canvas != results).then_some((canvas, results))
}
