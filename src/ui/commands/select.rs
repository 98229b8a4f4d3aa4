//! Executes the commands about the selection, and about what is selected.

use super::{Services, object};
use crate::document::{EditError, Mark, MarkChange, ResultId, SlowEdit};
use crate::jobs::FileTask;
use crate::paint::{Resampling, Rgb, Selection, Surface};
use crate::ui::canvas_work::{self, edit, tell_refusal};
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
        SelectCommand::All => select(state, services, Some(Selection::all(size))),
        SelectCommand::None => select(state, services, None),
        SelectCommand::Invert => change(state, services, MarkChange::Invert),
        SelectCommand::Grow => change(state, services, MarkChange::Grow(radius)),
        SelectCommand::Shrink => change(state, services, MarkChange::Shrink(radius)),
        SelectCommand::Feather => change(state, services, MarkChange::Feather(radius)),
        SelectCommand::Border => change(state, services, MarkChange::Border(radius)),
        SelectCommand::Rectangle(rect) => {
            let (new, mode) = (Selection::rectangle(size, rect), state.select.options.mode);
            edit(state, services, SlowEdit::CombineMark(Mark::Selection, new, mode), tell_refusal);
        }
        SelectCommand::PointAt { hint, mode, takes_away } => object::point_at(state, services, hint, mode, takes_away),
        SelectCommand::ShowObjectModel => object::show_model(state, services),
        SelectCommand::Clear => {
            if may_erase(state) {
                edit(state, services, SlowEdit::Clear, tell_refusal);
            }
        }
        SelectCommand::FillForeground => {
            let color = state.color.color();
            fill(state, services, color);
        }
        SelectCommand::FillBackground => {
            let color = state.background();
            fill(state, services, color);
        }
        SelectCommand::Copy => copy(state, services, false, |_, _| {}),
        SelectCommand::CopyMerged => copy(state, services, true, |_, _| {}),
        SelectCommand::Cut => {
            if may_erase(state) {
                copy(state, services, false, |state, services| {
                    edit(state, services, SlowEdit::Clear, |state, services, cleared| {
                        state.status.say("What was selected is on the clipboard.");
                        tell_refusal(state, services, cleared);
                    });
                });
            }
        }
        SelectCommand::PasteInPlace => paste_in_place(state, services),
        SelectCommand::BeginTransform => {
            use_tool(state, Tool::Transform);
            if !state.document.is_transforming() {
                edit(state, services, SlowEdit::Lift, tell_lifted);
            }
        }
        SelectCommand::Place(placement) => {
            edit(state, services, SlowEdit::Place(placement, Resampling::Smooth), tell_refusal);
        }
        SelectCommand::Nudge(x, y) => {
            edit(state, services, SlowEdit::Nudge(f32::from(x), f32::from(y)), tell_lifted);
        }
        SelectCommand::Apply if super::reshape::apply_crop(state, services) => {}
        SelectCommand::Apply if object::apply(state) => {}
        SelectCommand::Apply => {
            if let Some(begun) = state.canvas.finish_tool(&state.select.options) {
                edit(state, services, begun, tell_refusal);
            }
            if state.document.is_transforming() {
                edit(state, services, SlowEdit::EndTransform, tell_refusal);
            }
        }
        SelectCommand::Leave if object::leave(state, services) => {}
        SelectCommand::Leave => {
            state.select.options.crop = None;
            state.canvas.forget_tool();
            if state.document.is_transforming() {
                edit(state, services, SlowEdit::AbandonTransform, tell_refusal);
            }
        }
        SelectCommand::UseShownResult => {
            let id = state.gallery.shown();
            use_result(state, services, id);
        }
        SelectCommand::Explain(refusal) => state.status.fail(refusal.to_string()),
        SelectCommand::ExplainNoResult => state.status.fail(
            "No result is chosen to paint with. Show the result that you want, then press \"Use the result on show\".",
        ),
    }
}

/// Chooses a tool and shows how it works.
pub(super) fn use_tool(state: &mut WindowState, tool: Tool) {
    if tool != Tool::Object {
        object::keep(state);
    }
    state.tool = tool;
    if tool.has_options() {
        state.layout.choices.arrangement.unfold(DockPanel::Select);
    }
}

