//! Makes a result again, to see whether it comes out the same.

use std::sync::Arc;

use image::RgbImage;

use super::Services;
use crate::document::RoundId;
use crate::engine::{Cancel, ModelChoice, Plan, Recipe, Settings};
use crate::jobs::{EngineTask, FileTask, RunAgainJob};
use crate::models::model_of_picture;
use crate::picture::Fit;
use crate::ui::progress::Progress;
use crate::ui::state::{RunningRound, WindowState};

/// Begins to make a result again. It can be cancelled like a round, and the document does not change.
pub(super) fn begin(
    state: &mut WindowState,
    services: &Services,
    round: RoundId,
    picture: Arc<RgbImage>,
    recipe: Arc<Recipe>,
) {
    if state.running.is_some() {
        state.status.fail("A round is being made. Wait for it or cancel it, then run the result again.");
        return;
    }
    let Some(model) = model_here(state, &recipe) else {
        state.status.fail(match state.engines.in_force.is_local() {
            true => format!(
                "This result was made with the model {}. Choose that model, then run the result again.",
                recipe.model
            ),
            false => format!("Results are made again on this machine, and the model {} is not here.", recipe.model),
        });
        return;
    };
    let mask = state.document.rounds().get(round).and_then(|round| round.plan.mask.clone());
    let mask = mask.filter(|_| recipe.from_picture);
    let hints = state.document.rounds().get(round).map(|round| round.plan.hints.clone()).unwrap_or_default();
    let round_start = state.document.rounds().get(round).and_then(|round| round.start);
    let hint_fit = round_start.map_or((Fit::Whole, [255; 3]), |start| (start.fit, start.paper.0));
    let regions = state.document.rounds().get(round).map(|round| round.plan.regions.clone()).unwrap_or_default();
    if recipe.settings.keep_unpainted && recipe.from_picture && mask.is_none() {
        state.status.fail(
            "This result cannot be made again, because which part of its start image was kept is not in the document's file.",
        );
        return;
    }
    let (job, cancel) = (services.jobs.next_id(), Cancel::default());
    let settings = Settings { batch: 1, ..recipe.settings.clone() };
    let progress = Progress::new(&settings, &Plan::default(), recipe.from_picture, &[0]);
    state.running = Some(RunningRound { job, round, cancel: cancel.clone(), progress, is_held: false });
    state.status.say("The result is being made again.");
    let again = RunAgainJob { job, model, picture, start: None, mask, hints, hint_fit, regions, cancel, recipe };
    match again.recipe.from_picture {
        true => services.jobs.files(FileTask::FetchStart(state.shown.id, round, Box::new(again))),
        false => send(state, services, again),
    }
}

/// The model of a recipe on this machine, also where servers make the pictures.
fn model_here(state: &WindowState, recipe: &Recipe) -> Option<ModelChoice> {
    let known = state.model.known.iter().find(|known| known.name == recipe.model);
    if let Some(known) = known {
        return Some(known.choice.clone());
    }
    let hash = Some(recipe.made_with.model_hash.as_str()).filter(|hash| !hash.is_empty());
    model_of_picture(Some(&recipe.model), hash, state.models.found()).map(|model| ModelChoice::Path(model.path.clone()))
}

/// Hands the job to the engine's thread once its start image is there.
pub(in crate::ui) fn send(state: &mut WindowState, services: &Services, again: RunAgainJob) {
    if state.configured != state.runtime {
        state.configured = state.runtime.clone();
        services.jobs.engine(EngineTask::Configure(state.runtime.clone()));
    }
    services.jobs.engine(EngineTask::RunAgain(Box::new(again)));
}
