//! Hands the choice of engines to the engine's thread.

use super::state::WantedModel;
use crate::engine::ModelChoice;
use crate::jobs::EngineTask;
use crate::remote::{Patience, ServerHealth, ServerUrl, model_on_server};
use crate::ui::commands::{self, Services};
use crate::ui::state::WindowState;

/// Lets the engines that are switched on make the pictures from now on, if they are others than before.
pub(in crate::ui) fn apply_choice(state: &mut WindowState, services: &Services, wanted: WantedModel) {
    let choice = state.engines.list.choice();
    if choice == state.engines.in_force {
        return;
    }
    if state.engines.in_force.is_local() {
        state.engines.local_model = Some(state.model.chosen.choice.clone());
    }
    // Frames of the previous engine are of no use.
    state.live.switch_off();
    state.model.stop_loading();
    services.jobs.engine(EngineTask::Use(choice.clone()));
    state.model.engines_changed();
    let is_local = choice.is_local();
    state.engines.in_force = choice;
    if is_local {
        state.engines.wanted = None;
        let model = state.engines.local_model.take().unwrap_or(ModelChoice::Starter);
        state.status.say("This machine makes the pictures.");
        state.model.choose(model.clone());
        commands::load(state, services, model);
        return;
    }
    state.engines.wanted = Some(wanted);
    (state.model.loading, state.model.loading_chosen) = (true, true);
    for server in state.engines.in_force.servers.clone() {
        state.engines.asks(&server.url);
        services.jobs.ask_server(server, Patience::default());
    }
}

/// Asks every server of the list what it is and has.
pub(in crate::ui) fn ask_all(state: &mut WindowState, services: &Services) {
    for server in state.engines.list.servers.clone() {
        state.engines.asks(&server.url);
        services.jobs.ask_server(server.server(), Patience::default());
    }
}

/// A server answered. Once those in force have, the model to go on with is known.
pub(in crate::ui) fn health_arrived(
    state: &mut WindowState,
    services: &Services,
    url: &ServerUrl,
    health: Result<ServerHealth, String>,
) {
    state.engines.take_health(url, health);
    if state.engines.wanted.is_none() || state.engines.answers().any(|answer| answer.is_none()) {
        return;
    }
    let wanted = state.engines.wanted.take().unwrap_or(WantedModel::Any);
    let answers: Vec<&ServerHealth> = state.engines.answers().flatten().filter_map(|one| one.as_ref().ok()).collect();
    if answers.is_empty() {
        let reason = state.engines.answers().flatten().find_map(|one| one.as_ref().err()).cloned();
        (state.model.loading, state.model.loading_chosen) = (false, false);
        state.status.fail(reason.unwrap_or_default());
        return;
    }
    let present = state.model.chosen.choice.clone();
    let has_present = answers.iter().any(|one| one.models.iter().any(|name| model_on_server(name) == present));
    let in_use = answers.iter().find_map(|one| one.current.clone().or_else(|| one.models.first().cloned()));
    let model = match wanted {
        WantedModel::This(model) => model,
        WantedModel::Any if has_present => present,
        WantedModel::Any => in_use.map_or(present, |name| model_on_server(&name)),
    };
    state.model.offers(answers.iter().flat_map(|one| one.models.iter().cloned()).collect());
    state.model.choose(model.clone());
    commands::load(state, services, model);
}
