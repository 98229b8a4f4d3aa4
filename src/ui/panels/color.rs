//! The current colour: swatches, recent colours, and a picker by eye and by number.

use egui::{Color32, Rect, Sense, Stroke, StrokeKind, Vec2, WidgetInfo};

use crate::paint::{Hsv, Rgb};
use crate::ui::theme;
use crate::ui::widgets::{self, number_box};

const SWATCHES: [(&str, &str); 24] = [
    ("White", "ffffff"),
    ("Light grey", "c3c3c3"),
    ("Grey", "7f7f7f"),
    ("Dark grey", "404040"),
    ("Black", "000000"),
    ("Cream", "f7ecd0"),
    ("Skin", "f0c49c"),
    ("Tan", "c69c6d"),
    ("Brown", "8b5a2b"),
    ("Dark brown", "5b3a1a"),
    ("Dark red", "9e1b1b"),
    ("Red", "e3342f"),
    ("Orange", "f58a1f"),
    ("Amber", "ffc20e"),
    ("Yellow", "fff200"),
    ("Lime", "b5e61d"),
    ("Apple green", "58a62e"),
    ("Dark green", "1e6b34"),
    ("Teal", "1aa6a0"),
    ("Sky blue", "6ec6f1"),
    ("Blue", "2f6fde"),
    ("Dark blue", "233a8f"),
    ("Purple", "8e4fc3"),
    ("Pink", "ff9ec1"),
];
const RECENT: usize = 8;
const COLUMNS: usize = 8;

/// The current colour, kept as hue, saturation and value too, so that dragging through grey does
/// not forget the hue.
pub(in crate::ui) struct ColorPanel {
    rgb: Rgb,
    hsv: Hsv,
    recent: Vec<Rgb>,
    hex: String,
}

impl ColorPanel {
    pub fn new(rgb: Rgb) -> Self {
        Self { rgb, hsv: rgb.into(), recent: Vec::new(), hex: rgb.hex() }
    }

    pub fn color(&self) -> Rgb {
        self.rgb
    }

    pub fn set(&mut self, rgb: Rgb) {
        if rgb != self.rgb {
            self.rgb = rgb;
            self.hsv = rgb.into();
            self.hex = rgb.hex();
        }
    }

    fn set_hsv(&mut self, hsv: Hsv) {
        self.hsv = hsv;
        self.rgb = hsv.into();
        self.hex = self.rgb.hex();
    }

    /// Remembers that the colour was painted with.
    pub fn used(&mut self) {
        self.recent.retain(|c| *c != self.rgb);
        self.recent.insert(0, self.rgb);
        self.recent.truncate(RECENT);
    }

