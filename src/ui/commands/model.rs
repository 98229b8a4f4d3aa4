//! Executes the commands that choose models and autoencoders.

use super::Services;
use crate::engine::{Cancel, ModelChoice};
use crate::jobs::EngineTask;
use crate::ui::queue::driver;
use crate::ui::state::WindowState;
use crate::ui::{AutoencoderUse, ModelCommand};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ModelCommand) {
    match command {
        ModelCommand::ChooseFile => services.dialogs.choose_checkpoint(),
        ModelCommand::ChooseFolder => services.dialogs.choose_model_folder(),
        ModelCommand::Use(model) => {
            state.model.choose(model.clone());
            if driver::defers_loading(state) {
                let name = &state.model.chosen.name;
                state.status.say(format!("{name} is loaded after the rounds that wait for another model."));
            } else {
                load(state, services, model);
            }
        }
        ModelCommand::StopLoading => state.model.stop_loading(),
        ModelCommand::ChooseAutoencoder(purpose) => services.dialogs.choose_autoencoder(purpose),
        ModelCommand::UseAutoencoder(AutoencoderUse::Results, path) => state.document.settings_mut().vae = path,
        ModelCommand::UseAutoencoder(AutoencoderUse::Previews, path) => state.runtime.preview_vae = path,
    }
}

/// Begins to load a model.
pub(in crate::ui) fn load(state: &mut WindowState, services: &Services, model: ModelChoice) {
    (state.model.loading, state.model.loading_chosen) = (true, true);
    let (job, cancel) = (services.jobs.next_id(), Cancel::default());
    // Nobody waits for the model that was chosen before.
    state.model.stop_loading();
    state.model.load = Some((job, cancel.clone()));
    services.jobs.engine(EngineTask::Load { job, model, cancel });
}
