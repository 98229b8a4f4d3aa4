//! What prompts are made of besides typing: styles, wildcards, and what was used before.
//!
//! - `style.rs` is a named set of prompt parts and settings, `style_list.rs` all of them with their file, `style_csv.rs`
//!   reads those of AUTOMATIC1111's web UI. The list begins with those in `assets/styles.json`.
//! - `wildcards.rs` replaces `__name__` by a line of a text file, chosen by the seed. `each_picture.rs` makes the pictures
//!   of a request whose wildcards choose differently for each.
//! - `history.rs` keeps the prompts that were used, and finds them again.

mod each_picture;
mod history;
mod style;
mod style_csv;
mod style_list;
mod wildcards;

pub use each_picture::{generate, with_choices};
pub use history::{HISTORY_FILE, PastPrompt, PromptHistory};
pub use style::{Style, StyleSettings, apply_styles};
pub use style_csv::read_styles_csv;
pub use style_list::{STYLES_FILE, StyleError, StyleList};
pub use wildcards::{Expanded, WILDCARD_FOLDER, Wildcards};
