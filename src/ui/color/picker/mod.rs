//! Choosing a colour by eye: a field of saturation and value, with a ring or a bar of hues.
//!
//! - `field.rs` is saturation and value, `ring.rs` and `bar.rs` are the hues.
//! - `gradient.rs` draws many colours at once, `dial.rs` is what arrow keys and assistive programs do.

mod bar;
mod dial;
mod field;
mod gradient;
mod ring;

use egui::{Rect, Sense, Ui, Vec2};

use super::current::CurrentColor;
use crate::palettes::PickerShape;
use gradient::Gradient;

/// The largest ring, in points.
const LARGEST: f32 = 208.0;
/// Height of the field and of the bar of hues, in points.
const FIELD: f32 = 116.0;
const BAR: f32 = 16.0;

/// The shape of the picker, and its colours, which are computed only when they change.
#[derive(Default)]
pub(in crate::ui) struct Picker {
    pub shape: PickerShape,
    hues: Gradient,
    field: Gradient,
}

/// Shows the picker as wide as the panel. It edits the colour in place.
pub(super) fn ui(ui: &mut Ui, picker: &mut Picker, current: &mut CurrentColor) {
    let width = ui.available_width();
    match picker.shape {
        PickerShape::Ring => {
            let side = width.min(LARGEST);
            let (room, _) = ui.allocate_exact_size(Vec2::new(width, side), Sense::hover());
            let room = Rect::from_center_size(room.center(), Vec2::splat(side));
            ring::ui(ui, room, &mut picker.hues, current);
            field::ui(ui, ring::square(room), &mut picker.field, current);
        }
        PickerShape::Bar => {
            let (room, _) = ui.allocate_exact_size(Vec2::new(width, FIELD), Sense::hover());
            field::ui(ui, room, &mut picker.field, current);
            let (room, _) = ui.allocate_exact_size(Vec2::new(width, BAR), Sense::hover());
            bar::ui(ui, room, &mut picker.hues, current);
        }
    }
}
