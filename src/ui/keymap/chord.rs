//! Keys that are pressed together.

use egui::{Context, Key, KeyboardShortcut, Modifiers};

/// A key and what is held down with it. `Ctrl` stands for the command key on a Mac.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyChord {
    modifiers: Modifiers,
    key: Key,
}

impl KeyChord {
    /// These keys, whatever the system calls the modifiers.
    pub const fn new(modifiers: Modifiers, key: Key) -> Self {
        let modifiers = Modifiers {
            alt: modifiers.alt,
            shift: modifiers.shift,
            command: modifiers.command || modifiers.ctrl || modifiers.mac_cmd,
            ctrl: false,
            mac_cmd: false,
        };
        Self { modifiers, key }
    }

    /// The key without its modifiers.
    pub fn key(self) -> Key {
        self.key
    }

    /// How many modifiers are held down.
    pub(super) fn modifier_count(self) -> usize {
        [self.modifiers.alt, self.modifiers.shift, self.modifiers.command].into_iter().filter(|held| *held).count()
    }

    /// Whether this is pressed by these keys; further modifiers may be held as far as the window library allows it.
    pub(super) fn is_pressed_by(self, key: Key, modifiers: Modifiers) -> bool {
        self.key == key && modifiers.matches_logically(self.modifiers)
    }

    /// Whether the system reports these keys as copy, cut or paste, so that they cannot mean anything else.
    pub fn is_the_clipboards(self) -> bool {
        self.modifiers == Modifiers::COMMAND && matches!(self.key, Key::C | Key::X | Key::V)
    }

    /// The keys as this system names them, for example `Ctrl+Z`.
    pub fn name(self, ctx: &Context) -> String {
        let keys = ctx.format_shortcut(&KeyboardShortcut::new(self.modifiers, self.key));
        // A person reads [ on the key and not OpenBracket.
        match self.key {
            Key::OpenBracket
            | Key::CloseBracket
            | Key::Plus
            | Key::Minus
            | Key::Equals
            | Key::Comma
            | Key::Period
            | Key::Slash => keys.replace(self.key.name(), self.key.symbol_or_name()),
            _ => keys,
        }
    }

    /// The keys as they are kept in a file, the same on every system.
    pub(super) fn text(self) -> String {
        let held = [("Ctrl+", self.modifiers.command), ("Alt+", self.modifiers.alt), ("Shift+", self.modifiers.shift)];
        let held: String = held.into_iter().filter_map(|(name, held)| held.then_some(name)).collect();
        held + self.key.name()
    }

    /// Reads what [`KeyChord::text`] wrote; `None` if it is something else.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let (mut modifiers, mut rest) = (Modifiers::NONE, text);
        while let Some((name, after)) = rest.split_once('+').filter(|(_, after)| !after.is_empty()) {
            match name {
                "Ctrl" => modifiers.command = true,
                "Alt" => modifiers.alt = true,
                "Shift" => modifiers.shift = true,
                _ => return None,
            }
            rest = after;
        }
        Key::from_name(rest).map(|key| Self { modifiers, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_the_same_after_it_was_written() {
        let all = [
            Modifiers::NONE,
            Modifiers::SHIFT,
            Modifiers::ALT,
            Modifiers::COMMAND,
            Modifiers::COMMAND.plus(Modifiers::SHIFT).plus(Modifiers::ALT),
        ];
        for key in Key::ALL {
            for modifiers in all {
                let chord = KeyChord::new(modifiers, *key);
                assert_eq!(KeyChord::from_text(&chord.text()), Some(chord), "{}", chord.text());
            }
        }
        assert_eq!(KeyChord::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z).text(), "Ctrl+Shift+Z");
        for text in ["", "Ctrl+", "Hyper+A", "Ctrl+Hat", "Ctrl+Shift"] {
            assert_eq!(KeyChord::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn both_names_of_the_control_key_are_one() {
        assert_eq!(KeyChord::new(Modifiers::CTRL, Key::A), KeyChord::new(Modifiers::COMMAND, Key::A));
        assert!(KeyChord::new(Modifiers::CTRL.plus(Modifiers::COMMAND), Key::V).is_the_clipboards());
        assert!(!KeyChord::new(Modifiers::NONE, Key::V).is_the_clipboards());
    }
}
