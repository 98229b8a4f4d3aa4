//! Executes the commands that change the canvas, the tool or the colour.

use std::sync::Arc;

use super::Services;
use crate::example::example_sketch;
use crate::paint::{Canvas, Rgb};
use crate::picture::{Fit, fit};
use crate::rounds::Ancestry;
use crate::ui::autosave::picture_of;
use crate::ui::placement::{self, PlacedPicture};
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, Paper, Placement};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: CanvasCommand) {
    match command {
        CanvasCommand::Undo => state.work.painting.undo(),
        CanvasCommand::Redo => state.work.painting.redo(),
        CanvasCommand::New(paper) => new_canvas(state, paper),
        CanvasCommand::AbandonStroke => state.canvas.abandon_stroke(&mut state.work.painting),
        CanvasCommand::Example => example(state),
        CanvasCommand::Place(placement) => placement::change(state, services, placement),
        CanvasCommand::ResizeToResults(placement) => resize(state, services, placement),
        CanvasCommand::UseTool(tool) => state.tools.tool = tool,
        CanvasCommand::UseColor(color) => state.color.set(color),
        CanvasCommand::SmallerBrush => state.tools.resize(0.85),
        CanvasCommand::LargerBrush => state.tools.resize(1.18),
    }
}

/// Puts the example on the canvas, at the size of the results.
fn example(state: &mut WindowState) {
    let Some(sketch) = picture_of(example_sketch().canvas()) else { return };
    let (width, height) = (state.work.settings.width, state.work.settings.height);
    let sketch = fit(&sketch, width as u32, height as u32, Fit::Whole, Rgb::WHITE.0);
    let Some(canvas) = Canvas::from_rgb(width, height, sketch.as_raw()) else { return };
    state.work.replace_canvas(canvas, Rgb::WHITE, Ancestry::new());
    state.status.say("The example sketch is on the canvas.");
}

/// Resizes the canvas to the size of the results.
fn resize(state: &mut WindowState, services: &Services, placement: Placement) {
    state.work.painting.end_stroke();
    if let Some(picture) = picture_of(state.work.painting.canvas()) {
        let ancestry = state.work.ancestry.clone();
        let picture = PlacedPicture::new("The canvas".into(), Arc::new(picture), ancestry, placement);
        placement::start(state, services, picture);
    }
}

fn new_canvas(state: &mut WindowState, paper: Paper) {
    let color = match paper {
        Paper::White => Rgb::WHITE,
        Paper::Black => Rgb::BLACK,
        Paper::CurrentColor => state.color.color(),
    };
    let canvas = Canvas::new(state.work.settings.width, state.work.settings.height, color);
    state.work.replace_canvas(canvas, color, Ancestry::new());
    state.status.say("This is a new canvas. Undo brings the old one back.");
}
