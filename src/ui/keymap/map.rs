//! Which keys do what: the table, a preset, and what a person changed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::shortcut::Shortcut;
use super::table::SHORTCUTS;
use super::{KeyChord, KeyPreset};

/// An action of the table that has keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(usize);

/// The first row of each action. Tooltips look actions up many times a frame.
static ACTIONS: LazyLock<Vec<ActionId>> = LazyLock::new(|| {
    let is_first = |at: &usize| !SHORTCUTS[..*at].iter().any(|row| row.is_same_action(&SHORTCUTS[*at]));
    (0..SHORTCUTS.len()).filter(is_first).map(ActionId).collect()
});

impl ActionId {
    /// Every action once, in the order of the table.
    pub(in crate::ui) fn all() -> impl DoubleEndedIterator<Item = Self> {
        ACTIONS.iter().copied()
    }

    /// The first row of the table about it.
    pub(super) fn row(self) -> &'static Shortcut {
        &SHORTCUTS[self.0]
    }

    /// What it does, in words.
    pub(in crate::ui) fn help(self) -> String {
        let row = self.row();
        row.number().map_or_else(|| row.help.to_owned(), |number| format!("{} ({number})", row.help))
    }

    /// The keys it has in the table.
    pub(super) fn own_keys(self) -> Vec<KeyChord> {
        SHORTCUTS.iter().filter(|row| row.is_same_action(self.row())).map(Shortcut::chord).collect()
    }
}

/// What a person chose about keys, as it is kept in a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::ui) struct KeyChoices {
    /// The keys to begin with.
    pub preset: KeyPreset,
    /// The keys of actions that were changed, by the action's name. Those of another version do no harm.
    keys: BTreeMap<String, Vec<String>>,
}

/// The keys in force.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) struct Keymap {
    choices: KeyChoices,
    /// Keys and their actions, in the order in which they are tried.
    bindings: Vec<(KeyChord, ActionId)>,
    /// The keys of each action, in the order of the table.
    keys: Vec<(ActionId, Vec<KeyChord>)>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(KeyChoices::default())
    }
}

impl Keymap {
    /// The keys of these choices.
    pub fn new(choices: KeyChoices) -> Self {
        let keys: Vec<_> = ActionId::all().map(|action| (action, keys_of(&choices, action))).collect();
        let chords = |(action, keys): &(ActionId, Vec<KeyChord>)| {
            let action = *action;
            keys.clone().into_iter().map(move |chord| (chord, action))
        };
        let mut bindings: Vec<_> = keys.iter().flat_map(chords).collect();
        // Of two with the same key the one with more modifiers comes first, because further modifiers may be held.
        bindings.sort_by_key(|(chord, action)| (usize::MAX - chord.modifier_count(), action.row().when.order()));
        Self { choices, bindings, keys }
    }

    /// What was chosen.
    pub fn choices(&self) -> &KeyChoices {
        &self.choices
    }

    /// Keys and their actions, in the order in which they are tried.
    pub(super) fn bindings(&self) -> &[(KeyChord, ActionId)] {
        &self.bindings
    }

    /// The keys of an action.
    pub fn keys(&self, action: ActionId) -> Vec<KeyChord> {
        let found = self.keys.binary_search_by_key(&action, |(action, _)| *action);
        found.map_or_else(|_| Vec::new(), |at| self.keys[at].1.clone())
    }

    /// Whether a person changed the keys of an action.
    pub fn is_changed(&self, action: ActionId) -> bool {
        self.keys(action) != self.choices.preset.keys(action)
    }

    /// The action that would be in the way if another one had these keys.
    pub fn competitor(&self, chord: KeyChord, action: ActionId) -> Option<ActionId> {
        let when = action.row().when;
        let competes = |(keys, other): &&(KeyChord, ActionId)| {
            *keys == chord && *other != action && other.row().when.competes(when)
        };
        self.bindings.iter().find(competes).map(|(_, other)| *other)
    }

