//! Which machines make the pictures: this one, and servers by their addresses.
//!
//! - `state.rs` is the list with what the servers said; `view.rs` is its dialog; `question.rs` asks before anything is sent
//!   to a server for the first time.
//! - `choosing.rs` hands the choice to the engine's thread, and finds the model to go on with.

mod choosing;
mod question;
mod state;
mod view;

pub(super) use choosing::{apply_choice, ask_all, health_arrived};
pub(super) use state::{Engines, WantedModel};

use egui::Context;

use super::UserCommand;
use super::commands::Services;
use super::state::WindowState;
use crate::jobs::FileTask;

/// Shows the dialogs that are open.
pub(super) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    // The question lies alone over the window: its answer changes the list.
    if state.engines.question.is_some() {
        return question::show(ctx, state);
    }
    view::show(ctx, state)
}

/// Keeps the list where it changed. Runs once a frame.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    if let Some(kept) = state.engines.take_changes() {
        services.jobs.files(FileTask::KeepServers(kept));
    }
}
