//! Executes the commands that explore what a canvas or a result began.

use super::result::pixels;
use super::{Services, round};
use crate::document::{ResultId, RoundId, StartImage};
use crate::engine::{ControlHint, Settings, Sheet, random_seed};
use crate::jobs::FileTask;
use crate::ui::refine::WithStart;
use crate::ui::state::WindowState;
use crate::ui::{RefineCommand, SecondPassChoice};

/// The variation strength of a variation where the settings have none.
const VARIATION: f64 = 0.15;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: RefineCommand) {
    match command {
        RefineCommand::StrengthLadder => round::generate(state, services, Some(Sheet::strength_ladder())),
        RefineCommand::AskForSheet => state.refine.sheet.is_open = !state.compare.is_shown(),
        RefineCommand::MakeSheet(sheet) => round::generate(state, services, Some(sheet)),
        RefineCommand::ChooseSaveSheet(round) => services.dialogs.save_sheet(round, &state.results_folder),
        RefineCommand::SaveSheet(round, path) => {
            let Some(round) = state.document.rounds().get(round) else { return };
            let Some(sheet) = round.plan.sheet.clone() else { return };
            let finished = round.slots.iter().enumerate();
            let pictures = finished.filter_map(|(place, slot)| Some((place, slot.result()?.image.clone()))).collect();
            let (document, jpeg_quality) = (state.shown.id, state.output.encoding.jpeg_quality);
            services.jobs.files(FileTask::SaveSheet { document, sheet, pictures, jpeg_quality, path });
        }
        RefineCommand::Vary(round, image) => vary(state, services, ResultId { round, image }),
        RefineCommand::ToggleOutlineOrder => state.refine.scores.sorts = !state.refine.scores.sorts,
        RefineCommand::ToggleDrift => state.refine.scores.toggle_drift(),
        RefineCommand::VaryShown => vary(state, services, state.gallery.target()),
        RefineCommand::AskForUpscale(round, image) => ask_for_upscale(state, ResultId { round, image }),
        RefineCommand::AskForUpscaleShown => ask_for_upscale(state, state.gallery.target()),
        RefineCommand::Upscale(round, image, choice) => upscale(state, services, ResultId { round, image }, *choice),
    }
}

/// Asks for a round of variations of a result: from its own start image, with its settings and seed, and the noise
/// turned a little towards that of other seeds.
fn vary(state: &mut WindowState, services: &Services, id: ResultId) {
    let rounds = state.document.rounds();
    let (Some(round), Some(result)) = (rounds.get(id.round), rounds.result(id)) else { return };
    let (recipe, made_by) = (std::sync::Arc::clone(&result.recipe), round.model.clone());
    let start = match state.refine.starts.get(id.round) {
        _ if !recipe.from_picture => None,
        Some((start, _)) => Some(start.clone()),
        None => {
            state.refine.wait_for_start(id, WithStart::Vary);
            services.jobs.files(FileTask::ReadStart(state.shown.id, id.round));
            return;
        }
    };
    let now = state.document.settings();
    let settings = Settings {
        seed: recipe.seed as i64,
        variation_seed: random_seed(),
        variation_strength: if now.variation_strength > 0.0 { now.variation_strength } else { VARIATION },
        batch: now.batch,
        ..recipe.settings.clone()
    };
    state.document.end_stroke();
    let (choice, model) = (state.model.chosen.choice.clone(), state.model.chosen.name.clone());
    state.status.say(match model == made_by {
        true => format!("Variations of result {}, which was made with seed {}.", id.image + 1, recipe.seed),
        false => format!("This result was made with the model {made_by}; its variations are made with {model}."),
    });
    if let Some(varied) = state.document.begin_again(id.round, start.clone(), settings, model) {
        let painted = state.refine.starts.get(id.round).and_then(|(_, painted)| painted.cloned());
        round::add(state, varied, choice, start, painted);
        round::asked(state, services);
    }
}

/// Asks how a result is made larger, once its pixels are at hand.
fn ask_for_upscale(state: &mut WindowState, id: ResultId) {
    if state.compare.is_shown() {
        return;
    }
    if let Some((picture, recipe)) = pixels(state, id, RefineCommand::AskForUpscale(id.round, id.image)) {
        state.refine.upscale.ask(id, picture.dimensions(), &recipe.settings);
    }
}

/// Asks for a round that makes a result larger.
fn upscale(state: &mut WindowState, services: &Services, id: ResultId, choice: SecondPassChoice) {
    let command = RefineCommand::Upscale(id.round, id.image, Box::new(choice.clone()));
    let Some((picture, recipe)) = pixels(state, id, command) else { return };
    let mut settings = choice.settings_over(&recipe.settings, recipe.seed);
    let is_good = settings.check().and_then(|()| choice.pass.check_size(picture.dimensions()));
    if let Err(error) = is_good {
        state.status.fail(error.to_string());
        return;
    }
    let hints = match settings.controls.is_empty() {
        true => Vec::new(),
        false => match hints_of_round(state, id) {
            Some(hints) => hints,
            None => {
                state.refine.wait_for_start(id, WithStart::Upscale(Box::new(choice)));
                services.jobs.files(FileTask::ReadStart(state.shown.id, id.round));
                return;
            }
        },
    };
    // A round whose hints a damaged file lost is made larger without its controls.
    settings.controls.truncate(hints.len());
    state.document.end_stroke();
    let (model, name) = (state.model.chosen.choice.clone(), state.model.chosen.name.clone());
    if let Some((round, start)) = state.document.begin_second_pass(id, picture, settings, hints, name) {
        state.status.say(format!("Result {} of round {} is made larger.", id.image + 1, id.round));
        round::add(state, round, model, Some(start), None);
        round::asked(state, services);
    }
}

/// What the controls of a result's round followed, as pictures; `None` if one of them is the start image of the round, which is
/// still to be read.
fn hints_of_round(state: &WindowState, id: ResultId) -> Option<Vec<ControlHint>> {
    let hints = state.document.rounds().get(id.round).map(|round| round.plan.hints.clone()).unwrap_or_default();
    let start = state.refine.starts.get(id.round).map(|(start, _)| &start.picture);
    let followed = |hint| match hint {
        // In the new round the start image is the result.
        ControlHint::StartImage => start.map(|start| ControlHint::Picture(std::sync::Arc::clone(start))),
        picture => Some(picture),
    };
    hints.into_iter().map(followed).collect()
}

/// The start image of a round was read.
pub(in crate::ui) fn start_is_read(state: &mut WindowState, services: &Services, round: RoundId, start: StartImage) {
    match state.refine.start_is_read(round, start) {
        Some((id, WithStart::Vary)) => vary(state, services, id),
        Some((id, WithStart::Upscale(choice))) => upscale(state, services, id, *choice),
        None => {}
    }
}
