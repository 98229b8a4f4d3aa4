//! Executes the commands about old rounds.

use std::sync::Arc;

use image::RgbImage;

use super::Services;
use crate::document::{Deletable, ResultId, RoundId, SlowEdit};
use crate::jobs::FileTask;
use crate::ui::canvas_work::edit;
use crate::ui::history::{name_of_deleted, round_name};
use crate::ui::state::WindowState;
use crate::ui::{HistoryCommand, MoveDirection};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: HistoryCommand) {
    let shown = state.gallery.round();
    match command {
        HistoryCommand::Show(view) => state.history.choose(Some(view)),
        HistoryCommand::Toggle if state.document.rounds().latest().is_none() => {
            state.status.say("There is no history yet. Press Generate first.");
        }
        HistoryCommand::Toggle => state.history.toggle(),
        HistoryCommand::Find if state.compare.is_shown() => {}
        HistoryCommand::Find => state.history.find(),
        HistoryCommand::Filter(filter) => state.history.use_filter(filter),
        HistoryCommand::ShowRound(round) => show_round(state, round),
        HistoryCommand::ShowResult(round, image) => {
            let id = ResultId { round, image };
            if state.document.rounds().result(id).is_some() {
                state.gallery.show(id);
            }
        }
        HistoryCommand::Earlier => step(state, -1),
        HistoryCommand::Later => step(state, 1),
        HistoryCommand::First => step(state, isize::MIN),
        HistoryCommand::Last => step(state, isize::MAX),
        HistoryCommand::Step(direction) => move_to(state, direction),
        HistoryCommand::GoBack(round) => go_back(state, services, round),
        HistoryCommand::GoBackToShown => go_back(state, services, shown),
        HistoryCommand::Star(round, image, starred) => {
            state.document.rounds_mut().star(ResultId { round, image }, starred);
        }
        HistoryCommand::ToggleStar => {
            let id = state.gallery.target();
            if let Some(result) = state.document.rounds().result(id) {
                let starred = !result.starred;
                state.document.rounds_mut().star(id, starred);
            }
        }
        HistoryCommand::Note(round, image, note) => state.document.rounds_mut().note(ResultId { round, image }, &note),
        HistoryCommand::EditNote => state.gallery.edit_note(),
        HistoryCommand::DeleteResult(round, image) => delete(state, Deletable::Result(ResultId { round, image })),
        HistoryCommand::DeleteShownResult => delete(state, Deletable::Result(state.gallery.target())),
        HistoryCommand::DeleteRound(round) => delete(state, Deletable::Round(round)),
        HistoryCommand::DeleteShownRound => delete(state, Deletable::Round(shown)),
    }
}

fn show_round(state: &mut WindowState, round: RoundId) {
    if round != state.gallery.round() && state.document.rounds().get(round).is_some() {
        state.gallery.turn_to(round);
    }
}

/// Shows the round so many rows further in the list.
fn step(state: &mut WindowState, steps: isize) {
    if let Some(round) = state.history.step(state.document.rounds(), state.gallery.round(), steps) {
        show_round(state, round);
    }
}

/// Moves along the list to another round, across it to another result.
fn move_to(state: &mut WindowState, direction: MoveDirection) {
    use MoveDirection::{Down, Left, Right, Up};
    match (direction, state.history.is_tree()) {
        (Left, false) | (Up, true) => step(state, -1),
        (Right, false) | (Down, true) => step(state, 1),
        (Left | Up, _) => step_result(state, false),
        (Right | Down, _) => step_result(state, true),
    }
}

fn step_result(state: &mut WindowState, forwards: bool) {
    let ResultId { round, image } = state.gallery.shown();
    let Some(of) = state.document.rounds().get(round) else { return };
    let next = match forwards {
        true => of.results().map(|(other, _)| other).find(|other| *other > image),
        false => of.results().map(|(other, _)| other).take_while(|other| *other < image).last(),
    };
    if let Some(image) = next {
        state.gallery.show(ResultId { round, image });
    }
}

