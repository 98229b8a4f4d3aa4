//! The window around the canvas.

use crate::ui::{DockPanel, DockSide, ThemeChoice};

/// Commands about the window around the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutCommand {
    /// Fold this panel to its title, or unfold it.
    ToggleFold(DockPanel),
    /// Move this panel to the end of the other side.
    MoveAcross(DockPanel),
    /// Move this panel up by one place.
    MoveUp(DockPanel),
    /// Move this panel down by one place.
    MoveDown(DockPanel),
    /// Move this panel to a side, above the panel that has this place there, counted from 0.
    MoveTo(DockPanel, DockSide, usize),
    /// Put all panels where they are at the first launch.
    Reset,
    /// Hide everything but canvas and results, or show it again.
    ToggleCanvasOnly,
    /// Fill the screen with the window, or stop that.
    ToggleFullScreen,
    /// Give the keyboard to the next part of the window.
    NextPart,
    /// Give the keyboard to the previous part of the window.
    PreviousPart,
    /// Use this theme from now on, also after the next launch.
    UseTheme(ThemeChoice),
    /// Draw everything at this scale in percent from now on, also after the next launch.
    UseScale(u16),
}
