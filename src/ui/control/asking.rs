//! The pictures that a round's controls follow, when it is asked for.

use std::path::{Path, PathBuf};

use super::state::HintKey;
use crate::engine::{ControlHint, ControlSettings, ControlSource, Plan, Settings, is_bare_name};
use crate::jobs::PendingHint;
use crate::models::FoundKind;
use crate::ui::state::WindowState;

/// The ControlNets that a name can mean, by their names: those that were found on this machine, then those that rounds of
/// the document used.
pub(in crate::ui) fn known_files(state: &WindowState) -> Vec<(String, PathBuf)> {
    let found = state.models.found().iter().filter(|model| model.kind == FoundKind::ControlNet);
    let found = found.map(|model| (file_stem(&model.path), model.path.clone()));
    let used = state.document.rounds().iter().rev().flat_map(|round| &round.settings.controls);
    let used = used.filter(|control| !is_bare_name(&control.model));
    found.chain(used.map(|control| (file_stem(&control.model), control.model.clone()))).collect()
}

fn file_stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Gives the files to controls of which only the name is known, as far as they are among these.
pub(in crate::ui) fn find_models(settings: &mut Settings, known: &[(String, PathBuf)]) {
    for control in settings.controls.iter_mut().filter(|control| is_bare_name(&control.model)) {
        let name = control.model.to_string_lossy().into_owned();
        if let Some((_, path)) = known.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            control.model.clone_from(path);
        }
    }
}

/// The picture of each control of the next round, which has this plan. Another thread makes those that are not there yet.
///
/// # Errors
/// One sentence where a control cannot be followed.
pub(in crate::ui) fn pending_hints(state: &WindowState, plan: &Plan) -> Result<Vec<PendingHint>, String> {
    let settings = state.document.settings();
    settings.controls.iter().map(|control| hint(state, control, plan.starts_from_picture(settings))).collect()
}

fn hint(state: &WindowState, control: &ControlSettings, from_picture: bool) -> Result<PendingHint, String> {
    if is_bare_name(&control.model) {
        return Err(format!(
            "The ControlNet {} is not on this machine. Choose its file under Follow my lines, or switch that off.",
            control.model.display()
        ));
    }
    if control.source == ControlSource::Sketch && from_picture {
        return Ok(PendingHint::Ready(ControlHint::StartImage));
    }
    let key = HintKey::new(control, &state.document, state.shown.id, state.models.found());
    if let Some(picture) = state.control.fresh_picture(&key) {
        return Ok(PendingHint::Ready(ControlHint::Picture(picture)));
    }
    match &control.source {
        ControlSource::File(path) => Err(match state.control.trouble_with(&control.source) {
            Some(trouble) => trouble.to_owned(),
            None => format!("{} is still being read. Press Generate again in a moment.", path.display()),
        }),
        // Composed already in the usual case, but for a change in the last moment.
        source => match state.document.control_pixels(source) {
            Some(pixels) => Ok(PendingHint::Pixels(Box::new(pixels))),
            None => Err(
                "The layer that the lines come from is not there any more. Choose another one under Follow my lines."
                    .into(),
            ),
        },
    }
}
