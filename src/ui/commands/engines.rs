//! Executes the commands about the engines.

use super::Services;
use crate::remote::{KeptServer, Patience};
use crate::ui::EngineCommand;
use crate::ui::engines::{self, WantedModel};
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: EngineCommand) {
    match command {
        EngineCommand::Open => {
            state.engines.is_open = true;
            engines::ask_all(state, services);
        }
        EngineCommand::Close => state.engines.is_open = false,
        EngineCommand::AskAll => engines::ask_all(state, services),
        EngineCommand::Add(url, login) => {
            match state.engines.server_mut(&url) {
                Some(server) => server.login = login,
                None => state.engines.list.servers.push(KeptServer::new(url.clone(), login)),
            }
            if let Some(server) = state.engines.server_mut(&url).map(|server| server.server()) {
                state.engines.asks(&url);
                services.jobs.ask_server(server, Patience::default());
            }
            engines::apply_choice(state, services, WantedModel::Any);
        }
        EngineCommand::Remove(url) => {
            state.engines.is_chosen();
            state.engines.list.servers.retain(|server| server.url != url);
            use_some_engine(state);
            engines::apply_choice(state, services, WantedModel::Any);
        }
        EngineCommand::Switch(url, is_on) => {
            state.engines.is_chosen();
            let is_first = state.engines.list.choice().is_local();
            let Some(server) = state.engines.server_mut(&url) else { return };
            server.is_on = is_on;
            if is_on && !server.is_agreed {
                state.engines.question = Some(url);
                return;
            }
            if is_on && is_first {
                state.engines.list.local = false;
            }
            use_some_engine(state);
            engines::apply_choice(state, services, WantedModel::Any);
        }
        EngineCommand::SwitchLocal(is_on) => {
            state.engines.is_chosen();
            state.engines.list.local = is_on;
            use_some_engine(state);
            engines::apply_choice(state, services, WantedModel::Any);
        }
        EngineCommand::Agree => {
            let is_first = state.engines.list.choice().is_local();
            let Some(url) = state.engines.question.take() else { return };
            if let Some(server) = state.engines.server_mut(&url) {
                server.is_agreed = true;
            }
            let wanted = state.engines.given_model.take().map_or(WantedModel::Any, WantedModel::This);
            if is_first && !state.engines.is_given() {
                state.engines.list.local = false;
            }
            let next = state.engines.list.servers.iter().find(|server| server.is_on && !server.is_agreed);
            state.engines.question = next.map(|server| server.url.clone());
            engines::apply_choice(state, services, wanted);
        }
        EngineCommand::Decline => {
            let Some(url) = state.engines.question.take() else { return };
            if let Some(server) = state.engines.server_mut(&url) {
                server.is_on = false;
            }
            let next = state.engines.list.servers.iter().find(|server| server.is_on && !server.is_agreed);
            state.engines.question = next.map(|server| server.url.clone());
            use_some_engine(state);
            state.status.say(format!("Nothing is sent to {}.", url.host()));
        }
    }
}

/// This machine makes the pictures where nothing else does.
fn use_some_engine(state: &mut WindowState) {
    let list = &mut state.engines.list;
    if !list.servers.iter().any(|server| server.is_on) {
        list.local = true;
    }
}
