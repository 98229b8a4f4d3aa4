//! What the file thread does with palettes and the choices of colours.

use std::path::{Path, PathBuf};

use super::{FileReport, Reporter};
use crate::palettes::{ColorPreferences, KeptPalette, Palette, PaletteLibrary, export, import};

/// A task of the file thread about colours.
#[derive(Clone, Debug)]
pub enum PaletteTask {
    /// Keep these palettes for the next launch.
    Keep(Vec<KeptPalette>),
    /// Remove the file of a palette.
    Remove(KeptPalette),
    /// Read a palette from a file that the person chose.
    Import(PathBuf),
    /// Write a palette to a file that the person chose; one of this name is replaced.
    Export(Palette, PathBuf),
    /// Keep how colours are dialled and picked for the next launch.
    KeepPreferences(ColorPreferences),
}

/// What the file thread reports about colours.
#[derive(Clone, Debug)]
pub enum PaletteReport {
    /// What earlier launches kept was read.
    Read(PaletteLibrary, ColorPreferences),
    /// A palette was read from a file that the person chose.
    Imported(Palette),
}

/// Reports what is kept in the data folder, and one sentence where a palette there cannot be read.
pub(super) fn read(data: &Path, reporter: &Reporter) {
    let (library, failed) = PaletteLibrary::read(data);
    reporter.send(FileReport::Palettes(PaletteReport::Read(library, ColorPreferences::read(data))));
    let others = failed.len().saturating_sub(1);
    if let Some(error) = failed.first() {
        let others = match others {
            0 => String::new(),
            1 => " Another palette could not be read either.".into(),
            many => format!(" {many} other palettes could not be read either."),
        };
        reporter.send(FileReport::Failed(format!("{error} The file stays as it is.{others}")));
    }
}

/// Does one task. Without a data folder nothing is kept.
pub(super) fn perform(task: PaletteTask, data: Option<&Path>) -> Option<FileReport> {
    let failed = |error: String| Some(FileReport::Failed(error));
    match task {
        PaletteTask::Keep(palettes) => {
            let data = data?;
            let kept = palettes.iter().try_for_each(|kept| kept.keep(data));
            kept.err().map(|error| FileReport::Failed(error.to_string()))
        }
        PaletteTask::Remove(palette) => palette.remove(data?).err().map(|error| FileReport::Failed(error.to_string())),
        PaletteTask::Import(path) => match import(&path) {
            Ok(palette) => Some(FileReport::Palettes(PaletteReport::Imported(palette))),
            Err(error) => failed(error.to_string()),
        },
        PaletteTask::Export(palette, path) => match export(&palette, &path) {
            Ok(()) => Some(FileReport::Saved(path)),
            Err(error) => failed(error.to_string()),
        },
        PaletteTask::KeepPreferences(preferences) => {
            preferences.keep(data?).err().map(|error| FileReport::Failed(error.to_string()))
        }
    }
}
