//! Brush, eraser, fill, eyedropper, and how the brush paints.

use egui::Button;

use super::field::Field;
use super::{Action, theme};
use crate::paint::Brush;

/// What the pointer does on the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Paints with the current colour.
    #[default]
    Brush,
    /// Brings the paper back.
    Eraser,
    /// Fills an area of one colour.
    Fill,
    /// Takes a colour from the canvas.
    Eyedropper,
}

impl Tool {
    /// All of them, with name, key and tooltip.
    pub(super) const ALL: [(Self, &str, egui::Key, &str); 4] = [
        (Self::Brush, "Brush", egui::Key::B, "Paint with the current colour."),
        (Self::Eraser, "Eraser", egui::Key::E, "Bring the paper's colour back."),
        (Self::Fill, "Fill", egui::Key::F, "Fill an area of one colour with the current colour."),
        (
            Self::Eyedropper,
            "Eyedropper",
            egui::Key::I,
            "Take a colour from the canvas. Alt and click does the same with any tool.",
        ),
    ];
}

/// The chosen tool and the brush it paints with.
#[derive(Default)]
pub(super) struct Tools {
    pub tool: Tool,
    pub brush: Brush,
}

impl Tools {
    pub fn ui(&mut self, ui: &mut egui::Ui) -> Option<Action> {
        theme::section(ui, "Tools");
        let mut action = None;
        let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
        egui::Grid::new("tools").num_columns(2).spacing(ui.spacing().item_spacing).show(ui, |ui| {
            for (i, (tool, name, key, help)) in Tool::ALL.into_iter().enumerate() {
                let button = Button::new(name).selected(self.tool == tool).min_size(egui::vec2(width, 28.0));
                if ui.add(button).on_hover_text(format!("{help} Key {}.", key.name())).clicked() {
                    action = Some(Action::Use(tool));
                }
                if i % 2 == 1 {
                    ui.end_row();
                }
            }
        });
        ui.add_space(4.0);
        Field::new("Size", "How wide the brush is, in canvas pixels. Keys [ and ] make it smaller and larger.")
            .logarithmic()
            .suffix(" px")
            .ui(ui, &mut self.brush.size, Brush::SIZES);
        Field::new("Opacity", "How much of the picture underneath one stroke hides.").percent().ui(
            ui,
            &mut self.brush.opacity,
            0.0..=1.0,
        );
        Field::new("Hardness", "How sharp the brush's edge is: low values fade out softly.").percent().ui(
            ui,
            &mut self.brush.hardness,
            0.0..=1.0,
        );
        action
    }

    /// One size smaller or larger.
    pub fn resize(&mut self, factor: f32) {
        let (min, max) = (*Brush::SIZES.start(), *Brush::SIZES.end());
        let step = (self.brush.size * (factor - 1.0)).abs().max(1.0).copysign(factor - 1.0);
        self.brush.size = (self.brush.size + step).round().clamp(min, max);
    }
}
