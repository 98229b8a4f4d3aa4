//! One row of the table of shortcuts.

use egui::{Key, Modifiers};

use super::KeyChord;
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
    /// While the canvas has the focus, and the tool works at places.
    OnCanvas,
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
    /// While something is lifted off a layer, or a tool waits for more clicks, and nothing is being typed.
    Placing,
    /// While something is selected, no control but the canvas has the focus and no menu is open.
    Selected,
    /// While the transform tool is in use, no control but the canvas has the focus and no menu is open.
    Transforming,
    /// While a notice over the canvas can be dismissed, and nothing is being typed.
    Notified,
    /// While a stroke is being painted.
    Painting,
    /// While a round is running.
    Running,
}

impl When {
    /// Of two shortcuts that work now the one with the smaller number is used.
    pub(super) fn order(self) -> usize {
        match self {
            Self::Painting | Self::OnRamp | Self::OnCanvas => 0,
            Self::Placing | Self::OnHistory | Self::OnResults | Self::OnSwatch | Self::InPlace | Self::OnPictures => 1,
            Self::Comparing => 2,
            Self::Running => 3,
            Self::NothingFocused | Self::Selected | Self::Transforming | Self::Notified => 4,
            Self::NotTyping => 5,
            Self::Always => 6,
        }
    }

    /// Whether two shortcuts with the same keys would be in each other's way. One that works for a short time, such as
    /// while a stroke is painted, is meant to take the keys of others then.
    pub(super) fn competes(self, other: Self) -> bool {
        use When::{Always, Comparing, NotTyping, NothingFocused};
        match (self, other) {
            (Always, NotTyping | NothingFocused | Comparing) | (NotTyping | NothingFocused | Comparing, Always) => true,
            (NotTyping, NothingFocused) | (NothingFocused, NotTyping) => true,
            _ => self == other,
        }
    }
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

impl Shortcut {
    /// The keys of this row.
    pub fn chord(&self) -> KeyChord {
        KeyChord::new(self.modifiers, self.key)
    }

    /// Whether both rows are about the same action, which then has several keys.
    pub fn is_same_action(&self, other: &Self) -> bool {
        self.when == other.when && self.bound == other.bound
    }

    /// The name of the action in the file that keeps the keys.
    pub fn id(&self) -> String {
        match &self.bound {
            Bound::Command(command) => format!("{command:?} {:?}", self.when),
            other => format!("{other:?}"),
        }
    }

    /// The number by which it differs from others, counted from 1.
    pub fn number(&self) -> Option<usize> {
        match self.bound {
            Bound::PaintOverShown(at) | Bound::CompareWith(at) => Some(at + 1),
            Bound::Command(_) => None,
        }
    }
}
