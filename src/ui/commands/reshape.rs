//! Executes the commands about the size and shape of the canvas.

use super::Services;
use crate::document::size::canvas_around;
use crate::document::{Reshape, Reshaped};
use crate::jobs::FileTask;
use crate::paint::{Border, Region};
use crate::ui::reshape::ReshapeDialog;
use crate::ui::state::WindowState;
use crate::ui::{ReshapeCommand, Tool};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ReshapeCommand) {
    match command {
        ReshapeCommand::Reshape(reshape) => begin(state, services, reshape),
        ReshapeCommand::CropToSelection => {
            state.document.end_stroke();
            let canvas = state.document.canvas().size();
            match state.document.selection().and_then(|selection| selection.bounds()) {
                Some(bounds) => {
                    let region = canvas_around(bounds, canvas);
                    if region == Region::whole(canvas) {
                        state.status.say("The selection reaches to all edges, so there is nothing to cut off.");
                    } else {
                        begin(state, services, Reshape::Part(region, Border::Clear));
                    }
                }
                None => state.status.say("Nothing is selected. Select a part of the canvas, then crop to it."),
            }
        }
        ReshapeCommand::SetCrop(region) => state.select.options.crop = Some(region),
        ReshapeCommand::AskToScale => {
            state.reshape = Some(ReshapeDialog::scale(state.document.canvas().size()));
        }
        ReshapeCommand::AskForSides => state.reshape = Some(ReshapeDialog::sides()),
    }
}

/// Crops to the rectangle of the crop tool, if that is in use. Returns whether it is.
pub(super) fn apply_crop(state: &mut WindowState, services: &Services) -> bool {
    if state.tool != Tool::Crop {
        return false;
    }
    let whole = Region::whole(state.document.canvas().size());
    if let Some(region) = state.select.options.crop.take().filter(|region| *region != whole) {
        begin(state, services, Reshape::Part(region, state.select.options.border));
    }
    true
}

/// Has a canvas in another shape computed.
pub(super) fn begin(state: &mut WindowState, services: &Services, reshape: Reshape) {
    services.jobs.files(FileTask::Reshape(Box::new(state.document.reshaping(reshape))));
}

/// Shows a canvas in another shape, if the canvas is still the one it was made of.
pub(in crate::ui) fn reshaped(state: &mut WindowState, reshaped: Reshaped) {
    if state.document.put_reshaped(reshaped) {
        state.select.options.crop = None;
        let size = state.document.canvas().size();
        state.status.say(format!("The canvas has {} × {} pixels. Undo takes it back.", size.width(), size.height()));
    } else {
        state.status.fail("The canvas was changed meanwhile, so it was not resized. Please try once more.");
    }
}
