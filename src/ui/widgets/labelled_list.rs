//! A drop-down list under its label.

use egui::{ComboBox, Ui};

/// Shows `label` and, below it, a drop-down list as wide as the panel. `entries` adds the entries
/// when the list is open, and its result is returned.
pub(in crate::ui) fn labelled_list<R>(
    ui: &mut Ui,
    label: &str,
    help: &str,
    selected: String,
    entries: impl FnOnce(&mut Ui) -> R,
) -> Option<R> {
    let name = ui.label(label).on_hover_text(help);
    let list = ComboBox::from_id_salt(label)
        .width(ui.available_width())
        .truncate()
        .selected_text(selected)
        .show_ui(ui, entries);
    list.response.labelled_by(name.id).on_hover_text(help);
    list.inner
}
