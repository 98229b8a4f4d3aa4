//! How many pixels the eyedropper averages, and of what.

use egui::{Button, RichText, Ui};

use crate::document::AreaSource;
use crate::paint::SampleArea;
use crate::ui::{ColorCommand, UserCommand};

/// Shows the choices.
pub(in crate::ui) fn sample_choice(ui: &mut Ui, chosen: SampleArea, source: AreaSource) -> Option<UserCommand> {
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
    let mut on_layer = source == AreaSource::Layer;
    let help = "Takes the colour that the current layer has there, and not the one that is seen.";
    if ui.checkbox(&mut on_layer, "Current layer only").on_hover_text(help).changed() {
        let source = if on_layer { AreaSource::Layer } else { AreaSource::Picture };
        command = Some(ColorCommand::ChooseSampleSource(source).into());
    }
    command
}
