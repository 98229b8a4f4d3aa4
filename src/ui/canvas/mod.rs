//! The canvas on screen.

mod mapping;
mod pointer;
mod tools;
mod view;

pub(super) use view::CanvasView;
