//! Executes the commands about layers and the paper.

use std::sync::Arc;

use image::RgbImage;

use super::Services;
use crate::document::{Document, LayerChange, ResultId, SlowEdit};
use crate::jobs::{FileTask, LayerPicture, LayerPixels};
use crate::paint::{LayerError, LayerId, LayerProperties, Surface};
use crate::ui::canvas_work::{edit, tell_refusal};
use crate::ui::layers;
use crate::ui::state::WindowState;
use crate::ui::{DockPanel, FileCommand, LayerCommand, LayerSwitch};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: LayerCommand) {
    let document = &mut state.document;
    let current = document.layers().current();
    let changed = match command {
        LayerCommand::Choose(id) => {
            document.choose_layer(id);
            return;
        }
        LayerCommand::ChooseNext(direction) => {
            if let Some(id) = layers::next(document.layers(), &state.layers, direction) {
                document.choose_layer(id);
            }
            return;
        }
        LayerCommand::Add => return told(state, |document| document.add_layer()),
        LayerCommand::Duplicate => LayerChange::Duplicate(current),
        LayerCommand::Delete => return delete(state, services, current),
        LayerCommand::Step(direction) => LayerChange::Step(current, direction),
        LayerCommand::Move(id, place) => LayerChange::Move(id, place),
        LayerCommand::AskForName => {
            state.layout.choices.arrangement.unfold(DockPanel::Layers);
            state.layers.rename(document.layers(), current);
            return;
        }
        LayerCommand::Rename(id, name) => {
            state.layers.keep_name();
            return told(state, |document| rename(document, id, &name));
        }
        LayerCommand::KeepName => return state.layers.keep_name(),
        LayerCommand::Switch(id, switch) => match switched(document, id, switch) {
            Some(change) => change,
            None => return state.status.fail(LayerError::Missing.to_string()),
        },
        LayerCommand::SwitchCurrent(switch) => match switched(document, current, switch) {
            Some(change) => change,
            None => return state.status.fail(LayerError::Missing.to_string()),
        },
        LayerCommand::SetOpacity(id, opacity) => LayerChange::Opacity(id, opacity),
        LayerCommand::SetBlend(id, blend) => LayerChange::Blend(id, blend),
        LayerCommand::SetRegionPrompt(id, prompt) => {
            document.set_region_prompt(id, &prompt);
            return;
        }
        LayerCommand::MergeDown => LayerChange::MergeDown(current),
        LayerCommand::MergeVisible => LayerChange::MergeVisible,
        LayerCommand::Flatten => LayerChange::Flatten,
        LayerCommand::Group => LayerChange::Group(current),
        LayerCommand::Ungroup => LayerChange::Ungroup(current),
        LayerCommand::Fold(id) => return state.layers.fold(id),
        LayerCommand::SetPaper(color) => return edit(state, services, SlowEdit::Paper(color), tell_refusal),
        LayerCommand::Paste => {
            super::perform(state, services, FileCommand::Paste.into());
            state.layers.pastes_layer = true;
            return;
        }
        LayerCommand::Explain(refusal) => return state.status.fail(refusal.to_string()),
    };
    edit(state, services, SlowEdit::Layers(changed), tell_refusal);
}

/// Makes a quick change; the status says why not.
fn told(state: &mut WindowState, change: impl FnOnce(&mut Document) -> Result<(), LayerError>) {
    if let Err(error) = change(&mut state.document) {
        state.status.fail(error.to_string());
    }
}

fn delete(state: &mut WindowState, services: &Services, id: LayerId) {
    let name = state.document.layers().get(id).map(|layer| layer.properties.name.clone()).unwrap_or_default();
    edit(state, services, SlowEdit::Layers(LayerChange::Delete(id)), move |state, _, deleted| match deleted {
        Ok(_) => state.status.say(format!("“{name}” is deleted. Undo brings it back.")),
        Err(error) => state.status.fail(error.to_string()),
    });
}

fn rename(document: &mut Document, id: LayerId, name: &str) -> Result<(), LayerError> {
    let properties = document.layers().get(id).ok_or(LayerError::Missing)?.properties.clone();
    match name.trim() {
        // A layer always has a name.
        "" => Ok(()),
        name => document.set_layer(id, LayerProperties { name: name.into(), ..properties }),
    }
}

/// The change that turns a property of a layer on or off; `None` if there is no such layer.
fn switched(document: &Document, id: LayerId, switch: LayerSwitch) -> Option<LayerChange> {
    let mut properties = document.layers().get(id)?.properties.clone();
    let value = match switch {
        LayerSwitch::Visible => &mut properties.visible,
        LayerSwitch::Locked => &mut properties.locked,
        LayerSwitch::AlphaLocked => &mut properties.alpha_locked,
        LayerSwitch::Clipped => &mut properties.clipped,
        LayerSwitch::Reference => &mut properties.reference,
    };
    *value = !*value;
    Some(LayerChange::Set(id, properties))
}

/// Adds a result as a layer: at the place that it was made from, or scaled to the canvas if it has another size.
pub(super) fn add_result(state: &mut WindowState, services: &Services, id: ResultId, picture: &Arc<RgbImage>) {
    let canvas = state.document.canvas();
    let size = (canvas.width() as u32, canvas.height() as u32);
    if state.document.place_of_round(id.round).is_some() || picture.dimensions() == size {
        let add = SlowEdit::AddResult(id, Arc::clone(picture));
        edit(state, services, add, move |state, _, added| {
            let name = format!("Result {} of round {}", id.image + 1, id.round);
            tell_added(state, added.err().map(|error| error.to_string()), &name);
        });
        return;
    }
    let pixels = LayerPixels::Opaque(Arc::clone(picture));
    services.jobs.files(FileTask::FitLayer { picture: LayerPicture::Result(id), pixels, size });
}

/// A picture has the size of the canvas and becomes a layer.
pub(in crate::ui) fn fitted(state: &mut WindowState, services: &Services, picture: LayerPicture, pixels: Surface) {
    let (name, add) = match picture {
        LayerPicture::Result(id) => {
            (format!("Result {} of round {}", id.image + 1, id.round), SlowEdit::AddResultLayer(id, pixels))
        }
        LayerPicture::Pasted(name) => ("The pasted picture".to_owned(), SlowEdit::PasteLayer { name, pixels }),
        LayerPicture::File(name) => (name.clone(), SlowEdit::PasteLayer { name, pixels }),
    };
    edit(state, services, add, move |state, _, added| {
        tell_added(state, added.err().map(|error| error.to_string()), &name);
    });
}

fn tell_added(state: &mut WindowState, trouble: Option<String>, what: &str) {
    match trouble {
        None => state.status.say(format!("{what} is a layer now. Painting goes to that layer.")),
        Some(reason) => state.status.fail(format!("{what} could not be added as a layer. {reason}")),
    }
}
