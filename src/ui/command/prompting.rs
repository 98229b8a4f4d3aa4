//! What prompts are made of.

use std::path::PathBuf;

use crate::prompts::PastPrompt;

/// Commands about what prompts are made of.
#[derive(Clone, Debug, PartialEq)]
pub enum PromptCommand {
    /// Make the next rounds with the style of this name, or without it.
    ChooseStyle(String, bool),
    /// Make the next rounds without any style.
    UseNoStyle,
    /// Ask for a file of styles.
    ChooseStyleFile,
    /// Add the styles of this file.
    ImportStyles(PathBuf),
    /// Keep the present prompts as a style of this name; an old one of that name is replaced.
    SaveStyle(String),
    /// Remove the style of this name from the list.
    RemoveStyle(String),
    /// Put the style that was removed last back.
    BringStyleBack,
    /// Show the prompts that were used before.
    ShowPast,
    /// Hide them.
    HidePast,
    /// Use this prompt for the next rounds.
    Use(PastPrompt),
    /// Suggest a prompt that says what is on the canvas.
    Describe,
    /// Stop that.
    StopDescribing,
    /// Take the suggestion in place of the prompt.
    UseSuggestion,
    /// Add the suggestion to the prompt.
    AddSuggestion,
    /// Hide the suggestion.
    DismissSuggestion,
}
