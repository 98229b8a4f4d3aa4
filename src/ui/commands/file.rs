//! Executes the commands about files and folders.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{ColorImage, ViewportCommand};

use super::Services;
use crate::diffusion::ModelChoice;
use crate::rounds::Ancestry;
use crate::ui::autosave::picture_of;
use crate::ui::placement::{self, PlacedPicture};
use crate::ui::state::{Folders, ReplaceQuestion, WindowState};
use crate::ui::{FileCommand, ModelCommand, pasted};
use crate::worker::Command;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: FileCommand) {
    match command {
        FileCommand::ChoosePicture => services.dialogs.open_picture(),
        FileCommand::Open(path) => services.worker.send(Command::Open(path)),
        FileCommand::Paste => services.ctx.send_viewport_cmd(ViewportCommand::RequestPaste),
        FileCommand::PastePicture(pasted) => paste_picture(state, services, &pasted),
        FileCommand::PasteText(text) => paste_text(state, services, &text),
        FileCommand::ChooseSaveCanvas => services.dialogs.save_canvas(&state.folders.results),
        FileCommand::SaveCanvas(path) => {
            state.work.painting.end_stroke();
            if let Some(picture) = picture_of(state.work.painting.canvas()) {
                services.worker.send(Command::SaveAs { picture: Arc::new(picture), infotext: None, path });
            }
        }
        FileCommand::AskToReplace(path, command) => {
            state.replacing = Some(ReplaceQuestion { path, command: *command });
        }
        FileCommand::ChooseResultsFolder => services.dialogs.choose_results_folder(&state.folders.results),
        FileCommand::UseResultsFolder(folder) => use_results_folder(state, services, folder),
        FileCommand::ShowFolder(folder) => services.worker.send(Command::ShowFolder(folder)),
        FileCommand::ListExtras => services.worker.send(list_extras(&state.folders)),
    }
}

fn paste_picture(state: &mut WindowState, services: &Services, pasted: &ColorImage) {
    let Some(picture) = pasted::picture(pasted).filter(|picture| picture.width() > 0 && picture.height() > 0) else {
        state.status.fail("The clipboard holds a picture without pixels. Copy it again, or open it as a file.");
        return;
    };
    let picture = PlacedPicture::new("The pasted picture".into(), Arc::new(picture), Ancestry::new());
    state.offered = None;
    placement::start(state, services, picture);
}

fn paste_text(state: &mut WindowState, services: &Services, text: &str) {
    match pasted::file(text) {
        Some(path) if pasted::is_model(&path) => {
            super::perform(state, services, ModelCommand::Use(ModelChoice::Path(path)).into());
        }
        Some(path) => services.worker.send(Command::Open(path)),
        None => state.status.say(
            "The clipboard holds text. To paste a picture, copy the picture or its file; to paste text, click a text field.",
        ),
    }
}

/// Writes results to this folder from now on, and those again that could not be written.
fn use_results_folder(state: &mut WindowState, services: &Services, folder: PathBuf) {
    for (round, image) in state.unsaved.take().map(|unsaved| unsaved.results).unwrap_or_default() {
        if let Some((picture, recipe)) = state.work.result(round, image) {
            let folder = folder.clone();
            services.worker.send(Command::SaveResult { round, image, picture, recipe, folder });
        }
    }
    state.folders.results = folder;
}

/// Asks the file thread which LoRAs and textual inversions there are.
pub(in crate::ui) fn list_extras(folders: &Folders) -> Command {
    Command::ListExtras { loras: folders.loras.clone(), embeddings: folders.embeddings.clone() }
}
