//! The dialogs that ask for the size of the canvas: scaled, or with room at its sides.

use egui::{Context, Id, Modal, RichText, Ui};

use super::crop_fields::border_choice;
use crate::document::Reshape;
use crate::document::size::{CANVAS_STEP, canvas_side};
use crate::paint::{Border, MAX_SIDE, Region, Size};
use crate::ui::state::WindowState;
use crate::ui::widgets::{number_box, parse_number};
use crate::ui::{ReshapeCommand, UserCommand, theme};

/// A question about the size of the canvas, and what was typed so far.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) enum ReshapeDialog {
    /// To which size everything is scaled.
    Scale {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// Whether one follows the other.
        keeps_shape: bool,
    },
    /// How much is added at each side, or with negative numbers cut off, in pixels.
    Sides {
        /// At the left, top, right and bottom.
        sides: [i64; 4],
        /// What is in the room that is added.
        border: Border,
    },
}

impl ReshapeDialog {
    /// Asks for a size to scale to, beginning with the present one.
    pub fn scale(canvas: Size) -> Self {
        Self::Scale { width: canvas.width(), height: canvas.height(), keeps_shape: true }
    }

    /// Asks for the room at each side.
    pub fn sides() -> Self {
        Self::Sides { sides: [0; 4], border: Border::default() }
    }

    /// What is asked for now, of a canvas of this size.
    fn reshape(&self, canvas: Size) -> Option<Reshape> {
        let reshape = match self {
            Self::Scale { width, height, .. } => Reshape::Scale(Size::new(*width, *height).ok()?),
            Self::Sides { sides: [left, top, right, bottom], border } => {
                let along = |side: usize, before: i64, after: i64| {
                    canvas_side((side as i64).saturating_add(before).saturating_add(after))
                };
                let size =
                    Size::new(along(canvas.width(), *left, *right), along(canvas.height(), *top, *bottom)).ok()?;
                Reshape::Part(Region { x: left.saturating_neg(), y: top.saturating_neg(), size }, *border)
            }
        };
        let is_same = match reshape {
            Reshape::Part(region, _) => region == Region::whole(canvas),
            other => other.size(canvas) == canvas,
        };
        (!is_same).then_some(reshape)
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Scale { .. } => "Scale the canvas",
            Self::Sides { .. } => "Canvas size",
        }
    }
}

/// Shows the question while it is open. The key that closes dialogs, a click beside it and its button close it.
pub(in crate::ui) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    let canvas = state.document.canvas().size();
    let dialog = state.reshape.as_mut()?;
    let mut command = None;
    let shown = Modal::new(Id::unique("canvas size")).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 80.0).min(360.0));
        theme::section(ui, dialog.title());
        match dialog {
            ReshapeDialog::Scale { width, height, keeps_shape } => scale(ui, canvas, (width, height), keeps_shape),
            ReshapeDialog::Sides { sides, border } => sides_ui(ui, sides, border),
        }
        let reshape = dialog.reshape(canvas);
        let new = reshape.map_or(canvas, |reshape| reshape.size(canvas));
        ui.add_space(4.0);
        ui.label(RichText::new(format!(
            "{} × {} → {} × {} pixels",
            canvas.width(),
            canvas.height(),
            new.width(),
            new.height()
        )));
        ui.label(RichText::new("All layers are kept, and one undo takes it back.").small().weak());
        ui.horizontal(|ui| {
            let make = egui::Button::new(RichText::new("Resize").color(theme::ON_ACCENT)).fill(theme::ACCENT);
            let help = "Nothing would change. Type another size.";
            if ui.add_enabled(reshape.is_some(), make).on_disabled_hover_text(help).clicked() {
                command = reshape.map(|reshape| ReshapeCommand::Reshape(reshape).into());
            }
            ui.button("Cancel").clicked()
        })
        .inner
    });
    if shown.inner || shown.should_close() || command.is_some() {
        state.reshape = None;
    }
    command
}

/// A side of the canvas, to be typed; returns whether it changed.
fn side(ui: &mut Ui, name: &str, value: &mut usize) -> bool {
    let label = ui.label(name);
    // Rounded while it is read: a number that changes while it is typed would end the typing.
    let number = number_box(value, 1..=MAX_SIDE, 0)
        .custom_parser(|text| parse_number(text, true).map(|typed| canvas_side(typed as i64) as f64))
        .speed(8.0)
        .suffix(" px");
    let changed = ui.add(number).labelled_by(label.id).changed();
    if changed {
        *value = canvas_side(*value as i64);
    }
    ui.end_row();
    changed
}

fn scale(ui: &mut Ui, canvas: Size, (width, height): (&mut usize, &mut usize), keeps_shape: &mut bool) {
    let followed = |side: usize, of: usize, other: usize| canvas_side((side * other / of.max(1)) as i64);
    egui::Grid::new("scale").num_columns(2).show(ui, |ui| {
        if side(ui, "New width", width) && *keeps_shape {
            *height = followed(*width, canvas.width(), canvas.height());
        }
        if side(ui, "New height", height) && *keeps_shape {
            *width = followed(*height, canvas.height(), canvas.width());
        }
    });
    let help = format!("Width and height change together, as far as steps of {CANVAS_STEP} pixels allow.");
    ui.checkbox(keeps_shape, "Keep the proportions").on_hover_text(help);
}

fn sides_ui(ui: &mut Ui, sides: &mut [i64; 4], border: &mut Border) {
    ui.label("Room to add at each side. Negative numbers cut off.");
    let far = MAX_SIDE as i64;
    egui::Grid::new("sides").num_columns(2).show(ui, |ui| {
        for (name, value) in ["At the left", "At the top", "At the right", "At the bottom"].into_iter().zip(sides) {
            let label = ui.label(name);
            let step = CANVAS_STEP as f64;
            let number = number_box(value, -far..=far, 0)
                .custom_parser(move |text| parse_number(text, true).map(|typed| (typed / step).round() * step))
                .speed(step)
                .suffix(" px");
            let response = ui.add(number).labelled_by(label.id);
            if response.changed() {
                *value = (*value as f64 / step).round() as i64 * CANVAS_STEP as i64;
            }
            ui.end_row();
        }
    });
    border_choice(ui, border);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: usize, height: usize) -> Size {
        Size::new(width, height).expect("a size")
    }

    #[test]
    fn what_is_typed_becomes_a_size_that_a_canvas_can_have() {
        let dialog = ReshapeDialog::Sides { sides: [16, -8, 24, 0], border: Border::Clear };
        let wanted = Reshape::Part(Region { x: -16, y: 8, size: size(552, 504) }, Border::Clear);
        assert_eq!(dialog.reshape(size(512, 512)), Some(wanted));
        assert_eq!(ReshapeDialog::sides().reshape(size(512, 512)), None, "nothing would change");
        assert_eq!(ReshapeDialog::scale(size(512, 512)).reshape(size(512, 512)), None);
        let far = ReshapeDialog::Sides { sides: [i64::MIN, i64::MAX, 0, 0], border: Border::Clear };
        assert_eq!(far.reshape(size(512, 512)).map(|reshape| reshape.size(size(512, 512))), Some(size(64, 4096)));
        let odd = ReshapeDialog::Sides { sides: [0, 0, 8, 0], border: Border::Clear };
        assert_eq!(odd.reshape(size(515, 300)).map(|reshape| reshape.size(size(515, 300))), Some(size(520, 304)));
    }
}
