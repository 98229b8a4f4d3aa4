//! The one table of keyboard shortcuts, and the keys in force.
//!
//! It decides what a pressed key does and what tooltips, menus and the overview say about keys, so that they cannot
//! disagree.
//!
//! - `table.rs` has every action with the program's own keys; `shortcut.rs` is a row of it, `chord.rs` some keys.
//! - `preset.rs` has sets of keys to begin with, of which Krita's is in `krita.rs`.
//! - `map.rs` has the keys in force: a preset with what a person changed. Where there is a context they are in it.

use std::sync::{Arc, LazyLock};

use egui::{Context, Event, FocusDirection, Key, Modifiers};

mod chord;
mod krita;
mod map;
mod preset;
mod shortcut;
mod table;

pub use chord::KeyChord;
pub use map::ActionId;
pub(super) use map::{KeyChoices, Keymap};
pub use preset::KeyPreset;
use shortcut::{Bound, When};
use table::CTRL;

use super::keyboard::Keyboard;
use super::state::WindowState;
use super::{CompareCommand, FileCommand, ResultCommand, SelectCommand, ShortcutCommand, Tool, UserCommand};

/// The keys in force.
pub(super) fn in_force(ctx: &Context) -> Arc<Keymap> {
    static OWN: LazyLock<Arc<Keymap>> = LazyLock::new(|| Arc::new(Keymap::default()));
    ctx.data(|data| data.get_temp(place())).unwrap_or_else(|| Arc::clone(&OWN))
}

/// Makes these the keys in force.
pub(super) fn put_in_force(ctx: &Context, keymap: Keymap) {
    ctx.data_mut(|data| data.insert_temp(place(), Arc::new(keymap)));
}

fn place() -> egui::Id {
    egui::Id::unique("keys in force")
}

