//! The current colour in numbers: hue, saturation, value beside red, green, blue, and as text.

use egui::{RichText, TextEdit, Ui};

use super::current::CurrentColor;
use crate::paint::Rgb;
use crate::ui::widgets::number_box;

/// The text field of the colour's value.
#[derive(Default)]
pub(super) struct HexField {
    text: String,
    /// The colour that the text says, or that was current when it was typed.
    of: Option<Rgb>,
}

/// Shows boxes for the numbers; each can be typed or dragged.
pub(super) fn ui(ui: &mut Ui, current: &mut CurrentColor, hex: &mut HexField) {
    let mut rgb = current.rgb().0;
    let [hue, saturation, value] = current.coordinates();
    let mut hsv = [hue, saturation * 100.0, value * 100.0];
    let (mut rgb_changed, mut hsv_changed) = (None, None);
    let width = ((ui.available_width() - 2.0 * 14.0 - 3.0 * 6.0) / 2.0).max(48.0);
    let model = current.model().name();
    egui::Grid::new("color numbers").num_columns(4).min_col_width(0.0).spacing([6.0, 4.0]).show(ui, |ui| {
        let names = [("H", "Hue", 359.9, "°"), ("S", "Saturation", 100.0, " %"), ("V", "Value", 100.0, " %")];
        for (i, (short, long, max, suffix)) in names.into_iter().enumerate() {
            let help = format!("{long} by {model}.");
            let label = ui.label(short).on_hover_text(&help);
            let drag = number_box(&mut hsv[i], 0.0..=max, 0).suffix(suffix);
            let response = ui.add_sized([width, 22.0], drag).labelled_by(label.id).on_hover_text(help);
            hsv_changed = response.changed().then_some(response.id).or(hsv_changed);
            let (short, long) = [("R", "Red"), ("G", "Green"), ("B", "Blue")][i];
            let label = ui.label(short).on_hover_text(long);
            let drag = number_box(&mut rgb[i], 0..=255, 0);
            let response = ui.add_sized([width, 22.0], drag).labelled_by(label.id).on_hover_text(long);
            rgb_changed = response.changed().then_some(response.id).or(rgb_changed);
            ui.end_row();
        }
    });
    if let Some(by) = hsv_changed {
        current.dial(by, [hsv[0], hsv[1] / 100.0, hsv[2] / 100.0]);
    } else if let Some(by) = rgb_changed {
        current.change(by, Rgb(rgb));
    }
    hex_field(ui, current, hex);
}

fn hex_field(ui: &mut Ui, current: &mut CurrentColor, hex: &mut HexField) {
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new("Hex").small());
        let is_new = hex.of != Some(current.rgb());
        if is_new {
            hex.text = current.rgb().hex();
            hex.of = Some(current.rgb());
        }
        let field = TextEdit::singleline(&mut hex.text).desired_width(76.0).char_limit(9);
        let response = ui.add(field).labelled_by(label.id).on_hover_text("The colour as #rrggbb or #rgb.");
        if response.changed()
            && let Some(rgb) = Rgb::from_hex(&hex.text)
        {
            current.change(response.id, rgb);
            hex.of = Some(rgb);
        }
        if response.lost_focus() {
            hex.of = None;
        }
    });
}
