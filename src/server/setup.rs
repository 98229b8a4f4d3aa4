//! What a server is made of.

use std::net::SocketAddr;

use super::{Credentials, ServerLimits};
use crate::engine::{Engine, Error, ModelChoice, Runtime};
use crate::models::FoundModels;
use crate::prompts::{StyleList, Wildcards};

/// Makes an engine. Called again after one crashed.
pub type MakeEngine = Box<dyn Fn() -> Box<dyn Engine> + Send>;

/// Searches the models on this machine.
pub type FindModels = Box<dyn Fn() -> Result<FoundModels, Error> + Send + Sync>;

/// What a server is made of.
pub struct ServerSetup {
    /// Where it listens; port 0 for any free one.
    pub listen: SocketAddr,
    /// What clients have to give; needed unless it listens on this machine alone.
    pub credentials: Option<Credentials>,
    /// What it takes on at most.
    pub limits: ServerLimits,
    /// The model until a client chooses another one.
    pub model: ModelChoice,
    /// Where and with what the engine works.
    pub runtime: Runtime,
    /// Makes the engine.
    pub make_engine: MakeEngine,
    /// Searches models, LoRAs, textual inversions and VAEs.
    pub find_models: FindModels,
    /// The styles that requests may name.
    pub styles: StyleList,
    /// The wildcards that prompts may hold.
    pub wildcards: Wildcards,
}

/// Why a server could not begin or go on, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It would be open to everyone.
    #[error(
        "Other machines can reach {0}, so a password is needed: --api-auth USER:PASS, or UNDERPAINT_API_AUTH=USER:PASS."
    )]
    NoPassword(SocketAddr),
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: {reason}.")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        reason: String,
    },
    /// The system gives no thread or runtime.
    #[error("The server could not be started: {0}.")]
    Start(String),
}