/// Goes back to a round, at once if its start image is in memory, else when it was read.
fn go_back(state: &mut WindowState, services: &Services, id: RoundId) {
    let Some(round) = state.document.rounds().get(id) else { return };
    if state.canvas.is_stroking() {
        return;
    }
    state.history.going_back = None;
    if round.start.is_none() {
        if state.document.go_back(id, None) {
            went_back(state, id, false);
        }
    } else if let Some(start) = state.compare.starts.get(id).map(Arc::clone) {
        back(state, services, id, start);
    } else {
        state.history.going_back = Some(id);
        services.jobs.files(FileTask::ReadStart(state.shown.id, id));
    }
}

/// The start image of a round was read, whoever asked for it: goes back to the round, if that is wanted.
pub(in crate::ui) fn start_read(state: &mut WindowState, services: &Services, round: RoundId, start: &Arc<RgbImage>) {
    if state.history.going_back.take_if(|going| *going == round).is_some() {
        back(state, services, round, Arc::clone(start));
    }
}

/// The start image of a round cannot be read, for a reason in one sentence.
pub(in crate::ui) fn start_not_read(state: &mut WindowState, round: RoundId, reason: &str) {
    if state.history.going_back.take_if(|going| *going == round).is_some() {
        state.status.fail(format!("{reason} Canvas and settings stay."));
    }
}

/// Goes back to a round and its start image.
fn back(state: &mut WindowState, services: &Services, id: RoundId, start: Arc<RgbImage>) {
    edit(state, services, SlowEdit::GoBack(id, start), move |state, _, went| match went {
        Ok(true) => went_back(state, id, true),
        Ok(false) => {}
        Err(error) => state.status.fail(error.to_string()),
    });
}

fn went_back(state: &mut WindowState, id: RoundId, had_start: bool) {
    state.placed = None;
    // The prompt of the round holds their words.
    state.prompting.chosen.clear();
    show_round(state, id);
    let rounds = state.document.rounds();
    let name = round_name(id).to_lowercase();
    let what = if had_start { "Canvas, prompt and settings are" } else { "Prompt and settings are" };
    let model = rounds.get(id).map(|round| round.model.as_str()).filter(|model| *model != state.model.chosen.name);
    let other = model.map(|model| format!(" It was made by the model {model}.")).unwrap_or_default();
    let canvas = if had_start { "" } else { " It began from noise alone, so the canvas stays." };
    state.status.say(format!("{what} as {name} began with them.{canvas}{other} Undo takes this back."));
}

fn delete(state: &mut WindowState, item: Deletable) {
    if state.canvas.is_stroking() || state.document.rounds().latest().is_none() {
        return;
    }
    let shown = state.gallery.round();
    match state.document.delete(item) {
        Ok(deleted) => {
            let rounds = state.document.rounds();
            if rounds.get(shown).is_none()
                && let Some(near) = rounds.later(shown).or(rounds.earlier(shown))
            {
                state.gallery.turn_to(near);
            }
            state.history.deleted = format!("Deleted {}.", name_of_deleted(deleted));
            state.status.say(state.history.deleted.clone());
        }
        Err(error) => state.status.say(error.to_string()),
    }
}

/// Undo showed again what was deleted.
pub(super) fn came_back(state: &mut WindowState, item: Deletable) {
    match item {
        Deletable::Round(round) => show_round(state, round),
        Deletable::Result(id) => state.gallery.show(id),
    }
    let name = name_of_deleted(item);
    let mut letters = name.chars();
    let name: String = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    state.status.say(format!("{name} is back."));
}

/// Shows the list of rounds as it was left, and the result that was on show.
pub(in crate::ui) fn show_as_left(state: &mut WindowState) {
    let view = state.document.view().clone();
    state.history.choose(view.history);
    state.prompting.chosen = view.styles;
    state.canvas.use_viewpoint(view.canvas);
    state.gallery.use_view(view.results);
    if let Some(round) = state.document.shown_round() {
        state.gallery.show(ResultId { round, image: view.result });
    }
}
