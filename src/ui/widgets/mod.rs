//! Widgets that several panels use.

mod anchored;
mod arrow_keys;
mod labelled_list;
mod number_box;
mod number_field;
mod parse_number;
mod star;

pub(super) use anchored::anchored;
pub(super) use arrow_keys::keep_arrows;
pub(super) use labelled_list::labelled_list;
pub(super) use number_box::{number_box, percent_box};
pub(super) use number_field::NumberField;
pub(super) use parse_number::parse_number;
pub(super) use star::{star_button, star_mark};
