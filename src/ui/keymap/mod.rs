//! The one table of keyboard shortcuts.
//!
//! It decides what a pressed key does and what tooltips and the list of shortcuts say about keys,
//! so the two cannot disagree.

use std::sync::Arc;

use egui::{Context, Event, FocusDirection, Key, KeyboardShortcut, Modifiers};

mod shortcut;
mod table;

use shortcut::{Bound, Shortcut, When};
use table::{CTRL, SHORTCUTS};

use super::keyboard::Keyboard;
use super::state::WindowState;
use super::{CompareCommand, FileCommand, ResultCommand, UserCommand};

/// The key that switches between two compared pictures. It can be held down.
pub(super) const BLINK: Key = Key::B;

/// The key that shows the canvas itself, while it is held, in place of a result.
pub(super) const SKETCH: Key = Key::U;

/// The key that opens the value ramp. It can be held down.
pub(super) const RAMP: Key = Key::V;

/// Takes the shortcuts of this frame out of the window's input and returns their commands.
///
/// Events are handled in the order they came, so that a key pressed after a press on the canvas
/// acts on the canvas even if both arrive in the same frame.
pub(super) fn commands(ctx: &Context, state: &WindowState) -> Vec<UserCommand> {
    let mut keyboard = state.keyboard;
    let mut commands = Vec::new();
    let mut stops_tab = false;
    ctx.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::PointerButton { pos, pressed: true, .. } => {
                keyboard.pressed(*pos);
                true
            }
            Event::Key { key: Key::Escape, pressed: true, repeat: false, .. }
                if state.has_dialog() || keyboard.leave_text() =>
            {
                // egui closes the dialog or takes the focus from the text field.
                true
            }
            Event::Key { key, pressed: true, repeat, modifiers, .. } => {
                let Some(shortcut) = find(*key, *modifiers, &keyboard, state) else { return true };
                if shortcut.repeats || !repeat {
                    commands.push(shortcut.bound.command(state));
                }
                stops_tab |= *key == Key::Tab;
                false
            }
            // The window library reports Ctrl+V with what is on the clipboard. A picture cannot be
            // meant for a text field.
            Event::PasteImage(picture) => {
                commands.push(FileCommand::PastePicture(Arc::clone(picture)).into());
                false
            }
            Event::Paste(text) if !keyboard.is_typing() => {
                commands.push(FileCommand::PasteText(text.clone()).into());
                false
            }
            _ => true,
        });
    });
    if stops_tab {
        // The window library has seen Tab already, and would give the next control the focus.
        ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
    commands
}

/// The shortcut of a key, if one works now.
fn find(key: Key, modifiers: Modifiers, keyboard: &Keyboard, state: &WindowState) -> Option<&'static Shortcut> {
    let is_ramp = state.color.ramp.is_some();
    let is_free = !keyboard.is_typing() && !keyboard.popup_is_open() && !state.has_dialog() && !is_ramp;
    let works = |when| match when {
        When::Always => !state.has_dialog(),
        When::NotTyping => is_free && !state.compare.is_shown(),
        When::NothingFocused => is_free && !keyboard.has_focus() && !state.compare.is_shown(),
        When::OnHistory => is_free && !state.compare.is_shown() && state.history.has_keyboard(),
        When::OnResults => is_free && !state.compare.is_shown() && state.gallery.has_keyboard(),
        When::InPlace => is_free && !state.compare.is_shown() && state.gallery.peeked().is_some(),
        When::Comparing => is_free && state.compare.is_shown(),
        When::OnPictures => is_free && state.compare.has_keyboard(),
        When::OnRamp => is_ramp,
        When::OnSwatch => is_free && !state.compare.is_shown() && state.color.palettes.focused().is_some(),
        When::Painting => state.canvas.is_stroking(),
        When::Running => state.running.is_some(),
    };
    SHORTCUTS.iter().find(|s| s.key == key && modifiers.matches_logically(s.modifiers) && works(s.when))
}

impl Bound {
    fn command(&self, state: &WindowState) -> UserCommand {
        match self {
            Self::Command(command) => command.clone(),
            Self::PaintOverShown(image) => ResultCommand::PaintOver(state.gallery.round(), *image).into(),
            Self::CompareWith(image) => CompareCommand::ChooseResult(*image).into(),
        }
    }
}

/// A tooltip: what a button does, followed by the shortcuts of its command.
pub(super) fn tooltip(ctx: &Context, help: &str, command: impl Into<UserCommand>) -> String {
    let keys = keys(ctx, command);
    if keys.is_empty() { help.to_owned() } else { format!("{help} ({keys})") }
}

/// The shortcuts of a command, for example `Ctrl+Shift+Z or Ctrl+Y`; empty without any.
pub(super) fn keys(ctx: &Context, command: impl Into<UserCommand>) -> String {
    let bound = Bound::Command(command.into());
    let keys: Vec<String> = SHORTCUTS.iter().filter(|s| s.bound == bound).map(|s| s.keys(ctx)).collect();
    keys.join(" or ")
}