    pub fn ui(&mut self, ui: &mut egui::Ui) {
        let side = ((ui.available_width() - 4.0 * (COLUMNS - 1) as f32) / COLUMNS as f32).floor();
        let mut chosen = None;
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(4.0);
            for row in SWATCHES.chunks(COLUMNS) {
                ui.horizontal(|ui| {
                    for (name, hex) in row {
                        let color = Rgb::from_hex(hex).unwrap_or_default();
                        if swatch(ui, color, name, side, color == self.rgb) {
                            chosen = Some(color);
                        }
                    }
                });
            }
        });
        ui.label("Recent");
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(4.0);
            ui.horizontal(|ui| {
                for color in &self.recent {
                    if swatch(ui, *color, &format!("Recent colour {}", color.hex()), side, false) {
                        chosen = Some(*color);
                    }
                }
                for _ in self.recent.len()..RECENT {
                    let (rect, _) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
                    ui.painter().rect_stroke(rect, 4, Stroke::new(1.0, Color32::from_gray(64)), StrokeKind::Inside);
                }
            });
        });
        if let Some(color) = chosen {
            self.set(color);
        }
        ui.add_space(4.0);
        self.picker(ui);
        self.numbers(ui);
    }

    fn picker(&mut self, ui: &mut egui::Ui) {
        let width = ui.available_width();
        if let Some(hsv) = widgets::saturation_and_value(ui, self.hsv, Vec2::new(width, 120.0)) {
            self.set_hsv(hsv);
        }
        if let Some(hsv) = widgets::hue(ui, self.hsv, Vec2::new(width, 14.0)) {
            self.set_hsv(hsv);
        }
    }

    /// Red, green, blue beside hue, saturation, value; each can be typed or dragged.
    fn numbers(&mut self, ui: &mut egui::Ui) {
        let mut rgb = self.rgb.0;
        let mut hsv = [self.hsv.hue, self.hsv.saturation * 100.0, self.hsv.value * 100.0];
        let (mut rgb_changed, mut hsv_changed) = (false, false);
        let width = ((ui.available_width() - 2.0 * 14.0 - 3.0 * 6.0) / 2.0).max(48.0);
        egui::Grid::new("color numbers").num_columns(4).min_col_width(0.0).spacing([6.0, 4.0]).show(ui, |ui| {
            let names = [("H", "Hue", 359.9, "°"), ("S", "Saturation", 100.0, " %"), ("V", "Value", 100.0, " %")];
            for (i, (short, long, max, suffix)) in names.into_iter().enumerate() {
                let label = ui.label(short).on_hover_text(long);
                let drag = number_box(&mut hsv[i], 0.0..=max, 0).suffix(suffix);
                hsv_changed |= ui.add_sized([width, 22.0], drag).labelled_by(label.id).on_hover_text(long).changed();
                let (short, long) = [("R", "Red"), ("G", "Green"), ("B", "Blue")][i];
                let label = ui.label(short).on_hover_text(long);
                let drag = number_box(&mut rgb[i], 0..=255, 0);
                rgb_changed |= ui.add_sized([width, 22.0], drag).labelled_by(label.id).on_hover_text(long).changed();
                ui.end_row();
            }
        });
        if hsv_changed {
            self.set_hsv(Hsv { hue: hsv[0], saturation: hsv[1] / 100.0, value: hsv[2] / 100.0 });
        } else if rgb_changed {
            self.set(Rgb(rgb));
        }
        ui.horizontal(|ui| {
            swatch(ui, self.rgb, "Current colour", 24.0, false);
            let field = egui::TextEdit::singleline(&mut self.hex).desired_width(90.0).char_limit(7);
            let response = ui.add(field).on_hover_text("The colour as #rrggbb.");
            if response.changed()
                && let Some(rgb) = Rgb::from_hex(&self.hex)
            {
                self.rgb = rgb;
                self.hsv = rgb.into();
            }
            if response.lost_focus() {
                self.hex = self.rgb.hex();
            }
        });
    }
}

/// A square of colour; whether it was clicked.
fn swatch(ui: &mut egui::Ui, color: Rgb, name: &str, side: f32, current: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name));
    let [r, g, b] = color.0;
    ui.painter().rect_filled(rect, 4, Color32::from_rgb(r, g, b));
    let rim = if response.has_focus() || current {
        Stroke::new(2.0, theme::ACCENT)
    } else if response.hovered() {
        Stroke::new(1.0, Color32::WHITE)
    } else {
        Stroke::new(1.0, Color32::from_black_alpha(90))
    };
    outline(ui, rect, rim);
    response.on_hover_text(name).clicked()
}

fn outline(ui: &egui::Ui, rect: Rect, stroke: Stroke) {
    ui.painter().rect_stroke(rect, 4, stroke, StrokeKind::Inside);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_swatch_is_a_colour_and_none_comes_twice() {
        let mut seen = std::collections::HashSet::new();
        for (name, hex) in SWATCHES {
            assert!(seen.insert(Rgb::from_hex(hex).expect(name)), "{name}");
        }
    }

    #[test]
    fn the_hue_survives_a_drag_through_grey() {
        let mut panel = ColorPanel::new(Rgb([0, 200, 0]));
        panel.set_hsv(Hsv { saturation: 0.0, ..panel.hsv });
        panel.set_hsv(Hsv { saturation: 1.0, ..panel.hsv });
        assert_eq!(panel.color(), Rgb([0, 200, 0]));
    }

    #[test]
    fn recent_colours_come_once_newest_first() {
        let mut panel = ColorPanel::new(Rgb::BLACK);
        panel.used();
        panel.set(Rgb::WHITE);
        panel.used();
        panel.set(Rgb::BLACK);
        panel.used();
        assert_eq!(panel.recent, [Rgb::BLACK, Rgb::WHITE]);
    }
}
