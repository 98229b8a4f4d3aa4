//! Executes the commands that change the canvas or the tool.

use std::sync::Arc;

use image::RgbImage;

use super::Services;
use crate::document::{Reshape, SlowEdit};
use crate::example::example_sketch;
use crate::paint::{Rgb, Size};
use crate::picture::Fit;
use crate::ui::canvas_work::{self, tell_refusal};
use crate::ui::keymap::{first_key, keys};
use crate::ui::placement;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, OpenPlacement, Paper, SelectShape, Tool};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: CanvasCommand) {
    match command {
        CanvasCommand::Undo => undo(state, services),
        CanvasCommand::Redo => {
            redo(state, services);
        }
        CanvasCommand::GoToStep(step) => go_to_step(state, services, step),
        CanvasCommand::Edit(edit) => canvas_work::edit(state, services, *edit, tell_refusal),
        CanvasCommand::New(paper) => new_canvas(state, paper),
        CanvasCommand::AbandonStroke => abandon_stroke(state, services),
        CanvasCommand::Example => example(state, services),
        CanvasCommand::Place(placement) => placement::change(state, services, placement),
        CanvasCommand::ResizeToResults(placement) => resize(state, services, placement),
        CanvasCommand::UseTool(tool) => super::select::use_tool(state, tool),
        CanvasCommand::MoveCursor(across, down) => {
            if let Some((x, y)) = state.canvas.move_cursor((across, down)) {
                let how = if state.canvas.follows_cursor() { how_to_end(&services.ctx) } else { String::new() };
                state.status.say(format!("{x}, {y}{how}"));
            }
        }
        CanvasCommand::ActAtCursor => act_at_cursor(state, services),
        CanvasCommand::TellOfCursor => {
            let arrows = [(-1, 0), (1, 0), (0, -1), (0, 1)]
                .map(|(across, down)| first_key(&services.ctx, CanvasCommand::MoveCursor(across, down)));
            let far = first_key(&services.ctx, CanvasCommand::MoveCursor(10, 0));
            let act = keys(&services.ctx, CanvasCommand::ActAtCursor);
            let (arrows, does) = (arrows.join(" "), what_it_does(state.tool));
            state.status.say(format!("{arrows} move the cross, {far} and so on by 10 pixels; {act} {does}."));
        }
        CanvasCommand::SmallerBrush => state.brush.resize(state.tool, 0.85),
        CanvasCommand::LargerBrush => state.brush.resize(state.tool, 1.18),
    }
}

/// Lets the tool act where the cross is, and says how what begins there is ended.
fn act_at_cursor(state: &mut WindowState, services: &Services) {
    let begins = is_dragged(state.tool, state.select.options.shape) && !state.canvas.follows_cursor();
    state.canvas.act_at_cursor();
    if begins {
        state.status.say(format!("Move the cross to the other end{}", how_to_end(&services.ctx)));
    }
}

/// Says which keys end what was begun at the cross.
fn how_to_end(ctx: &egui::Context) -> String {
    let (end, leave) = (keys(ctx, CanvasCommand::ActAtCursor), keys(ctx, CanvasCommand::AbandonStroke));
    format!("; {end} ends it there, {leave} leaves it.")
}

/// Whether a tool works from one place to another.
fn is_dragged(tool: Tool, shape: SelectShape) -> bool {
    match tool {
        Tool::Fill | Tool::Eyedropper | Tool::Wand => false,
        Tool::Select => shape != SelectShape::Polygon,
        _ => true,
    }
}

/// What the key that lets a tool act does, after the name of the key.
fn what_it_does(tool: Tool) -> &'static str {
    match tool {
        Tool::Fill => "fills there",
        Tool::Eyedropper => "takes the colour there",
        Tool::Wand => "selects there",
        _ => "begins there, and ends where it is pressed again",
    }
}

fn undo(state: &mut WindowState, services: &Services) {
    let deleted = state.document.last_deleted();
    canvas_work::edit(state, services, SlowEdit::Undo, move |state, _, _| {
        if let Some(item) = deleted {
            super::history::came_back(state, item);
        }
    });
}

/// Makes the next change again; returns whether there is one that can be.
fn redo(state: &mut WindowState, services: &Services) -> bool {
    if let Some(reason) = state.document.redo_refusal() {
        state.status.say(reason.to_string());
        return false;
    }
    let can_redo = state.document.can_redo();
    canvas_work::edit(state, services, SlowEdit::Redo, tell_refusal);
    can_redo
}

/// Takes back the stroke that is being painted.
fn abandon_stroke(state: &mut WindowState, services: &Services) {
    if let Some(edit) = state.canvas.abandon_stroke(&mut state.document) {
        canvas_work::edit(state, services, edit, tell_refusal);
    }
}

/// Undoes or redoes until this many steps are done.
fn go_to_step(state: &mut WindowState, services: &Services, step: usize) {
    abandon_stroke(state, services);
    if state.document.is_transforming() {
        canvas_work::edit(state, services, SlowEdit::AbandonTransform, tell_refusal);
    }
    if !state.work.is_busy() {
        state.document.end_stroke();
    }
    loop {
        if state.work.is_busy() {
            // It goes on from here.
            state.work.wait_first(CanvasCommand::GoToStep(step));
            return;
        }
        match state.document.undo_count() {
            count if count > step => undo(state, services),
            count if count < step && redo(state, services) => {}
            _ => return,
        }
    }
}

/// Puts the example on the canvas, at the size of the results.
fn example(state: &mut WindowState, services: &Services) {
    let settings = state.document.settings();
    let sketch = example_sketch();
    let size = Size::new(settings.width, settings.height).unwrap_or(sketch.size());
    // The bytes have the picture's size, so the empty picture is never used.
    let picture =
        RgbImage::from_raw(sketch.width() as u32, sketch.height() as u32, sketch.to_rgb()).unwrap_or_default();
    canvas_work::edit(state, services, SlowEdit::TakeExample(Arc::new(picture), size), |state, _, taken| match taken {
        Ok(_) => state.status.say("The example sketch is on the canvas."),
        Err(error) => state.status.fail(error.to_string()),
    });
}

/// Resizes the canvas with all its layers to the size of the results.
fn resize(state: &mut WindowState, services: &Services, placement: OpenPlacement) {
    let settings = state.document.settings();
    let fit = match placement {
        OpenPlacement::Fit => Fit::Whole,
        OpenPlacement::Fill | OpenPlacement::ResizeCanvas => Fit::Fill,
    };
    match Size::new(settings.width, settings.height) {
        Ok(size) => super::reshape::begin(state, services, Reshape::Fit(size, fit)),
        Err(error) => state.status.fail(error.to_string()),
    }
}

fn new_canvas(state: &mut WindowState, paper: Paper) {
    let color = match paper {
        Paper::White => Rgb::WHITE,
        Paper::Black => Rgb::BLACK,
        Paper::CurrentColor => state.color.color(),
    };
    state.document.new_sheet(color);
    state.status.say("This is a new canvas. Undo brings the old one back.");
}
