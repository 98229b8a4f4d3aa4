//! Executes user commands: one file per area.

mod brushes;
mod canvas;
mod canvas_view;
mod color;
mod compare;
mod control;
mod document;
mod engines;
mod export;
mod fetching;
mod file;
mod frame;
mod gallery;
mod history;
mod layer_files;
mod layers;
mod layout;
mod live;
mod mask;
mod model;
mod models;
mod object;
mod palette;
mod prompting;
mod queue;
mod refine;
mod reshape;
mod result;
mod round;
mod run_again;
mod select;
mod settings;
mod shortcuts;
mod view;

use egui::Context;

use super::UserCommand;
use super::canvas_work;
use super::dialogs::Dialogs;
use super::queue::Notifier;
use super::state::WindowState;
use crate::jobs::Jobs;

pub(super) use document::is_document;
pub(super) use fetching::put_back as put_back_downloads;
pub(super) use file::list_extras;
pub(super) use history::{show_as_left, start_not_read, start_read};
pub(super) use layer_files::opened as layers_opened;
pub(super) use layers::fitted as layer_fitted;
pub(super) use model::load;
pub(super) use models::search as search_models;
pub(super) use object::{keep as keep_object, object_reported, readiness as object_readiness};
pub(super) use prompting::described;
pub(super) use refine::start_is_read;
pub(super) use reshape::reshaped;
pub(super) use round::ask_for_round;
pub(super) use run_again::send as run_again;
pub(super) use select::clone_fitted;

/// What commands use to reach the outside world.
pub(super) struct Services {
    /// The engine thread and the file thread.
    pub jobs: Jobs,
    /// The system's file dialogs.
    pub dialogs: Dialogs,
    /// Shows desktop notifications.
    pub notifier: Notifier,
    /// The window, for its clipboard.
    pub ctx: Context,
}

/// Executes one command; one that needs the canvas, while that is being worked on, once that is done.
pub(super) fn perform(state: &mut WindowState, services: &Services, command: UserCommand) {
    let Some(command) = canvas_work::admit(state, services, command) else { return };
    match command {
        UserCommand::Canvas(command) => canvas::perform(state, services, command),
        UserCommand::CanvasView(command) => canvas_view::perform(state, command),
        UserCommand::Brush(command) => brushes::perform(state, services, command),
        UserCommand::Color(command) => color::perform(state, services, command),
        UserCommand::Palette(command) => palette::perform(state, services, command),
        UserCommand::Round(command) => round::perform(state, services, command),
        UserCommand::Live(command) => live::perform(state, services, command),
        UserCommand::Queue(command) => queue::perform(state, services, command),
        UserCommand::Refine(command) => refine::perform(state, services, command),
        UserCommand::Frame(command) => frame::perform(state, command),
        UserCommand::Reshape(command) => reshape::perform(state, services, command),
        UserCommand::Result(command) => result::perform(state, services, command),
        UserCommand::Gallery(command) => gallery::perform(state, services, command),
        UserCommand::Compare(command) => compare::perform(state, services, command),
        UserCommand::History(command) => history::perform(state, services, command),
        UserCommand::Layers(command) => layers::perform(state, services, command),
        UserCommand::Select(command) => select::perform(state, services, command),
        UserCommand::Mask(command) => mask::perform(state, services, command),
        UserCommand::Engines(command) => engines::perform(state, services, command),
        UserCommand::Models(command) => models::perform(state, services, command),
        UserCommand::Fetch(command) => fetching::perform(state, services, command),
        UserCommand::Model(command) => model::perform(state, services, command),
        UserCommand::Control(command) => control::perform(state, services, command),
        UserCommand::Settings(command) => settings::perform(state, services, command),
        UserCommand::File(command) => file::perform(state, services, command),
        UserCommand::LayerFile(command) => layer_files::perform(state, services, command),
        UserCommand::Document(command) => document::perform(state, services, command),
        UserCommand::Prompt(command) => prompting::perform(state, services, command),
        UserCommand::Export(command) => export::perform(state, services, command),
        UserCommand::View(command) => view::perform(state, services, command),
        UserCommand::Shortcuts(command) => shortcuts::perform(state, services, command),
        UserCommand::Layout(command) => layout::perform(state, services, command),
    }
}
