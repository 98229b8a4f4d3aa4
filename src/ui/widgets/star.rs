//! A star, which no font of the window has.

use egui::{Color32, Mesh, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};

use crate::ui::theme;

/// A small star in the upper right corner of a picture.
pub(in crate::ui) fn star_mark(painter: &Painter, picture: Rect) {
    // It leaves most of a very small picture in view.
    let side = (picture.width() * 0.3).clamp(7.0, 14.0);
    let at = Rect::from_min_size(picture.right_top() + Vec2::new(-side - 3.0, 3.0), Vec2::splat(side));
    painter.rect_filled(at, 4, Color32::from_black_alpha(170));
    filled(painter, at.center(), side * 0.4, theme::STAR);
}

/// A button that shows whether something has a star.
pub(in crate::ui) fn star_button(ui: &mut Ui, starred: bool, name: &str) -> Response {
    let size = Vec2::splat(ui.spacing().interact_size.y - 2.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, ui.is_enabled(), starred, name));
    let style = ui.style().interact(&response);
    ui.painter().rect(rect, style.corner_radius, style.weak_bg_fill, style.bg_stroke, egui::StrokeKind::Inside);
    if starred {
        filled(ui.painter(), rect.center(), 7.0, theme::STAR);
    } else {
        let outline = corners(rect.center(), 7.0).to_vec();
        ui.painter().add(Shape::closed_line(outline, Stroke::new(1.2, style.fg_stroke.color)));
    }
    response
}

fn filled(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    let mut mesh = Mesh::default();
    mesh.colored_vertex(center, color);
    for corner in corners(center, radius) {
        mesh.colored_vertex(corner, color);
    }
    for corner in 0..10 {
        mesh.add_triangle(0, 1 + corner, 1 + (corner + 1) % 10);
    }
    painter.add(Shape::mesh(mesh));
}

/// The five outer and five inner corners, from the top clockwise.
fn corners(center: Pos2, radius: f32) -> [Pos2; 10] {
    std::array::from_fn(|at| {
        let angle = (at as f32).mul_add(std::f32::consts::PI / 5.0, -std::f32::consts::FRAC_PI_2);
        let distance = if at % 2 == 0 { radius } else { radius * 0.45 };
        center + Vec2::angled(angle) * distance
    })
}
