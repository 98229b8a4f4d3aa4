//! The scale of the false colours, and how far the pictures are apart in numbers.

use egui::{Align2, Color32, FontId, Mesh, Pos2, Rect, RichText, Sense, Shape, Ui, Vec2, WidgetInfo};

use super::state::Comparison;
use crate::picture::{Difference, false_color};

/// The scale's bar and the numbers below it, in points.
const SIZE: Vec2 = Vec2::new(240.0, 26.0);
const BAR_HEIGHT: f32 = 11.0;

/// From how many pieces the bar is made.
const PIECES: usize = 40;

const HELP: &str = "How far the colours are apart by the CIEDE2000 formula. 1 is just visible, 10 is plain to see, black and white are 100 apart.";

/// Shows scale and numbers, or that they are being computed.
pub(super) fn ui(ui: &mut Ui, shown: &Comparison) {
    ui.horizontal_wrapped(|ui| match shown.shown_difference() {
        Some(difference) => {
            scale(ui, difference);
            ui.label(RichText::new(numbers(difference)).small()).on_hover_text(HELP);
        }
        None => {
            // As high as the scale, so that the pictures do not jump.
            ui.allocate_exact_size(Vec2::new(1.0, SIZE.y), Sense::hover());
            ui.label(RichText::new("CIEDE2000").small().weak());
        }
    });
}

/// `CIEDE2000: mean 3.21 · 95th percentile 9.80 · maximum 41.20`.
fn numbers(difference: &Difference) -> String {
    let Difference { mean, percentile_95, maximum, .. } = difference;
    format!("CIEDE2000: mean {mean:.2}  ·  95th percentile {percentile_95:.2}  ·  maximum {maximum:.2}")
}

fn scale(ui: &mut Ui, difference: &Difference) {
    let (rect, response) = ui.allocate_exact_size(SIZE, Sense::hover());
    let end = end_label(difference);
    response.widget_info(|| {
        WidgetInfo::labeled(egui::Role::Image, true, format!("Scale from 0, black, to {end}, light yellow"))
    });
    response.on_hover_text(HELP);
    // The first and last number are as wide as the margins.
    let bar = Rect::from_min_size(rect.min + Vec2::new(6.0, 0.0), Vec2::new(SIZE.x - 24.0, BAR_HEIGHT));
    let mut mesh = Mesh::default();
    for piece in 0..=PIECES {
        let share = piece as f32 / PIECES as f32;
        let [r, g, b] = false_color(share);
        let x = bar.left() + bar.width() * share;
        mesh.colored_vertex(Pos2::new(x, bar.top()), Color32::from_rgb(r, g, b));
        mesh.colored_vertex(Pos2::new(x, bar.bottom()), Color32::from_rgb(r, g, b));
        if piece > 0 {
            let last = 2 * piece as u32;
            mesh.add_triangle(last - 2, last - 1, last);
            mesh.add_triangle(last - 1, last, last + 1);
        }
    }
    let painter = ui.painter();
    painter.add(Shape::mesh(mesh));
    let color = ui.visuals().text_color();
    painter.rect_stroke(bar, 0, egui::Stroke::new(1.0, Color32::from_gray(90)), egui::StrokeKind::Outside);
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = bar.left() + bar.width() * share;
        painter.vline(x, bar.bottom()..=bar.bottom() + 3.0, egui::Stroke::new(1.0, color));
        let text = if share == 1.0 { end.clone() } else { format!("{}", difference.scale * share) };
        painter.text(Pos2::new(x, bar.bottom() + 3.0), Align2::CENTER_TOP, text, FontId::proportional(10.5), color);
    }
}

/// The last number of the scale; a plus says that there are larger differences.
fn end_label(difference: &Difference) -> String {
    let more = if difference.maximum > difference.scale { "+" } else { "" };
    format!("{}{more}", difference.scale)
}
