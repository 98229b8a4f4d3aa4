//! The buttons of the tools.

use egui::{Button, Id, Role, Ui, Vec2, WidgetInfo};
use lucide_icons::Icon;

use crate::ui::keymap::tooltip;
use crate::ui::{CanvasCommand, Tool, UserCommand, theme};

/// The side of a button, in points: the longest, and the shortest that is used in a low window.
const SIDES: (f32, f32) = (33.0, 25.0);
/// The space between two buttons, in points.
const GAP: f32 = 3.0;

/// Shows a button for each tool, below each other; the chosen one is marked. The buttons are smaller where that lets all
/// of them fit into a height in points. Returns the button of the chosen tool too.
pub(in crate::ui) fn ui(ui: &mut Ui, chosen: Tool, height: f32) -> (Option<Id>, Option<UserCommand>) {
    let (mut first, mut command) = (None, None);
    let side = (height / Tool::ALL.len() as f32 - GAP).clamp(SIDES.1, SIDES.0);
    ui.spacing_mut().item_spacing.y = GAP;
    ui.spacing_mut().button_padding = Vec2::ZERO;
    for (tool, name, help) in Tool::ALL {
        let is_chosen = chosen == tool;
        let button =
            Button::new(theme::icon(icon(tool), side * 0.58)).selected(is_chosen).frame_when_inactive(is_chosen);
        let use_tool = CanvasCommand::UseTool(tool);
        let help = tooltip(ui.ctx(), &format!("{name}. {help}"), use_tool.clone());
        let response = ui.add_sized(Vec2::splat(side), button).on_hover_text(help);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, name));
        if is_chosen {
            first = Some(response.id);
        }
        if response.clicked() {
            command = Some(use_tool.into());
        }
    }
    (first, command)
}

fn icon(tool: Tool) -> Icon {
    match tool {
        Tool::Brush => Icon::Brush,
        Tool::Eraser => Icon::Eraser,
        Tool::Fill => Icon::PaintBucket,
        Tool::Eyedropper => Icon::Pipette,
        Tool::Select => Icon::SquareDashed,
        Tool::Wand => Icon::WandSparkles,
        Tool::Object => Icon::MousePointerClick,
        Tool::Transform => Icon::Move,
        Tool::Gradient => Icon::Blend,
        Tool::Shape => Icon::Shapes,
        Tool::Mask => Icon::VenetianMask,
        Tool::Clone => Icon::Stamp,
        Tool::Crop => Icon::Crop,
        Tool::Frame => Icon::Frame,
    }
}
