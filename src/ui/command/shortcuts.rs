//! The keys of actions.

use crate::ui::{ActionId, KeyChord, KeyPreset};

/// Commands of the overview of shortcuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShortcutCommand {
    /// Show all actions and their keys.
    Show,
    /// Close the overview.
    Close,
    /// Ask for the keys of this action; the number says which of its keys, counted from 0. One more than it has adds one.
    Ask(ActionId, usize),
    /// These keys were pressed while they were asked for.
    Press(KeyChord),
    /// Let the two actions that want the same keys swap theirs.
    Swap,
    /// Take away the keys that are asked for.
    Remove,
    /// Leave the keys that are asked for as they are.
    StopAsking,
    /// Give an action the keys of the preset again.
    Reset(ActionId),
    /// Give every action the keys of this preset.
    UsePreset(KeyPreset),
}
