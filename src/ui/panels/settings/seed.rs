//! The seed.

use egui::DragValue;

use crate::engine::{MAX_SEED, Settings};

pub(super) fn ui(ui: &mut egui::Ui, settings: &mut Settings, last: Option<u64>) {
    let help = "The start of the random noise. The same seed and settings make the same picture; -1 draws a new seed for each round.";
    let label = ui.label("Seed").on_hover_text(help);
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 164.0).max(56.0);
        let drag = DragValue::new(&mut settings.seed).range(-1..=MAX_SEED).speed(1.0);
        ui.add_sized([width, 24.0], drag).labelled_by(label.id).on_hover_text(help);
        if ui.button("Random").on_hover_text("Set the seed to -1: a new seed for each round.").clicked() {
            settings.seed = -1;
        }
        let reuse = ui.add_enabled(last.is_some(), egui::Button::new("Last seed"));
        let reuse = reuse
            .on_hover_text("Use the seed of the last round again.")
            .on_disabled_hover_text("There was no round yet.");
        if let (true, Some(last)) = (reuse.clicked(), last) {
            settings.seed = last as i64;
        }
    });
}
