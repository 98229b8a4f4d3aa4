//! The history of a picture: every round in a strip or a tree, and what can be done with old ones.
//!
//! | file | holds |
//! | --- | --- |
//! | `panel.rs` | the state: which list is shown, its rows, what has the keyboard |
//! | `view.rs` | the panel: controls and list |
//! | `controls.rs` | strip or tree, and the filter |
//! | `strip.rs`, `tree.rs` | the two lists; only the rows in view are laid out |
//! | `tree_lines.rs` | the lines at the left of the tree |
//! | `names.rs` | what rounds are called on screen, in tooltips and for assistive technology |
//! | `picture.rs` | one thumbnail with its marks |
//! | `thumbnails.rs` | asks the file thread for small pictures, and keeps the textures of those in view |
//! | `note.rs` | the star and the note of the result on show |
//! | `undo_bar.rs` | says what was deleted, and offers to undo that |

mod controls;
mod names;
mod note;
mod panel;
mod picture;
mod strip;
mod thumbnails;
mod tree;
mod tree_lines;
mod undo_bar;
mod view;

pub(super) use names::{name_of_deleted, round_name};
pub(super) use note::note_row;
pub(super) use panel::HistoryPanel;
pub(super) use undo_bar::{is_deletion_told, undo_bar};
pub(super) use view::ui;
