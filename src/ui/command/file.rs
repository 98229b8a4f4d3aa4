//! Files, folders and the clipboard.

use std::path::PathBuf;
use std::sync::Arc;

use egui::ColorImage;

use super::UserCommand;

/// Commands about files, folders and the clipboard.
#[derive(Clone, Debug, PartialEq)]
pub enum FileCommand {
    /// Ask for a picture or a document to open.
    ChoosePicture,
    /// Put this picture file on the canvas, or show this document file.
    Open(PathBuf),
    /// Paste what is on the clipboard.
    Paste,
    /// Put this picture from the clipboard on the canvas.
    PastePicture(Arc<ColorImage>),
    /// Open the file whose path or address this text from the clipboard is.
    PasteText(String),
    /// Ask where to save the canvas.
    ChooseSaveCanvas,
    /// Save the canvas to this file.
    SaveCanvas(PathBuf),
    /// Ask whether this existing file may be replaced by the command.
    AskToReplace(PathBuf, Box<UserCommand>),
    /// Ask for the folder that results are written to.
    ChooseResultsFolder,
    /// Write results to this folder from now on, and those that could not be written before.
    UseResultsFolder(PathBuf),
    /// Show this folder in the system's file manager.
    ShowFolder(PathBuf),
    /// List the LoRAs and textual inversions in their folders.
    ListExtras,
}
