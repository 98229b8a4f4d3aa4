//! Widgets that several panels use.

mod color_field;
mod labelled_list;
mod number_field;

pub(super) use color_field::{hue, saturation_and_value};
pub(super) use labelled_list::labelled_list;
pub(super) use number_field::NumberField;
