//! A server, and which engines make the pictures.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Login, OwnGraph, ServerUrl};

/// A server that can make pictures, and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it is.
    pub url: ServerUrl,
    /// Name and password, where it asks for them.
    pub login: Option<Login>,
}

impl Server {
    /// A server that asks for no password.
    pub fn new(url: ServerUrl) -> Self {
        Self { url, login: None }
    }
}

/// Which engines make the pictures: this machine, servers, or several together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineChoice {
    /// Whether this machine is one of them.
    pub local: bool,
    /// The servers among them.
    pub servers: Vec<Server>,
    /// The graph that makes the pictures, on servers that are ComfyUI; `None` for this program's own.
    pub graph: Option<Arc<OwnGraph>>,
}

impl Default for EngineChoice {
    /// This machine.
    fn default() -> Self {
        Self { local: true, servers: Vec::new(), graph: None }
    }
}

impl EngineChoice {
    /// Whether nothing leaves this machine.
    pub fn is_local(&self) -> bool {
        self.servers.is_empty()
    }
}

/// What a server speaks, as far as it matters to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerKind {
    /// The API of AUTOMATIC1111's web UI: the web UI itself, Forge, SD.Next, and this program as a server.
    WebUi,
    /// stable-diffusion.cpp's server, which speaks that API without progress and interruption.
    StableDiffusionCpp,
    /// ComfyUI.
    ComfyUi,
}

impl ServerKind {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::WebUi => "web UI's API",
            Self::StableDiffusionCpp => "stable-diffusion.cpp",
            Self::ComfyUi => "ComfyUI",
        }
    }
}
