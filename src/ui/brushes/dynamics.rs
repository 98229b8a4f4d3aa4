//! Which values of a brush follow the pen, and by which curves.

use egui::{Color32, Pos2, Rect, Role, Sense, Shape, Slider, Stroke, Ui, Vec2, WidgetInfo, pos2};

use crate::paint::{Curve, Dynamics, PenInput, Response};
use crate::ui::theme;

/// The inputs at which a curve is edited.
const INPUTS: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// Height of a curve, in points.
const HEIGHT: f32 = 56.0;

/// Edits what follows the pen, in place.
pub(super) fn ui(ui: &mut Ui, dynamics: &mut Dynamics) {
    ui.label(egui::RichText::new("What the pen changes of the brush").small().weak());
    let Dynamics { size, opacity, flow, hardness, angle } = dynamics;
    for (name, response) in
        [("Size", size), ("Opacity", opacity), ("Flow", flow), ("Hardness", hardness), ("Angle", angle)]
    {
        response_ui(ui, name, response);
    }
}

fn response_ui(ui: &mut Ui, name: &str, response: &mut Response) {
    ui.label(name);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for input in PenInput::ALL {
            let curve = response.curve_mut(input);
            let mut follows = curve.is_some();
            let toggle = ui.toggle_value(&mut follows, egui::RichText::new(input_name(input)).small());
            let label = format!("{name} by {}", input_name(input).to_lowercase());
            toggle.widget_info(|| WidgetInfo::selected(Role::Button, true, follows, &label));
            if toggle.on_hover_text(help(name, input)).changed() {
                *curve = follows.then(|| usual_curve(input));
            }
        }
    });
    for input in PenInput::ALL {
        if let Some(curve) = response.curve_mut(input) {
            curve_ui(ui, &format!("{name} by {}", input_name(input).to_lowercase()), curve);
        }
    }
}

/// A curve drawn above a slider for each of its points.
fn curve_ui(ui: &mut Ui, label: &str, curve: &mut Curve) {
    let mut outputs = INPUTS.map(|input| curve.value(input));
    let (room, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), Sense::hover());
    draw(ui, room, curve);
    let mut is_changed = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let width = ui.available_width() / INPUTS.len() as f32;
        for (input, output) in INPUTS.iter().zip(&mut outputs) {
            ui.allocate_ui(Vec2::new(width, HEIGHT), |ui| {
                ui.spacing_mut().slider_width = HEIGHT - 8.0;
                let slider = Slider::new(output, 0.0..=1.0).vertical().show_value(false);
                let response = ui.add_sized(Vec2::new(width, HEIGHT), slider);
                let name = format!("{label} at {} %", (input * 100.0).round());
                response.widget_info(|| WidgetInfo::slider(true, f64::from(*output), &name));
                is_changed |= response.on_hover_text(format!("{name}: {} %", (*output * 100.0).round())).changed();
            });
        }
    });
    if is_changed {
        *curve = Curve::new(INPUTS.iter().zip(outputs).map(|(input, output)| [*input, output]).collect());
    }
}

fn draw(ui: &Ui, room: Rect, curve: &Curve) {
    let place = |input: f32| -> Pos2 {
        pos2(room.left() + room.width() * input, room.bottom() - (room.height() - 2.0) * curve.value(input) - 1.0)
    };
    ui.painter().rect_filled(room, 3, theme::WELL);
    let inputs = (0..=60).map(|i| i as f32 / 60.0).chain(curve.points().iter().map(|point| point[0]));
    let mut points: Vec<Pos2> = inputs.map(place).collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    ui.painter().add(Shape::line(points, Stroke::new(1.5, theme::ACCENT)));
    for point in curve.points() {
        ui.painter().circle_filled(place(point[0]), 2.5, Color32::WHITE);
    }
}

/// The curve that a value follows first.
fn usual_curve(input: PenInput) -> Curve {
    match input {
        PenInput::Pressure | PenInput::Tilt => Curve::straight(0.0, 1.0),
        // A fast stroke is thin.
        PenInput::Speed => Curve::straight(1.0, 0.2),
    }
}

fn input_name(input: PenInput) -> &'static str {
    match input {
        PenInput::Pressure => "Pressure",
        PenInput::Tilt => "Tilt",
        PenInput::Speed => "Speed",
    }
}

fn help(name: &str, input: PenInput) -> String {
    let by = match (name, input) {
        ("Angle", PenInput::Tilt) => "the direction in which the pen leans",
        (_, PenInput::Pressure) => "how hard the pen is pressed",
        (_, PenInput::Tilt) => "how far the pen leans",
        (_, PenInput::Speed) => "how fast the pen moves; the middle is 1,000 pixels a second",
    };
    let how = if name == "Angle" {
        "The curve is added to the angle; 100 % is a whole turn."
    } else {
        "The curve multiplies it."
    };
    format!("{name} follows {by}. {how}")
}
