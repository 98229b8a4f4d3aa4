//! The bar below the canvas: zoom, turn and mirror.

use egui::{Button, Ui, WidgetInfo};

use super::CanvasView;
use crate::document::Viewpoint;
use crate::ui::keymap::tooltip;
use crate::ui::widgets::percent_box;
use crate::ui::{CanvasViewCommand, TurnDirection, UserCommand, ZoomStep};

/// The height of the bar, in points.
pub(in crate::ui) const HEIGHT: f32 = 24.0;

/// Below this width in points turning and mirroring are in a menu.
const NARROW: f32 = 400.0;

/// Below this width in points the zoom to 100 % is in the menu too.
const NARROW_ZOOM: f32 = 285.0;

/// Below this width in points the other buttons that zoom are in the menu too.
const NARROWER: f32 = 230.0;

/// Below this width in points the zoom in percent is in the menu too.
const NARROWEST: f32 = 180.0;

/// The width of the zoom in percent, in points.
const PERCENT: f32 = 58.0;

/// Shows the bar in one row.
pub(in crate::ui) fn ui(canvas: &CanvasView, ui: &mut Ui) -> Option<UserCommand> {
    let mut command = None;
    let viewpoint = canvas.viewpoint();
    let width = ui.available_width();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if width >= NARROWER {
            command = out_and_in(ui, "−", "Zoom out", ZoomStep::Out).or(command.take());
        }
        if width >= NARROWEST {
            command = percent(ui, canvas).or(command.take());
        }
        if width >= NARROWER {
            command = out_and_in(ui, "+", "Zoom in", ZoomStep::In).or(command.take());
        }
        let fitted = canvas.zoom().is_some_and(|(_, fitted)| fitted);
        command = fit(ui, fitted).or(command.take());
        if width >= NARROW_ZOOM {
            command = full_size(ui).or(command.take());
        }
        if width >= NARROW {
            ui.separator();
            command = turn_and_mirror(ui, viewpoint).or(command.take());
        } else {
            let name = if is_plain(viewpoint) { "View…" } else { "View…*" };
            let in_menu = ui.menu_button(name, |ui| {
                let mut zoom = if width < NARROWEST { percent(ui, canvas) } else { None };
                if width < NARROWER {
                    zoom = out_and_in(ui, "Zoom in", "Zoom in", ZoomStep::In).or(zoom);
                    zoom = out_and_in(ui, "Zoom out", "Zoom out", ZoomStep::Out).or(zoom);
                }
                if width < NARROW_ZOOM {
                    zoom = full_size(ui).or(zoom);
                }
                zoom.or(turn_and_mirror(ui, viewpoint))
            });
            command = in_menu.inner.flatten().or(command.take());
        }
    });
    command
}

/// Whether the canvas is neither turned nor mirrored.
fn is_plain(viewpoint: Viewpoint) -> bool {
    viewpoint.degrees == 0.0 && !viewpoint.mirrored
}

fn button(ui: &mut Ui, button: Button<'_>, spoken: &str, help: &str, sent: CanvasViewCommand) -> Option<UserCommand> {
    let help = tooltip(ui.ctx(), help, sent);
    let response = ui.add(button).on_hover_text(help);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, spoken));
    response.clicked().then(|| sent.into())
}

fn out_and_in(ui: &mut Ui, name: &str, spoken: &str, step: ZoomStep) -> Option<UserCommand> {
    let help = format!("{spoken}. The wheel zooms at the pointer.");
    button(ui, Button::new(name), spoken, &help, CanvasViewCommand::Zoom(step))
}

fn fit(ui: &mut Ui, selected: bool) -> Option<UserCommand> {
    let help = "Show the whole canvas, as large as it fits.";
    button(ui, Button::new("Fit").selected(selected), "Fit", help, CanvasViewCommand::Zoom(ZoomStep::Fit))
}

fn full_size(ui: &mut Ui) -> Option<UserCommand> {
    let help = "Show each pixel of the canvas as one pixel of the screen.";
    button(ui, Button::new("100 %"), "100 %", help, CanvasViewCommand::Zoom(ZoomStep::FullSize))
}

/// The zoom in percent, to be typed or dragged.
fn percent(ui: &mut Ui, canvas: &CanvasView) -> Option<UserCommand> {
    let (mut zoom, _) = canvas.zoom()?;
    let speed = f64::from(zoom) * 0.01;
    let number = percent_box(&mut zoom, Viewpoint::SMALLEST..=Viewpoint::LARGEST).speed(speed);
    let response = ui.add_sized([PERCENT, HEIGHT], number).on_hover_text("Screen pixels per canvas pixel, in percent.");
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("Zoom of the canvas"));
    response.changed().then(|| CanvasViewCommand::ZoomTo(zoom).into())
}

fn turn_and_mirror(ui: &mut Ui, viewpoint: Viewpoint) -> Option<UserCommand> {
    let help = "Turn the canvas anticlockwise.";
    let turn = CanvasViewCommand::Turn(TurnDirection::Left);
    let mut command = button(ui, Button::new("↺"), "Turn left", help, turn);
    let turn = CanvasViewCommand::Turn(TurnDirection::Right);
    command = button(ui, Button::new("↻"), "Turn right", "Turn the canvas clockwise.", turn).or(command);
    let help = "Exchange left and right of what is seen. The canvas itself stays as it is.";
    let mirror = Button::selectable(viewpoint.mirrored, "Mirror");
    command = button(ui, mirror, "Mirror the view", help, CanvasViewCommand::Mirror).or(command);
    if !is_plain(viewpoint) {
        let name = format!("{:.0}° Reset", viewpoint.degrees);
        let help = "Show the canvas neither turned nor mirrored.";
        command =
            button(ui, Button::new(name), "Reset turn and mirror", help, CanvasViewCommand::Straighten).or(command);
    }
    command
}
