//! The numbers of a transform, and its buttons.

use egui::Ui;

use crate::document::Document;
use crate::paint::Placement;
use crate::ui::keymap::tooltip;
use crate::ui::widgets::number_box;
use crate::ui::{SelectCommand, UserCommand};

/// Shows where the lifted pixels are, to be typed.
pub(super) fn ui(ui: &mut Ui, document: &Document) -> Option<UserCommand> {
    let Some(now) = document.placement() else {
        ui.weak("Drag on the canvas to move what is selected; drag its handles to scale, outside it to turn.");
        let help = "Lift what is selected, so that it can be moved.";
        let begin = SelectCommand::BeginTransform;
        return ui
            .button("Begin")
            .on_hover_text(tooltip(ui.ctx(), help, begin.clone()))
            .clicked()
            .then(|| begin.into());
    };
    let mut placed = now;
    let (mut across, mut down) = (now.scale.0 * 100.0, now.scale.1 * 100.0);
    egui::Grid::new("transform").num_columns(2).show(ui, |ui| {
        let mut row = |name: &str, value: &mut f32, range: std::ops::RangeInclusive<f32>, suffix: &str| {
            let label = ui.label(name);
            ui.add(number_box(value, range, 1).suffix(suffix.to_owned())).labelled_by(label.id);
            ui.end_row();
        };
        row("Right", &mut placed.offset.0, -20_000.0..=20_000.0, " px");
        row("Down", &mut placed.offset.1, -20_000.0..=20_000.0, " px");
        row("Width", &mut across, -10_000.0..=10_000.0, " %");
        row("Height", &mut down, -10_000.0..=10_000.0, " %");
        row("Turn", &mut placed.degrees, -360.0..=360.0, "°");
    });
    if (across, down) != (now.scale.0 * 100.0, now.scale.1 * 100.0) {
        placed.scale = (across / 100.0, down / 100.0);
    }
    let mut command = (placed != now).then(|| SelectCommand::Place(placed).into());
    ui.horizontal_wrapped(|ui| {
        let mut button = |name: &str, help: &str, placed: SelectCommand| {
            let help = tooltip(ui.ctx(), help, placed.clone());
            if ui.button(name).on_hover_text(help).clicked() {
                command = Some(placed.into());
            }
        };
        let with = |scale: (f32, f32), turn: f32| {
            let scale = (now.scale.0 * scale.0, now.scale.1 * scale.1);
            SelectCommand::Place(Placement { scale, degrees: now.degrees + turn, ..now })
        };
        button("Mirror", "Mirror left and right.", with((-1.0, 1.0), 0.0));
        button("Flip", "Mirror top and bottom.", with((1.0, -1.0), 0.0));
        button("Turn left", "Turn by 90° anticlockwise.", with((1.0, 1.0), -90.0));
        button("Turn right", "Turn by 90° clockwise.", with((1.0, 1.0), 90.0));
        button("Apply", "Put it down here.", SelectCommand::Apply);
        button("Leave", "Leave all as it was.", SelectCommand::Leave);
    });
    command
}
