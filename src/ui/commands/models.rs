//! Executes the commands of the window of models.

use std::path::Path;

use super::Services;
use crate::engine::Cancel;
use crate::jobs::{FolderChange, ModelTask};
use crate::ui::state::WindowState;
use crate::ui::{FileCommand, ModelPanelCommand};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ModelPanelCommand) {
    match command {
        ModelPanelCommand::Open => {
            state.models.is_open = true;
            state.models.focuses_filter = state.models.section.has_filter();
        }
        ModelPanelCommand::Close => state.models.is_open = false,
        ModelPanelCommand::Show(section) => state.models.section = section,
        ModelPanelCommand::Search => search(state, services, FolderChange::None),
        ModelPanelCommand::ChooseFolder => services.dialogs.choose_searched_folder(),
        ModelPanelCommand::AddFolder(folder) => add_folder(state, services, &folder),
        ModelPanelCommand::RemoveFolder(folder) => search(state, services, FolderChange::Remove(folder)),
        ModelPanelCommand::AddToPrompt(text) => {
            add_to(&mut state.document.settings_mut().prompt, &text);
            state.status.say(format!("{text} was added to the prompt."));
        }
        ModelPanelCommand::UseLoraFolder(folder) => {
            state.runtime.loras = Some(folder.clone());
            tell_folder(state, services, "LoRAs", &folder);
        }
        ModelPanelCommand::UseEmbeddingFolder(folder) => {
            state.runtime.embeddings = Some(folder.clone());
            tell_folder(state, services, "textual inversions", &folder);
        }
        ModelPanelCommand::CopyText(text) => {
            services.ctx.copy_text(text.clone());
            state.status.say(format!("Copied: {text}"));
        }
    }
}

/// Searches all folders. A search that goes on is stopped: the new one finds all that it would have found.
pub(in crate::ui) fn search(state: &mut WindowState, services: &Services, change: FolderChange) {
    state.models.search.cancel();
    state.models.search = Cancel::default();
    state.models.searching = Some(0);
    services.jobs.models(ModelTask::Search { change, cancel: state.models.search.clone() });
}

fn add_folder(state: &mut WindowState, services: &Services, folder: &Path) {
    if !folder.is_absolute() {
        state.status.fail(format!("{} is no absolute path. Give the whole path of the folder.", folder.display()));
        return;
    }
    search(state, services, FolderChange::Add(folder.to_path_buf()));
}

fn tell_folder(state: &mut WindowState, services: &Services, what: &str, folder: &Path) {
    super::perform(state, services, FileCommand::ListExtras.into());
    state.status.say(format!("Prompts now find {what} in {}.", folder.display()));
}

/// Appends a word or a tag to the prompt, separated by a comma.
fn add_to(prompt: &mut String, text: &str) {
    let end = prompt.trim_end().len();
    prompt.truncate(end);
    if !prompt.is_empty() {
        prompt.push_str(if prompt.ends_with(',') { " " } else { ", " });
    }
    prompt.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_to_the_prompt_is_separated_from_it() {
        for (prompt, wanted) in [("", "ink"), ("a hill ", "a hill, ink"), ("a hill,", "a hill, ink")] {
            let mut text = prompt.to_owned();
            add_to(&mut text, "ink");
            assert_eq!(text, wanted);
        }
    }
}
