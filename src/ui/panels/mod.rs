//! The panels around and beside the canvas. Each shows a part of the state and returns commands.
//!
//! Two kinds of value are edited in place instead, because a command for each changed letter or
//! slider step would say nothing more than the new value: the settings of the next round (in
//! `settings`, `prompt` and `extras_menu`), and the brush (in `ui/brushes/`).

mod extras_menu;
pub(super) mod notice_stack;
pub(super) mod notices;
mod prompt;
pub(super) mod settings;
mod status;
pub(super) mod tools;
pub(super) mod top_bar;

pub(super) use notice_stack::NoticeStack;
pub use notices::Notice;
pub(super) use prompt::PromptPanel;
pub(super) use status::Status;
