//! The rounds that wait to be made.

use crate::document::RoundId;
use crate::ui::NotifyWhen;

/// Commands about the rounds that wait to be made. A number is that of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueCommand {
    /// Pause the queue after the image that is being made, or resume it.
    TogglePause,
    /// Go on with the rounds that wait.
    Resume,
    /// Give up the image that is being made, and go on with the next one of its round.
    SkipImage,
    /// Make this waiting round one place earlier.
    MoveEarlier(RoundId),
    /// Make this waiting round one place later.
    MoveLater(RoundId),
    /// Take this waiting round out of the queue.
    Drop(RoundId),
    /// Put this failed round at the end of the queue again.
    Retry(RoundId),
    /// Forget this failed round.
    Dismiss(RoundId),
    /// Cancel the running round and drop all that wait.
    CancelAll,
    /// Begin another round whenever none waits, or stop that.
    ToggleForever,
    /// Show or hide the list of rounds.
    ToggleList,
    /// Choose when a desktop notification tells that the queue has ended.
    NotifyWhen(NotifyWhen),
}
