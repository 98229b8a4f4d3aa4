//! The paper, below all layers.

use egui::{RichText, Ui};

use super::dragging::bottom;
use crate::paint::{LayerId, Rgb};
use crate::ui::LayerCommand;

/// Shows the paper and its colour. A layer that is dropped here goes to the bottom.
pub(super) fn ui(ui: &mut Ui, paper: Rgb) -> Option<LayerCommand> {
    let mut command = None;
    let row = ui.horizontal(|ui| {
        ui.set_height(super::row_view::HEIGHT);
        ui.set_width(ui.available_width());
        let mut color = paper.0;
        let help = "The colour of the paper, which shows where no layer has paint.";
        let label = ui.label("Paper").on_hover_text(help);
        let button = ui.color_edit_button_srgb(&mut color).labelled_by(label.id).on_hover_text(help);
        if button.changed() {
            command = Some(LayerCommand::SetPaper(Rgb(color)));
        }
        ui.label(RichText::new(paper.hex()).small().weak());
    });
    if row.response.dnd_hover_payload::<LayerId>().is_some() {
        let rect = row.response.rect;
        ui.painter().hline(rect.x_range(), rect.top(), egui::Stroke::new(2.0, crate::ui::theme::ACCENT));
    }
    let dropped = row.response.dnd_release_payload::<LayerId>();
    dropped.map(|moved| LayerCommand::Move(*moved, bottom())).or(command)
}
