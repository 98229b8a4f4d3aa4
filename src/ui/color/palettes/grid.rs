//! The colours of the palette on show.

use egui::{Button, Pos2, Response, ScrollArea, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::PalettePanel;
use crate::paint::Rgb;
use crate::palettes::Palette;
use crate::ui::color::swatch::swatch;
use crate::ui::keymap::tooltip;
use crate::ui::{ColorCommand, PaletteCommand, UserCommand, theme};

/// How many colours stand in a row where the palette leaves that open or asks for more than fit.
const USUAL: usize = 8;
/// The most that fit.
const MOST: usize = 12;
/// The space between two of them, in points.
const GAP: f32 = 3.0;
/// How many rows are shown at once.
const ROWS: usize = 6;

/// What is dragged: a colour of the palette.
struct Dragged(usize);

/// Shows the colours in rows, and after the last one the button that adds the current colour.
pub(super) fn ui(ui: &mut Ui, panel: &mut PalettePanel, current: Rgb) -> Option<UserCommand> {
    let mut command = None;
    let mut focused = None;
    let focus_next = panel.focus_next.take();
    if let Some(kept) = panel.shown() {
        let palette = &kept.palette;
        let columns = if (1..=MOST).contains(&palette.columns()) { palette.columns() } else { USUAL };
        let width = ui.available_width();
        let side = ((width - GAP * (columns - 1) as f32) / columns as f32).floor().clamp(8.0, 26.0);
        // The last place is that of the button.
        let rows = (palette.swatches().len() + 1).div_ceil(columns);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(GAP);
            ui.spacing_mut().interact_size.y = side;
            let height = ROWS.min(rows) as f32 * (side + GAP) - GAP;
            let area = ScrollArea::vertical().id_salt(&kept.file).max_height(height).min_scrolled_height(height);
            area.show_rows(ui, side, rows, |ui, range| {
                for row in range {
                    ui.horizontal(|ui| {
                        let places = row * columns..(row + 1) * columns;
                        for at in places {
                            let shown = place(ui, palette, at, side, current, panel.chosen() == Some(at));
                            let Some((response, asked)) = shown else { break };
                            if response.has_focus() && at < palette.swatches().len() {
                                focused = Some(at);
                            }
                            if focus_next == Some(at) {
                                response.request_focus();
                            }
                            command = asked.or(command.take());
                        }
                    });
                }
            });
        });
    }
    panel.focused = focused;
    command
}

/// One place of the grid: a colour, or after the last one the button that adds another.
fn place(
    ui: &mut Ui,
    palette: &Palette,
    at: usize,
    side: f32,
    current: Rgb,
    is_chosen: bool,
) -> Option<(Response, Option<UserCommand>)> {
    let count = palette.swatches().len();
    if at == count {
        return Some(add_button(ui, side));
    }
    let shown = palette.swatches().get(at)?;
    let name = shown.described();
    let response = swatch(ui, shown.color, &name, side, is_chosen || shown.color == current, Sense::click_and_drag());
    let mut command = response.clicked().then(|| PaletteCommand::Use(at).into());
    if response.drag_started() {
        response.dnd_set_drag_payload(Dragged(at));
    }
    if let Some(dragged) = response.dnd_hover_payload::<Dragged>() {
        // Where it would stand: the colours between make way.
        let edge = if dragged.0 < at { response.rect.right() + GAP / 2.0 } else { response.rect.left() - GAP / 2.0 };
        let [top, bottom] = [response.rect.top(), response.rect.bottom()].map(|y| Pos2::new(edge, y));
        ui.painter().line_segment([top, bottom], Stroke::new(2.0, theme::ACCENT));
    }
    if let Some(dragged) = response.dnd_release_payload::<Dragged>() {
        command = Some(PaletteCommand::MoveSwatch(dragged.0, at).into());
    }
    response.context_menu(|ui| {
        let delete = tooltip(ui.ctx(), "Take this colour out of the palette.", PaletteCommand::DeleteFocused);
        let earlier = tooltip(ui.ctx(), "Move it one place to the front.", PaletteCommand::MoveFocusedEarlier);
        let later = tooltip(ui.ctx(), "Move it one place to the back.", PaletteCommand::MoveFocusedLater);
        let entries: [(&str, &str, bool, UserCommand); 4] = [
            (
                "Use as background colour",
                "The foreground colour stays.",
                true,
                ColorCommand::UseAsBackground(shown.color).into(),
            ),
            ("Move left", &earlier, at > 0, PaletteCommand::MoveSwatch(at, at.saturating_sub(1)).into()),
            ("Move right", &later, at + 1 < count, PaletteCommand::MoveSwatch(at, at + 1).into()),
            ("Delete", &delete, true, PaletteCommand::DeleteSwatch(at).into()),
        ];
        for (name, help, enabled, wanted) in entries {
            if ui.add_enabled(enabled, Button::new(name)).on_hover_text(help).clicked() {
                command = Some(wanted);
                ui.close();
            }
        }
    });
    Some((response, command))
}

fn add_button(ui: &mut Ui, side: f32) -> (Response, Option<UserCommand>) {
    ui.spacing_mut().button_padding = Vec2::ZERO;
    let response = ui.add_sized(Vec2::splat(side), Button::new("+").small());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Add the current colour"));
    let response = response.on_hover_text("Add the current colour to the palette.");
    let command = response.clicked().then(|| PaletteCommand::AddCurrent.into());
    (response, command)
}
