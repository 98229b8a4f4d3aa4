//! The size of the results.

use crate::engine::{AspectRatio, Settings};
use crate::ui::widgets::{number_box, parse_number};

pub(super) fn ui(ui: &mut egui::Ui, settings: &mut Settings) {
    let step = Settings::SIDE_STEP;
    let help =
        format!("Size of the results in pixels, a multiple of {step}. Larger takes longer and needs more memory.");
    let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
    ui.horizontal(|ui| {
        for (name, side) in [("Width", &mut settings.width), ("Height", &mut settings.height)] {
            ui.vertical(|ui| {
                let label = ui.label(name).on_hover_text(&help);
                let number = number_box(side, Settings::MIN_SIDE..=Settings::MAX_SIDE, 0)
                    // Rounded while it is read: a number that changes while it is typed would end the typing.
                    .custom_parser(|text| {
                        parse_number(text, true).map(|typed| Settings::nearest_side(typed.max(0.0) as usize) as f64)
                    })
                    .speed(8.0)
                    .suffix(" px");
                let response = ui.add_sized([width, 24.0], number).labelled_by(label.id).on_hover_text(&help);
                if !response.has_focus() {
                    *side = Settings::nearest_side(*side);
                }
            });
        }
    });
    shapes(ui, settings);
}

/// A button for each of the usual shapes, which keeps about the number of pixels.
fn shapes(ui: &mut egui::Ui, settings: &mut Settings) {
    let now = (settings.width, settings.height);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for shape in AspectRatio::ALL {
            let (width, height) = shape.size(now);
            let help = format!("{width} by {height} pixels: about as many as now.");
            if ui.selectable_label((width, height) == now, shape.label()).on_hover_text(help).clicked() {
                (settings.width, settings.height) = (width, height);
            }
        }
    });
}
