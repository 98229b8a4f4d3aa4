//! Choosing a colour by eye: a field of saturation and value, and a bar of hues.

use egui::{Color32, Mesh, Pos2, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, lerp};

use crate::paint::{Hsv, Rgb};

/// Squares the gradients are drawn with; the corners of each are exact.
const CELLS: usize = 24;

/// Saturation to the right, value upwards; returns what was pointed at.
pub(in crate::ui) fn saturation_and_value(ui: &mut Ui, hsv: Hsv, size: Vec2) -> Option<Hsv> {
    let (rect, response) = field(ui, size, "Saturation and value");
    gradient(ui, rect, CELLS, |x, y| Hsv { hue: hsv.hue, saturation: x, value: 1.0 - y });
    let at = Pos2::new(lerp(rect.x_range(), hsv.saturation), lerp(rect.y_range(), 1.0 - hsv.value));
    let [r, g, b] = Rgb::from(hsv).0;
    let ring = if hsv.value > 0.6 && hsv.saturation < 0.6 { Color32::BLACK } else { Color32::WHITE };
    ui.painter().circle(at, 6.0, Color32::from_rgb(r, g, b), Stroke::new(1.5, ring));
    let (x, y) = pointed(&response, rect)?;
    Some(Hsv { saturation: x, value: 1.0 - y, ..hsv })
}

/// All hues from left to right; returns what was pointed at.
pub(in crate::ui) fn hue(ui: &mut Ui, hsv: Hsv, size: Vec2) -> Option<Hsv> {
    let (rect, response) = field(ui, size, "Hue bar");
    gradient(ui, rect, 1, |x, _| Hsv { hue: x * 360.0, saturation: 1.0, value: 1.0 });
    let x = lerp(rect.x_range(), hsv.hue / 360.0);
    let marker = Rect::from_center_size(Pos2::new(x, rect.center().y), Vec2::new(5.0, rect.height() + 2.0));
    ui.painter().rect(marker, 2, Color32::WHITE, Stroke::new(1.0, Color32::from_black_alpha(160)), StrokeKind::Outside);
    let (x, _) = pointed(&response, rect)?;
    // A full turn is red again; stay just below it so that the marker stays at the right.
    Some(Hsv { hue: (x * 360.0).min(359.9), ..hsv })
}

fn field(ui: &mut Ui, size: Vec2, name: &str) -> (Rect, Response) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::ColorWell, true, name));
    (rect, response)
}

/// Where the pointer is while it is down, as shares of the field.
fn pointed(response: &Response, rect: Rect) -> Option<(f32, f32)> {
    if !response.is_pointer_button_down_on() {
        return None;
    }
    let share = (response.interact_pointer_pos()? - rect.min) / rect.size();
    Some((share.x.clamp(0.0, 1.0), share.y.clamp(0.0, 1.0)))
}

fn gradient(ui: &Ui, rect: Rect, rows: usize, color: impl Fn(f32, f32) -> Hsv) {
    let columns = CELLS;
    let mut mesh = Mesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let (x, y) = (column as f32 / columns as f32, row as f32 / rows as f32);
            let [r, g, b] = Rgb::from(color(x, y)).0;
            let at = Pos2::new(lerp(rect.x_range(), x), lerp(rect.y_range(), y));
            mesh.colored_vertex(at, Color32::from_rgb(r, g, b));
            if row > 0 && column > 0 {
                let here = (row * (columns + 1) + column) as u32;
                let above = here - (columns as u32 + 1);
                mesh.add_triangle(above - 1, above, here - 1);
                mesh.add_triangle(above, here, here - 1);
            }
        }
    }
    ui.painter().add(Shape::mesh(mesh));
}
