//! Executes the commands that use a finished result.

use std::sync::Arc;

use image::RgbImage;

use super::Services;
use crate::document::ResultId;
use crate::engine::Recipe;
use crate::jobs::FileTask;
use crate::paint::Canvas;
use crate::ui::ResultCommand;
use crate::ui::panels::color_image;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ResultCommand) {
    match command.clone() {
        ResultCommand::PaintOver(round, image) => {
            let id = ResultId { round, image };
            if let Some((picture, _)) = pixels(state, id, command) {
                paint_over(state, id, &picture);
            }
        }
        ResultCommand::ChooseSave(round, image) => {
            if let Some(result) = state.document.rounds().result(ResultId { round, image }) {
                let name = format!("underpaint-{}.png", result.recipe.seed);
                services.dialogs.save_result(round, image, &state.results_folder, &name);
            }
        }
        ResultCommand::Save(round, image, path) => {
            if let Some((picture, recipe)) = pixels(state, ResultId { round, image }, command) {
                services.jobs.files(FileTask::SaveAs { picture, infotext: Some(recipe.infotext()), path });
            }
        }
        ResultCommand::SaveInFolder(round, image) => {
            let id = ResultId { round, image };
            // The file thread reports with the job that made the round.
            let Some(job) = state.rounds_of_jobs.iter().find_map(|(job, of)| (*of == round).then_some(*job)) else {
                return;
            };
            if let Some((picture, recipe)) = pixels(state, id, command) {
                let folder = state.results_folder.clone();
                services.jobs.files(FileTask::KeepResult { job, image, picture, recipe, folder });
            }
        }
        ResultCommand::Copy(round, image) => {
            if let Some((picture, _)) = pixels(state, ResultId { round, image }, command) {
                services.ctx.copy_image(color_image(&picture));
                state.status.say("The result is on the clipboard.");
            }
        }
        ResultCommand::UseSeed(seed) => {
            state.document.settings_mut().seed = seed as i64;
            state.status.say(format!("The next round starts with seed {seed}."));
        }
    }
}

/// The pixels of a result and what made it. If they are not in memory, they are read again, and the
/// command is executed once they are there.
fn pixels(state: &mut WindowState, id: ResultId, command: ResultCommand) -> Option<(Arc<RgbImage>, Arc<Recipe>)> {
    let result = state.document.rounds().result(id)?;
    match result.image.pixels() {
        Some(pixels) => Some((Arc::clone(pixels), Arc::clone(&result.recipe))),
        None => {
            state.result_memory.wait(id, command.into());
            None
        }
    }
}

fn paint_over(state: &mut WindowState, id: ResultId, picture: &RgbImage) {
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    match Canvas::from_rgb(w, h, picture.as_raw()) {
        Ok(canvas) => {
            state.document.paint_over(id, canvas);
            state.compare.leave();
            let ResultId { round, image } = id;
            state
                .status
                .say(format!("Result {} of round {round} is on the canvas; the next round starts from it.", image + 1));
        }
        Err(error) => state.status.fail(error.to_string()),
    }
}
