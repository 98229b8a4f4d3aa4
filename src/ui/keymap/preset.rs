//! Sets of keys to begin with.

use egui::{Key, Modifiers};
use serde::{Deserialize, Serialize};

use super::KeyChord;
use super::krita::KRITA;
use super::map::ActionId;
use super::shortcut::Bound;

/// A set of keys to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPreset {
    /// The keys of this program.
    #[default]
    Underpaint,
    /// The keys that Krita gives the same actions, as far as it has them.
    Krita,
}

impl KeyPreset {
    /// Every preset.
    pub const ALL: [Self; 2] = [Self::Underpaint, Self::Krita];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Underpaint => "underpaint",
            Self::Krita => "Krita",
        }
    }

    /// The keys of an action.
    pub(super) fn keys(self, action: ActionId) -> Vec<KeyChord> {
        let changed = match self {
            Self::Underpaint => None,
            Self::Krita => changes(KRITA, action),
        };
        changed.unwrap_or_else(|| action.own_keys())
    }
}

/// One action that has other keys in a preset.
pub(super) type Change = (crate::ui::UserCommand, &'static [(Modifiers, Key)]);

fn changes(changes: &[Change], action: ActionId) -> Option<Vec<KeyChord>> {
    let Bound::Command(command) = &action.row().bound else { return None };
    let (_, keys) = changes.iter().find(|(changed, _)| changed == command)?;
    Some(keys.iter().map(|(modifiers, key)| KeyChord::new(*modifiers, *key)).collect())
}
