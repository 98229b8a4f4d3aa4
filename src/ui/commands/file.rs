//! Executes the commands about files and folders.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{ColorImage, ViewportCommand};

use super::{Services, is_document};
use crate::engine::{ModelChoice, Runtime};
use crate::jobs::{FileTask, LayerPicture, LayerPixels};
use crate::ui::canvas_work;
use crate::ui::pasted::{self, Pasted};
use crate::ui::placement::{self, PlacedPicture};
use crate::ui::state::{ReplaceQuestion, WindowState};
use crate::ui::{DocumentCommand, FileCommand, ModelCommand, ResultCommand};

const NO_PIXELS: &str = "The clipboard holds a picture without pixels. Copy it again, or open it as a file.";

pub(super) fn perform(state: &mut WindowState, services: &Services, command: FileCommand) {
    match command {
        FileCommand::ChoosePicture => services.dialogs.open_picture(),
        FileCommand::Open(path) if is_document(&path) => {
            super::perform(state, services, DocumentCommand::Open(path).into());
        }
        FileCommand::Open(path) => services.jobs.files(FileTask::Open(path)),
        FileCommand::Paste => {
            state.layers.pastes_layer = false;
            services.ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
        }
        FileCommand::PastePicture(pasted) => paste_picture(state, services, pasted),
        FileCommand::PasteText(text) => paste_text(state, services, &text),
        FileCommand::ChooseSaveCanvas => services.dialogs.save_canvas(&state.results_folder),
        FileCommand::SaveCanvas(path) => {
            state.document.end_stroke();
            services.jobs.files(FileTask::SaveCanvas {
                canvas: state.document.whole_canvas(),
                jpeg_quality: state.output.encoding.jpeg_quality,
                path,
            });
        }
        FileCommand::AskToReplace(path, command) => {
            state.replacing = Some(ReplaceQuestion { path, command: *command });
        }
        FileCommand::ChooseResultsFolder => services.dialogs.choose_results_folder(&state.results_folder),
        FileCommand::UseResultsFolder(folder) => use_results_folder(state, services, folder),
        FileCommand::ShowFolder(folder) => services.jobs.files(FileTask::ShowFolder(folder)),
        FileCommand::ListExtras => services.jobs.files(list_extras(&state.runtime)),
    }
}

fn paste_picture(state: &mut WindowState, services: &Services, pasted: Arc<ColorImage>) {
    let copied = state.select.copied.as_ref().map(|copied| Arc::clone(&copied.picture));
    let as_layer = std::mem::take(&mut state.layers.pastes_layer);
    let size = (pasted.pixels.len(), "Pasting…");
    let read = move || pasted::read(&pasted, copied.as_deref(), as_layer);
    canvas_work::convert(state, services, size, read, |state, services, pasted| match pasted {
        Pasted::Copied => super::select::paste_in_place(state, services),
        Pasted::Layer(picture) => paste_layer(state, services, LayerPixels::Memory(Arc::new(picture))),
        Pasted::Nothing => state.status.fail(NO_PIXELS),
        Pasted::Picture(picture) => {
            (state.offered, state.offered_start) = (None, None);
            let (name, picture) = ("The pasted picture".into(), Arc::new(picture));
            let placed = PlacedPicture::opened(&state.document, name, picture, Vec::new());
            placement::start(state, services, placed);
        }
    });
}

/// Asks for the picture in the size of the canvas, as a layer.
fn paste_layer(state: &WindowState, services: &Services, pixels: LayerPixels) {
    let canvas = state.document.canvas();
    services.jobs.files(FileTask::FitLayer {
        picture: LayerPicture::Pasted("Pasted picture".into()),
        pixels,
        size: (canvas.width() as u32, canvas.height() as u32),
    });
}

fn paste_text(state: &mut WindowState, services: &Services, text: &str) {
    let pastes_layer = std::mem::take(&mut state.layers.pastes_layer);
    match pasted::file(text) {
        Some(path) if pastes_layer && !pasted::is_model(&path) && !is_document(&path) => {
            paste_layer(state, services, LayerPixels::File(path));
        }
        Some(path) if pasted::is_model(&path) => {
            super::perform(state, services, ModelCommand::Use(ModelChoice::Path(path)).into());
        }
        Some(path) => super::perform(state, services, FileCommand::Open(path).into()),
        None => state.status.say(
            "The clipboard holds text. To paste a picture, copy the picture or its file; to paste text, click a text field.",
        ),
    }
}

/// Writes results to this folder from now on, and those again that could not be written.
fn use_results_folder(state: &mut WindowState, services: &Services, folder: PathBuf) {
    state.results_folder = folder;
    for id in state.unsaved.take().map(|unsaved| unsaved.results).unwrap_or_default() {
        super::perform(state, services, ResultCommand::SaveInFolder(id.round, id.image).into());
    }
}

/// The task that lists which LoRAs and textual inversions there are.
pub(in crate::ui) fn list_extras(runtime: &Runtime) -> FileTask {
    let folder = |folder: &Option<PathBuf>| folder.clone().unwrap_or_default();
    FileTask::ListExtras { loras: folder(&runtime.loras), embeddings: folder(&runtime.embeddings) }
}
