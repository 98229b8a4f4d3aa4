//! Executes the commands that use a finished result.

use super::Services;
use crate::jobs::FileTask;
use crate::paint::Canvas;
use crate::rounds::RoundId;
use crate::ui::ResultCommand;
use crate::ui::panels::color_image;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ResultCommand) {
    match command {
        ResultCommand::PaintOver(round, image) => paint_over(state, round, image),
        ResultCommand::ChooseSave(round, image) => {
            if let Some((_, recipe)) = state.work.result(round, image) {
                let name = format!("underpaint-{}.png", recipe.seed);
                services.dialogs.save_result(round, image, &state.results_folder, &name);
            }
        }
        ResultCommand::Save(round, image, path) => {
            if let Some((picture, recipe)) = state.work.result(round, image) {
                services.jobs.files(FileTask::SaveAs { picture, infotext: Some(recipe.infotext()), path });
            }
        }
        ResultCommand::Copy(round, image) => {
            if let Some((picture, _)) = state.work.result(round, image) {
                services.ctx.copy_image(color_image(&picture));
                state.status.say("The result is on the clipboard.");
            }
        }
        ResultCommand::UseSeed(seed) => {
            state.work.settings.seed = seed as i64;
            state.status.say(format!("The next round starts with seed {seed}."));
        }
    }
}

fn paint_over(state: &mut WindowState, round: RoundId, image: usize) {
    let Some((picture, recipe)) = state.work.result(round, image) else { return };
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let Some(canvas) = Canvas::from_rgb(w, h, picture.as_raw()) else { return };
    let mut ancestry = state.work.ancestry.clone();
    ancestry.push(recipe.seed);
    let paper = state.work.painting.paper();
    state.work.replace_canvas(canvas, paper, ancestry);
    state.status.say(format!("Result {} of round {round} is on the canvas; the next round starts from it.", image + 1));
}
