//! How strokes follow the pen: stabiliser, symmetry, and the pressure of a mouse.

use egui::{CollapsingHeader, Ui};

use super::choices::BrushChoices;
use crate::paint::{Stabilizer, Symmetry};
use crate::ui::keymap::tooltip;
use crate::ui::widgets::{NumberField, labelled_list};
use crate::ui::{BrushCommand, UserCommand};

/// The distance that a stabiliser begins with, in points on screen.
const USUAL_DISTANCE: f32 = 40.0;

pub(super) fn ui(ui: &mut Ui, choices: &mut BrushChoices) -> Option<UserCommand> {
    let mut command = None;
    CollapsingHeader::new("Strokes").id_salt("strokes").show(ui, |ui| {
        let distance = match choices.stabilizer {
            Stabilizer::Off => USUAL_DISTANCE,
            Stabilizer::Weighted(distance) | Stabilizer::Rope(distance) => distance,
        };
        let kinds = [Stabilizer::Off, Stabilizer::Weighted(distance), Stabilizer::Rope(distance)];
        let help = "Steadies the hand. Weighted follows the pen smoothly; a rope moves nothing until it is tight. The stroke \
            ends where the pen is lifted.";
        labelled_list(ui, "Stabiliser", help, stabilizer_name(choices.stabilizer).into(), |ui| {
            for kind in kinds {
                if ui.selectable_label(choices.stabilizer == kind, stabilizer_name(kind)).clicked() {
                    command = Some(BrushCommand::UseStabilizer(kind).into());
                }
            }
        });
        if let Stabilizer::Weighted(distance) | Stabilizer::Rope(distance) = &mut choices.stabilizer {
            NumberField::new("Distance", "How far the stroke may lag behind the pen, in points on screen.")
                .logarithmic()
                .ui(ui, distance, Stabilizer::DISTANCES);
        }
        let help = tooltip(ui.ctx(), "Mirrors strokes in the middle of the canvas.", BrushCommand::NextSymmetry);
        labelled_list(ui, "Symmetry", &help, symmetry_name(choices.symmetry).into(), |ui| {
            for symmetry in Symmetry::ALL {
                if ui.selectable_label(choices.symmetry == symmetry, symmetry_name(symmetry)).clicked() {
                    command = Some(BrushCommand::UseSymmetry(symmetry).into());
                }
            }
        });
        ui.checkbox(&mut choices.pressure.from_speed, "Pressure from speed").on_hover_text(
            "For a mouse, and pens whose pressure is not known: the slower a stroke, the harder. Only brushes that follow \
             the pressure show it.",
        );
        NumberField::new("Thin ends", "Over how many points on screen strokes of brushes that follow the pressure begin and end.")
            .ui(ui, &mut choices.pressure.taper, 0.0..=200.0);
    });
    command
}

fn stabilizer_name(stabilizer: Stabilizer) -> &'static str {
    match stabilizer {
        Stabilizer::Off => "Off",
        Stabilizer::Weighted(_) => "Weighted",
        Stabilizer::Rope(_) => "Rope",
    }
}

fn symmetry_name(symmetry: Symmetry) -> &'static str {
    match symmetry {
        Symmetry::None => "None",
        Symmetry::Vertical => "Left and right",
        Symmetry::Horizontal => "Up and down",
        Symmetry::Both => "Both",
    }
}
