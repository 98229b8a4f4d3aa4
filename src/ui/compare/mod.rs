//! The comparison: two pictures at one place, and what was changed between their rounds.
//!
//! | file | role |
//! | --- | --- |
//! | `state.rs` | the two pictures, the mode, what is in view |
//! | `source.rs`, `picture.rs`, `textures.rs` | which pictures can be compared; one of them on screen |
//! | `start_images.rs` | the start images of earlier rounds |
//! | `viewport.rs`, `pointer.rs` | zoom and position; how the pointer changes them |
//! | `view.rs`, `bar.rs`, `changes.rs` | the layout; the controls; the list of changed settings |
//! | `slider.rs`, `side_by_side.rs`, `difference.rs`, `legend.rs` | the modes |
//! | `caption.rs` | text over pictures |

mod bar;
mod caption;
mod changes;
mod difference;
mod legend;
mod picture;
mod pixel_at;
mod pointer;
mod side_by_side;
mod slider;
mod source;
mod start_images;
mod state;
mod textures;
mod view;
mod viewport;

pub use source::CompareSource;
pub use state::CompareMode;
pub(super) use state::{Compare, Comparison};
pub(super) use view::ui;