fn select(state: &mut WindowState, services: &Services, new: Option<Selection>) {
    edit(state, services, SlowEdit::SetMark(Mark::Selection, new), tell_refusal);
}

/// Changes the selection that is there.
fn change(state: &mut WindowState, services: &Services, change: MarkChange) {
    if state.document.selection().is_none() {
        state.status.say("Nothing is selected. Select a part of the canvas first.");
        return;
    }
    edit(state, services, SlowEdit::ChangeMark(Mark::Selection, change), |state, _, _| {
        if state.document.selection().is_none() {
            state.status.say("Nothing is left of the selection, so everything can be painted on.");
        }
    });
}

fn may_erase(state: &mut WindowState) -> bool {
    let refusal = state.document.erase_refusal();
    if let Some(refusal) = &refusal {
        state.status.fail(refusal.to_string());
    }
    refusal.is_none()
}

fn fill(state: &mut WindowState, services: &Services, color: Rgb) {
    match state.document.paint_refusal() {
        Some(refusal) => state.status.fail(refusal.to_string()),
        None => edit(state, services, SlowEdit::FillSelection(color), tell_refusal),
    }
}

/// Says why nothing was lifted.
fn tell_lifted(state: &mut WindowState, _services: &Services, lifted: Result<bool, EditError>) {
    match (lifted, state.document.erase_refusal()) {
        (Ok(true), _) => {}
        (Ok(false), Some(refusal)) => state.status.fail(refusal.to_string()),
        (Ok(false), None) => state.status.say("There is nothing to move: the current layer is empty there."),
        (Err(error), _) => state.status.fail(error.to_string()),
    }
}

/// Copies what is selected, of the layer or the whole picture; then does `after`, if there was anything.
fn copy(
    state: &mut WindowState,
    services: &Services,
    merged: bool,
    after: impl FnOnce(&mut WindowState, &Services) + 'static,
) {
    canvas_work::copy(state, services, merged, |state, services, copied| {
        let Some(copied) = copied else {
            state.status.say("There is nothing to copy: the current layer is empty there.");
            return;
        };
        let size = (copied.pixels.len(), "Copying…");
        let convert = move || Copied::new(copied);
        canvas_work::convert(state, services, size, convert, |state, services, (copied, picture)| {
            services.ctx.copy_image(picture);
            state.select.copied = Some(copied);
            state.status.say("What is selected is on the clipboard.");
            after(state, services);
        });
    });
}

/// Pastes what was copied from the canvas; the status says why not.
pub(super) fn paste_in_place(state: &mut WindowState, services: &Services) {
    let Some(copied) = &state.select.copied else {
        state.status.say("Nothing was copied from the canvas yet. Select something and copy it.");
        return;
    };
    let paste = SlowEdit::PasteLayer { name: "Pasted".into(), pixels: copied.surface.clone() };
    edit(state, services, paste, |state, _, pasted| match pasted {
        Ok(_) => state.status.say("What was copied is a layer."),
        Err(error) => state.status.fail(error.to_string()),
    });
}

/// Paints with this result from now on; it is scaled to the size of the canvas.
fn use_result(state: &mut WindowState, services: &Services, id: ResultId) {
    let Some((picture, _)) = super::result::pixels(state, id, SelectCommand::UseShownResult) else {
        if state.document.rounds().result(id).is_none() {
            state.status.say("There is no result yet. Press Generate, then choose a result to paint with.");
        }
        return;
    };
    let picture = state.document.clone_picture(id, picture);
    if picture.is_slow() {
        services.jobs.files(FileTask::FitClone(picture));
    } else {
        clone_fitted(state, id, picture.pixels().map_err(|error| error.to_string()));
    }
}

/// The result that is painted with from now on has the size of the canvas, or cannot have it.
pub(in crate::ui) fn clone_fitted(state: &mut WindowState, id: ResultId, pixels: Result<Surface, String>) {
    match pixels {
        Ok(pixels) => {
            state.select.options.clone_source = Some((id, pixels));
            use_tool(state, Tool::Clone);
            state.status.say(format!("The clone brush paints result {} of round {} in place.", id.image + 1, id.round));
        }
        Err(reason) => state.status.fail(reason),
    }
}
