//! One row of the list.

use egui::{
    Color32, FontId, Id, Key, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, TextEdit, Ui, Vec2, WidgetInfo,
};
use lucide_icons::Icon;

use super::LayerPanel;
use super::dragging::Drop;
use super::icon_button::icon_switch;
use super::rows::LayerRow;
use super::state::TypedName;
use crate::paint::{BlendMode, LayerId, LayerStack};
use crate::ui::keymap::keys;
use crate::ui::{LayerCommand, LayerSwitch, theme};

/// The height of a row in points.
pub(super) const HEIGHT: f32 = 30.0;
/// How far a row is moved to the right for each group that it is in.
const INDENT: f32 = 12.0;
const THUMBNAIL: f32 = 24.0;

/// Shows a row. `waits` says that a stroke is being painted.
pub(super) fn ui(
    ui: &mut Ui,
    panel: &mut LayerPanel,
    layers: &LayerStack,
    row: &LayerRow<'_>,
    waits: bool,
) -> Option<LayerCommand> {
    let (layer, of) = (row.layer, &row.layer.properties);
    let (id, name) = (layer.id, of.name.as_str());
    let mut command = None;
    let full = Rect::from_min_size(ui.cursor().min, Vec2::new(ui.available_width(), HEIGHT));
    if id == layers.current() {
        ui.painter().rect_filled(full, 4, ui.visuals().selection.bg_fill);
    }
    ui.horizontal(|ui| {
        ui.set_height(HEIGHT);
        ui.spacing_mut().item_spacing.x = 3.0;
        let help = if of.visible { "Hide this layer." } else { "Show this layer." };
        let eye = if of.visible { Icon::Eye } else { Icon::EyeOff };
        if icon_switch(ui, eye, &format!("Show {name}"), help, of.visible, !of.visible || row.is_in_hidden).clicked() {
            command = Some(LayerCommand::Switch(id, LayerSwitch::Visible));
        }
        ui.add_space(INDENT * row.depth.min(4) as f32);
        if layer.is_group() {
            let (icon, help) = match row.is_folded {
                true => (Icon::ChevronRight, "Show the layers of this group."),
                false => (Icon::ChevronDown, "Fold this group."),
            };
            if icon_switch(ui, icon, &format!("Unfold {name}"), help, !row.is_folded, false).clicked() {
                command = Some(LayerCommand::Fold(id));
            }
        } else if let Some(surface) = layer.surface() {
            let texture = panel.thumbnails.get(ui.ctx(), id, surface, waits);
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(THUMBNAIL), Sense::hover());
            let size = texture.size_vec2();
            let shown = Rect::from_center_size(rect.center(), size * (THUMBNAIL / size.max_elem().max(1.0)));
            let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
            ui.painter().image(texture.id(), shown, uv, Color32::WHITE);
            ui.painter().rect_stroke(shown, 0, Stroke::new(1.0, Color32::from_gray(70)), StrokeKind::Outside);
        }
        let typed = panel.renaming.as_mut().filter(|typed| typed.layer == id);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let (lock, help) = match of.locked {
                true => (Icon::Lock, "Unlock this layer."),
                false => (Icon::LockOpen, "Protect this layer from every change of its pixels."),
            };
            if icon_switch(ui, lock, &format!("Lock {name}"), help, of.locked, !of.locked).clicked() {
                command = Some(LayerCommand::Switch(id, LayerSwitch::Locked));
            }
            let room = ui.available_rect_before_wrap();
            match typed {
                Some(typed) => command = name_field(ui, typed).or(command.take()),
                None => command = label(ui, layers, row, room).or(command.take()),
            }
        });
    });
    command
}

