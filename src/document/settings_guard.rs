//! Settings that widgets change in place, and an edit when they are done.

use std::ops::{Deref, DerefMut};

use super::{Document, Edit, EditKind, Settings};

/// Access to a document's settings. When it is dropped, what was changed is applied as one [`Edit`];
/// if nothing was changed, nothing happens.
pub struct SettingsGuard<'a> {
    document: &'a mut Document,
    edited: Settings,
}

impl<'a> SettingsGuard<'a> {
    pub(super) fn new(document: &'a mut Document) -> Self {
        let edited = document.settings.clone();
        Self { document, edited }
    }
}

impl Deref for SettingsGuard<'_> {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.edited
    }
}

impl DerefMut for SettingsGuard<'_> {
    fn deref_mut(&mut self) -> &mut Settings {
        &mut self.edited
    }
}

impl Drop for SettingsGuard<'_> {
    fn drop(&mut self) {
        let before = &self.document.settings;
        if self.edited == *before {
            return;
        }
        let other =
            Settings { prompt: before.prompt.clone(), negative: before.negative.clone(), ..self.edited.clone() };
        let kind = if other == *before { EditKind::Prompt } else { EditKind::Settings };
        let edit = Edit::settings(kind, std::mem::take(&mut self.edited));
        if let Err(error) = self.document.exchange(edit) {
            // Only edits of the canvas can fail.
            tracing::error!("the settings were not changed: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::document::tests::document;

    #[test]
    fn what_is_changed_in_place_becomes_one_change() {
        let mut document = document();
        let (before, canvas) = (document.revision(), document.canvas_revision());
        {
            let mut settings = document.settings_mut();
            settings.steps = 7;
            settings.prompt = "a pear".into();
        }
        assert_eq!((document.settings().steps, document.settings().prompt.as_str()), (7, "a pear"));
        assert_eq!(document.revision(), before + 1);
        assert_eq!(document.canvas_revision(), canvas);
        assert!(!document.can_undo(), "undo on the canvas leaves the settings alone");
    }

    #[test]
    fn looking_changes_nothing() {
        let mut document = document();
        let before = document.revision();
        assert_eq!(document.settings_mut().batch, 4);
        assert_eq!(document.revision(), before);
    }
}
