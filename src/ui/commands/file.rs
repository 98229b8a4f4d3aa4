//! Executes the commands about files and folders.

use std::sync::Arc;

use super::Services;
use crate::engine::Runtime;
use crate::jobs::FileTask;
use crate::ui::FileCommand;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: FileCommand) {
    match command {
        FileCommand::ChoosePicture(fit) => services.dialogs.open_picture(fit),
        FileCommand::Open(path, fit) => services.jobs.files(FileTask::Open {
            path,
            fit,
            size: (state.document.settings().width as u32, state.document.settings().height as u32),
            paper: state.document.paper().0,
        }),
        FileCommand::ChooseSaveCanvas => services.dialogs.save_canvas(&state.results_folder),
        FileCommand::SaveCanvas(path) => {
            state.document.end_stroke();
            let picture = Arc::new(state.document.picture());
            services.jobs.files(FileTask::SaveAs { picture, infotext: None, path });
        }
        FileCommand::ShowFolder(folder) => services.jobs.files(FileTask::ShowFolder(folder)),
        FileCommand::ListExtras => services.jobs.files(list_extras(&state.runtime)),
    }
}

/// The task that lists which LoRAs and textual inversions there are.
pub(in crate::ui) fn list_extras(runtime: &Runtime) -> FileTask {
    let folder = |folder: &Option<std::path::PathBuf>| folder.clone().unwrap_or_default();
    FileTask::ListExtras { loras: folder(&runtime.loras), embeddings: folder(&runtime.embeddings) }
}