    /// Gives an action these keys instead of its own.
    #[must_use]
    pub fn with_keys(&self, action: ActionId, keys: &[KeyChord]) -> Self {
        let mut choices = self.choices.clone();
        let id = action.row().id();
        if keys == choices.preset.keys(action) {
            choices.keys.remove(&id);
        } else {
            choices.keys.insert(id, keys.iter().map(|chord| chord.text()).collect());
        }
        Self::new(choices)
    }

    /// Gives an action the keys of the preset again.
    #[must_use]
    pub fn with_reset(&self, action: ActionId) -> Self {
        self.with_keys(action, &self.choices.preset.keys(action))
    }

    /// All keys of a preset, without any change.
    pub fn of_preset(preset: KeyPreset) -> Self {
        Self::new(KeyChoices { preset, ..KeyChoices::default() })
    }
}

fn keys_of(choices: &KeyChoices, action: ActionId) -> Vec<KeyChord> {
    match choices.keys.get(&action.row().id()) {
        Some(texts) => texts.iter().filter_map(|text| KeyChord::from_text(text)).collect(),
        None => choices.preset.keys(action),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use egui::{Key, Modifiers};

    use super::*;

    fn action(help: &str) -> ActionId {
        ActionId::all().find(|action| action.help() == help).expect(help)
    }

    #[test]
    fn no_two_shortcuts_compete_for_the_same_key() {
        for preset in KeyPreset::ALL {
            let map = Keymap::of_preset(preset);
            for (i, (one, by)) in map.bindings().iter().enumerate() {
                for (other, to) in &map.bindings()[i + 1..] {
                    let same = one == other && by.row().when.competes(to.row().when);
                    assert!(!same, "{preset:?}: {} and {} use {}", by.help(), to.help(), one.text());
                }
            }
        }
    }

    #[test]
    fn every_action_has_keys_in_every_preset_and_a_name_of_its_own() {
        let mut names = HashSet::new();
        for action in ActionId::all() {
            assert!(names.insert(action.row().id()), "{}", action.row().id());
            for preset in KeyPreset::ALL {
                assert!(!preset.keys(action).is_empty(), "{preset:?}: {}", action.help());
            }
        }
    }

    #[test]
    fn a_changed_key_is_in_force_and_can_be_reset() {
        let (map, undo) = (Keymap::default(), action("Undo"));
        let keys = [KeyChord::new(Modifiers::NONE, Key::U)];
        let changed = map.with_keys(undo, &keys);
        assert!(changed.keys(undo) == keys && changed.is_changed(undo) && !map.is_changed(undo));
        assert!(changed.bindings().contains(&(keys[0], undo)));
        let text = serde_json::to_string(changed.choices()).expect("writes");
        assert_eq!(Keymap::new(serde_json::from_str(&text).expect("reads")), changed);
        assert_eq!(changed.with_reset(undo), map);
        assert_eq!(changed.with_keys(undo, &map.keys(undo)), map, "what is as before is not kept");
    }

    #[test]
    fn a_competitor_is_found_where_both_could_be_meant() {
        let map = Keymap::default();
        let key = |key| KeyChord::new(Modifiers::NONE, key);
        let (brush, eraser, undo) = (action("Brush"), action("Eraser"), action("Undo"));
        assert_eq!(map.competitor(key(Key::E), brush), Some(eraser));
        assert_eq!(map.competitor(key(Key::B), brush), None, "its own key");
        assert_eq!(
            map.competitor(KeyChord::new(Modifiers::COMMAND, Key::Enter), undo).map(ActionId::help).as_deref(),
            Some("Generate, or add a round to the queue")
        );
        assert_eq!(map.competitor(key(Key::Escape), brush), None, "it is taken for a moment only");
    }

    #[test]
    fn what_another_version_kept_does_no_harm() {
        let text = r#"{"preset": "krita", "keys": {"Hats": ["A"], "Canvas(Undo) NotTyping": ["Nonsense", "Ctrl+U"]}}"#;
        let map = Keymap::new(serde_json::from_str(text).expect("reads"));
        assert_eq!(map.keys(action("Undo")), [KeyChord::new(Modifiers::COMMAND, Key::U)]);
    }
}
