//! Live painting: the result follows the brush.

use crate::ui::LiveView;

/// Commands of live painting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LiveCommand {
    /// Switch it on or off.
    Toggle,
    /// Make the following frames with another seed.
    NewSeed,
    /// Make the frame on show a round of the document.
    Keep,
    /// The same, and put the result on the canvas once it is made.
    PaintOver,
    /// Change how frames are shown.
    UseView(LiveView),
}
