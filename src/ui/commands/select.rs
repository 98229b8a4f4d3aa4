//! Executes the commands about the selection, and about what is selected.

use std::sync::Arc;

use image::RgbImage;

use super::Services;
use crate::document::{Mark, ResultId};
use crate::paint::{Canvas, Composition, LayerStack, Placement, Resampling, Rgb, Selection, SizeError};
use crate::picture::{Fit, fit};
use crate::ui::select::Copied;
use crate::ui::state::WindowState;
use crate::ui::{DockPanel, SelectCommand, Tool};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: SelectCommand) {
    let radius = state.select.options.radius;
    let size = state.document.canvas().size();
    match command {
        SelectCommand::UseShape(shape) => {
            state.select.options.shape = shape;
            use_tool(state, Tool::Select);
        }
        SelectCommand::UseDrawn(shape) => {
            state.select.options.drawn = shape;
            use_tool(state, Tool::Shape);
        }
        SelectCommand::All => select(state, Some(Selection::all(size))),
        SelectCommand::None => select(state, None),
        SelectCommand::Invert => change(state, Selection::inverted),
        SelectCommand::Grow => change(state, |selection| selection.grown(radius)),
        SelectCommand::Shrink => change(state, |selection| selection.shrunk(radius)),
        SelectCommand::Feather => change(state, |selection| selection.feathered(radius)),
        SelectCommand::Border => change(state, |selection| selection.border(radius)),
        SelectCommand::Rectangle(rect) => {
            let (new, mode) = (Selection::rectangle(size, rect), state.select.options.mode);
            state.document.combine_mark(Mark::Selection, &new, mode);
        }
        SelectCommand::Clear => {
            if may_erase(state) {
                state.document.clear_selection();
            }
        }
        SelectCommand::FillForeground => {
            let color = state.color.color();
            fill(state, color);
        }
        SelectCommand::FillBackground => {
            let color = state.background();
            fill(state, color);
        }
        SelectCommand::Copy => {
            copy(state, services, false);
        }
        SelectCommand::CopyMerged => {
            copy(state, services, true);
        }
        SelectCommand::Cut => {
            if may_erase(state) && copy(state, services, false) {
                state.document.clear_selection();
                state.status.say("What was selected is on the clipboard.");
            }
        }
        SelectCommand::PasteInPlace => paste_in_place(state),
        SelectCommand::BeginTransform => {
            use_tool(state, Tool::Transform);
            begin_transform(state);
        }
        SelectCommand::Place(placement) => state.document.transform(placement, Resampling::Smooth),
        SelectCommand::Nudge(x, y) => {
            if begin_transform(state) {
                let now = state.document.placement().unwrap_or(Placement::STAY);
                let offset = (now.offset.0 + f32::from(x), now.offset.1 + f32::from(y));
                state.document.transform(Placement { offset, ..now }, Resampling::Smooth);
            }
        }
        SelectCommand::Apply if super::reshape::apply_crop(state, services) => {}
        SelectCommand::Apply => {
            state.canvas.finish_tool(&mut state.document, &state.select.options);
            state.document.end_transform();
        }
        SelectCommand::Leave => {
            state.select.options.crop = None;
            state.canvas.forget_tool();
            state.document.abandon_transform();
        }
        SelectCommand::UseShownResult => {
            let id = state.gallery.shown();
            use_result(state, id);
        }
        SelectCommand::Explain(refusal) => state.status.fail(refusal.to_string()),
        SelectCommand::ExplainNoResult => state.status.fail(
            "No result is chosen to paint with. Show the result that you want, then press \"Use the result on show\".",
        ),
    }
}

/// Chooses a tool and shows how it works.
pub(super) fn use_tool(state: &mut WindowState, tool: Tool) {
    state.tool = tool;
    if tool.has_options() {
        state.layout.choices.arrangement.unfold(DockPanel::Select);
    }
}

fn select(state: &mut WindowState, new: Option<Selection>) {
    state.document.set_mark(Mark::Selection, new);
}

