//! Palettes and their colours.

use std::path::PathBuf;

/// Commands about the palette on show. Places of colours count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaletteCommand {
    /// Show the palette with this file name.
    Choose(String),
    /// Begin an empty palette.
    New,
    /// Give the palette another name.
    Rename(String),
    /// Delete the palette with its file.
    Delete,
    /// Ask for a palette file to import.
    ChooseImport,
    /// Add the palette in this file.
    Import(PathBuf),
    /// Ask where to write the palette.
    ChooseExport,
    /// Write the palette to this file; one of this name is replaced.
    Export(PathBuf),
    /// Paint with the colour at this place.
    Use(usize),
    /// Add the current colour at the end.
    AddCurrent,
    /// Give the colour at this place a name.
    RenameSwatch(usize, String),
    /// Move the colour at the first place to the second.
    MoveSwatch(usize, usize),
    /// Take the colour at this place out.
    DeleteSwatch(usize),
    /// Move the colour that has the keyboard one place to the front.
    MoveFocusedEarlier,
    /// Move the colour that has the keyboard one place to the back.
    MoveFocusedLater,
    /// Take the colour that has the keyboard out.
    DeleteFocused,
    /// Bring back the colour or palette that was deleted last.
    BringBack,
}
