//! Foreground and background colour, and the previous colour against the new one.

use egui::{Button, CornerRadius, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};

use super::current::CurrentColor;
use super::swatch::{color32, fill, rim};
use crate::ui::keymap::tooltip;
use crate::ui::{ColorCommand, UserCommand};

/// Height of the row, in points.
const HEIGHT: f32 = 40.0;
/// Width of the two wells, in points.
const WELLS: f32 = 46.0;
/// The corners of the colours.
const ROUND: CornerRadius = CornerRadius::same(4);
/// Side of one well, in points.
const WELL: f32 = 28.0;

/// Shows the colours in use in one row.
pub(super) fn ui(ui: &mut Ui, current: &CurrentColor) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(6.0, 2.0);
        command = foreground_and_background(ui, current);
        ui.vertical(|ui| {
            ui.spacing_mut().button_padding = Vec2::new(4.0, 0.0);
            ui.spacing_mut().interact_size.y = (HEIGHT - 2.0) / 2.0;
            let swap = "Swap foreground and background colour.";
            for (name, help, wanted) in
                [("Swap", swap, ColorCommand::Swap), ("Reset", "Black on white.", ColorCommand::Reset)]
            {
                let button = Button::new(RichText::new(name).small()).min_size(Vec2::new(40.0, 0.0));
                let button = ui.add(button).on_hover_text(tooltip(ui.ctx(), help, wanted.clone()));
                button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("{name} colours")));
                if button.clicked() {
                    command = Some(wanted.into());
                }
            }
        });
        command = previous_and_new(ui, current).or(command.take());
    });
    command
}

/// The background lies half behind the foreground; a click on it swaps them.
fn foreground_and_background(ui: &mut Ui, current: &CurrentColor) -> Option<UserCommand> {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(WELLS, HEIGHT), Sense::hover());
    let back = Rect::from_min_size(rect.max - Vec2::splat(WELL), Vec2::splat(WELL));
    let front = Rect::from_min_size(rect.min, Vec2::splat(WELL));
    let response = ui.interact(back, ui.scope_id().with("background"), Sense::click());
    let name = format!("Background colour {}", current.background().hex());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    fill(ui, back, current.background());
    rim(ui, back, &response, false);
    let response = response.on_hover_text(tooltip(ui.ctx(), &format!("{name}. Swap it in."), ColorCommand::Swap));

    let shown = ui.interact(front, ui.scope_id().with("foreground"), Sense::hover());
    let name = format!("Foreground colour {}", current.rgb().hex());
    shown.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &name));
    fill(ui, front, current.rgb());
    let edge = ui.visuals().widgets.inactive.fg_stroke.color;
    ui.painter().rect_stroke(front, 4, Stroke::new(1.5, edge), StrokeKind::Outside);
    shown.on_hover_text(format!("{name}: it is painted with."));
    response.clicked().then(|| ColorCommand::Swap.into())
}

/// Both side by side without a gap, so that a small difference shows.
fn previous_and_new(ui: &mut Ui, current: &CurrentColor) -> Option<UserCommand> {
    let width = ui.available_width().clamp(40.0, 120.0);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(width, HEIGHT), Sense::hover());
    let middle = rect.center().x;
    let left = Rect::from_min_max(rect.min, pos2(middle, rect.max.y));
    let right = Rect::from_min_max(pos2(middle, rect.min.y), rect.max);
    let response = ui.interact(left, ui.scope_id().with("previous"), Sense::click());
    let name = format!("Previous colour {}", current.previous().hex());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    let (west, east) = (CornerRadius { ne: 0, se: 0, ..ROUND }, CornerRadius { nw: 0, sw: 0, ..ROUND });
    ui.painter().rect_filled(left, west, color32(current.previous()));
    ui.painter().rect_filled(right, east, color32(current.rgb()));
    rim(ui, rect, &response, false);
    let help = format!("{name} beside the new one. Click to return to it.");
    let clicked = response.on_hover_text(help).clicked();
    clicked.then(|| ColorCommand::Use(current.previous()).into())
}
