//! The controls of the comparison.

use egui::{Button, ComboBox, Label, RichText, Ui};

use super::state::Comparison;
use super::{CompareMode, CompareSource};
use crate::ui::keymap::{shown_result_keys, tooltip};
use crate::ui::{CompareCommand, ResultCommand, UserCommand, ZoomStep};

/// The width of a list of pictures, in points.
const LIST: f32 = 158.0;

/// Below this width in points the zoom is in a second row.
const NARROW: f32 = 1250.0;

/// The width of the zoom in percent, in points.
const ZOOM: f32 = 48.0;

/// Shows the controls. `sources` is everything that can be compared now.
pub(super) fn ui(ui: &mut Ui, shown: &Comparison, sources: &[CompareSource]) -> Option<UserCommand> {
    let mut command: Option<UserCommand> = None;
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal_wrapped(|ui| {
        let help = "Return to the canvas and the results.";
        command = button(ui, "Close", help, CompareCommand::Leave).or(command.take());
        ui.separator();
        command = pictures(ui, shown, sources).or(command.take());
        ui.separator();
        command = modes(ui, shown).or(command.take());
        if is_narrow {
            ui.end_row();
        } else {
            ui.separator();
        }
        command = zoom(ui, shown).or(command.take());
        command = paint_over(ui, shown).or(command.take());
    });
    command
}

/// A button that sends a command, with its keys in the tooltip.
fn button(ui: &mut Ui, name: &str, help: &str, command: CompareCommand) -> Option<UserCommand> {
    let help = tooltip(ui.ctx(), help, command);
    ui.button(name).on_hover_text(help).clicked().then(|| command.into())
}

/// The lists that choose both pictures.
fn pictures(ui: &mut Ui, shown: &Comparison, sources: &[CompareSource]) -> Option<UserCommand> {
    let help = "The first picture. Both are compared at its size.";
    let mut command = list(ui, "A", help, shown.a.source(), sources, CompareCommand::ChooseA);
    let help = "Let the two pictures change places.";
    command = button(ui, "Swap", help, CompareCommand::Swap).or(command);
    let help = format!("The second picture. ({} for the results of its round)", shown_result_keys(ui.ctx()));
    list(ui, "B", &help, shown.b.source(), sources, CompareCommand::ChooseB).or(command)
}

fn list(
    ui: &mut Ui,
    letter: &str,
    help: &str,
    chosen: CompareSource,
    sources: &[CompareSource],
    command: impl Fn(CompareSource) -> CompareCommand,
) -> Option<UserCommand> {
    let label = ui.label(RichText::new(letter).strong()).on_hover_text(help);
    let list = ComboBox::from_id_salt(("compared", letter))
        .width(LIST)
        .height(320.0)
        .truncate()
        .selected_text(chosen.name())
        .show_ui(ui, |ui| {
            let mut asked = None;
            for source in sources {
                if ui.selectable_label(*source == chosen, source.name()).clicked() {
                    asked = Some(command(*source));
                }
            }
            asked
        });
    list.response.labelled_by(label.id).on_hover_text(help);
    list.inner.flatten().map(UserCommand::from)
}

fn modes(ui: &mut Ui, shown: &Comparison) -> Option<UserCommand> {
    let mut command = None;
    for (mode, name) in CompareMode::ALL {
        let (help, asks) = match mode {
            CompareMode::Slider => {
                ("One picture left of a divider, the other right of it.", CompareCommand::UseMode(mode))
            }
            CompareMode::SideBySide => {
                ("Both pictures beside each other, at the same zoom and place.", CompareCommand::UseMode(mode))
            }
            CompareMode::Blink => (
                "One picture in place of the other. Each press switches; a long press shows the other picture while it is held.",
                CompareCommand::Blink,
            ),
            CompareMode::Difference => {
                ("How far the colours of each pixel are apart, in false colours.", CompareCommand::UseMode(mode))
            }
        };
        let help = tooltip(ui.ctx(), help, asks);
        if ui.add(Button::selectable(shown.mode == mode, name)).on_hover_text(help).clicked() {
            command = Some(CompareCommand::UseMode(mode).into());
        }
    }
    if shown.mode == CompareMode::Blink {
        let name = if shown.shows_b { "Show A" } else { "Show B" };
        command = button(ui, name, "Show the other picture.", CompareCommand::Blink).or(command);
    }
    command
}

fn zoom(ui: &mut Ui, shown: &Comparison) -> Option<UserCommand> {
    let mut command = None;
    for (name, help, step) in [
        ("Fit", "Show the whole picture. A double click on it does the same.", ZoomStep::Fit),
        ("100 %", "Show each pixel of A as one pixel of the screen.", ZoomStep::FullSize),
        ("−", "Zoom out. The wheel zooms at the pointer.", ZoomStep::Out),
        ("+", "Zoom in. The wheel zooms at the pointer.", ZoomStep::In),
    ] {
        let selected = step == ZoomStep::Fit && shown.viewport.is_fitted();
        let help = tooltip(ui.ctx(), help, CompareCommand::Zoom(step));
        let response = ui.add(Button::new(name).selected(selected)).on_hover_text(help);
        let spoken = match step {
            ZoomStep::Out => "Zoom out",
            ZoomStep::In => "Zoom in",
            ZoomStep::Fit | ZoomStep::FullSize => name,
        };
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, spoken));
        if response.clicked() {
            command = Some(CompareCommand::Zoom(step).into());
        }
    }
    if let Some(room) = &shown.room {
        let percent = format!("{:.0} %", shown.viewport.zoom(room) * 100.0);
        let size = [ZOOM, ui.spacing().interact_size.y];
        let label = ui.add_sized(size, Label::new(RichText::new(&percent).weak()));
        label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("Zoom {percent}")));
    }
    command
}

/// Takes the result that won.
fn paint_over(ui: &mut Ui, shown: &Comparison) -> Option<UserCommand> {
    let mut command = None;
    for (name, picture) in [("Paint over A", &shown.a), ("Paint over B", &shown.b)] {
        let Some(id) = picture.source().result() else { continue };
        let help = "Put this result on the canvas; the next round starts from it.";
        if ui.button(name).on_hover_text(help).clicked() {
            command = Some(ResultCommand::PaintOver(id.round, id.image).into());
        }
    }
    command
}
