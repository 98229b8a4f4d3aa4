//! One row of the table of shortcuts.

use egui::{Key, Modifiers};

use crate::ui::UserCommand;

/// When a shortcut works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Always, also while text is being typed.
    Always,
    /// While canvas and results are shown, no text is being typed and no menu is open.
    NotTyping,
    /// While canvas and results are shown, no control has the focus and no menu is open.
    NothingFocused,
    /// While the list of rounds has the focus.
    OnHistory,
    /// While a result has the focus.
    OnResults,
    /// While a result is shown in place on the canvas.
    InPlace,
    /// While two pictures are compared and no menu is open.
    Comparing,
    /// While two pictures are compared and no other control has the focus.
    OnPictures,
    /// While the value ramp is open.
    OnRamp,
    /// While a colour of the palette has the focus.
    OnSwatch,
    /// While a stroke is being painted.
    Painting,
    /// While a round is running.
    Running,
}

/// What a shortcut does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bound {
    /// Sends this command.
    Command(UserCommand),
    /// Paints over this result of the round that is shown, counted from 0.
    PaintOverShown(usize),
    /// Compares with this result, counted from 0.
    CompareWith(usize),
}

/// One row of the table.
pub(super) struct Shortcut {
    pub modifiers: Modifiers,
    pub key: Key,
    pub when: When,
    /// Whether holding the key down repeats the command.
    pub repeats: bool,
    pub bound: Bound,
    /// What it does, for the list of shortcuts.
    pub help: &'static str,
}
