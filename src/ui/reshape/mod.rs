//! Another size or shape for the canvas.
//!
//! - `crop.rs` is the rectangle of the crop tool: where it is and how it follows the pointer; `crop_fields.rs` has its
//!   numbers.
//! - `dialog.rs` asks for a size, or for the room at each side.

mod crop;
mod crop_fields;
mod dialog;

pub(super) use crop::CropDrag;
pub(super) use crop_fields::ui as crop_fields;
pub(super) use dialog::{ReshapeDialog, show};
