//! The words, Generate and Cancel, and how far a round is.

use egui::{Button, ProgressBar, RichText, TextEdit};

use super::progress::{Progress, in_words};
use super::{Action, theme};
use crate::diffusion::Settings;

/// `running` is the round in progress, if there is one.
pub(super) fn ui(ui: &mut egui::Ui, settings: &mut Settings, running: Option<&Progress>) -> Option<Action> {
    let mut action = None;
    ui.horizontal_top(|ui| {
        let button_width = 132.0;
        let width = ui.available_width() - button_width - ui.spacing().item_spacing.x;
        ui.vertical(|ui| {
            ui.set_width(width);
            field(ui, "Prompt", "What the picture should become. Words in front count more.", 2, &mut settings.prompt);
            field(ui, "Negative prompt", "What the picture should not show.", 1, &mut settings.negative);
        });
        ui.vertical(|ui| {
            ui.add_space(20.0);
            let size = egui::vec2(button_width, 46.0);
            if running.is_some() {
                let cancel = Button::new(RichText::new("Cancel").size(16.0));
                if ui.add_sized(size, cancel).on_hover_text("Stop; finished pictures stay. Key Esc.").clicked() {
                    action = Some(Action::Cancel);
                }
            } else {
                let text = RichText::new("Generate").size(16.0).strong().color(theme::ON_ACCENT);
                let generate = Button::new(text).fill(theme::ACCENT);
                if ui
                    .add_sized(size, generate)
                    .on_hover_text("Turn the canvas into pictures. Keys Ctrl and Enter.")
                    .clicked()
                {
                    action = Some(Action::Generate);
                }
            }
        });
    });
    // The bar keeps its place when nothing runs, so that the canvas does not jump.
    ui.add_space(2.0);
    match running {
        Some(progress) => {
            let mut text = progress.text().to_owned();
            if let Some(left) = progress.time_left() {
                text += &format!("  ·  {} left", in_words(left));
            }
            let bar = ProgressBar::new(progress.share())
                .text(RichText::new(text).small())
                .fill(egui::Color32::from_rgb(62, 105, 40));
            ui.add(bar.desired_height(18.0));
        }
        None => {
            ui.allocate_space(egui::vec2(ui.available_width(), 18.0));
        }
    }
    action
}

fn field(ui: &mut egui::Ui, name: &str, help: &str, rows: usize, text: &mut String) {
    let label = ui.label(name).on_hover_text(help);
    let edit = TextEdit::multiline(text).desired_rows(rows).desired_width(f32::INFINITY).return_key(None);
    egui::ScrollArea::vertical().id_salt(name).max_height(20.0 * rows as f32 + 8.0).show(ui, |ui| {
        ui.add(edit).labelled_by(label.id);
    });
}
