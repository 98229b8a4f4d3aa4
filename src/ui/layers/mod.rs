//! The list of layers: a row for each from top to bottom, the paper below them, and what can be done with the current one.
//!
//! - `panel.rs` is the section with its buttons, `controls.rs` how the current layer is drawn.
//! - `rows.rs` says which layers are listed, `row_view.rs` shows one, `paper_row.rs` the paper.
//! - `dragging.rs` is the place that a dragged row would take, `thumbnails.rs` the small pictures.

mod controls;
mod dragging;
mod icon_button;
mod panel;
mod paper_row;
mod region;
mod row_view;
mod rows;
mod state;
mod thumbnails;

pub(super) use panel::ui;
pub(super) use rows::next;
pub(super) use state::LayerPanel;
