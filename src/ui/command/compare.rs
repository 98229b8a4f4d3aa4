//! Comparing two pictures.

use crate::document::RoundId;
use crate::ui::{CompareMode, CompareSource};

/// Commands that compare two pictures, A and B. All but the first three need a comparison that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareCommand {
    /// Compare the two results that are picked, or the canvas with the result under the pointer or on show.
    Open,
    /// Compare the canvas, or the one result that is picked, with this result.
    OpenWith(RoundId, usize),
    /// Pick a result for comparing, or unpick it. Of three picked results the first is unpicked.
    Pick(RoundId, usize),
    /// Return to canvas and results.
    Leave,
    /// Show the pictures in this way.
    UseMode(CompareMode),
    /// Show the other picture, in the mode of that name.
    Blink,
    /// Show another picture as A.
    ChooseA(CompareSource),
    /// Show another picture as B.
    ChooseB(CompareSource),
    /// Show this result, counted from 0, of the round on show as B.
    ChooseResult(usize),
    /// Let A and B change places.
    Swap,
    /// Change the zoom.
    Zoom(ZoomStep),
    /// Move the divider where there is one, else the view.
    Step(MoveDirection),
    /// Move the view.
    Pan(MoveDirection),
}

/// A change of the zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoomStep {
    /// One step larger.
    In,
    /// One step smaller.
    Out,
    /// Show the whole picture.
    Fit,
    /// Show each pixel as one pixel of the screen.
    FullSize,
}

/// Where something is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveDirection {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Upwards.
    Up,
    /// Downwards.
    Down,
}
