//! The list of servers, and what they said.

use std::collections::HashMap;
use std::path::Path;

use crate::engine::ModelChoice;
use crate::remote::{EngineChoice, KeptServer, KeptServers, Server, ServerHealth, ServerUrl};
use crate::ui::kept;

/// The engines that a person can choose from.
#[derive(Default)]
pub(in crate::ui) struct Engines {
    /// Whether the list is shown.
    pub is_open: bool,
    /// The server that is asked about before anything is sent to it.
    pub question: Option<ServerUrl>,
    /// What is typed to add a server.
    pub typed: TypedServer,
    /// The list.
    pub list: KeptServers,
    /// The choice in force.
    pub in_force: EngineChoice,
    /// The model with which the choice in force begins, until its servers have said what they have.
    pub wanted: Option<WantedModel>,
    /// The model of the command line, until it is agreed that its server is used.
    pub given_model: Option<ModelChoice>,
    /// The model that was used on this machine last.
    pub local_model: Option<ModelChoice>,
    /// What each server said last; `None` while it is asked.
    health: HashMap<ServerUrl, Option<Result<ServerHealth, String>>>,
    /// What is in the file.
    written: KeptServers,
    /// The servers of the command line, which are used for this launch only.
    given: Vec<ServerUrl>,
}

/// The model to begin with on other engines.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) enum WantedModel {
    /// This one.
    This(ModelChoice),
    /// The present one if a server has it, else the one in use there.
    Any,
}

/// A server that is being typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::ui) struct TypedServer {
    pub address: String,
    pub name: String,
    pub password: String,
    /// What is wrong with it, as one sentence.
    pub trouble: String,
}

impl Engines {
    /// The list of the last launch, with the servers of the command line. Those are switched on for this launch and
    /// nothing else is, but for this machine if `with_local` says so. The second value says why the list cannot be read.
    pub fn read(folder: Option<&Path>, given: &[Server], with_local: bool) -> (Self, Option<String>) {
        let (mut list, trouble): (KeptServers, _) = kept::read(folder, KeptServers::FILE);
        let written = list.clone();
        if !given.is_empty() {
            list.local = with_local;
            list.servers.iter_mut().for_each(|server| server.is_on = false);
            for Server { url, login } in given {
                if !list.servers.iter().any(|server| server.url == *url) {
                    list.servers.push(KeptServer::new(url.clone(), None));
                }
                if let Some(server) = list.servers.iter_mut().find(|server| server.url == *url) {
                    server.is_on = true;
                    server.login = login.clone().or(server.login.take());
                }
            }
        }
        let question = list.servers.iter().find(|server| server.is_on && !server.is_agreed);
        let question = question.map(|server| server.url.clone());
        let given = given.iter().map(|server| server.url.clone()).collect();
        (Self { list, written, question, given, ..Self::default() }, trouble)
    }

    pub fn server_mut(&mut self, url: &ServerUrl) -> Option<&mut KeptServer> {
        self.list.servers.iter_mut().find(|server| server.url == *url)
    }

    /// What a server said last; `None` where it was not asked, `Some(None)` while it is asked.
    pub fn health(&self, url: &ServerUrl) -> Option<&Option<Result<ServerHealth, String>>> {
        self.health.get(url)
    }

    /// A server is being asked.
    pub fn asks(&mut self, url: &ServerUrl) {
        self.health.insert(url.clone(), None);
    }

    /// A server answered.
    pub fn take_health(&mut self, url: &ServerUrl, health: Result<ServerHealth, String>) {
        if let (Some(server), Ok(health)) = (self.server_mut(url), &health) {
            server.kind = Some(health.kind);
        }
        self.health.insert(url.clone(), Some(health));
    }

    /// An engine needed so long for a picture.
    pub fn take_speed(&mut self, engine: &str, seconds: f64) {
        let server = self.list.servers.iter_mut().find(|server| server.url.host() == engine);
        if let Some(server) = server {
            // Tenths: every digit more would be written to the file after each picture.
            server.seconds = Some((seconds * 10.0).round() / 10.0);
        }
    }

    /// The answers of the servers in force.
    pub fn answers(&self) -> impl Iterator<Item = Option<&Result<ServerHealth, String>>> {
        self.in_force.servers.iter().map(|server| self.health.get(&server.url).and_then(Option::as_ref))
    }

    /// Whether the command line names the servers in force.
    pub fn is_given(&self) -> bool {
        !self.given.is_empty()
    }

    /// The person chose from the list: what the command line said counts no longer.
    pub fn is_chosen(&mut self) {
        self.given.clear();
    }

    /// The list to be written, if it changed.
    pub fn take_changes(&mut self) -> Option<KeptServers> {
        let mut kept = self.list.clone();
        if !self.given.is_empty() {
            // The choice of one launch is not the next one's, and a password of a file stays there.
            kept.local = self.written.local;
            for server in &mut kept.servers {
                let before = self.written.servers.iter().find(|before| before.url == server.url);
                server.is_on = before.is_some_and(|before| before.is_on);
                if self.given.contains(&server.url) {
                    server.login = before.and_then(|before| before.login.clone());
                }
            }
        }
        (kept != self.written).then(|| {
            self.written = kept.clone();
            kept
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> ServerUrl {
        ServerUrl::parse(text).expect("an address")
    }

    #[test]
    fn a_server_of_the_command_line_counts_for_one_launch() {
        let (mut engines, trouble) = Engines::read(None, &[Server::new(url("studio:7860"))], false);
        assert_eq!((trouble, engines.question.clone()), (None, Some(url("studio:7860"))));
        assert!(engines.list.choice().is_local(), "nothing is sent before it was agreed");
        engines.server_mut(&url("studio:7860")).expect("listed").is_agreed = true;
        assert!(!engines.list.choice().local);
        let kept = engines.take_changes().expect("it is new");
        assert!(kept.local && !kept.servers[0].is_on && kept.servers[0].is_agreed);
        assert_eq!(engines.take_changes(), None);
        engines.is_chosen();
        assert!(engines.take_changes().expect("chosen by hand").servers[0].is_on);
    }
}
