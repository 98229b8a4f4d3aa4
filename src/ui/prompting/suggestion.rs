//! Describe: the button above the prompt, and the suggestion below it.

use egui::{Button, Label, RichText, Ui, WidgetInfo};

use super::Prompting;
use crate::ui::keymap::tooltip;
use crate::ui::{PromptCommand, UserCommand, theme};

/// The room that the button needs, in points. Where there is less, as in the narrowest windows, it is left out.
const ROOM: f32 = 66.0;

/// The button that describes the canvas, or stops that; nothing where there is no room for it.
pub(super) fn describe_button(ui: &mut Ui, prompting: &Prompting) -> Option<UserCommand> {
    if ui.available_width() < ROOM {
        return None;
    }
    let (text, name, help, wanted) = match prompting.describing {
        None => (
            "Describe",
            "Describe the canvas",
            "Suggest a prompt that says what is on the canvas (BLIP). What you typed stays.",
            PromptCommand::Describe,
        ),
        Some(_) => ("Describing… ×", "Stop describing the canvas", "Stop it.", PromptCommand::StopDescribing),
    };
    let help = tooltip(ui.ctx(), help, wanted.clone());
    let button = ui.add(Button::new(RichText::new(text).small())).on_hover_text(help);
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name));
    button.clicked().then(|| wanted.into())
}

/// A description of the canvas with what can be done with it; nothing where there is none.
pub(in crate::ui) fn suggestion(ui: &mut Ui, prompting: &Prompting) -> Option<UserCommand> {
    let suggestion = prompting.suggestion.as_ref()?;
    let mut command = None;
    ui.horizontal(|ui| {
        for (text, name, help, wanted) in [
            (
                "Use",
                "Use the description as the prompt",
                "Take it in place of the prompt, which stays among the earlier ones.",
                PromptCommand::UseSuggestion,
            ),
            (
                "Add",
                "Add the description to the prompt",
                "Add it to the end of the prompt.",
                PromptCommand::AddSuggestion,
            ),
            ("Dismiss", "Dismiss the description", "Hide it.", PromptCommand::DismissSuggestion),
        ] {
            let button = ui.add(Button::new(RichText::new(text).small())).on_hover_text(help);
            button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name));
            if button.clicked() {
                command = Some(wanted.into());
            }
        }
        let text = RichText::new(suggestion).color(theme::colors(ui).title);
        let told = ui.add(Label::new(text).truncate()).on_hover_text(suggestion);
        ui.ctx().accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
    });
    command
}
