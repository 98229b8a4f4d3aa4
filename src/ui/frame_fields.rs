//! The numbers of the frame, and its buttons, in the panel of selections.

use egui::Ui;

use super::keymap::tooltip;
use super::widgets::number_box;
use super::{CanvasCommand, FrameCommand, Tool, UserCommand};
use crate::document::Document;
use crate::paint::{MAX_SIDE, Region, Size};

/// Shows where the frame is, to be typed.
pub(super) fn ui(ui: &mut Ui, document: &Document) -> Option<UserCommand> {
    let settings = document.settings();
    let mut command = None;
    let Some(now) = document.frame() else {
        ui.weak("The next round is made from the whole canvas.");
        let help = "Make rounds from a part of the canvas. Drag it there, or drag its corners. Results come back to its place.";
        let help = tooltip(ui.ctx(), help, CanvasCommand::UseTool(Tool::Frame));
        let begins = ui.button("Use a part of the canvas").on_hover_text(help).clicked();
        return begins.then(|| FrameCommand::Use(document.middle_frame()).into());
    };
    let (mut left, mut top, mut width) = (now.x, now.y, now.size.width());
    egui::Grid::new("frame").num_columns(2).show(ui, |ui| {
        let far = MAX_SIDE as i64;
        for (name, value) in [("Frame left", &mut left), ("Frame top", &mut top)] {
            let label = ui.label(name);
            ui.add(number_box(value, 0..=far, 0).suffix(" px")).labelled_by(label.id);
            ui.end_row();
        }
        let label = ui.label("Frame width");
        ui.add(number_box(&mut width, 8..=MAX_SIDE, 0).suffix(" px")).labelled_by(label.id);
        ui.end_row();
    });
    if (left, top, width) != (now.x, now.y, now.size.width()) {
        let height = width.saturating_mul(settings.height) / settings.width.max(1);
        let size = Size::new(width, height.clamp(1, MAX_SIDE)).unwrap_or(now.size);
        command = Some(FrameCommand::Use(Region { x: left, y: top, size }).into());
    }
    ui.weak(words(document));
    ui.horizontal_wrapped(|ui| {
        for (name, help, wanted) in [
            (
                "Size of the results",
                "As large as the results, in the middle of the canvas.",
                FrameCommand::Use(document.middle_frame()),
            ),
            ("Whole canvas", "Make the next rounds from the whole canvas again.", FrameCommand::Remove),
        ] {
            let help = tooltip(ui.ctx(), help, wanted);
            if ui.button(name).on_hover_text(help).clicked() {
                command = Some(wanted.into());
            }
        }
    });
    command
}

/// What the next round is made from, as one sentence.
pub(super) fn words(document: &Document) -> String {
    let (settings, Some(frame)) = (document.settings(), document.frame()) else {
        return "The next round is made from the whole canvas.".into();
    };
    let (width, height) = (frame.size.width(), frame.size.height());
    let place = format!("{width} × {height} pixels at {}, {}", frame.x, frame.y);
    if (width, height) == (settings.width, settings.height) {
        return format!("The next round is made from {place} of the canvas.");
    }
    format!("The next round is made from {place} of the canvas, scaled to {} × {}.", settings.width, settings.height)
}
