//! A number with its label: a slider to drag and a box to type in.

use std::ops::RangeInclusive;

use egui::emath::Numeric;
use egui::{Response, Slider, Ui};

use super::{number_box, percent_box};

/// Width of the box, in points.
const BOX: f32 = 62.0;

/// A labelled slider with a box for typing.
pub(in crate::ui) struct NumberField<'a> {
    name: &'a str,
    help: &'a str,
    logarithmic: bool,
    percent: bool,
    decimals: usize,
    step: f64,
    suffix: &'a str,
}

impl<'a> NumberField<'a> {
    pub fn new(name: &'a str, help: &'a str) -> Self {
        Self { name, help, logarithmic: false, percent: false, decimals: 0, step: 0.0, suffix: "" }
    }

    pub fn logarithmic(self) -> Self {
        Self { logarithmic: true, ..self }
    }

    /// Shows values of `0..=1` as 0 to 100 %.
    pub fn percent(self) -> Self {
        Self { percent: true, ..self }
    }

    pub fn step(self, step: f64, decimals: usize) -> Self {
        Self { step, decimals, ..self }
    }

    pub fn suffix(self, suffix: &'a str) -> Self {
        Self { suffix, ..self }
    }

    /// Shows it; returns the response of the slider.
    pub fn ui<N: Numeric>(self, ui: &mut Ui, value: &mut N, range: RangeInclusive<N>) -> Response {
        let label = ui.label(self.name).on_hover_text(self.help);
        ui.horizontal(|ui| {
            ui.spacing_mut().slider_width = (ui.available_width() - BOX - ui.spacing().item_spacing.x).max(40.0);
            let slider = Slider::new(value, range.clone())
                .logarithmic(self.logarithmic)
                .step_by(self.step)
                .max_decimals(if self.percent { 2 } else { self.decimals })
                .show_value(false);
            let slider = ui.add(slider).labelled_by(label.id).on_hover_text(self.help);
            let number = if self.percent {
                percent_box(value, range)
            } else {
                let speed = if self.step > 0.0 { self.step } else { 0.25 };
                number_box(value, range, self.decimals).suffix(self.suffix).speed(speed)
            };
            ui.add_sized([BOX, ui.spacing().interact_size.y], number).labelled_by(label.id).on_hover_text(self.help);
            slider
        })
        .inner
    }
}
