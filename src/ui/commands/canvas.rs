//! Executes the commands that change the canvas or the tool.

use image::RgbImage;

use super::Services;
use crate::document::Reshape;
use crate::example::example_sketch;
use crate::paint::{Canvas, Rgb, Size};
use crate::picture::{Fit, fit};
use crate::ui::placement;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, OpenPlacement, Paper};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: CanvasCommand) {
    match command {
        CanvasCommand::Undo => undo(state),
        CanvasCommand::Redo => {
            redo(state);
        }
        CanvasCommand::GoToStep(step) => go_to_step(state, step),
        CanvasCommand::New(paper) => new_canvas(state, paper),
        CanvasCommand::AbandonStroke => state.canvas.abandon_stroke(&mut state.document),
        CanvasCommand::Example => example(state),
        CanvasCommand::Place(placement) => placement::change(state, services, placement),
        CanvasCommand::ResizeToResults(placement) => resize(state, services, placement),
        CanvasCommand::UseTool(tool) => super::select::use_tool(state, tool),
        CanvasCommand::SmallerBrush => state.brush.resize(state.tool, 0.85),
        CanvasCommand::LargerBrush => state.brush.resize(state.tool, 1.18),
    }
}

fn undo(state: &mut WindowState) {
    let deleted = state.document.last_deleted();
    state.document.undo();
    if let Some(item) = deleted {
        super::history::came_back(state, item);
    }
}

/// Makes the next change again; returns whether there is one that can be.
fn redo(state: &mut WindowState) -> bool {
    if let Some(reason) = state.document.redo_refusal() {
        state.status.say(reason.to_string());
        return false;
    }
    let can_redo = state.document.can_redo();
    state.document.redo();
    can_redo
}

/// Undoes or redoes until this many steps are done.
fn go_to_step(state: &mut WindowState, step: usize) {
    state.canvas.abandon_stroke(&mut state.document);
    state.document.abandon_transform();
    state.document.end_stroke();
    while state.document.undo_count() > step {
        undo(state);
    }
    while state.document.undo_count() < step && redo(state) {}
}

/// Puts the example on the canvas, at the size of the results.
fn example(state: &mut WindowState) {
    let settings = state.document.settings();
    let (width, height) = (settings.width, settings.height);
    let sketch = example_sketch();
    let sketch = match RgbImage::from_raw(sketch.width() as u32, sketch.height() as u32, sketch.to_rgb()) {
        Some(picture) => {
            let scaled = fit(&picture, width as u32, height as u32, Fit::Whole, Rgb::WHITE.0);
            Canvas::from_rgb(width, height, scaled.as_raw()).unwrap_or(sketch)
        }
        None => sketch,
    };
    state.document.take_example(sketch);
    state.status.say("The example sketch is on the canvas.");
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
