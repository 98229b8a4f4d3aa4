//! Executes the commands about styles and earlier prompts.

use super::Services;
use crate::engine::Cancel;
use crate::jobs::{DescribeReport, DescribeTask, FileTask, VisionTask};
use crate::models::{FoundKind, first_usable};
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
        PromptCommand::Describe => describe(state, services),
        PromptCommand::StopDescribing => stop_describing(state),
        PromptCommand::UseSuggestion => {
            let Some(suggestion) = state.prompting.suggestion.take() else { return };
            // What was typed can be found again among the earlier prompts.
            let settings = state.document.settings().clone();
            if !settings.prompt.trim().is_empty() {
                state.prompting.note(&settings);
            }
            state.document.settings_mut().prompt = suggestion;
        }
        PromptCommand::AddSuggestion => {
            let Some(suggestion) = state.prompting.suggestion.take() else { return };
            let mut settings = state.document.settings_mut();
            let typed = settings.prompt.trim_end().trim_end_matches(',').to_owned();
            settings.prompt = if typed.is_empty() { suggestion } else { format!("{typed}, {suggestion}") };
        }
        PromptCommand::DismissSuggestion => state.prompting.suggestion = None,
    }
}

/// Asks for a description of the canvas. One that is being made goes on.
fn describe(state: &mut WindowState, services: &Services) {
    if state.prompting.describing.is_some() {
        return;
    }
    let model = match first_usable(state.models.found(), FoundKind::Captioner) {
        Ok(model) => model.path.clone(),
        Err(_) if state.models.searching.is_some() => {
            state.status.say("The models on this machine are still being searched. Try again in a moment.");
            return;
        }
        Err(error) => {
            state.status.fail(error.to_string());
            return;
        }
    };
    let (job, cancel) = (services.jobs.next_id(), Cancel::default());
    let picture = state.document.whole_canvas();
    services.jobs.look(VisionTask::Describe(DescribeTask { job, model, picture, cancel: cancel.clone() }));
    state.prompting.describing = Some((job, cancel));
    state.status.say("Describing the canvas…");
}

fn stop_describing(state: &mut WindowState) {
    if let Some((_, cancel)) = state.prompting.describing.take() {
        cancel.cancel();
        state.status.say("The canvas is not described.");
    }
}

/// The canvas was described, or could not be. A late report of one that was stopped counts for nothing.
pub(in crate::ui) fn described(state: &mut WindowState, report: DescribeReport) {
    if state.prompting.describing.take_if(|(job, _)| *job == report.job).is_none() {
        return;
    }
    match report.caption {
        Ok(caption) if caption.is_empty() => state.status.say("The network found no words for the canvas."),
        Ok(caption) => {
            state.status.say("A description of the canvas is below the prompt.");
            state.prompting.suggestion = Some(caption);
        }
        Err(reason) => state.status.fail(reason),
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
