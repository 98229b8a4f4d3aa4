//! What prompts are made of besides typing: styles that are chosen, prompts that were used before.
//!
//! - `styles.rs` is the menu of styles and the chips of those that are chosen.
//! - `past.rs` is the dialog that finds an earlier prompt.
//! - `suggestion.rs` is the button that describes the canvas, and what came of it.
//!
//! The styles are applied when a round is asked for: what is typed stays as it is, and the round and its pictures say what
//! was used.

mod past;
mod styles;
mod suggestion;

pub(super) use past::{PastDialog, show as show_past};
pub(super) use styles::row;
pub(super) use suggestion::suggestion;

use std::path::Path;

use super::commands::Services;
use super::state::WindowState;
use crate::engine::{Cancel, Settings};
use crate::jobs::{FileTask, JobId};
use crate::prompts::{PastPrompt, PromptHistory, Style, StyleList, WILDCARD_FOLDER, Wildcards, apply_styles};

/// Styles, wildcards and earlier prompts of the window.
#[derive(Default)]
pub(super) struct Prompting {
    /// All styles.
    pub styles: StyleList,
    /// The names of those that the next round is made with, in the order in which they were chosen.
    pub chosen: Vec<String>,
    /// The name that is typed for a new style.
    pub new_style: String,
    /// The style that was removed last.
    pub removed: Option<Style>,
    /// Where `__name__` is looked up.
    pub wildcards: Wildcards,
    /// The prompts that were used in all documents.
    pub past: PromptHistory,
    /// The dialog about them, while it is open.
    pub dialog: Option<PastDialog>,
    /// The description of the canvas that is being made.
    pub describing: Option<(JobId, Cancel)>,
    /// A description of the canvas that may be used, added or dismissed.
    pub suggestion: Option<String>,
    /// Whether the file does not hold the present prompts yet.
    is_changed: bool,
}

impl Prompting {
    /// Looks wildcards up in this data folder; in none without one.
    pub fn new(home: Option<&Path>) -> Self {
        let wildcards = home.map(|home| Wildcards::in_folder(home.join(WILDCARD_FOLDER))).unwrap_or_default();
        Self { wildcards, ..Self::default() }
    }

    /// The settings with the chosen styles.
    pub fn styled(&self, settings: &Settings) -> Settings {
        apply_styles(self.styles.named(&self.chosen), settings)
    }

    /// Whether a style is chosen.
    pub fn is_chosen(&self, name: &str) -> bool {
        self.chosen.iter().any(|chosen| chosen == name)
    }

    /// Chooses a style, after those that are chosen already, or gives it up.
    pub fn choose(&mut self, name: String, is_chosen: bool) {
        match (is_chosen, self.is_chosen(&name)) {
            (true, false) => self.chosen.push(name),
            (false, true) => self.chosen.retain(|chosen| *chosen != name),
            (true, true) | (false, false) => {}
        }
    }

    /// A round was asked for with this prompt.
    pub fn note(&mut self, settings: &Settings) {
        let used = PastPrompt { prompt: settings.prompt.clone(), negative: settings.negative.clone() };
        self.is_changed |= self.past.note(used);
    }

    /// The prompts of earlier launches were read; those of this one come first.
    pub fn past_read(&mut self, read: PromptHistory) {
        let newer = std::mem::replace(&mut self.past, read);
        for prompt in newer.all().iter().rev() {
            self.past.note(prompt.clone());
        }
    }
}

/// Keeps what has changed. Runs once a frame.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    if std::mem::take(&mut state.prompting.is_changed) {
        services.jobs.files(FileTask::KeepPrompts(state.prompting.past.clone()));
    }
}
