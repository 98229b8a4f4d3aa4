//! Selecting the object at a click or in a box.

use std::path::PathBuf;

use super::Services;
use crate::document::{Mark, SlowEdit};
use crate::engine::Cancel;
use crate::jobs::{ObjectPrompt, ObjectReport, ObjectTask, PromptPoint};
use crate::models::FoundKind;
use crate::paint::{Selection, SelectionMode};
use crate::ui::canvas_work::{edit, tell_refusal};
use crate::ui::keymap::{away_click, keys};
use crate::ui::select::{AskedObject, BegunObject, ObjectReadiness};
use crate::ui::state::WindowState;
use crate::ui::{ModelPanelCommand, ModelSection, ObjectHint, SelectCommand};

/// What is told while the network looks at a picture.
const LOOKING: &str = "Looking at the picture…";

/// The entry of the catalogue.
const ENTRY: &str = "MobileSAM";

/// Begins an object, or changes the one that was begun: a first click is always on the object, and further ones are beside it
/// where they take away.
pub(super) fn point_at(
    state: &mut WindowState,
    services: &Services,
    hint: ObjectHint,
    mode: SelectionMode,
    takes_away: bool,
) {
    let Some(model) = model(state) else {
        match readiness(state) {
            ObjectReadiness::Searching => {
                state.status.say("The models on this machine are still being searched. Click again in a moment.");
            }
            _ => state.status.fail(
                "Select by click needs a network that is not on this machine. Fetch MobileSAM (41 MB) from the catalogue of models.",
            ),
        }
        return;
    };
    let document = &state.document;
    let begun = state.select.options.object.take().filter(|begun| begun.goes_on(document));
    let is_new = begun.is_none();
    let mut begun = begun.unwrap_or_else(|| {
        let base = document.selection().cloned();
        BegunObject { prompt: ObjectPrompt::default(), shown: base.clone(), base, mode }
    });
    match hint {
        ObjectHint::Point(x, y) => {
            begun.prompt.points.push(PromptPoint { x, y, is_inside: is_new || !takes_away });
        }
        ObjectHint::Box(area) => begun.prompt.area = Some(area),
    }
    if let Err(error) = begun.prompt.check() {
        begun.prompt.points.pop();
        state.select.options.object = Some(begun).filter(|_| !is_new);
        state.status.fail(error.to_string());
        return;
    }
    stop(state);
    let asked = AskedObject { job: services.jobs.next_id(), cancel: Cancel::default(), is_looking: false };
    services.jobs.find_object(ObjectTask {
        job: asked.job,
        model,
        picture: state.document.whole_canvas(),
        prompt: begun.prompt.clone(),
        base: begun.base.clone(),
        mode: begun.mode,
        cancel: asked.cancel.clone(),
    });
    state.select.asked = Some(asked);
    state.select.options.object = Some(begun);
}

/// Applies a report of the thread that finds objects.
pub(in crate::ui) fn object_reported(state: &mut WindowState, services: &Services, report: ObjectReport) {
    let job = match &report {
        ObjectReport::Looking(job) | ObjectReport::NotFound(job) | ObjectReport::Failed(job, _) => *job,
        ObjectReport::Found { job, .. } => *job,
    };
    // Late answers are about clicks that others followed.
    let Some(asked) = state.select.asked.as_mut().filter(|asked| asked.job == job) else { return };
    match report {
        ObjectReport::Looking(_) => {
            asked.is_looking = true;
            state.status.say(LOOKING);
        }
        ObjectReport::Found { selection, .. } => {
            state.select.asked = None;
            found(state, services, selection);
        }
        ObjectReport::NotFound(_) => {
            state.select.asked = None;
            state.status.say("Nothing was found there. Click somewhere else on the object, or draw a box around it.");
        }
        ObjectReport::Failed(_, reason) => {
            state.select.asked = None;
            state.select.options.object = None;
            state.status.fail(reason);
        }
    }
}

fn found(state: &mut WindowState, services: &Services, selection: Option<Selection>) {
    let Some(begun) = &mut state.select.options.object else { return };
    // Something else was selected meanwhile, or the canvas has another size.
    let size = state.document.canvas().size();
    if !begun.goes_on(&state.document) || selection.as_ref().is_some_and(|selection| selection.size() != size) {
        state.select.options.object = None;
        return;
    }
    begun.shown.clone_from(&selection);
    let ctx = &services.ctx;
    state.status.say(format!(
        "Click to add to the object, {} to take away from it; {} keeps it, {} leaves it.",
        away_click(ctx),
        keys(ctx, SelectCommand::Apply),
        keys(ctx, SelectCommand::Leave)
    ));
    edit(state, services, SlowEdit::SetMark(Mark::Selection, selection), tell_refusal);
}

/// Keeps the object, unless its last answer is still awaited. Returns whether one was begun.
pub(super) fn apply(state: &mut WindowState) -> bool {
    if state.select.asked.is_some() {
        state.status.say("The object is still being looked for. It can be kept once it is selected.");
        return true;
    }
    keep(state)
}

/// Keeps the object as it is; the next click begins another one. Returns whether one was begun.
pub(in crate::ui) fn keep(state: &mut WindowState) -> bool {
    stop(state);
    state.select.options.object.take().is_some()
}

/// Leaves the object, and the selection as it was before. Returns whether one was begun.
pub(super) fn leave(state: &mut WindowState, services: &Services) -> bool {
    stop(state);
    let Some(begun) = state.select.options.object.take() else { return false };
    let is_changed = match (&begun.shown, &begun.base) {
        (Some(shown), Some(base)) => !shown.is_like(base),
        (None, None) => false,
        _ => true,
    };
    if is_changed && begun.goes_on(&state.document) {
        edit(state, services, SlowEdit::SetMark(Mark::Selection, begun.base), tell_refusal);
    }
    true
}

/// Stops the thread that was asked for an object.
fn stop(state: &mut WindowState) {
    if let Some(asked) = state.select.asked.take() {
        asked.cancel.cancel();
        if state.status.text() == LOOKING {
            state.status.say("");
        }
    }
}

/// Shows the entry of the catalogue.
pub(super) fn show_model(state: &mut WindowState, services: &Services) {
    state.models.section = ModelSection::Catalogue;
    state.models.filter = ENTRY.into();
    super::perform(state, services, ModelPanelCommand::Open.into());
}

/// The file of the network.
fn model(state: &WindowState) -> Option<PathBuf> {
    let mut found = state.models.found().iter();
    found.find(|model| model.kind == FoundKind::Segmenter && model.usable).map(|model| model.path.clone())
}

/// Whether objects can be selected now.
pub(in crate::ui) fn readiness(state: &WindowState) -> ObjectReadiness {
    if model(state).is_none() {
        return if state.models.searching.is_some() { ObjectReadiness::Searching } else { ObjectReadiness::Missing };
    }
    match &state.select.asked {
        Some(asked) if asked.is_looking => ObjectReadiness::Looking,
        _ => ObjectReadiness::Ready,
    }
}
