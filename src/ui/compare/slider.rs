//! Two pictures at one place, with a divider between them.

use egui::accesskit::{Action, ActionData};
use egui::{Color32, CursorIcon, Id, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};

use super::caption::{Corner, caption};
use super::pointer;
use super::state::Comparison;
use super::viewport::Room;

/// How far from the divider a press still takes it, in points.
const REACH: f32 = 9.0;

const LIGHT: Color32 = Color32::from_rgb(250, 250, 250);
const DARK: Color32 = Color32::from_black_alpha(150);

/// Shows the first picture left of the divider and the second one right of it.
///
/// The divider is moved here and not through a command: a drag consists of many small steps.
pub(super) fn ui(ui: &Ui, shown: &mut Comparison, room: &Room, names: [&str; 2]) {
    let Some(size) = shown.size() else { return };
    let frame = shown.viewport.frame(room);
    let sharp = shown.viewport.is_sharp(room);
    let visible = frame.intersect(room.rect);
    let x = visible.left() + visible.width() * shown.divider;
    let left = Rect::from_min_max(room.rect.min, Pos2::new(x, room.rect.max.y));
    let right = Rect::from_min_max(Pos2::new(x, room.rect.min.y), room.rect.max);
    shown.a.paint(ui, left.intersect(visible), frame, size, sharp);
    shown.b.paint(ui, right.intersect(visible), frame, size, sharp);
    caption(ui, left.intersect(visible), Corner::Left, names[0]);
    caption(ui, right.intersect(visible), Corner::Right, names[1]);
    divider(ui, shown, visible, x);
}

/// Draws the divider, and takes what pointer and assistive technology do to it.
fn divider(ui: &Ui, shown: &mut Comparison, visible: Rect, x: f32) {
    let reach = Rect::from_x_y_ranges(x - REACH..=x + REACH, visible.y_range());
    let response = ui.interact(reach, Id::unique("compare divider"), Sense::drag());
    let percent = f64::from((shown.divider * 100.0).round());
    response.widget_info(|| WidgetInfo::slider(true, percent, "Divider"));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(100.0);
        for action in [Action::SetValue, Action::Increment, Action::Decrement] {
            node.add_action(action);
        }
    });
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    // With Alt held a colour is taken there.
    let at = response.interact_pointer_pos().filter(|_| response.dragged() && !ui.input(|i| i.modifiers.alt));
    if let Some(at) = at {
        move_to(shown, visible, at.x);
    }
    let steps = ui.input(|input| {
        let count = |action| input.num_accesskit_action_requests(response.id, action) as f32;
        count(Action::Increment) - count(Action::Decrement)
    });
    let asked = ui.input(|input| {
        let requests = input.accesskit_action_requests(response.id, Action::SetValue);
        let values = requests.filter_map(|request| match request.data {
            Some(ActionData::NumericValue(value)) => Some(value as f32 / 100.0),
            _ => None,
        });
        values.last()
    });
    shown.divider = (asked.unwrap_or(shown.divider) + steps * 0.02).clamp(0.0, 1.0);
    shown.has_keyboard |= pointer::takes_arrows(ui, &response);

    let painter = ui.painter();
    painter.vline(x, visible.y_range(), Stroke::new(3.0, DARK));
    painter.vline(x, visible.y_range(), Stroke::new(1.0, LIGHT));
    let center = Pos2::new(x, visible.center().y);
    painter.circle(
        center,
        9.0,
        LIGHT,
        Stroke::new(1.5, if response.has_focus() { crate::ui::theme::ACCENT } else { DARK }),
    );
    for side in [-1.0, 1.0] {
        let tip = center + Vec2::new(side * 6.5, 0.0);
        let back = Vec2::new(-side * 4.0, 3.5);
        let points = vec![tip, tip + back, tip + Vec2::new(back.x, -back.y)];
        painter.add(Shape::convex_polygon(points, Color32::from_gray(40), Stroke::NONE));
    }
}

/// Moves the divider to a place on screen.
pub(super) fn move_to(shown: &mut Comparison, visible: Rect, x: f32) {
    shown.divider = ((x - visible.left()) / visible.width().max(1.0)).clamp(0.0, 1.0);
}
