//! The size of the results.

use egui::DragValue;

use crate::engine::Settings;

pub(super) fn ui(ui: &mut egui::Ui, settings: &mut Settings) {
    let step = Settings::SIDE_STEP;
    let help =
        format!("Size of the results in pixels, a multiple of {step}. Larger takes longer and needs more memory.");
    let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
    ui.horizontal(|ui| {
        for (name, side) in [("Width", &mut settings.width), ("Height", &mut settings.height)] {
            ui.vertical(|ui| {
                let label = ui.label(name).on_hover_text(&help);
                let drag = DragValue::new(side).range(step..=Settings::MAX_SIDE).speed(8.0).suffix(" px");
                let response = ui.add_sized([width, 24.0], drag).labelled_by(label.id).on_hover_text(&help);
                if response.changed() {
                    *side = (*side + step / 2) / step * step;
                }
            });
        }
    });
}
