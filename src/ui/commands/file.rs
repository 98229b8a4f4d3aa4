//! Executes the commands about files and folders.

use std::sync::Arc;

use super::Services;
use crate::ui::FileCommand;
use crate::ui::autosave::picture_of;
use crate::ui::state::{Folders, WindowState};
use crate::worker::Command;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: FileCommand) {
    match command {
        FileCommand::ChoosePicture(fit) => services.dialogs.open_picture(fit),
        FileCommand::Open(path, fit) => services.worker.send(Command::Open {
            path,
            fit,
            size: (state.work.settings.width as u32, state.work.settings.height as u32),
            paper: state.work.painting.paper().0,
        }),
        FileCommand::ChooseSaveCanvas => services.dialogs.save_canvas(&state.folders.results),
        FileCommand::SaveCanvas(path) => {
            state.work.painting.end_stroke();
            if let Some(picture) = picture_of(state.work.painting.canvas()) {
                services.worker.send(Command::SaveAs { picture: Arc::new(picture), infotext: None, path });
            }
        }
        FileCommand::ShowFolder(folder) => services.worker.send(Command::ShowFolder(folder)),
        FileCommand::ListExtras => services.worker.send(list_extras(&state.folders)),
    }
}

/// Asks the file thread which LoRAs and textual inversions there are.
pub(in crate::ui) fn list_extras(folders: &Folders) -> Command {
    Command::ListExtras { loras: folders.loras.clone(), embeddings: folders.embeddings.clone() }
}
