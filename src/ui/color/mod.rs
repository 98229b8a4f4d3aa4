//! Colours: choosing, picking, shading and keeping them.
//!
//! - `panel.rs` is the panel beside the canvas and what it remembers; `current.rs` the colours that are painted with.
//! - `wells.rs`, `picker/`, `numbers.rs`, `recent.rs` and `palettes/` are the parts of the panel from top to bottom.
//! - `eyedropper/` takes colours from pictures on screen, `ramp.rs` shades one at the pointer.
//! - `kept.rs` keeps what the next launch shows again.

mod current;
mod eyedropper;
mod kept;
mod numbers;
mod palettes;
mod panel;
mod picker;
mod ramp;
mod recent;
mod swatch;
mod wells;

pub(super) use eyedropper::{pick_on_screen, sample_choice};
pub(super) use kept::{keep_now, report};
pub(super) use panel::ColorPanel;
pub(super) use ramp::{close as close_ramp, open as open_ramp};

use egui::Context;

use super::UserCommand;
use super::commands::Services;
use super::state::WindowState;

/// Shows what lies above the panels: the eyedropper's magnifier and the value ramp. Runs once a frame, after the panels.
pub(super) fn show(ctx: &Context, state: &mut WindowState) -> Vec<UserCommand> {
    let mut commands = eyedropper::show(ctx, state);
    commands.extend(ramp::show(ctx, state));
    commands
}

/// Keeps what has changed. Runs once a frame, after the commands.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    // After the commands: the last change of a drag comes with the release.
    if services.ctx.input(|i| i.pointer.any_released()) {
        state.color.current.finish();
    }
    kept::update(state, services);
}
