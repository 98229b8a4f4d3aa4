//! The title of a panel: a click folds it, a drag moves it, and its menu does all that too.

use egui::{Button, Id, Margin, Popup, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo};
use lucide_icons::Icon;

use super::arrangement::{Arrangement, Place};
use crate::ui::keymap::tooltip;
use crate::ui::{LayoutCommand, UserCommand, theme};

/// Its height in points.
const HEIGHT: f32 = 26.0;

/// What became of a title.
pub(super) struct ShownTitle {
    /// The control that folds the panel.
    pub id: Id,
    pub command: Option<UserCommand>,
    /// Whether the pointer began to drag it.
    pub drag_started: bool,
}

/// Shows the title of the panel at this place.
pub(super) fn ui(ui: &mut Ui, place: Place, arrangement: &Arrangement) -> ShownTitle {
    let panel = place.panel;
    let mut command = None;
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), Sense::hover());
    let (bar, menu) = rect.split_left_right_at_x(rect.right() - HEIGHT);
    let response = ui.interact(bar, Id::unique(("title", panel)), Sense::click_and_drag());
    let name = format!("{} panel", panel.title());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(!place.is_folded));
    let help = if place.is_folded { "Show this panel." } else { "Fold this panel to its title." };
    let help = tooltip(ui.ctx(), &format!("{help} Drag it to move it."), LayoutCommand::ToggleFold(panel));
    let response = response.on_hover_text(help);
    paint(ui, rect, bar, place, response.hovered() || response.has_focus());
    if response.clicked() {
        command = Some(LayoutCommand::ToggleFold(panel).into());
    }
    response.context_menu(|ui| command = entries(ui, place, arrangement).or(command.take()));
    ui.scope_builder(UiBuilder::new().max_rect(menu.shrink(2.0)).scope_id(Id::unique(("title menu", panel))), |ui| {
        let button = Button::new(theme::icon(Icon::EllipsisVertical, 14.0)).frame_when_inactive(false);
        ui.spacing_mut().button_padding = Vec2::ZERO;
        let button = ui.add(button.min_size(menu.shrink(2.0).size()));
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name} menu")));
        Popup::menu(&button).show(|ui| command = entries(ui, place, arrangement).or(command.take()));
    });
    ShownTitle { id: response.id, command, drag_started: response.drag_started() }
}

fn paint(ui: &Ui, rect: Rect, bar: Rect, place: Place, is_lit: bool) {
    let colors = theme::colors(ui);
    let painter = ui.painter();
    painter.rect_filled(rect, 4, if is_lit { colors.button } else { colors.row });
    let icon = if place.is_folded { Icon::ChevronRight } else { Icon::ChevronDown };
    let at = bar.left_center() + Vec2::new(6.0, 0.0);
    let align = egui::Align2::LEFT_CENTER;
    painter.text(at, align, char::from(icon), theme::icon_font(14.0), colors.weak_text);
    let font = egui::FontId::proportional(14.0);
    painter.text(at + Vec2::new(19.0, 0.0), align, place.panel.title(), font, colors.title);
}

/// The entries of the menu.
fn entries(ui: &mut Ui, place: Place, arrangement: &Arrangement) -> Option<UserCommand> {
    let panel = place.panel;
    let (side, at) = arrangement.find(panel);
    let last = arrangement.side(side).len().saturating_sub(1);
    let fold = if arrangement.is_folded(panel) { "Unfold" } else { "Fold" };
    let mut command = None;
    for (name, works, choice) in [
        (fold, true, LayoutCommand::ToggleFold(panel)),
        ("Move to the other side", true, LayoutCommand::MoveAcross(panel)),
        ("Move up", at > 0, LayoutCommand::MoveUp(panel)),
        ("Move down", at < last, LayoutCommand::MoveDown(panel)),
    ] {
        if ui.add_enabled(works, Button::new(name)).clicked() {
            command = Some(choice.into());
        }
    }
    command
}

/// The room around what is inside a panel.
pub(super) fn inside() -> Margin {
    Margin { left: 3, right: 3, top: 4, bottom: 8 }
}
