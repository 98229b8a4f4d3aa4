//! Contents that keep the keyboard focus when something appears before them.

use egui::{Id, Ui, UiBuilder};

/// Shows contents whose widgets have the same ids in every frame.
///
/// egui numbers widgets in the order they are shown, so a notice that appears above a text field
/// would give the field another id, and typing would end. `name` must be unique in the window.
pub(in crate::ui) fn anchored<R>(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().scope_id(Id::unique(name)), contents).inner
}
