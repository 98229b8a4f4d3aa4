//! Executes the commands that use a finished result.

use std::sync::Arc;

use image::RgbImage;

use super::{Services, run_again};
use crate::document::{ResultId, RoundId, SlowEdit};
use crate::engine::{Mask, Recipe};
use crate::jobs::{FileTask, ResultSaving, ResultStart};
use crate::picture::{NamePattern, NameWords, OutputOptions};
use crate::ui::canvas_work::{self, edit};
use crate::ui::results::color_image;
use crate::ui::state::WindowState;
use crate::ui::{ResultCommand, UserCommand};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ResultCommand) {
    match command.clone() {
        ResultCommand::PaintOver(round, image) => {
            let id = ResultId { round, image };
            if let Some((picture, _)) = pixels(state, id, command) {
                paint_over(state, services, id, picture);
            }
        }
        ResultCommand::AddAsLayer(round, image) => {
            let id = ResultId { round, image };
            if let Some((picture, _)) = pixels(state, id, command) {
                super::layers::add_result(state, services, id, &picture);
            }
        }
        ResultCommand::ChooseSave(round, image) => {
            if let Some(result) = state.document.rounds().result(ResultId { round, image }) {
                let name = suggested_name(&state.output, &result.recipe, round, image);
                services.dialogs.save_result(round, image, &state.results_folder, &name);
            }
        }
        ResultCommand::Save(round, image, path) => {
            if let Some((picture, recipe)) = pixels(state, ResultId { round, image }, command) {
                services.jobs.files(FileTask::SaveAs {
                    picture,
                    infotext: Some(recipe.infotext()),
                    start: start(state, &recipe, round),
                    regions: regions(state, round),
                    jpeg_quality: state.output.encoding.jpeg_quality,
                    path,
                });
            }
        }
        ResultCommand::SaveInFolder(round, image) => {
            let id = ResultId { round, image };
            // The file thread reports with the job that made the round.
            let Some(job) = state.rounds_of_jobs.iter().find_map(|(job, of)| (*of == round).then_some(*job)) else {
                return;
            };
            if let Some((picture, recipe)) = pixels(state, id, command) {
                let (folder, start) = (state.results_folder.clone(), start(state, &recipe, round));
                let regions = regions(state, round);
                let saving = ResultSaving { options: state.output.clone(), round, document: None };
                services.jobs.files(FileTask::KeepResult {
                    job,
                    image,
                    picture,
                    recipe,
                    folder,
                    saving,
                    start,
                    regions,
                });
            }
        }
        ResultCommand::Copy(round, image) => {
            if let Some((picture, _)) = pixels(state, ResultId { round, image }, command) {
                let size = (picture.width() as usize * picture.height() as usize, "Copying…");
                canvas_work::convert(
                    state,
                    services,
                    size,
                    move || color_image(&picture),
                    |state, services, picture| {
                        services.ctx.copy_image(picture);
                        state.status.say("The result is on the clipboard.");
                    },
                );
            }
        }
        ResultCommand::RunAgain(round, image) => {
            if let Some((picture, recipe)) = pixels(state, ResultId { round, image }, command) {
                run_again::begin(state, services, round, picture, recipe);
            }
        }
        ResultCommand::UseSeed(seed) => {
            state.document.settings_mut().seed = seed as i64;
            state.status.say(format!("The next round starts with seed {seed}."));
        }
    }
}

/// Where the start image is that a result's file should carry.
fn start(state: &WindowState, recipe: &Recipe, round: RoundId) -> ResultStart {
    match state.output.with_start && recipe.from_picture {
        true if recipe.settings.second_pass.is_some() => ResultStart::Unscaled(state.shown.id, round),
        true => ResultStart::Stored(state.shown.id, round),
        false => ResultStart::None,
    }
}

/// Where the regions of a round lie.
fn regions(state: &WindowState, round: RoundId) -> Vec<Mask> {
    state.document.rounds().get(round).map(|round| round.plan.regions.clone()).unwrap_or_default()
}

/// What a save dialog suggests as the name of a result.
fn suggested_name(output: &OutputOptions, recipe: &Recipe, round: RoundId, image: usize) -> String {
    let ending = output.encoding.kind.id();
    if output.name == NamePattern::default() {
        return format!("underpaint-{}.{ending}", recipe.seed);
    }
    let words = NameWords::new(recipe, round, image, NameWords::now());
    format!("{}.{ending}", output.name.name(&words, words.index as u64))
}

/// The pixels of a result and what made it. If they are not in memory, they are read again, and the
/// command is executed once they are there.
pub(super) fn pixels(
    state: &mut WindowState,
    id: ResultId,
    command: impl Into<UserCommand>,
) -> Option<(Arc<RgbImage>, Arc<Recipe>)> {
    let result = state.document.rounds().result(id)?;
    match result.image.pixels() {
        Some(pixels) => Some((Arc::clone(pixels), Arc::clone(&result.recipe))),
        None => {
            state.result_memory.wait(id, command.into());
            None
        }
    }
}

fn paint_over(state: &mut WindowState, services: &Services, id: ResultId, picture: Arc<RgbImage>) {
    let has_place = state.document.place_of_round(id.round).is_some();
    edit(state, services, SlowEdit::PaintOver(id, picture), move |state, _, put| {
        match put {
            Ok(true) => state.compare.leave(),
            Ok(false) => return,
            Err(error) => return state.status.fail(error.to_string()),
        }
        let ResultId { round, image } = id;
        let image = image + 1;
        state.status.say(match has_place {
            true => format!("Result {image} of round {round} is a layer at the place that it was made from."),
            false => format!("Result {image} of round {round} is on the canvas; the next round starts from it."),
        });
    });
}