/// The name, which can be clicked and dragged.
fn label(ui: &mut Ui, layers: &LayerStack, row: &LayerRow<'_>, room: Rect) -> Option<LayerCommand> {
    let (id, of) = (row.layer.id, &row.layer.properties);
    let response = ui.allocate_rect(room, Sense::click_and_drag());
    let is_current = id == layers.current();
    let words = words(row);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_current, format!("{}{words}", of.name)));
    let color = match (of.visible && !row.is_in_hidden, is_current) {
        (false, _) => Color32::from_gray(135),
        (true, true) => ui.visuals().selection.stroke.color,
        (true, false) => ui.visuals().text_color(),
    };
    let clip = if of.clipped { "↳ " } else { "" };
    let marks = words.strip_prefix(", ").unwrap_or_default();
    let title = line(ui, format!("{clip}{}", of.name), 13.0, color, room.width());
    let below = line(ui, marks.to_owned(), 10.5, Color32::from_gray(150), room.width());
    let height = if marks.is_empty() { title.size().y } else { title.size().y + below.size().y - 2.0 };
    let at = Pos2::new(room.left() + 2.0, room.center().y - height / 2.0);
    let second = Pos2::new(at.x, at.y + title.size().y - 2.0);
    ui.painter().galley(at, title, color);
    if !marks.is_empty() {
        ui.painter().galley(second, below, color);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(room, 3, Stroke::new(1.0, theme::ACCENT), StrokeKind::Inside);
    }
    response.dnd_set_drag_payload(id);
    let dropped = dropped(ui, layers, row, &response, room);
    let command = if response.double_clicked() {
        Some(LayerCommand::AskForName)
    } else if response.clicked() {
        Some(LayerCommand::Choose(id))
    } else {
        dropped
    };
    let rename = keys(ui.ctx(), LayerCommand::AskForName);
    response.on_hover_text(format!(
        "Paint on this layer. Drag it to another place; double-click it to give it another name ({rename})."
    ));
    command
}

/// Shows where a dragged row would go; returns the command once it is dropped.
fn dropped(ui: &Ui, layers: &LayerStack, row: &LayerRow<'_>, response: &Response, room: Rect) -> Option<LayerCommand> {
    let moved = *response.dnd_hover_payload::<LayerId>()?;
    let at = ui.ctx().pointer_interact_pos()?;
    let drop = Drop::at(row, room, at.y);
    let place = drop.place(layers, moved)?;
    let stroke = Stroke::new(2.0, theme::ACCENT);
    match drop {
        Drop::Into(_) => {
            ui.painter().rect_stroke(room, 3, stroke, StrokeKind::Inside);
        }
        Drop::Above(_) => {
            ui.painter().hline(room.x_range(), room.top(), stroke);
        }
        Drop::Below(_) => {
            ui.painter().hline(room.x_range(), room.bottom(), stroke);
        }
    }
    response.dnd_release_payload::<LayerId>().map(|moved| LayerCommand::Move(*moved, place))
}

/// The field that another name is typed into.
fn name_field(ui: &mut Ui, typed: &mut TypedName) -> Option<LayerCommand> {
    let id = Id::unique("layer name");
    let field = TextEdit::singleline(&mut typed.text).id(id).desired_width(ui.available_width());
    let mut output = field.show(ui);
    let response = output.response.response.clone();
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Name of the layer"));
    if std::mem::take(&mut typed.is_new) {
        response.request_focus();
        let all = egui::text::CCursorRange::select_all(&output.galley);
        output.state.cursor.set_char_range(Some(all));
        output.state.store(ui.ctx(), id);
    }
    let is_left = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape));
    match (is_left, response.lost_focus()) {
        (true, _) => Some(LayerCommand::KeepName),
        (false, true) => Some(LayerCommand::Rename(typed.layer, typed.text.clone())),
        (false, false) => None,
    }
}

/// What is particular about a layer, after its name.
fn words(row: &LayerRow<'_>) -> String {
    let of = &row.layer.properties;
    let mut words = String::new();
    let mut add = |word: &str| {
        words.push_str(", ");
        words.push_str(word);
    };
    if of.opacity_level() < 255 {
        add(&format!("{:.0} %", of.opacity * 100.0));
    }
    if of.blend != BlendMode::Normal {
        add(of.blend.label());
    }
    for (is_so, word) in [
        (of.clipped, "clipped"),
        (of.alpha_locked, "alpha locked"),
        (of.reference, "reference"),
        (!of.visible, "hidden"),
    ] {
        if is_so {
            add(word);
        }
    }
    words
}

fn line(ui: &Ui, text: String, size: f32, color: Color32, width: f32) -> std::sync::Arc<egui::Galley> {
    let mut job = egui::text::LayoutJob::simple(text, FontId::proportional(size), color, width);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    ui.painter().layout_job(job)
}
