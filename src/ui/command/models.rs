//! The window of models.

use std::path::PathBuf;

use crate::ui::ModelSection;

/// Commands of the window of models.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelPanelCommand {
    /// Show the window of models.
    Open,
    /// Close the window of models.
    Close,
    /// Show a section of the window of models.
    Show(ModelSection),
    /// Look through all folders again.
    Search,
    /// Ask for a folder to search.
    ChooseFolder,
    /// Search this folder from now on, also after the next launch.
    AddFolder(PathBuf),
    /// Do not search this folder any more.
    RemoveFolder(PathBuf),
    /// Add this to the prompt: the tag of a LoRA, or a word.
    AddToPrompt(String),
    /// Let prompts find LoRAs in this folder until the window closes.
    UseLoraFolder(PathBuf),
    /// Let prompts find textual inversions in this folder until the window closes.
    UseEmbeddingFolder(PathBuf),
    /// Copy this text to the clipboard.
    CopyText(String),
}
