//! How many pixels the eyedropper averages.

use egui::{Button, RichText, Ui};

use crate::paint::SampleArea;
use crate::ui::{ColorCommand, UserCommand};

/// Shows the choice.
pub(in crate::ui) fn sample_choice(ui: &mut Ui, chosen: SampleArea) -> Option<UserCommand> {
    let mut command = None;
    let help = "How many pixels around the pointer a colour is averaged over.";
    ui.label(RichText::new("Eyedropper takes").small().weak()).on_hover_text(help);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (area, name) in SampleArea::ALL {
            if ui.add(Button::new(name).selected(area == chosen)).on_hover_text(help).clicked() {
                command = Some(ColorCommand::ChooseSampleArea(area).into());
            }
        }
    });
    command
}
