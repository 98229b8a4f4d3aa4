//! What frames of live painting are made from.

use std::sync::Arc;

use crate::document::choose_seed;
use crate::engine::{ModelChoice, Plan, Runtime, Settings};
use crate::jobs::DocumentId;
use crate::ui::state::WindowState;

/// All that a frame depends on, so that equal inputs give equal frames.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) struct LiveInput {
    document: DocumentId,
    /// The canvas with its mask and frame; `None` where it has no influence.
    canvas: Option<u64>,
    /// The settings with styles and a drawn seed, for one picture.
    pub settings: Settings,
    /// The settings as they were typed.
    pub asked: Settings,
    pub model: ModelChoice,
    runtime: Arc<Runtime>,
}

impl LiveInput {
    /// What a frame would be made from now.
    pub fn of(state: &WindowState, seed: i64, runtime: Arc<Runtime>) -> Self {
        let document = &state.document;
        let asked = Settings { batch: 1, seed, ..document.settings().clone() };
        let styled = state.prompting.styled(&asked);
        let starts_from_canvas = document.mask().is_some() || Plan::default().starts_from_picture(&styled);
        // Controls follow the sketch or a layer at any strength.
        let sees_canvas = starts_from_canvas || !styled.controls.is_empty();
        // A seed whose noise is in the canvas already would leave artefacts.
        let seed = choose_seed(seed, 1, if starts_from_canvas { document.ancestry() } else { &[] }).seed;
        Self {
            document: state.shown.id,
            canvas: sees_canvas.then(|| document.canvas_revision()),
            settings: Settings { seed, ..styled },
            asked,
            model: state.model.chosen.choice.clone(),
            runtime,
        }
    }
}
