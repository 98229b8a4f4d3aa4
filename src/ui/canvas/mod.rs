//! The canvas on screen.
//!
//! | file | holds |
//! | --- | --- |
//! | `view.rs` | the widget |
//! | `viewport.rs`, `mapping.rs` | zoom, place, turn and mirror; the map between screen and canvas that follows from them |
//! | `navigation.rs`, `view_bar.rs` | what pointer, wheel and fingers do to the view; the bar below the canvas |
//! | `marks_overlay.rs` | the line around the selection, the colour over the mask |
//! | `pointer.rs`, `tools/` | what the pointer does to the canvas, one tool a file |
//! | `key_cursor.rs` | the cross that arrow keys move in place of the pointer |
//! | `in_place.rs` | a result shown in place of the canvas |
//! | `textures.rs`, `pixel_grid.rs` | the canvas on the graphics card; the lines between large pixels |

mod in_place;
mod key_cursor;
mod mapping;
mod marks_overlay;
mod navigation;
mod pixel_grid;
mod pointer;
mod textures;
mod tools;
mod view;
mod view_bar;
mod viewport;

pub(super) use in_place::InPlace;
pub(super) use mapping::Mapping;
pub(super) use textures::{SHARP, paint_tinted};
pub(super) use view::CanvasView;
pub(super) use view_bar::{HEIGHT as VIEW_BAR_HEIGHT, ui as view_bar};
