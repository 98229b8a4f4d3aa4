//! Executes the commands about styles and earlier prompts.

use super::Services;
use crate::jobs::FileTask;
use crate::prompts::{PastPrompt, Style};
use crate::ui::PromptCommand;
use crate::ui::prompting::PastDialog;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: PromptCommand) {
    match command {
        PromptCommand::ChooseStyle(name, is_chosen) => state.prompting.choose(name, is_chosen),
        PromptCommand::UseNoStyle => state.prompting.chosen.clear(),
        PromptCommand::ChooseStyleFile => services.dialogs.choose_style_file(),
        PromptCommand::ImportStyles(path) => {
            services.jobs.files(FileTask::ImportStyles(state.prompting.styles.clone(), path));
        }
        PromptCommand::SaveStyle(name) => save(state, services, name),
        PromptCommand::RemoveStyle(name) => remove(state, services, &name),
        PromptCommand::BringStyleBack => {
            if let Some(style) = state.prompting.removed.take() {
                state.status.say(format!("The style {} is in the list again.", style.name));
                state.prompting.styles.put(style);
                services.jobs.files(FileTask::KeepStyles(state.prompting.styles.clone()));
            }
        }
        PromptCommand::ShowPast => {
            state.prompting.dialog = Some(PastDialog::new(state.document.rounds(), &state.prompting.past));
        }
        PromptCommand::HidePast => state.prompting.dialog = None,
        PromptCommand::Use(PastPrompt { prompt, negative }) => {
            state.prompting.dialog = None;
            let mut settings = state.document.settings_mut();
            (settings.prompt, settings.negative) = (prompt, negative);
            drop(settings);
            state.status.say("The next round uses this prompt.");
        }
    }
}

/// Keeps the present prompts as a style.
fn save(state: &mut WindowState, services: &Services, name: String) {
    let settings = state.document.settings();
    let (prompt, negative) = (settings.prompt.trim().to_owned(), settings.negative.trim().to_owned());
    if name.trim().is_empty() || prompt.is_empty() && negative.is_empty() {
        state.status.fail("A style needs a name and a prompt. Type what it should add to the prompt first.");
        return;
    }
    let replaced = if state.prompting.styles.get(&name).is_some() { " It takes the place of the old one." } else { "" };
    state.status.say(format!("The prompt is the style {name} now.{replaced}"));
    state.prompting.styles.put(Style { name, prompt, negative, ..Style::default() });
    state.prompting.new_style.clear();
    services.jobs.files(FileTask::KeepStyles(state.prompting.styles.clone()));
}

/// Removes a style from the list. It can be brought back until another one is removed.
fn remove(state: &mut WindowState, services: &Services, name: &str) {
    let Some(style) = state.prompting.styles.get(name).cloned() else { return };
    state.prompting.styles.remove(name);
    state.prompting.choose(style.name.clone(), false);
    state.status.say(format!("The style {} is removed. The list offers to bring it back.", style.name));
    state.prompting.removed = Some(style);
    services.jobs.files(FileTask::KeepStyles(state.prompting.styles.clone()));
}
