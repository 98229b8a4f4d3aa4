//! The canvas on screen.

mod mapping;
mod pointer;
mod view;

pub(super) use view::CanvasView;