/// Takes the shortcuts of this frame out of the window's input and returns their commands.
///
/// Events are handled in the order they came, so that a key pressed after a press on the canvas
/// acts on the canvas even if both arrive in the same frame.
pub(super) fn commands(ctx: &Context, state: &WindowState) -> Vec<UserCommand> {
    let map = in_force(ctx);
    let mut keyboard = state.keyboard;
    let mut commands = Vec::new();
    let mut stops_tab = false;
    let mut asks_for_keys = state.shortcuts.asks_for_keys();
    ctx.input_mut(|input| {
        input.events.retain(|event| match event {
            event if asks_for_keys => {
                let Some(pressed) = pressed(event) else { return true };
                commands.extend(pressed.map(|command| command.into()));
                asks_for_keys &= commands.is_empty();
                false
            }
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
                let Some(action) = find(&map, *key, *modifiers, &keyboard, state) else { return true };
                let shortcut = action.row();
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
            // These arrive in place of keys, also with more modifiers than Ctrl.
            Event::Copy | Event::Cut if input.modifiers.shift || input.modifiers.alt => {
                let key = if matches!(event, Event::Copy) { Key::C } else { Key::X };
                let found = find(&map, key, input.modifiers, &keyboard, state);
                commands.extend(found.map(|action| action.row().bound.command(state)));
                found.is_none()
            }
            // As with Ctrl+V, Ctrl+C and Ctrl+X arrive as what they mean.
            Event::Copy if !keyboard.is_typing() && !state.has_dialog() => {
                commands.push(SelectCommand::Copy.into());
                false
            }
            Event::Cut if !keyboard.is_typing() && !state.has_dialog() => {
                commands.push(SelectCommand::Cut.into());
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

/// What an event means while new keys are asked for; `None` if it is no key. Releases and repetitions mean nothing.
fn pressed(event: &Event) -> Option<Option<ShortcutCommand>> {
    let command = |key| Some(ShortcutCommand::Press(KeyChord::new(Modifiers::COMMAND, key)));
    match event {
        Event::Key { key: Key::Escape, pressed: true, modifiers, .. } if !modifiers.any() => {
            Some(Some(ShortcutCommand::StopAsking))
        }
        Event::Key { key, pressed: true, repeat: false, modifiers, .. } => {
            Some(Some(ShortcutCommand::Press(KeyChord::new(*modifiers, *key))))
        }
        Event::Key { .. } | Event::Text(_) => Some(None),
        // The window library reports these keys as what they do.
        Event::Copy => Some(command(Key::C)),
        Event::Cut => Some(command(Key::X)),
        Event::Paste(_) | Event::PasteImage(_) => Some(command(Key::V)),
        _ => None,
    }
}

/// The action of a key, if one works now.
fn find(map: &Keymap, key: Key, modifiers: Modifiers, keyboard: &Keyboard, state: &WindowState) -> Option<ActionId> {
    let is_ramp = state.color.ramp.is_some();
    let is_free = !keyboard.is_typing() && !keyboard.popup_is_open() && !state.has_dialog() && !is_ramp;
    let is_unfocused = is_free && !keyboard.has_focus() && !state.compare.is_shown();
    let is_on_canvas = is_unfocused || (is_free && !state.compare.is_shown() && state.canvas.has_keyboard());
    let works = |when| match when {
        When::Always => !state.has_dialog(),
        When::NotTyping => is_free && !state.compare.is_shown(),
        When::NothingFocused => is_unfocused,
        When::OnHistory => is_free && !state.compare.is_shown() && state.history.has_keyboard(),
        When::OnResults => is_free && !state.compare.is_shown() && state.gallery.has_keyboard(),
        When::OnCanvas => {
            let is_busy = state.document.is_transforming() || state.gallery.peeked().is_some();
            is_free && !state.compare.is_shown() && !is_busy && state.canvas.takes_keys(state.tool)
        }
        When::InPlace => is_free && !state.compare.is_shown() && state.gallery.peeked().is_some(),
        When::Comparing => is_free && state.compare.is_shown(),
        When::OnPictures => is_free && state.compare.has_keyboard(),
        When::OnRamp => is_ramp,
        When::OnSwatch => is_free && !state.compare.is_shown() && state.color.palettes.focused().is_some(),
        When::Placing => {
            let is_cropping = state.tool == Tool::Crop && state.select.options.crop.is_some();
            let is_pointing = state.tool == Tool::Object && state.select.options.object.is_some();
            let is_begun = state.document.is_transforming() || state.canvas.is_pending() || is_cropping || is_pointing;
            is_free && !state.compare.is_shown() && is_begun
        }
        When::Selected => is_on_canvas && state.document.selection().is_some(),
        When::Transforming => is_on_canvas && state.tool == Tool::Transform,
        When::Notified => is_free && state.notices.first_dismissible().is_some(),
        When::Painting => state.canvas.is_stroking(),
        When::Running => state.running.is_some(),
    };
    let mut bindings = map.bindings().iter();
    let found = bindings.find(|(chord, action)| chord.is_pressed_by(key, modifiers) && works(action.row().when));
    found.map(|(_, action)| *action)
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

/// Whether a key of this command is held down.
pub(super) fn is_held(ctx: &Context, command: impl Into<UserCommand>) -> bool {
    let chords = chords(ctx, command);
    ctx.input(|i| chords.iter().any(|chord| i.key_down(chord.key())))
}

/// A tooltip: what a button does, followed by the shortcuts of its command.
pub(super) fn tooltip(ctx: &Context, help: &str, command: impl Into<UserCommand>) -> String {
    let keys = keys(ctx, command);
    if keys.is_empty() { help.to_owned() } else { format!("{help} ({keys})") }
}

/// The shortcuts of a command, for example `Ctrl+Shift+Z or Ctrl+Y`; empty without any.
pub(super) fn keys(ctx: &Context, command: impl Into<UserCommand>) -> String {
    let names: Vec<String> = chords(ctx, command).into_iter().map(|chord| chord.name(ctx)).collect();
    names.join(" or ")
}

/// The first shortcut of a command, for menus; empty without any.
pub(super) fn first_key(ctx: &Context, command: impl Into<UserCommand>) -> String {
    chords(ctx, command).first().map(|chord| chord.name(ctx)).unwrap_or_default()
}

fn chords(ctx: &Context, command: impl Into<UserCommand>) -> Vec<KeyChord> {
    let bound = Bound::Command(command.into());
    let map = in_force(ctx);
    ActionId::all().filter(|action| action.row().bound == bound).flat_map(|action| map.keys(action)).collect()
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

/// What must be held down for a click to take away from a selected object.
pub(super) fn away_click(ctx: &Context) -> String {
    format!("{}+click", ctx.format_modifiers(CTRL))
}

/// What must be held down for a drag over the canvas to change the size of the brush.
pub(super) fn size_drag(ctx: &Context) -> String {
    format!("{}+drag", ctx.format_modifiers(CTRL))
}

fn numbered_keys(ctx: &Context, when: When) -> String {
    let map = in_force(ctx);
    let numbered = ActionId::all().filter(|action| action.row().number().is_some() && action.row().when == when);
    let mut keys = numbered.filter_map(|action| map.keys(action).first().map(|chord| chord.name(ctx)));
    match (keys.next(), keys.next_back()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        (first, _) => first.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::ui::CanvasCommand;

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
    fn a_tooltip_names_every_shortcut_of_its_command_and_no_other() {
        let ctx = Context::default();
        assert_eq!(tooltip(&ctx, "Redo.", CanvasCommand::Redo), "Redo. (Ctrl+Shift+Z or Ctrl+Y)");
        assert_eq!(tooltip(&ctx, "Copy.", ResultCommand::Copy(1, 0)), "Copy.");
        assert_eq!(tooltip(&ctx, "Smaller.", CanvasCommand::SmallerBrush), "Smaller. ([)");
        assert_eq!(result_keys(&ctx), "1 to 9");
    }

    #[test]
    fn a_tooltip_names_the_keys_in_force() {
        let ctx = Context::default();
        put_in_force(&ctx, Keymap::of_preset(KeyPreset::Krita));
        assert_eq!(tooltip(&ctx, "Redo.", CanvasCommand::Redo), "Redo. (Ctrl+Shift+Z)");
        assert_eq!(first_key(&ctx, CanvasCommand::UseTool(crate::ui::Tool::Eyedropper)), "P");
    }
}
