//! How the brush paints.

use crate::paint::Brush;
use crate::ui::CanvasCommand;
use crate::ui::keymap::keys;
use crate::ui::widgets::NumberField;

/// The brush that strokes are painted with; its colour is that of the colour panel.
#[derive(Default)]
pub(in crate::ui) struct BrushPanel {
    pub brush: Brush,
}

impl BrushPanel {
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        let [smaller, larger] =
            [CanvasCommand::SmallerBrush, CanvasCommand::LargerBrush].map(|command| keys(ui.ctx(), command));
        let help = format!("Diameter of the brush in canvas pixels. ({smaller} makes it smaller, {larger} larger)");
        NumberField::new("Size", &help).logarithmic().suffix(" px").ui(ui, &mut self.brush.size, Brush::SIZES);
        NumberField::new("Opacity", "How much of the picture underneath one stroke hides.").percent().ui(
            ui,
            &mut self.brush.opacity,
            0.0..=1.0,
        );
        NumberField::new("Hardness", "How sharp the brush's edge is: low values fade out softly.").percent().ui(
            ui,
            &mut self.brush.hardness,
            0.0..=1.0,
        );
    }

    /// Multiplies the brush size by `factor`, and changes it by at least one pixel.
    pub fn resize(&mut self, factor: f32) {
        let (min, max) = (*Brush::SIZES.start(), *Brush::SIZES.end());
        let step = (self.brush.size * (factor - 1.0)).abs().max(1.0).copysign(factor - 1.0);
        self.brush.size = (self.brush.size + step).round().clamp(min, max);
    }
}
