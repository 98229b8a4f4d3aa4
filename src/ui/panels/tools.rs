//! Brush, eraser, fill, eyedropper, and how the brush paints.

use egui::Button;

use crate::paint::Brush;
use crate::ui::keymap::{keys, tooltip};
use crate::ui::theme;
use crate::ui::widgets::NumberField;
use crate::ui::{CanvasCommand, UserCommand};

/// What the pointer does on the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Paints with the current colour.
    #[default]
    Brush,
    /// Paints with the paper's colour.
    Eraser,
    /// Fills an area of one colour.
    Fill,
    /// Takes a colour from the canvas.
    Eyedropper,
}

impl Tool {
    /// All tools with their names and tooltips.
    const ALL: [(Self, &str, &str); 4] = [
        (Self::Brush, "Brush", "Paint with the current colour."),
        (Self::Eraser, "Eraser", "Paint with the paper's colour."),
        (Self::Fill, "Fill", "Fill an area of one colour with the current colour."),
        (Self::Eyedropper, "Eyedropper", "Take a colour from the canvas. Alt+click does the same with any tool."),
    ];
}

/// The chosen tool and the brush it paints with.
#[derive(Default)]
pub(in crate::ui) struct Tools {
    pub tool: Tool,
    pub brush: Brush,
}

impl Tools {
    pub fn ui(&mut self, ui: &mut egui::Ui) -> Option<UserCommand> {
        theme::section(ui, "Tools");
        let mut command = None;
        let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
        egui::Grid::new("tools").num_columns(2).spacing(ui.spacing().item_spacing).show(ui, |ui| {
            // The longest name fits into half of the narrowest panel, so all buttons are of one width.
            ui.spacing_mut().button_padding.x = 3.0;
            for (i, (tool, name, help)) in Tool::ALL.into_iter().enumerate() {
                let button = Button::new(name).selected(self.tool == tool).min_size(egui::vec2(width, 28.0));
                let use_tool = CanvasCommand::UseTool(tool);
                if ui.add(button).on_hover_text(tooltip(ui.ctx(), help, use_tool.clone())).clicked() {
                    command = Some(use_tool.into());
                }
                if i % 2 == 1 {
                    ui.end_row();
                }
            }
        });
        ui.add_space(4.0);
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
        command
    }

    /// Multiplies the brush size by `factor`, and changes it by at least one pixel.
    pub fn resize(&mut self, factor: f32) {
        let (min, max) = (*Brush::SIZES.start(), *Brush::SIZES.end());
        let step = (self.brush.size * (factor - 1.0)).abs().max(1.0).copysign(factor - 1.0);
        self.brush.size = (self.brush.size + step).round().clamp(min, max);
    }
}
