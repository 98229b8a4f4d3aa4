//! Executes the commands about layers and the paper.

use std::sync::Arc;

use image::{RgbImage, RgbaImage};

use super::Services;
use crate::document::{Document, ResultId};
use crate::jobs::{FileTask, LayerPicture, LayerPixels};
use crate::paint::{Canvas, LayerError, LayerId, LayerProperties, Surface};
use crate::ui::layers;
use crate::ui::state::WindowState;
use crate::ui::{DockPanel, FileCommand, LayerCommand, LayerSwitch};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: LayerCommand) {
    let document = &mut state.document;
    let current = document.layers().current();
    let done = match command {
        LayerCommand::Choose(id) => {
            document.choose_layer(id);
            Ok(())
        }
        LayerCommand::ChooseNext(direction) => {
            if let Some(id) = layers::next(document.layers(), &state.layers, direction) {
                document.choose_layer(id);
            }
            Ok(())
        }
        LayerCommand::Add => document.add_layer(),
        LayerCommand::Duplicate => document.duplicate_layer(current),
        LayerCommand::Delete => delete(state, current),
        LayerCommand::Step(direction) => document.step_layer(current, direction),
        LayerCommand::Move(id, place) => document.move_layer(id, place),
        LayerCommand::AskForName => {
            state.layout.choices.arrangement.unfold(DockPanel::Layers);
            state.layers.rename(document.layers(), current);
            Ok(())
        }
        LayerCommand::Rename(id, name) => {
            state.layers.keep_name();
            rename(document, id, &name)
        }
        LayerCommand::KeepName => {
            state.layers.keep_name();
            Ok(())
        }
        LayerCommand::Switch(id, switch) => turn(document, id, switch),
        LayerCommand::SwitchCurrent(switch) => turn(document, current, switch),
        LayerCommand::SetOpacity(id, opacity) => change(document, id, |of| of.opacity = opacity),
        LayerCommand::SetBlend(id, blend) => change(document, id, |of| of.blend = blend),
        LayerCommand::SetRegionPrompt(id, prompt) => {
            document.set_region_prompt(id, &prompt);
            Ok(())
        }
        LayerCommand::MergeDown => document.merge_layer_down(current),
        LayerCommand::MergeVisible => document.merge_visible_layers(),
        LayerCommand::Flatten => document.flatten_layers(),
        LayerCommand::Group => document.group_layer(current),
        LayerCommand::Ungroup => document.ungroup_layers(current),
        LayerCommand::Fold(id) => {
            state.layers.fold(id);
            Ok(())
        }
        LayerCommand::SetPaper(color) => {
            document.set_paper(color);
            Ok(())
        }
        LayerCommand::Paste => {
            super::perform(state, services, FileCommand::Paste.into());
            state.layers.pastes_layer = true;
            Ok(())
        }
        LayerCommand::Explain(refusal) => {
            state.status.fail(refusal.to_string());
            Ok(())
        }
    };
    if let Err(error) = done {
        state.status.fail(error.to_string());
    }
}

fn delete(state: &mut WindowState, id: LayerId) -> Result<(), LayerError> {
    let name = state.document.layers().get(id).map(|layer| layer.properties.name.clone()).unwrap_or_default();
    state.document.delete_layer(id)?;
    state.status.say(format!("“{name}” is deleted. Undo brings it back."));
    Ok(())
}

fn rename(document: &mut Document, id: LayerId, name: &str) -> Result<(), LayerError> {
    match name.trim() {
        // A layer always has a name.
        "" => Ok(()),
        name => change(document, id, |of| name.clone_into(&mut of.name)),
    }
}

fn turn(document: &mut Document, id: LayerId, switch: LayerSwitch) -> Result<(), LayerError> {
    change(document, id, |of| {
        let value = match switch {
            LayerSwitch::Visible => &mut of.visible,
            LayerSwitch::Locked => &mut of.locked,
            LayerSwitch::AlphaLocked => &mut of.alpha_locked,
            LayerSwitch::Clipped => &mut of.clipped,
            LayerSwitch::Reference => &mut of.reference,
        };
        *value = !*value;
    })
}

fn change(document: &mut Document, id: LayerId, change: impl FnOnce(&mut LayerProperties)) -> Result<(), LayerError> {
    let mut properties = document.layers().get(id).ok_or(LayerError::Missing)?.properties.clone();
    change(&mut properties);
    document.set_layer(id, properties)
}

/// Adds a result as a layer: at the place that it was made from, or scaled to the canvas if it has another size.
pub(super) fn add_result(state: &mut WindowState, services: &Services, id: ResultId, picture: &Arc<RgbImage>) {
    if let Some(surface) = state.document.placed_result(id, picture) {
        let added = state.document.add_result(id, surface).map_err(|error| error.to_string());
        tell_added(state, added.err(), &format!("Result {} of round {}", id.image + 1, id.round));
        return;
    }
    let canvas = state.document.canvas();
    let size = (canvas.width() as u32, canvas.height() as u32);
    if picture.dimensions() == size {
        add_result_of_size(state, id, picture);
        return;
    }
    let pixels = LayerPixels::Memory(Arc::new(image::DynamicImage::ImageRgb8((**picture).clone()).into_rgba8()));
    services.jobs.files(FileTask::FitLayer { picture: LayerPicture::Result(id), pixels, size });
}

fn add_result_of_size(state: &mut WindowState, id: ResultId, picture: &RgbImage) {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let ResultId { round, image } = id;
    let added = Canvas::from_rgb(width, height, picture.as_raw()).map_err(|error| error.to_string());
    let added = added.and_then(|pixels| {
        state.document.add_result(id, Surface::from_canvas(&pixels)).map_err(|error| error.to_string())
    });
    tell_added(state, added.err(), &format!("Result {} of round {round}", image + 1));
}

/// A picture has the size of the canvas and becomes a layer.
pub(in crate::ui) fn fitted(state: &mut WindowState, picture: &LayerPicture, pixels: &RgbaImage) {
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let surface = Surface::from_rgba(width, height, pixels.as_raw()).map_err(|error| error.to_string());
    let (name, added) = match picture {
        LayerPicture::Result(id) => {
            let added = surface.and_then(|surface| {
                state.document.add_result(*id, surface).map(|_| ()).map_err(|error| error.to_string())
            });
            (format!("Result {} of round {}", id.image + 1, id.round), added)
        }
        LayerPicture::Pasted(name) | LayerPicture::File(name) => {
            let added = surface
                .and_then(|surface| state.document.paste_layer(name, surface).map_err(|error| error.to_string()));
            let is_file = matches!(picture, LayerPicture::File(_));
            (if is_file { name.clone() } else { "The pasted picture".to_owned() }, added)
        }
    };
    tell_added(state, added.err(), &name);
}

fn tell_added(state: &mut WindowState, trouble: Option<String>, what: &str) {
    match trouble {
        None => state.status.say(format!("{what} is a layer now. Painting goes to that layer.")),
        Some(reason) => state.status.fail(format!("{what} could not be added as a layer. {reason}")),
    }
}
