//! Selections, the mask, shapes and transforms in the window: how their tools work, and the panel beside the canvas.
//!
//! - `options.rs` is what a person chooses for the tools, `panel.rs` shows it.
//! - `actions.rs` are the buttons of selection and mask, `transform_fields.rs` the numbers of a transform.
//! - `object.rs` is the object that is being selected by clicks.
//! - `copied.rs` is what was copied from the canvas.

mod actions;
mod copied;
mod object;
mod options;
mod panel;
mod transform_fields;

pub(super) use copied::Copied;
pub use object::ObjectHint;
pub(super) use object::{AskedObject, BegunObject, ObjectReadiness};
pub(super) use options::ToolOptions;
pub use options::{DrawnShape, GradientEnd, SelectShape};
pub(super) use panel::ui;

/// What the window remembers about selections.
#[derive(Default)]
pub(super) struct SelectState {
    /// How the tools work.
    pub options: ToolOptions,
    /// The object that a thread is asked for.
    pub asked: Option<AskedObject>,
    /// What was copied last from the canvas.
    pub copied: Option<Copied>,
}
