//! The overview of all actions and their keys, where the keys can be changed.
//!
//! - `overview.rs` is the window, `action_row.rs` one action in it.
//! - `state.rs` is what is being asked.

mod action_row;
mod overview;
mod state;

pub(super) use overview::show;
pub(super) use state::{Asked, KEPT_IN, Shortcuts};
