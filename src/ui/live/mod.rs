//! Live painting in the window: a frame is made whenever the canvas or what belongs to it changes.
//!
//! - `state.rs` is whether it is on, and the frame on show; `input.rs` what frames are made from.
//! - `driver.rs` asks the scheduler ([`LiveScheduler`](crate::jobs::LiveScheduler)) what to do, once a frame of the window,
//!   and applies what becomes of it. Nothing is asked for while nothing changes.
//! - `view.rs` is where frames are shown; `overlay.rs` draws them over the canvas, `beside.rs` in place of the results.
//! - `bar.rs` is the line below canvas and results, `words.rs` what it says.

mod bar;
mod beside;
mod driver;
mod input;
mod overlay;
mod state;
mod view;
mod words;

pub(super) use bar::{HEIGHT as BAR_HEIGHT, ui as bar};
pub(super) use beside::ui as beside;
pub(super) use driver::{ended, picture_finished, round_ended, update};
pub(super) use overlay::{LiveOverlay, overlay};
pub use state::LiveFrame;
pub(super) use state::{Live, LiveSource};
pub use view::LiveView;
