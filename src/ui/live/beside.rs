//! The frame on show, large, where the results are otherwise.

use egui::{Color32, FontId, Pos2, Rect, Sense, Ui, WidgetInfo};

use super::words;
use crate::ui::state::WindowState;
use crate::ui::theme;

/// Shows the frame in all the room there is.
pub(in crate::ui) fn ui(ui: &mut Ui, state: &WindowState) {
    ui.horizontal(|ui| theme::section(ui, "Live"));
    let (well, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    ui.painter().rect_filled(well, 6, theme::WELL);
    let Some(shown) = &state.live.shown else {
        let text = words::before_the_first(state);
        let room = well.shrink(8.0);
        let galley = ui.painter().layout(
            text.into(),
            FontId::proportional(13.5),
            theme::WELL_TEXT,
            (room.width() - 16.0).max(40.0),
        );
        ui.painter().galley(room.center() - galley.size() / 2.0, galley, theme::WELL_TEXT);
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, text));
        return;
    };
    let size = shown.texture.size_vec2();
    let size = size * (well.width() / size.x).min(well.height() / size.y);
    let rect = Rect::from_center_size(well.center(), size);
    let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    ui.painter().with_clip_rect(well).image(shown.texture.id(), rect, uv, Color32::WHITE);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, "Live frame"));
}
