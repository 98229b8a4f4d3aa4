//! The colours that were painted with last.

use egui::{Color32, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::swatch::swatch;
use crate::paint::Rgb;
use crate::ui::{ColorCommand, UserCommand};

/// How many are remembered.
const COUNT: usize = 8;
/// The space between two of them, in points.
const GAP: f32 = 4.0;

/// The colours that were painted with, each once, the latest first.
#[derive(Default)]
pub(in crate::ui) struct RecentColors {
    colors: Vec<Rgb>,
}

impl RecentColors {
    /// A colour was painted with.
    pub fn note(&mut self, color: Rgb) {
        self.colors.retain(|known| *known != color);
        self.colors.insert(0, color);
        self.colors.truncate(COUNT);
    }

    /// Those of an earlier launch come after those of this one.
    pub fn read(&mut self, earlier: &[Rgb]) {
        let later = std::mem::replace(&mut self.colors, earlier.iter().take(COUNT).copied().collect());
        later.into_iter().rev().for_each(|color| self.note(color));
    }

    pub fn all(&self) -> &[Rgb] {
        &self.colors
    }
}

/// Shows them in a row.
pub(super) fn ui(ui: &mut Ui, recent: &RecentColors, current: Rgb) -> Option<UserCommand> {
    ui.label(RichText::new("Recent").small().weak());
    let side = ((ui.available_width() - GAP * (COUNT - 1) as f32) / COUNT as f32).floor().max(8.0);
    let mut chosen = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(GAP);
        ui.horizontal(|ui| {
            for color in &recent.colors {
                let name = format!("Recent colour {}", color.hex());
                if swatch(ui, *color, &name, side, *color == current, Sense::click()).clicked() {
                    chosen = Some(ColorCommand::Use(*color).into());
                }
            }
            for _ in recent.colors.len()..COUNT {
                let (rect, _) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
                let rim = Stroke::new(1.0, Color32::from_gray(128).gamma_multiply(0.4));
                ui.painter().rect_stroke(rect, 4, rim, StrokeKind::Inside);
            }
        });
    });
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_colours_come_once_newest_first() {
        let mut recent = RecentColors::default();
        for color in [Rgb::BLACK, Rgb::WHITE, Rgb::BLACK] {
            recent.note(color);
        }
        assert_eq!(recent.all(), [Rgb::BLACK, Rgb::WHITE]);
        recent.read(&[Rgb([9; 3]), Rgb::WHITE]);
        assert_eq!(recent.all(), [Rgb::BLACK, Rgb::WHITE, Rgb([9; 3])]);
        recent.read(&[Rgb([7; 3]); 99]);
        assert_eq!(recent.all().len(), COUNT);
    }
}