/// A key without modifiers as this system names it.
pub(super) fn key_name(ctx: &Context, key: Key) -> String {
    ctx.format_shortcut(&KeyboardShortcut::new(Modifiers::NONE, key))
}

/// All shortcuts as pairs of keys and what they do, without those that only differ in their number.
pub(super) fn list(ctx: &Context) -> Vec<(String, &'static str)> {
    let mut rows: Vec<(String, &'static str)> = Vec::new();
    for shortcut in SHORTCUTS {
        match rows.iter_mut().find(|(_, help)| *help == shortcut.help) {
            Some((_, _)) if shortcut.is_numbered() => {}
            Some((keys, _)) => *keys += &format!(" or {}", shortcut.keys(ctx)),
            None if shortcut.is_numbered() => rows.push((numbered_keys(ctx, shortcut.when), shortcut.help)),
            None => rows.push((shortcut.keys(ctx), shortcut.help)),
        }
    }
    rows
}

/// The shortcuts that paint over a result of the shown round, first and last.
pub(super) fn result_keys(ctx: &Context) -> String {
    numbered_keys(ctx, When::NotTyping)
}

/// The shortcuts that choose the second of two compared pictures, first and last.
pub(super) fn shown_result_keys(ctx: &Context) -> String {
    numbered_keys(ctx, When::Comparing)
}

/// What must be held down for a click to pick a result for comparing.
pub(super) fn pick_click(ctx: &Context) -> String {
    format!("{}+click", ctx.format_modifiers(CTRL))
}

fn numbered_keys(ctx: &Context, when: When) -> String {
    let mut keys = SHORTCUTS.iter().filter(|s| s.is_numbered() && s.when == when).map(|s| s.keys(ctx));
    match (keys.next(), keys.next_back()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        (first, _) => first.unwrap_or_default(),
    }
}

impl Shortcut {
    /// Whether it is one of several that differ only in a number.
    fn is_numbered(&self) -> bool {
        matches!(self.bound, Bound::PaintOverShown(_) | Bound::CompareWith(_))
    }

    /// The keys as this system names them, for example `Ctrl+Z`.
    fn keys(&self, ctx: &Context) -> String {
        let keys = ctx.format_shortcut(&KeyboardShortcut::new(self.modifiers, self.key));
        // A person reads [ on the key and not OpenBracket.
        match self.key {
            Key::OpenBracket | Key::CloseBracket => keys.replace(self.key.name(), self.key.symbol_or_name()),
            _ => keys,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::ui::CanvasCommand;

    #[test]
    fn no_two_shortcuts_compete_for_the_same_key() {
        for (i, one) in SHORTCUTS.iter().enumerate() {
            for other in &SHORTCUTS[i + 1..] {
                if one.key != other.key {
                    continue;
                }
                let same = one.modifiers == other.modifiers && one.when == other.when;
                assert!(!same, "{} and {} use the same key", one.help, other.help);
                let hidden = other.modifiers != one.modifiers && other.modifiers.matches_logically(one.modifiers);
                assert!(!hidden, "{} is never reached: {} comes first", other.help, one.help);
            }
        }
    }

    /// Other files get the names of keys from here, so that they cannot be wrong.
    #[test]
    fn no_other_text_of_the_window_names_a_shortcut() {
        fn check(folder: &Path) {
            for entry in std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("entry").path()) {
                if entry.is_dir() {
                    check(&entry);
                } else if folder.file_name().is_some_and(|name| name != "keymap") {
                    let source = std::fs::read_to_string(&entry).expect("reads");
                    let strings = source.lines().filter(|line| line.contains('"') && !line.trim().starts_with("//"));
                    for line in strings {
                        let named =
                            ["Ctrl", "Esc ", "Esc.", "Escape", "Key ", "Keys "].iter().find(|key| line.contains(**key));
                        assert!(named.is_none(), "{}: {line}", entry.display());
                    }
                }
            }
        }
        check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui"));
    }

    #[test]
    fn the_list_names_every_shortcut_once() {
        let list = list(&Context::default());
        assert!(list.contains(&("Ctrl+Shift+Z or Ctrl+Y".into(), "Redo")), "{list:?}");
        assert!(list.contains(&("1 to 9".into(), "Paint over this result of the round that is shown")), "{list:?}");
        let whats: std::collections::HashSet<_> = list.iter().map(|(_, what)| what).collect();
        assert_eq!(whats.len(), list.len());
    }

    #[test]
    fn a_tooltip_names_every_shortcut_of_its_command_and_no_other() {
        let ctx = Context::default();
        assert_eq!(tooltip(&ctx, "Redo.", CanvasCommand::Redo), "Redo. (Ctrl+Shift+Z or Ctrl+Y)");
        assert_eq!(tooltip(&ctx, "Copy.", ResultCommand::Copy(1, 0)), "Copy.");
        assert_eq!(tooltip(&ctx, "Smaller.", CanvasCommand::SmallerBrush), "Smaller. ([)");
    }
}
