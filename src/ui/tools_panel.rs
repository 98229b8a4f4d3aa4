//! Brush, eraser, fill, eyedropper, and how the brush paints.

use egui::{Button, Slider};

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
        (Self::Eyedropper, "Eyedropper", egui::Key::I, "Take a colour from the canvas. Alt and click does the same with any tool."),
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
        let size = Slider::new(&mut self.brush.size, Brush::SIZES).logarithmic(true).max_decimals(0).suffix(" px");
        labelled(ui, "Size", "How wide the brush is, in canvas pixels. Keys [ and ] make it smaller and larger.", size);
        let percent = |value| Slider::new(value, 0.0..=1.0).custom_formatter(|v, _| format!("{:.0} %", v * 100.0)).custom_parser(parse_percent);
        labelled(ui, "Opacity", "How much of the picture underneath one stroke hides.", percent(&mut self.brush.opacity));
        labelled(ui, "Hardness", "How sharp the brush's edge is: low values fade out softly.", percent(&mut self.brush.hardness));
        action
    }

    /// One size smaller or larger.
    pub fn resize(&mut self, factor: f32) {
        let (min, max) = (*Brush::SIZES.start(), *Brush::SIZES.end());
        let step = (self.brush.size * (factor - 1.0)).abs().max(1.0).copysign(factor - 1.0);
        self.brush.size = (self.brush.size + step).round().clamp(min, max);
    }
}

fn parse_percent(text: &str) -> Option<f64> {
    text.trim().trim_end_matches('%').trim().parse::<f64>().ok().map(|v| v / 100.0)
}

/// A full-width slider under its name, which assistive technology reads with it.
pub(super) fn labelled(ui: &mut egui::Ui, name: &str, help: &str, slider: Slider<'_>) {
    let label = ui.label(name).on_hover_text(help);
    ui.spacing_mut().slider_width = (ui.available_width() - 74.0).max(60.0);
    ui.add(slider).labelled_by(label.id).on_hover_text(help);
}
