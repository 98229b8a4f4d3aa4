//! Executes the commands about how pictures leave the window.

use std::path::PathBuf;
use std::sync::Arc;

use super::Services;
use crate::document::RoundId;
use crate::jobs::{ContactResult, FileTask};
use crate::ui::ExportCommand;
use crate::ui::documents::name_of;
use crate::ui::export::ExportDialog;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ExportCommand) {
    match command {
        ExportCommand::ShowSaving => state.export.dialog = Some(ExportDialog::saving(state)),
        ExportCommand::UseOutput(options) => {
            state.export.dialog = None;
            services.jobs.files(FileTask::KeepOutput(options.clone()));
            state.status.say(format!("Results are written as {} from now on.", options.encoding.kind.label()));
            state.output = options;
        }
        ExportCommand::ChooseContactSheet(round) => match has_results(state, round) {
            true => services.dialogs.save_contact_sheet(round, &state.results_folder),
            false => state.status.fail("There are no results for a contact sheet. Press Generate first."),
        },
        ExportCommand::ContactSheet(round, path) => contact_sheet(state, services, round, path),
        ExportCommand::ShowTimeLapse => state.export.dialog = Some(ExportDialog::time_lapse()),
        ExportCommand::ChooseTimeLapse(lapse) => {
            state.export.dialog = None;
            let name = state.shown.path.as_deref().map_or_else(|| "drawing".into(), name_of);
            services.dialogs.save_time_lapse(lapse, &state.results_folder, &name);
        }
        ExportCommand::TimeLapse(lapse, path) => {
            state.status.say("The time-lapse is being made. You can go on painting.");
            services.jobs.files(FileTask::TimeLapse { document: state.shown.id, lapse, path });
        }
        ExportCommand::Close => state.export.dialog = None,
    }
}

fn has_results(state: &WindowState, round: RoundId) -> bool {
    state.document.rounds().get(round).is_some_and(crate::document::Round::has_results)
}

fn contact_sheet(state: &mut WindowState, services: &Services, round: RoundId, path: PathBuf) {
    let Some(shown) = state.document.rounds().get(round) else { return };
    let results = shown.slots.iter().enumerate().filter_map(|(image, slot)| {
        let result = slot.result()?;
        Some(ContactResult { picture: result.image.clone(), recipe: Arc::clone(&result.recipe), image })
    });
    let (document, title) = (state.shown.id, format!("Round {round}"));
    let task = FileTask::ContactSheet { document, title, results: results.collect(), path };
    services.jobs.files(task);
    state.status.say("The contact sheet is being made.");
}
