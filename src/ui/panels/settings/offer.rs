//! The offer to use the settings stored in the opened picture.

use egui::RichText;

use crate::ui::models::PictureModel;
use crate::ui::{SettingsCommand, UserCommand, theme};

/// `has_start` says whether the picture stores its start image too, `has_template` whether wildcards in its prompts were
/// replaced, and `model` what the model is called that made it and
/// whether that is here.
pub(super) fn ui(
    ui: &mut egui::Ui,
    (has_start, has_template): (bool, bool),
    model: Option<&(String, PictureModel)>,
) -> Option<UserCommand> {
    let mut command = None;
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let text = match has_start {
            true => "The opened picture stores the settings and the start image that made it.",
            false => "The opened picture stores the settings that made it.",
        };
        ui.label(RichText::new(text).small());
        if let Some((name, state)) = model {
            let text = match state {
                PictureModel::InUse => format!("It was made with the model {name}, which is in use."),
                PictureModel::Here(_) => format!("It was made with the model {name}, which is here."),
                PictureModel::NotHere => format!("It was made with the model {name}, which is not here."),
            };
            ui.label(RichText::new(text).small());
        }
        if has_start {
            let help = "Put its start image on the canvas and use its prompt, settings and seed, so that Generate makes it again.";
            if ui.button("Use its settings and start image").on_hover_text(help).clicked() {
                command = Some(SettingsCommand::UseOfferedRound.into());
            }
        }
        ui.horizontal_wrapped(|ui| {
            let help = "Use its prompt, negative prompt, sampler, steps, CFG scale, strength, seed and size.";
            if ui.button("Use its settings").on_hover_text(help).clicked() {
                command = Some(SettingsCommand::UseOffered.into());
            }
            let help = "Use its settings with its prompts as they were before their wildcards were replaced.";
            if has_template && ui.button("Use its template").on_hover_text(help).clicked() {
                command = Some(SettingsCommand::UseOfferedTemplate.into());
            }
            if let Some((name, PictureModel::Here(_))) = model {
                let help = format!("Make the next round with the model {name}.");
                if ui.button("Use its model").on_hover_text(help).clicked() {
                    command = Some(SettingsCommand::UseOfferedModel.into());
                }
            }
            if ui.button("Dismiss").clicked() {
                command = Some(SettingsCommand::DismissOffer.into());
            }
        });
    });
    command
}
