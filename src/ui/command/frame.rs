//! What can be done with the frame.

use crate::paint::Region;

/// Commands about the part of the canvas that the next round is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameCommand {
    /// Make the next rounds from the part nearest to this one.
    Use(Region),
    /// Make the next rounds from the whole canvas.
    Remove,
    /// Say what the next round is made from.
    Tell,
}
