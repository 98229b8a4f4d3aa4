//! How the canvas and the window are seen.

use super::entry::Menu;
use crate::ui::layout::SCALES;
use crate::ui::state::WindowState;
use crate::ui::{
    CanvasViewCommand, CompareCommand, DockPanel, GalleryCommand, HistoryCommand, LayoutCommand, QueueCommand,
    ThemeChoice, TurnDirection, ZoomStep,
};

pub(super) fn ui(menu: &mut Menu<'_>, state: &WindowState) {
    menu.entry("Zoom in", "", CanvasViewCommand::Zoom(ZoomStep::In));
    menu.entry("Zoom out", "", CanvasViewCommand::Zoom(ZoomStep::Out));
    menu.entry("Whole canvas", "Fit the canvas into its room.", CanvasViewCommand::Zoom(ZoomStep::Fit));
    let help = "Each pixel of the canvas is a pixel of the screen.";
    menu.entry("100 %", help, CanvasViewCommand::Zoom(ZoomStep::FullSize));
    menu.entry("Turn left", "Turn what you see, not the picture.", CanvasViewCommand::Turn(TurnDirection::Left));
    menu.entry("Turn right", "Turn what you see, not the picture.", CanvasViewCommand::Turn(TurnDirection::Right));
    menu.entry("Mirror", "Mirror what you see, not the picture.", CanvasViewCommand::Mirror);
    menu.entry("Neither turned nor mirrored", "", CanvasViewCommand::Straighten);
    menu.line();
    let help = "Show all results in a grid, or one of them large.";
    menu.entry("Results as a grid", help, GalleryCommand::ToggleGrid);
    let help = "Fold the results to a thin strip, or unfold them.";
    menu.entry("Fold the results", help, GalleryCommand::ToggleFolded);
    menu.entry("Compare two pictures", "The canvas with a result, or two picked results.", CompareCommand::Open);
    menu.entry("History", "List all rounds, or hide the list.", HistoryCommand::Toggle);
    menu.mark(state.queue.is_open, "Queue", "List the rounds that wait, or hide the list.", QueueCommand::ToggleList);
    menu.line();
    menu.entry("Canvas only", "Hide everything else.", LayoutCommand::ToggleCanvasOnly);
    menu.entry("Full screen", "Fill the screen with the window, or stop that.", LayoutCommand::ToggleFullScreen);
    menu.sub("Panels", |menu| {
        for panel in DockPanel::ALL {
            let is_unfolded = !state.layout.choices.arrangement.is_folded(panel);
            menu.mark(is_unfolded, panel.title(), "", LayoutCommand::ToggleFold(panel));
        }
        menu.line();
        let help = "Put all panels where they are at the first launch.";
        menu.entry("Reset the layout", help, LayoutCommand::Reset);
    });
    menu.sub("Theme", |menu| {
        for theme in ThemeChoice::ALL {
            menu.mark(theme == state.layout.choices.theme, theme.label(), "", LayoutCommand::UseTheme(theme));
        }
    });
    menu.sub("Scale", |menu| {
        for percent in SCALES {
            let is_chosen = percent == state.layout.choices.scale;
            menu.mark(is_chosen, &format!("{percent} %"), "", LayoutCommand::UseScale(percent));
        }
        menu.note("In a small window less, so that nothing is cut off.");
    });
}
