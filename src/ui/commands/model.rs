//! Executes the commands that choose models and autoencoders.

use super::Services;
use crate::ui::state::WindowState;
use crate::ui::{AutoencoderUse, ModelCommand};
use crate::worker::Command;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ModelCommand) {
    match command {
        ModelCommand::ChooseFile => services.dialogs.choose_checkpoint(),
        ModelCommand::ChooseFolder => services.dialogs.choose_model_folder(),
        ModelCommand::Use(model) => {
            state.model.choose(model.clone());
            state.model.loading = true;
            services.worker.send(Command::Load(model));
        }
        ModelCommand::ChooseAutoencoder(purpose) => services.dialogs.choose_autoencoder(purpose),
        ModelCommand::UseAutoencoder(AutoencoderUse::Results, path) => state.work.settings.vae = path,
        ModelCommand::UseAutoencoder(AutoencoderUse::Previews, path) => state.work.settings.preview_vae = path,
    }
}
