//! The results of one round, beside the canvas and in place on it.
//!
//! | file | holds |
//! | --- | --- |
//! | `gallery.rs` | the state: which round and result are on show, what is picked, what has the keyboard |
//! | `view.rs` | the panel: heading, pictures, buttons |
//! | `heading.rs`, `buttons.rs` | which round, and how it is shown; what can be done with the result on show |
//! | `grid.rs`, `single.rs`, `strip.rs` | all results in a grid; one large above small ones; a thin strip when folded |
//! | `cell.rs`, `pictures.rs` | one result that can be clicked; its picture and the texture of it |
//! | `peek.rs` | which result is shown in place on the canvas |

mod buttons;
mod cell;
mod gallery;
mod grid;
mod heading;
mod peek;
mod pictures;
mod single;
mod strip;
mod view;

pub(super) use gallery::Gallery;
pub(super) use pictures::color_image;
pub(super) use strip::WIDTH as FOLDED_WIDTH;
