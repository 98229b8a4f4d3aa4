//! Executes the commands that change the canvas, the tool or the colour.

use crate::example::example_sketch;
use crate::paint::{Canvas, Rgb};
use crate::rounds::Ancestry;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, Paper};

pub(super) fn perform(state: &mut WindowState, command: CanvasCommand) {
    match command {
        CanvasCommand::Undo => state.work.painting.undo(),
        CanvasCommand::Redo => state.work.painting.redo(),
        CanvasCommand::New(paper) => new_canvas(state, paper),
        CanvasCommand::Example => {
            let canvas = example_sketch().canvas().clone();
            state.work.replace_canvas(canvas, Rgb::WHITE, Ancestry::new());
            state.status.say("The example sketch is on the canvas.");
        }
        CanvasCommand::UseTool(tool) => state.tools.tool = tool,
        CanvasCommand::UseColor(color) => state.color.set(color),
        CanvasCommand::SmallerBrush => state.tools.resize(0.85),
        CanvasCommand::LargerBrush => state.tools.resize(1.18),
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
    state.status.say("A new sheet. Undo brings the old canvas back.");
}
