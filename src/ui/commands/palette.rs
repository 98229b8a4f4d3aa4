//! Executes the commands about palettes.

use super::Services;
use crate::jobs::{FileTask, PaletteTask};
use crate::palettes::Palette;
use crate::ui::PaletteCommand;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: PaletteCommand) {
    let color = &mut state.color;
    let palettes = &mut color.palettes;
    let task = |task: PaletteTask| services.jobs.files(FileTask::Palettes(task));
    match command {
        PaletteCommand::Choose(file) => palettes.choose(file),
        PaletteCommand::New => {
            if !palettes.add(Palette::new("New palette")) {
                state.status.fail("There are too many palettes. Delete one first.");
            }
        }
        PaletteCommand::Rename(name) => palettes.rename(&name),
        PaletteCommand::Delete => {
            if let Some(removed) = palettes.delete() {
                let name = removed.label().to_owned();
                task(PaletteTask::Remove(removed));
                state.status.say(format!("The palette {name} was deleted. The palette menu can bring it back."));
            }
        }
        PaletteCommand::ChooseImport => services.dialogs.choose_palette(),
        PaletteCommand::Import(path) => task(PaletteTask::Import(path)),
        PaletteCommand::ChooseExport => {
            if let Some(kept) = palettes.shown() {
                services.dialogs.save_palette(&kept.file);
            }
        }
        PaletteCommand::Export(path) => {
            if let Some(kept) = palettes.shown() {
                task(PaletteTask::Export(kept.palette.clone(), path));
            }
        }
        PaletteCommand::Use(at) => {
            let swatch = palettes.shown().and_then(|kept| kept.palette.swatches().get(at));
            if let Some(rgb) = swatch.map(|swatch| swatch.color) {
                palettes.choose_swatch(Some(at));
                color.current.choose(rgb);
            }
        }
        PaletteCommand::AddCurrent => {
            if !palettes.add_swatch(color.current.rgb()) {
                state.status.fail("The palette is full. Begin another one in the palette menu.");
            }
        }
        PaletteCommand::RenameSwatch(at, name) => palettes.rename_swatch(at, &name),
        PaletteCommand::MoveSwatch(from, to) => palettes.move_swatch(from, to),
        PaletteCommand::DeleteSwatch(at) => delete_swatch(state, at),
        PaletteCommand::MoveFocusedEarlier => {
            if let Some(at) = palettes.focused() {
                palettes.move_swatch(at, at.saturating_sub(1));
            }
        }
        PaletteCommand::MoveFocusedLater => {
            if let Some(at) = palettes.focused() {
                palettes.move_swatch(at, at.saturating_add(1));
            }
        }
        PaletteCommand::DeleteFocused => {
            if let Some(at) = palettes.focused() {
                delete_swatch(state, at);
            }
        }
        PaletteCommand::BringBack => {
            if let Some(what) = palettes.bring_back() {
                state.status.say(format!("{what} is back."));
            }
        }
    }
}

fn delete_swatch(state: &mut WindowState, at: usize) {
    if let Some(swatch) = state.color.palettes.delete_swatch(at) {
        let what = swatch.described();
        state.status.say(format!("{what} was deleted from the palette. The palette menu can bring it back."));
    }
}
