//! The settings of the brush in use, the rarer ones folded.

use egui::{CollapsingHeader, Ui};

use super::dynamics;
use crate::paint::{Brush, BrushAction, Grain, Tip};
use crate::ui::CanvasCommand;
use crate::ui::keymap::keys;
use crate::ui::widgets::{NumberField, labelled_list};

/// Edits a brush in place.
pub(super) fn ui(ui: &mut Ui, brush: &mut Brush, is_eraser: bool) {
    let [smaller, larger] =
        [CanvasCommand::SmallerBrush, CanvasCommand::LargerBrush].map(|command| keys(ui.ctx(), command));
    let whose = if is_eraser { "eraser" } else { "brush" };
    let help = format!(
        "Diameter of the {whose} in canvas pixels. ({smaller} makes it smaller, {larger} larger, {} changes it)",
        crate::ui::keymap::size_drag(ui.ctx())
    );
    NumberField::new("Size", &help).logarithmic().suffix(" px").ui(ui, &mut brush.size, Brush::SIZES);
    let is_smudge = brush.action == BrushAction::Smudge;
    let opacity = if is_smudge {
        "How much of the colours taken along is left on the canvas."
    } else {
        "How much of the picture underneath one stroke hides."
    };
    NumberField::new("Opacity", opacity).percent().ui(ui, &mut brush.opacity, 0.0..=1.0);
    NumberField::new("Hardness", "How sharp the edge is: low values fade out softly.").percent().ui(
        ui,
        &mut brush.hardness,
        0.0..=1.0,
    );
    CollapsingHeader::new("Tip and texture").id_salt("brush tip").show(ui, |ui| {
        let flow = if is_smudge {
            "How far colours are taken along."
        } else {
            "How much each dab adds. Below 100 %, a stroke gets denser where dabs overlap, up to its opacity."
        };
        NumberField::new("Flow", flow).percent().ui(ui, &mut brush.flow, 0.0..=1.0);
        if !is_eraser {
            let mut smudges = is_smudge;
            if ui.checkbox(&mut smudges, "Smudge").on_hover_text("Take colours along instead of painting.").changed() {
                brush.action = if smudges { BrushAction::Smudge } else { BrushAction::Paint };
            }
        }
        let tips = [(Tip::Round, "Round"), (Tip::Flat, "Flat")];
        labelled_list(ui, "Tip", "The outline of the tip.", name_of(&tips, brush.tip), |ui| {
            for (tip, name) in tips {
                ui.selectable_value(&mut brush.tip, tip, name);
            }
        });
        NumberField::new("Length", "How many times longer than wide the tip is.").step(0.1, 1).ui(
            ui,
            &mut brush.aspect,
            Brush::ASPECTS,
        );
        NumberField::new("Angle", "How far the tip is turned clockwise.").step(1.0, 0).suffix("°").ui(
            ui,
            &mut brush.angle,
            -180.0..=180.0,
        );
        NumberField::new("Spacing", "Distance between dabs as a share of the tip's width.").percent().ui(
            ui,
            &mut brush.spacing,
            0.02..=1.0,
        );
        NumberField::new("Rate", "Dabs a second while the pen rests: above 0 it is an airbrush.").step(1.0, 0).ui(
            ui,
            &mut brush.rate,
            Brush::RATES,
        );
        if !is_smudge {
            let grains = [
                (Grain::None, "None"),
                (Grain::Fine, "Fine paper"),
                (Grain::Rough, "Rough paper"),
                (Grain::Weave, "Canvas weave"),
            ];
            labelled_list(ui, "Texture", "The paper that shows through.", name_of(&grains, brush.grain), |ui| {
                for (grain, name) in grains {
                    ui.selectable_value(&mut brush.grain, grain, name);
                }
            });
            if brush.grain != Grain::None {
                NumberField::new("Depth", "How much of the paper shows through.").percent().ui(
                    ui,
                    &mut brush.grain_strength,
                    0.0..=1.0,
                );
            }
        }
        ui.checkbox(&mut brush.antialias, "Smooth edges")
            .on_hover_text("Without, each pixel is covered or not, for pixel art and sharp masks.");
    });
    CollapsingHeader::new("Pressure, tilt, speed")
        .id_salt("brush dynamics")
        .show(ui, |ui| dynamics::ui(ui, &mut brush.dynamics));
}

fn name_of<T: PartialEq>(names: &[(T, &str)], value: T) -> String {
    names.iter().find(|(known, _)| *known == value).map_or("", |(_, name)| *name).to_owned()
}
