//! The line of live painting, below canvas and results: what is going on, and what can be done with the frame on show.

use egui::{Align, Button, Label, Layout, RichText, Slider, Ui, WidgetInfo};

use super::words;
use crate::ui::keymap::tooltip;
use crate::ui::state::WindowState;
use crate::ui::{LiveCommand, LiveView, UserCommand};

/// The height of the line, in points.
pub(in crate::ui) const HEIGHT: f32 = 24.0;

/// Below this width in points the line says less.
const NARROW: f32 = 520.0;

/// Shows the line in one row.
pub(in crate::ui) fn ui(ui: &mut Ui, state: &WindowState) -> Option<UserCommand> {
    let mut command = None;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let is_narrow = ui.available_width() < NARROW;
        let has_frame = state.live.shown.is_some();
        let over = "Make the frame on show a round, and put the result on the canvas to paint on.";
        let keep = "Make the frame on show a round of the document, with the model's own decoder. It is in the history then, and in the results folder.";
        let seed = "Make the following frames with another seed.";
        for (name, spoken, help, works, wanted) in [
            ("Paint over", "Paint over the live frame", over, has_frame, LiveCommand::PaintOver),
            ("Keep", "Keep the live frame", keep, has_frame, LiveCommand::Keep),
            (if is_narrow { "Seed" } else { "New seed" }, "New seed for live painting", seed, true, LiveCommand::NewSeed),
        ] {
            let help = tooltip(ui.ctx(), help, wanted);
            let button = ui.add_enabled(works, Button::new(name));
            button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, works, spoken));
            if button.on_hover_text(&help).on_disabled_hover_text(&help).clicked() {
                command = Some(wanted.into());
            }
        }
        ui.separator();
        command = view(ui, state.layout.choices.live).or(command.take());
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            if !is_narrow {
                ui.label(RichText::new("Live").small().strong());
            }
            let text = words::status(state);
            let explanation = state.live.recipe.as_ref().map(|recipe| recipe.explanation()).unwrap_or_default();
            ui.add(Label::new(RichText::new(&text).small().weak()).truncate()).on_hover_text(format!("{text}\n{explanation}"));
        });
    });
    command
}

/// Where the frame is shown, and how opaque it is over the canvas.
fn view(ui: &mut Ui, view: LiveView) -> Option<UserCommand> {
    let mut new = view;
    if view.over_canvas {
        ui.spacing_mut().slider_width = 70.0;
        let slider = ui.add(Slider::new(&mut new.opacity, 0.0..=1.0).show_value(false));
        slider.ctx.accesskit_node_builder(slider.id, |node| node.set_label("Opacity of the live frame"));
        slider.on_hover_text(format!("Opacity of the frame over the canvas: {:.0} %.", view.opacity * 100.0));
    }
    // From right to left.
    for (name, spoken, help, over) in [
        ("On canvas", "Live frame on the canvas", "Show the frame over the canvas.", true),
        ("Beside", "Live frame beside the canvas", "Show the frame where the results are otherwise.", false),
    ] {
        let button = ui.add(Button::selectable(view.over_canvas == over, name)).on_hover_text(help);
        button.widget_info(|| WidgetInfo::selected(egui::Role::RadioButton, true, view.over_canvas == over, spoken));
        if button.clicked() {
            new.over_canvas = over;
        }
    }
    (new != view).then(|| LiveCommand::UseView(new).into())
}
