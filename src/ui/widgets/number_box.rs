//! A box for one number.

use std::ops::RangeInclusive;

use egui::DragValue;
use egui::emath::Numeric;

use super::parse_number;

/// A box that shows a number, to be dragged or typed into. It reads numbers as [`parse_number`]
/// does. Every number box of the window is made here.
pub(in crate::ui) fn number_box<N: Numeric>(value: &mut N, range: RangeInclusive<N>, decimals: usize) -> DragValue<'_> {
    let whole = decimals == 0;
    DragValue::new(value).range(range).max_decimals(decimals).custom_parser(move |text| parse_number(text, whole))
}

/// A box that shows values of `0..=1` as 0 to 100 %.
pub(in crate::ui) fn percent_box<N: Numeric>(value: &mut N, range: RangeInclusive<N>) -> DragValue<'_> {
    DragValue::new(value)
        .range(range)
        .speed(0.01)
        .custom_formatter(|value, _| format!("{:.0} %", value * 100.0))
        .custom_parser(|text| parse_number(text, false).map(|percent| percent / 100.0))
}
