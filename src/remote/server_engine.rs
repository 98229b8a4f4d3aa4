//! The engine for a server of any kind, which is found out by asking.

use std::sync::Arc;

use super::background;
use super::client::Client;
use super::comfy::{ComfyEngine, OwnGraph};
use super::health::{self, Asked};
use super::{Patience, Server, WebUiEngine};
use crate::engine::{Cancel, Capabilities, Engine, Error, Event, MadeWith, ModelChoice, ModelInfo, Request, Runtime};

/// Makes pictures on a server, whatever it speaks of what this program knows.
pub struct ServerEngine {
    server: Server,
    patience: Patience,
    /// The graph that makes the pictures on a ComfyUI.
    graph: Option<Arc<OwnGraph>>,
    /// The engine for what the server speaks, once it was asked.
    known: Option<Box<dyn Engine>>,
}

impl ServerEngine {
    /// An engine for this server; nothing is sent yet.
    pub fn new(server: Server) -> Self {
        Self::with_patience(server, Patience::default())
    }

    /// An engine with other limits.
    pub fn with_patience(server: Server, patience: Patience) -> Self {
        Self { server, patience, graph: None, known: None }
    }

    /// Lets this graph make the pictures, which only ComfyUI can do.
    #[must_use]
    pub fn with_graph(mut self, graph: Option<Arc<OwnGraph>>) -> Self {
        self.graph = graph;
        self
    }

    fn known(&mut self, cancel: &Cancel) -> Result<&mut dyn Engine, Error> {
        let engine = match self.known.take() {
            Some(engine) => engine,
            None => self.ask(cancel)?,
        };
        Ok(self.known.insert(engine).as_mut())
    }

    fn ask(&self, cancel: &Cancel) -> Result<Box<dyn Engine>, Error> {
        let client = Client::new(self.server.url.clone(), self.server.login.clone(), self.patience);
        let asks = client.clone();
        let asked = background::ask(client.host(), cancel, move || health::ask(&asks))?;
        Ok(match asked.map_err(|trouble| trouble.into_error(client.host()))? {
            Asked::WebUi(..) if self.graph.is_some() => {
                let text = format!("{} is no ComfyUI, and only that makes pictures by a graph.", client.host());
                return Err(Error::Remote(text));
            }
            Asked::WebUi(kind, offer) => Box::new(WebUiEngine::with_offer(client, kind, offer)),
            Asked::ComfyUi(offer) => Box::new(ComfyEngine::with_offer(client, offer, self.graph.clone())),
        })
    }
}

impl Engine for ServerEngine {
    fn capabilities(&mut self) -> Capabilities {
        let host = self.server.url.host().to_owned();
        let unknown = Capabilities { name: host.clone(), server: Some(host), ..Capabilities::default() };
        self.known.as_mut().map_or(unknown, |engine| engine.capabilities())
    }

    fn configure(&mut self, _runtime: &Runtime) {}

    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        cancel.check()?;
        self.known(cancel)?.load(model, cancel)
    }

    fn made_with(&mut self, model: &ModelChoice) -> MadeWith {
        self.known.as_mut().map_or_else(MadeWith::default, |engine| engine.made_with(model))
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        self.known(cancel)?.generate(request, cancel, on_event)
    }
}
