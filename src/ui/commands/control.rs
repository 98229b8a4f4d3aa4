//! Executes the commands that choose the files of controls.

use std::path::PathBuf;

use super::Services;
use crate::engine::{ControlSettings, ControlSource};
use crate::ui::ControlCommand;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ControlCommand) {
    match command {
        ControlCommand::ChooseModel(index) => services.dialogs.choose_control(index),
        ControlCommand::UseModel(index, path) => use_model(state, index, path),
        ControlCommand::ChoosePicture(index) => services.dialogs.choose_control_picture(index),
        ControlCommand::UsePicture(index, path) => {
            if let Some(control) = state.document.settings_mut().controls.get_mut(index) {
                control.source = ControlSource::File(path);
            }
        }
        ControlCommand::ShowLines(shows) => state.control.shows_lines = shows,
    }
}

fn use_model(state: &mut WindowState, index: usize, path: PathBuf) {
    let mut settings = state.document.settings_mut();
    if settings.controls.is_empty() {
        settings.controls = std::mem::take(&mut state.control.kept);
    }
    match settings.controls.get_mut(index) {
        Some(control) => control.model = path,
        None => settings.controls.push(ControlSettings { model: path, ..ControlSettings::default() }),
    }
}
