//! Executes the commands about the colours that are painted with.

use egui::Pos2;

use super::Services;
use crate::ui::ColorCommand;
use crate::ui::color::{close_ramp, open_ramp, pick_on_screen};
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ColorCommand) {
    let color = &mut state.color;
    match command {
        ColorCommand::Use(rgb) => color.current.choose(rgb),
        ColorCommand::UseAsBackground(rgb) => color.current.use_background(rgb),
        ColorCommand::Swap => color.current.swap(),
        ColorCommand::Reset => color.current.reset(),
        ColorCommand::PickOnScreen { x, y } => pick_on_screen(&services.ctx, state, Pos2::new(x, y)),
        ColorCommand::ChooseSampleArea(area) => color.sample = area,
        ColorCommand::ChooseSampleSource(source) => color.source = source,
        ColorCommand::ChooseModel(model) => color.current.use_model(model),
        ColorCommand::ChooseShape(shape) => color.picker.shape = shape,
        ColorCommand::OpenRamp => open_ramp(&services.ctx, state),
        ColorCommand::StepRamp { lighter, warmer } => {
            if let Some(ramp) = &mut color.ramp {
                ramp.step(lighter, warmer);
            }
        }
        ColorCommand::TakeRamp => close_ramp(state, true),
        ColorCommand::LeaveRamp => close_ramp(state, false),
    }
}
