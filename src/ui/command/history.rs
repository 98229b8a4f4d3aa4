//! Old rounds.

use super::MoveDirection;
use crate::document::HistoryView;
use crate::document::RoundFilter;
use crate::document::RoundId;

/// Commands about old rounds. Results are counted from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum HistoryCommand {
    /// List rounds in this way.
    Show(HistoryView),
    /// Show the list of rounds, or hide it.
    Toggle,
    /// Put the keyboard into the filter's text field.
    Find,
    /// List only the rounds that this filter lists.
    Filter(RoundFilter),
    /// Show this round.
    ShowRound(RoundId),
    /// Show this result of a round.
    ShowResult(RoundId, usize),
    /// Show the round above or left in the list.
    Earlier,
    /// Show the round below or right in the list.
    Later,
    /// Show the first round in the list.
    First,
    /// Show the last round in the list.
    Last,
    /// Move in the list: to another round along it, to another result across it.
    Step(MoveDirection),
    /// Make canvas, prompt and settings those that this round began with.
    GoBack(RoundId),
    /// Go back to the round on show.
    GoBackToShown,
    /// Mark a result with a star, or take the star away.
    Star(RoundId, usize, bool),
    /// Mark the result under the pointer or on show with a star, or take the star away.
    ToggleStar,
    /// Write this note about a result; an empty one is none.
    Note(RoundId, usize, String),
    /// Put the keyboard into the note of the result on show.
    EditNote,
    /// Delete a result.
    DeleteResult(RoundId, usize),
    /// Delete the result under the pointer or on show.
    DeleteShownResult,
    /// Delete a round with all its results.
    DeleteRound(RoundId),
    /// Delete the round on show.
    DeleteShownRound,
}
