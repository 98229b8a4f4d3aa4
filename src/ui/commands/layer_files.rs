//! Executes the commands about files that hold layers, and pictures that become layers.

use std::path::Path;

use super::Services;
use crate::document::SlowEdit;
use crate::document::open_raster::{ComposedLayers, OpenRaster};
use crate::jobs::{FileTask, LayerPicture, LayerPixels};
use crate::ui::LayerFileCommand;
use crate::ui::canvas_work::edit;
use crate::ui::placement::PlacedPicture;
use crate::ui::state::WindowState;

/// How many of the things that could not be kept are told at once.
const MOST_SHOWN: usize = 2;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: LayerFileCommand) {
    match command {
        LayerFileCommand::ChooseSave => {
            let name = state.shown.path.as_deref().and_then(Path::file_stem).unwrap_or("drawing".as_ref());
            services.dialogs.save_layers(&state.results_folder, &name.to_string_lossy());
        }
        LayerFileCommand::Save(path) => {
            state.document.end_stroke();
            let layers = OpenRaster {
                layers: state.document.layers().clone(),
                paper: Some(state.document.paper()),
                notes: Vec::new(),
            };
            services.jobs.files(FileTask::SaveLayers(Box::new(layers), path));
        }
        LayerFileCommand::ChooseAdd => services.dialogs.choose_layers(),
        LayerFileCommand::Add(paths) => {
            for path in paths {
                let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
                fit(state, services, LayerPicture::File(name), LayerPixels::File(path));
            }
        }
        LayerFileCommand::AddPlaced => add_placed(state, services),
    }
}

fn add_placed(state: &mut WindowState, services: &Services) {
    let Some(placed) = state.placed.take() else { return };
    if placed.can_be_taken_back(&state.document) {
        edit(state, services, SlowEdit::Undo, |state, services, _| add_as_layer(state, services, placed));
    } else {
        add_as_layer(state, services, placed);
    }
}

fn add_as_layer(state: &mut WindowState, services: &Services, placed: PlacedPicture) {
    match placed.file {
        Some(file) => perform(state, services, LayerFileCommand::Add(vec![file])),
        None => {
            let picture = LayerPicture::Pasted("Pasted picture".into());
            fit(state, services, picture, LayerPixels::Opaque(placed.original));
        }
    }
}

/// Asks for a picture in the size of the canvas, as a layer.
fn fit(state: &WindowState, services: &Services, picture: LayerPicture, pixels: LayerPixels) {
    let canvas = state.document.canvas();
    let size = (canvas.width() as u32, canvas.height() as u32);
    services.jobs.files(FileTask::FitLayer { picture, pixels, size });
}

/// An OpenRaster file was read: its layers take the place of the canvas.
pub(in crate::ui) fn opened(state: &mut WindowState, name: &str, opened: ComposedLayers) {
    let ComposedLayers { layers, paper, picture, screen, notes } = opened;
    (state.offered, state.offered_start, state.placed) = (None, None, None);
    let count = match layers.all().filter(|layer| !layer.is_group()).count() {
        1 => "1 layer".to_owned(),
        many => format!("{many} layers"),
    };
    state.document.open_layers(layers, paper, &picture, screen);
    let mut text = format!("{name} is open, with {count}. Undo brings the old canvas back.");
    for note in notes.iter().take(MOST_SHOWN) {
        text.push_str(&format!(" {note}"));
    }
    match notes.len().saturating_sub(MOST_SHOWN) {
        0 => {}
        more => text.push_str(&format!(" underpaint inspect tells {more} more such things.")),
    }
    state.status.say(text);
}
