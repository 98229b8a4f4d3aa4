//! Documents, pictures and folders.

use std::path::Path;

use super::entry::Menu;
use crate::ui::state::WindowState;
use crate::ui::{
    DocumentCommand, EngineCommand, ExportCommand, FileCommand, LayerFileCommand, ModelPanelCommand, ViewCommand,
};

pub(super) fn ui(menu: &mut Menu<'_>, state: &WindowState) {
    let shown = &state.shown;
    menu.entry("New document", "Begin a new document. This one is kept as it is.", DocumentCommand::New);
    menu.entry("Open…", "Open a picture, an OpenRaster file or a document.", FileCommand::ChoosePicture);
    let help = "Add picture files as layers above the current one. Several files dropped on the window do the same.";
    menu.entry("Add pictures as layers…", help, LayerFileCommand::ChooseAdd);
    menu.sub("Open recent", |menu| {
        if shown.recent.is_empty() {
            menu.note("No document was used before.");
        }
        for path in &shown.recent {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            menu.entry(&name, &path.display().to_string(), DocumentCommand::Open(path.clone()));
        }
    });
    menu.line();
    let help = "Copy the document with all rounds to a file of your choice, and go on with the copy.";
    menu.entry("Save document as…", help, DocumentCommand::ChooseSaveAs);
    let can_rename = shown.path.is_some() && !shown.is_read_only;
    menu.entry_if(can_rename, "Rename…", "Give the document's file another name.", DocumentCommand::ChooseName);
    let folder = shown.path.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_path_buf();
    let help = "Show the folder that the document's file is in.";
    menu.entry_if(shown.path.is_some(), "Show in the file manager", help, FileCommand::ShowFolder(folder));
    menu.line();
    let help = "Save the canvas as a picture. The document with all rounds saves itself.";
    menu.entry("Save canvas as a picture…", help, FileCommand::ChooseSaveCanvas);
    let help = "Save the layers as a file that Krita, GIMP, MyPaint and other programs open.";
    menu.entry("Save layers as OpenRaster…", help, LayerFileCommand::ChooseSave);
    let help = "Save the results on show as one picture with prompt, settings and seeds.";
    menu.entry("Contact sheet…", help, ExportCommand::ChooseContactSheet(state.gallery.round()));
    let help = "Save an animation of the canvas from its first stroke to the last.";
    menu.entry("Time-lapse…", help, ExportCommand::ShowTimeLapse);
    menu.sub("Results folder", |menu| {
        let folder = state.results_folder.clone();
        menu.note(&folder.display().to_string());
        menu.entry("Show it", "", FileCommand::ShowFolder(folder));
        menu.entry("Choose another…", "", FileCommand::ChooseResultsFolder);
        let help = "The kind of file, what the files are called, and what is inside besides the picture.";
        menu.entry("Format and names…", help, ExportCommand::ShowSaving);
    });
    menu.line();
    menu.entry("Engines…", "Choose which machines make the pictures.", EngineCommand::Open);
    menu.entry("Models…", "Show the models on this machine and a catalogue.", ModelPanelCommand::Open);
    menu.line();
    menu.entry("Quit", "Close the window. Everything is kept.", ViewCommand::Quit);
}
