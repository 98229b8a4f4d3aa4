//! The window: small panels over one application state.
//!
//! [`App`] owns the state and applies the worker's events. Panels get what they show as arguments
//! and return what the person asked for as an [`Action`], so that buttons, keys and tests all take
//! the same way through [`App::perform`].

mod action;
mod app;
mod canvas_view;
mod color_field;
mod color_panel;
mod dialogs;
mod extras_menu;
mod field;
mod gallery;
mod keeper;
mod progress;
mod prompt_panel;
mod settings_panel;
mod shortcuts;
mod status;
mod theme;
mod tools_panel;
mod top_bar;
mod window;

pub use action::{Action, AutoencoderTask, Paper};
pub use app::{App, Options};
pub use tools_panel::Tool;
pub use window::run;
