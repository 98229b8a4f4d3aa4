//! Executes the commands that change the canvas, the tool or the colour.

use crate::example::example_sketch;
use crate::paint::Rgb;
use crate::ui::state::WindowState;
use crate::ui::{CanvasCommand, Paper};

pub(super) fn perform(state: &mut WindowState, command: CanvasCommand) {
    match command {
        CanvasCommand::Undo => state.document.undo(),
        CanvasCommand::Redo => state.document.redo(),
        CanvasCommand::New(paper) => new_canvas(state, paper),
        CanvasCommand::Example => {
            state.document.take_example(example_sketch());
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
    state.document.new_sheet(color);
    state.status.say("A new sheet. Undo brings the old canvas back.");
}
