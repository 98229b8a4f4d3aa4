//! Palettes: which one is shown, its colours, and what is done with them.
//!
//! - `state.rs` is what the panel remembers, and the changes of palettes.
//! - `chooser.rs` is the list of palettes and their menu, `grid.rs` their colours, `chosen.rs` the colour that was chosen.

mod chooser;
mod chosen;
mod grid;
mod state;

pub(in crate::ui) use state::PalettePanel;

use egui::Ui;

use crate::paint::Rgb;
use crate::ui::UserCommand;

/// Shows the palette. `current` is the colour that is painted with.
pub(super) fn ui(ui: &mut Ui, panel: &mut PalettePanel, current: Rgb) -> Option<UserCommand> {
    let command = chooser::ui(ui, panel);
    let command = grid::ui(ui, panel, current).or(command);
    chosen::ui(ui, panel).or(command)
}
