//! Executes the commands that change the canvas or the tool.

use image::RgbImage;

use super::Services;
use crate::example::example_sketch;
use crate::paint::{Canvas, Rgb};
use crate::picture::{Fit, fit};
use crate::ui::placement::{self, PlacedPicture};
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, OpenPlacement, Paper};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: CanvasCommand) {
    match command {
        CanvasCommand::Undo => undo(state),
        CanvasCommand::Redo => match state.document.redo_refusal() {
            Some(reason) => state.status.say(reason.to_string()),
            None => state.document.redo(),
        },
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

/// Resizes the canvas to the size of the results.
fn resize(state: &mut WindowState, services: &Services, placement: OpenPlacement) {
    state.document.end_stroke();
    let picture = PlacedPicture::canvas(&state.document, placement);
    placement::start(state, services, picture);
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
