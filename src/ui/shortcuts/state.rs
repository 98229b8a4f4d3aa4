//! What the overview of shortcuts asks.

use std::path::Path;

use egui::Context;

use crate::ui::kept;
use crate::ui::keymap::{ActionId, KeyChoices, KeyChord, Keymap, put_in_force};

/// The file in the data folder that keeps the keys.
pub(in crate::ui) const KEPT_IN: &str = "shortcuts.json";

/// The overview of shortcuts.
#[derive(Default)]
pub(in crate::ui) struct Shortcuts {
    pub is_open: bool,
    /// What is searched for.
    pub filter: String,
    /// Whether the field of the filter gets the keyboard.
    pub focuses_filter: bool,
    /// The keys that are asked for.
    pub asked: Option<Asked>,
    /// Why the keys that were pressed last were not taken, as one sentence.
    pub refusal: Option<String>,
}

/// A question for the keys of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) struct Asked {
    pub action: ActionId,
    /// Which of its keys, counted from 0; one more than it has adds one.
    pub place: usize,
    /// The keys that were pressed, which another action has.
    pub taken: Option<(KeyChord, ActionId)>,
}

impl Shortcuts {
    /// Puts the keys of the last launch in force. If they cannot be read the usual ones are, and why is told in one
    /// sentence.
    pub fn read(folder: Option<&Path>, ctx: &Context) -> Option<String> {
        let (choices, trouble) = kept::read::<KeyChoices>(folder, KEPT_IN);
        put_in_force(ctx, Keymap::new(choices));
        trouble
    }

    /// Whether the next keys that are pressed are an answer.
    pub fn asks_for_keys(&self) -> bool {
        self.is_open && self.asked.is_some_and(|asked| asked.taken.is_none())
    }
}
