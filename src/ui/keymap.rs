//! The one table of keyboard shortcuts.
//!
//! It decides what a pressed key does and what tooltips and the list of shortcuts say about keys,
//! so the two cannot disagree.

use std::sync::Arc;

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers};

use super::keyboard::Keyboard;
use super::state::WindowState;
use super::{
    CanvasCommand, CompareCommand, CompareMode, DocumentCommand, FileCommand, HistoryCommand, ModelPanelCommand,
    MoveDirection, PromptCommand, QueueCommand, RefineCommand, ResultCommand, RoundCommand, Tool, UserCommand,
    ZoomStep,
};

/// When a shortcut works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Always, also while text is being typed.
    Always,
    /// While canvas and results are shown, no text is being typed and no menu is open.
    NotTyping,
    /// While the list of rounds has the focus.
    OnHistory,
    /// While two pictures are compared and no menu is open.
    Comparing,
    /// While two pictures are compared and no other control has the focus.
    OnPictures,
    /// While a stroke is being painted.
    Painting,
    /// While a round is running.
    Running,
}

/// What a shortcut does.
#[derive(Clone, Debug, PartialEq)]
enum Bound {
    /// Sends this command.
    Command(UserCommand),
    /// Paints over this result of the round that is shown, counted from 0.
    PaintOverShown(usize),
    /// Compares with this result, counted from 0.
    CompareWith(usize),
}

/// One row of the table.
struct Shortcut {
    modifiers: Modifiers,
    key: Key,
    when: When,
    /// Whether holding the key down repeats the command.
    repeats: bool,
    bound: Bound,
    /// What it does, for the list of shortcuts.
    help: &'static str,
}

/// The key that switches between two compared pictures. It can be held down.
pub(super) const BLINK: Key = Key::B;

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// A shortcut that sends a command once per press.
const fn once(modifiers: Modifiers, key: Key, when: When, command: UserCommand, help: &'static str) -> Shortcut {
    Shortcut { modifiers, key, when, repeats: false, bound: Bound::Command(command), help }
}

/// A shortcut that sends a command again and again while the key is held down.
const fn held(modifiers: Modifiers, key: Key, when: When, command: UserCommand, help: &'static str) -> Shortcut {
    Shortcut { modifiers, key, when, repeats: true, bound: Bound::Command(command), help }
}

const fn tool(key: Key, tool: Tool, help: &'static str) -> Shortcut {
    once(NONE, key, When::NotTyping, UserCommand::Canvas(CanvasCommand::UseTool(tool)), help)
}

const fn result(key: Key, image: usize) -> Shortcut {
    Shortcut {
        modifiers: NONE,
        key,
        when: When::NotTyping,
        repeats: false,
        bound: Bound::PaintOverShown(image),
        help: "Paint over this result of the round that is shown",
    }
}

const fn compare(key: Key, command: CompareCommand, help: &'static str) -> Shortcut {
    once(NONE, key, When::Comparing, UserCommand::Compare(command), help)
}

/// A zoom of the compared pictures.
const fn zoom(key: Key, step: ZoomStep, help: &'static str) -> Shortcut {
    held(NONE, key, When::Comparing, UserCommand::Compare(CompareCommand::Zoom(step)), help)
}

/// An arrow key on the compared pictures.
const fn arrow(key: Key, direction: MoveDirection) -> Shortcut {
    let command = UserCommand::Compare(CompareCommand::Step(direction));
    held(NONE, key, When::OnPictures, command, "Compare: move the divider, or the view")
}

/// An arrow key that moves the view also where there is a divider. Up and down always do.
const fn shift_arrow(key: Key, direction: MoveDirection) -> Shortcut {
    let command = UserCommand::Compare(CompareCommand::Pan(direction));
    held(SHIFT, key, When::OnPictures, command, "Compare: move the view")
}

/// A key that works while canvas and results are shown.
const fn history(key: Key, command: HistoryCommand, help: &'static str) -> Shortcut {
    once(NONE, key, When::NotTyping, UserCommand::History(command), help)
}

/// A key that moves in the list of rounds.
const fn in_list(key: Key, when: When, command: HistoryCommand, help: &'static str) -> Shortcut {
    held(NONE, key, when, UserCommand::History(command), help)
}

const fn compared_result(key: Key, image: usize) -> Shortcut {
    Shortcut {
        modifiers: NONE,
        key,
        when: When::Comparing,
        repeats: false,
        bound: Bound::CompareWith(image),
        help: "Compare: show this result as B",
    }
}

