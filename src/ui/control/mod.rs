//! Follow my lines: the control networks of the next round.
//!
//! | file | role |
//! | --- | --- |
//! | `state.rs` | what the window remembers of it |
//! | `panel.rs` | the section among the settings |
//! | `preview.rs` | the lines that a network is shown, drawn over the canvas |
//! | `asking.rs` | the pictures that a round's controls follow, when it is asked for |

mod asking;
mod panel;
mod preview;
mod state;

pub(super) use asking::{find_models, known_files, pending_hints};
pub(super) use panel::{ControlContext, ui};
pub(super) use preview::{arrived, in_place, update};
pub(super) use state::ControlState;
