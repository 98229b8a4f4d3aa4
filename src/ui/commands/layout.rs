//! Executes the commands about the window around the canvas.

use egui::ViewportCommand;

use super::Services;
use crate::ui::LayoutCommand;
use crate::ui::layout::{Arrangement, SCALES};
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: LayoutCommand) {
    let layout = &mut state.layout;
    let arrangement = &mut layout.choices.arrangement;
    match command {
        LayoutCommand::ToggleFold(panel) => arrangement.toggle_fold(panel),
        LayoutCommand::MoveAcross(panel) => arrangement.move_across(panel),
        LayoutCommand::MoveUp(panel) => arrangement.move_up(panel),
        LayoutCommand::MoveDown(panel) => arrangement.move_down(panel),
        LayoutCommand::MoveTo(panel, side, place) => arrangement.move_to(panel, side, place),
        LayoutCommand::Reset => *arrangement = Arrangement::default(),
        LayoutCommand::ToggleCanvasOnly => layout.is_canvas_only = !layout.is_canvas_only,
        LayoutCommand::ToggleFullScreen => {
            let is_full = services.ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
            services.ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!is_full));
        }
        LayoutCommand::NextPart => layout.parts.give_keyboard(&services.ctx, 1),
        LayoutCommand::PreviousPart => layout.parts.give_keyboard(&services.ctx, -1),
        LayoutCommand::UseTheme(theme) => layout.choices.theme = theme,
        LayoutCommand::UseScale(percent) => layout.choices.scale = percent.clamp(SCALES[0], SCALES[SCALES.len() - 1]),
    }
}