/// All shortcuts. Of two rows with the same key the one with more modifiers comes first, because a
/// row also matches when further modifiers are held. Of two rows for Escape the first that works is
/// used: one press does one thing.
static SHORTCUTS: &[Shortcut] = {
    use CanvasCommand::{AbandonStroke, LargerBrush, Redo, SmallerBrush, Undo};
    use CompareCommand::{Blink, Leave, Open, Swap, UseMode};
    use HistoryCommand as Past;
    use MoveDirection::{Down, Left, Right, Up};
    use QueueCommand::{CancelAll, SkipImage, ToggleForever, ToggleList, TogglePause};
    use RefineCommand::{AskForSheet, StrengthLadder, ToggleDrift, ToggleOutlineOrder, VaryShown};
    use UserCommand::{Canvas, Compare, Document, File, Models, Queue, Refine, Round};
    use When::{Always, NotTyping, OnHistory, Painting, Running};
    const IN_LIST: &str = "History: move to another round or result";
    &[
        once(CTRL_SHIFT, Key::Enter, Always, Queue(ToggleForever), "Generate for ever, or stop that"),
        once(CTRL, Key::Enter, Always, Round(RoundCommand::Generate), "Generate, or add a round to the queue"),
        once(CTRL, Key::L, Always, Refine(StrengthLadder), "Strength ladder"),
        once(CTRL, Key::T, Always, Refine(AskForSheet), "Sheet over one or two settings"),
        once(CTRL, Key::M, Always, Models(ModelPanelCommand::Open), "Models on this machine"),
        once(NONE, Key::M, NotTyping, Refine(VaryShown), "More like the result on show or under the pointer"),
        once(NONE, Key::O, NotTyping, Refine(ToggleOutlineOrder), "Sort results by outline score, or not"),
        once(NONE, Key::D, NotTyping, Refine(ToggleDrift), "Show the drift of the result, or not"),
        once(SHIFT, Key::Escape, Running, Queue(CancelAll), "Cancel the running round and all that wait"),
        once(NONE, Key::Escape, Painting, Canvas(AbandonStroke), "Abandon the stroke being painted"),
        compare(Key::Escape, Leave, "Compare: return to canvas and results"),
        once(NONE, Key::Escape, Running, Round(RoundCommand::Cancel), "Cancel the running round"),
        held(CTRL_SHIFT, Key::Z, NotTyping, Canvas(Redo), "Redo"),
        held(CTRL, Key::Y, NotTyping, Canvas(Redo), "Redo"),
        held(CTRL, Key::Z, NotTyping, Canvas(Undo), "Undo"),
        once(NONE, Key::P, NotTyping, Queue(TogglePause), "Pause the queue after this image, or resume it"),
        once(NONE, Key::K, NotTyping, Queue(SkipImage), "Skip the image being made"),
        once(NONE, Key::Q, NotTyping, Queue(ToggleList), "Show or hide the queue"),
        once(CTRL, Key::N, Always, Document(DocumentCommand::New), "New document"),
        once(CTRL, Key::O, Always, File(FileCommand::ChoosePicture), "Open a picture or a document"),
        once(CTRL, Key::V, NotTyping, File(FileCommand::Paste), "Paste a picture"),
        once(
            CTRL_SHIFT,
            Key::S,
            Always,
            Document(DocumentCommand::ChooseSaveAs),
            "Save the document under another name",
        ),
        once(CTRL, Key::S, Always, File(FileCommand::ChooseSaveCanvas), "Save the canvas as a picture"),
        tool(Key::B, Tool::Brush, "Brush"),
        tool(Key::E, Tool::Eraser, "Eraser"),
        tool(Key::F, Tool::Fill, "Fill"),
        tool(Key::I, Tool::Eyedropper, "Eyedropper"),
        held(NONE, Key::OpenBracket, NotTyping, Canvas(SmallerBrush), "Smaller brush"),
        held(NONE, Key::CloseBracket, NotTyping, Canvas(LargerBrush), "Larger brush"),
        result(Key::Num1, 0),
        result(Key::Num2, 1),
        result(Key::Num3, 2),
        result(Key::Num4, 3),
        result(Key::Num5, 4),
        result(Key::Num6, 5),
        result(Key::Num7, 6),
        result(Key::Num8, 7),
        result(Key::Num9, 8),
        once(NONE, Key::F2, Always, Document(DocumentCommand::ChooseName), "Rename the document"),
        once(CTRL, Key::H, Always, UserCommand::Prompt(PromptCommand::ShowPast), "Find a prompt that was used before"),
        history(Key::H, Past::Toggle, "Show or hide the history of rounds"),
        once(CTRL, Key::F, Always, UserCommand::History(Past::Find), "Find rounds by words of prompt or note"),
        in_list(Key::PageUp, NotTyping, Past::Earlier, "Show the previous round in the history"),
        in_list(Key::PageDown, NotTyping, Past::Later, "Show the next round in the history"),
        shift_arrow(Key::ArrowLeft, Left),
        shift_arrow(Key::ArrowRight, Right),
        in_list(Key::ArrowLeft, OnHistory, Past::Step(Left), IN_LIST),
        in_list(Key::ArrowRight, OnHistory, Past::Step(Right), IN_LIST),
        in_list(Key::ArrowUp, OnHistory, Past::Step(Up), IN_LIST),
        in_list(Key::ArrowDown, OnHistory, Past::Step(Down), IN_LIST),
        in_list(Key::Home, OnHistory, Past::First, "History: move to the first round"),
        in_list(Key::End, OnHistory, Past::Last, "History: move to the last round"),
        once(NONE, Key::Enter, OnHistory, UserCommand::History(Past::GoBackToShown), "History: go back to this round"),
        history(Key::S, Past::ToggleStar, "Mark the result with a star, or take the star away"),
        history(Key::N, Past::EditNote, "Write a note about the result"),
        once(CTRL, Key::Delete, NotTyping, UserCommand::History(Past::DeleteShownRound), "Delete the round"),
        once(NONE, Key::Delete, OnHistory, UserCommand::History(Past::DeleteShownRound), "History: delete the round"),
        history(Key::Delete, Past::DeleteShownResult, "Delete the result"),
        once(NONE, Key::C, NotTyping, Compare(Open), "Compare the canvas with a result, or two picked results"),
        compare(Key::C, Leave, "Compare: return to canvas and results"),
        compare(Key::S, UseMode(CompareMode::Slider), "Compare: with a slider"),
        compare(Key::T, UseMode(CompareMode::SideBySide), "Compare: two pictures side by side"),
        compare(BLINK, Blink, "Compare: switch between the pictures, or hold to see the other"),
        compare(Key::D, UseMode(CompareMode::Difference), "Compare: colour difference"),
        compare(Key::X, Swap, "Compare: swap the pictures"),
        zoom(Key::Plus, ZoomStep::In, "Compare: zoom in"),
        zoom(Key::Equals, ZoomStep::In, "Compare: zoom in"),
        zoom(Key::Minus, ZoomStep::Out, "Compare: zoom out"),
        zoom(Key::F, ZoomStep::Fit, "Compare: show the whole picture"),
        zoom(Key::Z, ZoomStep::FullSize, "Compare: zoom to 100 %"),
        arrow(Key::ArrowLeft, Left),
        arrow(Key::ArrowRight, Right),
        arrow(Key::ArrowUp, Up),
        arrow(Key::ArrowDown, Down),
        compared_result(Key::Num1, 0),
        compared_result(Key::Num2, 1),
        compared_result(Key::Num3, 2),
        compared_result(Key::Num4, 3),
        compared_result(Key::Num5, 4),
        compared_result(Key::Num6, 5),
        compared_result(Key::Num7, 6),
        compared_result(Key::Num8, 7),
        compared_result(Key::Num9, 8),
    ]
};

/// Takes the shortcuts of this frame out of the window's input and returns their commands.
///
/// Events are handled in the order they came, so that a key pressed after a press on the canvas
/// acts on the canvas even if both arrive in the same frame.
pub(super) fn commands(ctx: &Context, state: &WindowState) -> Vec<UserCommand> {
    let mut keyboard = state.keyboard;
    let mut commands = Vec::new();
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
    commands
}

/// The shortcut of a key, if one works now.
fn find(key: Key, modifiers: Modifiers, keyboard: &Keyboard, state: &WindowState) -> Option<&'static Shortcut> {
    let is_free = !keyboard.is_typing() && !keyboard.popup_is_open() && !state.has_dialog();
    let works = |when| match when {
        When::Always => !state.has_dialog(),
        When::NotTyping => is_free && !state.compare.is_shown(),
        When::OnHistory => is_free && !state.compare.is_shown() && state.history.has_keyboard(),
        When::Comparing => is_free && state.compare.is_shown(),
        When::OnPictures => is_free && state.compare.has_keyboard(),
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
                } else if entry.file_name().is_some_and(|name| name != "keymap.rs") {
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
