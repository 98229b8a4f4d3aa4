//! The line above the results: which round they are of, and how they are shown.

use egui::{Align, Button, Layout, Ui, WidgetInfo};

use super::Gallery;
use crate::document::{Round, RoundId, Rounds};
use crate::ui::keymap::tooltip;
use crate::ui::{GalleryCommand, UserCommand, theme};

/// Below this width in points there is no title.
const WITHOUT_TITLE: f32 = 310.0;

/// Below this width in points grid or single picture is chosen by key alone.
const WITHOUT_GRID: f32 = 236.0;

/// Shows the heading in one row.
pub(super) fn ui(gallery: &mut Gallery, ui: &mut Ui, round: &Round, rounds: &Rounds) -> Option<UserCommand> {
    let mut command = None;
    let (earlier, later) = (rounds.earlier(round.id), rounds.later(round.id));
    let last = rounds.latest().map_or(round.id, |latest| latest.id);
    ui.horizontal(|ui| {
        let width = ui.available_width();
        if width >= WITHOUT_TITLE {
            theme::section(ui, "Results");
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let help = tooltip(ui.ctx(), "Fold the results to a thin strip.", GalleryCommand::ToggleFolded);
            let fold = ui.add(Button::new("»").small()).on_hover_text(help);
            fold.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Fold the results"));
            if fold.clicked() {
                command = Some(GalleryCommand::ToggleFolded.into());
            }
            if width >= WITHOUT_GRID {
                let help = "Show all results in a grid, or one of them large.";
                let help = tooltip(ui.ctx(), help, GalleryCommand::ToggleGrid);
                let grid = Button::selectable(!gallery.view.single, "Grid").small();
                if ui.add(grid).on_hover_text(help).clicked() {
                    command = Some(GalleryCommand::ToggleGrid.into());
                }
            }
            step(gallery, ui, "Later", "Show the next round.", later);
            let long = format!("Round {} of {last}", round.id);
            let short = match width < WITHOUT_GRID {
                true => format!("{}/{last}", round.id),
                false => format!("{} of {last}", round.id),
            };
            ui.label(if ui.available_width() < 160.0 { &short } else { &long }).on_hover_text(&long);
            step(gallery, ui, "Earlier", "Show the previous round.", earlier);
        });
    });
    command
}

/// A button that shows another round.
fn step(gallery: &mut Gallery, ui: &mut Ui, name: &str, help: &str, round: Option<RoundId>) {
    let button = ui.add_enabled(round.is_some(), Button::new(name).small());
    if let (true, Some(round)) = (button.on_hover_text(help).clicked(), round) {
        gallery.turn_to(round);
    }
}
