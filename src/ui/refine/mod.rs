//! What explores further from a canvas or a result: sheets, variations, what is kept of a canvas, and how well
//! results follow it.
//!
//! | file | role |
//! | --- | --- |
//! | `state.rs` | what the window remembers of it |
//! | `starts.rs` | the start images of the latest rounds |
//! | `scores.rs` | how well results follow their start image |
//! | `survives.rs` | the canvas under the noise of a strength, while that is being chosen |
//! | `sheet_dialog.rs` | the question over which settings a sheet varies |
//! | `upscale_dialog.rs` | the question how a result is made larger |

mod scores;
mod sheet_dialog;
mod starts;
mod state;
mod survives;
mod upscale_dialog;

pub(super) use scores::Scores;
pub(super) use sheet_dialog::show as show_sheet_dialog;
pub(super) use state::{RefineState, WithStart};
pub use upscale_dialog::SecondPassChoice;
pub(super) use upscale_dialog::files as upscale_files;
pub(super) use upscale_dialog::show as show_upscale_dialog;

use super::commands::Services;
use super::state::WindowState;

/// Asks the file thread for the scores of the results on show. Runs once a frame.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    survives::update(state, services);
    let large = state.gallery.shown();
    let RefineState { starts, scores, .. } = &mut state.refine;
    for task in scores.tasks(state.shown.id, state.document.rounds(), starts, large) {
        services.jobs.files(task);
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::{Cancel, Capabilities, Engine, Error, Event, ModelChoice, ModelInfo, Request, Runtime};

    /// An engine that makes nothing.
    pub struct NoEngine;

    impl Engine for NoEngine {
        fn capabilities(&mut self) -> Capabilities {
            Capabilities::default()
        }

        fn configure(&mut self, _: &Runtime) {}

        fn load(&mut self, _: &ModelChoice, _: &Cancel) -> Result<ModelInfo, Error> {
            Err(Error::Cancelled)
        }

        fn generate(&mut self, _: &Request, _: &Cancel, _: &mut dyn FnMut(Event)) -> Result<(), Error> {
            Err(Error::Cancelled)
        }
    }
}