/// Changes the selection that is there.
fn change(state: &mut WindowState, change: impl FnOnce(&Selection) -> Selection) {
    state.document.end_stroke();
    match state.document.selection() {
        Some(selection) => {
            let changed = change(selection);
            let is_empty = changed.is_empty();
            select(state, Some(changed));
            if is_empty {
                state.status.say("Nothing is left of the selection, so everything can be painted on.");
            }
        }
        None => state.status.say("Nothing is selected. Select a part of the canvas first."),
    }
}

fn may_erase(state: &mut WindowState) -> bool {
    state.document.end_stroke();
    let refusal = state.document.erase_refusal();
    if let Some(refusal) = &refusal {
        state.status.fail(refusal.to_string());
    }
    refusal.is_none()
}

fn fill(state: &mut WindowState, color: Rgb) {
    state.document.end_stroke();
    match state.document.paint_refusal() {
        Some(refusal) => state.status.fail(refusal.to_string()),
        None => {
            state.document.fill_selection(color);
        }
    }
}

/// Lifts what is selected; the status says why not.
fn begin_transform(state: &mut WindowState) -> bool {
    if state.document.begin_transform() {
        return true;
    }
    match state.document.erase_refusal() {
        Some(refusal) => state.status.fail(refusal.to_string()),
        None => state.status.say("There is nothing to move: the current layer is empty there."),
    }
    false
}

/// Copies what is selected, of the layer or the whole picture; returns whether there was anything.
fn copy(state: &mut WindowState, services: &Services, merged: bool) -> bool {
    state.document.end_stroke();
    let Some((surface, bounds)) = state.document.copied(merged) else {
        state.status.say("There is nothing to copy: the current layer is empty there.");
        return false;
    };
    let copied = Copied::new(surface, bounds);
    services.ctx.copy_image(copied.picture());
    state.select.copied = Some(copied);
    state.status.say("What is selected is on the clipboard.");
    true
}

/// Pastes what was copied from the canvas; the status says why not.
pub(super) fn paste_in_place(state: &mut WindowState) {
    let Some(copied) = &state.select.copied else {
        state.status.say("Nothing was copied from the canvas yet. Select something and copy it.");
        return;
    };
    let pixels = copied.surface.in_size(state.document.canvas().size());
    match state.document.paste_layer("Pasted", pixels) {
        Ok(()) => state.status.say("What was copied is a layer."),
        Err(error) => state.status.fail(error.to_string()),
    }
}

/// Paints with this result from now on; it is scaled to the size of the canvas.
fn use_result(state: &mut WindowState, id: ResultId) {
    let Some((picture, _)) = super::result::pixels(state, id, SelectCommand::UseShownResult) else {
        if state.document.rounds().result(id).is_none() {
            perform_without_result(state);
        }
        return;
    };
    let size = state.document.canvas().size();
    let placed = state.document.placed_result(id, &picture);
    let placed = placed
        .map(|surface| Ok(Canvas::composed(&LayerStack::of_surface("", surface), Rgb::WHITE, Composition::Picture)));
    match placed.unwrap_or_else(|| in_size(&picture, size.width(), size.height())) {
        Ok(canvas) => {
            state.select.options.clone_source = Some((id, Arc::new(canvas)));
            use_tool(state, Tool::Clone);
            state.status.say(format!("The clone brush paints result {} of round {} in place.", id.image + 1, id.round));
        }
        Err(error) => state.status.fail(error.to_string()),
    }
}

fn perform_without_result(state: &mut WindowState) {
    state.status.say("There is no result yet. Press Generate, then choose a result to paint with.");
}

fn in_size(picture: &RgbImage, width: usize, height: usize) -> Result<Canvas, SizeError> {
    if picture.dimensions() == (width as u32, height as u32) {
        return Canvas::from_rgb(width, height, picture.as_raw());
    }
    let scaled = fit(picture, width as u32, height as u32, Fit::Stretch, [255; 3]);
    Canvas::from_rgb(width, height, scaled.as_raw())
}
