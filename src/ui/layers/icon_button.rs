//! A small button that shows a sign and has a name.

use egui::{Button, Response, Role, Ui, Vec2, WidgetInfo};
use lucide_icons::Icon;

use crate::ui::theme;

/// The height of the signs in points.
pub(super) const SIGN: f32 = 14.0;

/// A square button. Screen readers get its name, tooltips its help.
pub(super) fn icon_button(ui: &mut Ui, icon: Icon, name: &str, help: &str, enabled: bool) -> Response {
    let side = ui.spacing().interact_size.y;
    let button = Button::new(theme::icon(icon, SIGN)).min_size(Vec2::splat(side));
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = Vec2::new(4.0, 2.0);
        let response = ui.add_enabled(enabled, button);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
        response.on_hover_text(help)
    })
    .inner
}

/// A square button without a frame that shows whether something is on.
pub(super) fn icon_switch(ui: &mut Ui, icon: Icon, name: &str, help: &str, is_on: bool, is_dim: bool) -> Response {
    let text = theme::icon(icon, SIGN);
    let text = if is_dim { text.weak() } else { text };
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = Vec2::new(2.0, 0.0);
        let response = ui.add(Button::new(text).frame(false).min_size(Vec2::new(20.0, ui.spacing().interact_size.y)));
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, name));
        response.on_hover_text(help)
    })
    .inner
}

/// A square button that stays pressed while something is on.
pub(super) fn icon_toggle(ui: &mut Ui, icon: Icon, name: &str, help: &str, is_on: bool) -> Response {
    let side = ui.spacing().interact_size.y;
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = Vec2::new(4.0, 2.0);
        let response = ui.add(Button::new(theme::icon(icon, SIGN)).selected(is_on).min_size(Vec2::splat(side)));
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, name));
        response.on_hover_text(help)
    })
    .inner
}
