//! Engines on other machines or in other programs: whatever speaks the API of AUTOMATIC1111's web UI, and ComfyUI.
//!
//! - `server_url.rs`, `login.rs` say which server, and who asks. `client.rs` sends one request; `patience.rs` says how
//!   long anything may take; `trouble.rs` makes one sentence of what goes wrong.
//! - `offer.rs` is what a server has: models, samplers, schedules.
//! - `picture_request.rs` and `picture_answer.rs` are the JSON of one picture; `masked.rs` keeps what is not masked.
//!   `cpp_request.rs` is what stable-diffusion.cpp's server reads otherwise; `prompt_text.rs` takes the LoRAs out of a prompt,
//!   `server_files.rs` finds the file that a name means.
//! - `server.rs` is which engines make the pictures; `kept_servers.rs` keeps the servers that a person named, `health.rs`
//!   asks what one is and has. `server_engine.rs` is the engine for whatever that is, `comfy/` the one for ComfyUI; `pool/`
//!   shares the pictures among several.
//! - `watch.rs` asks how far the server is while it makes a picture. `web_ui_engine.rs` is the engine.
//!
//! Pictures are asked for one at a time, each with its own seed. So a batch is the same wherever it is made, a lost
//! connection costs one picture, and one of them can be left out. No answer is trusted: sizes are limited before anything
//! is decoded, and a request that hangs is abandoned.

mod background;
mod client;
mod comfy;
mod cpp_request;
mod health;
mod kept_servers;
mod login;
mod masked;
mod offer;
mod patience;
mod picture_answer;
mod picture_request;
mod pool;
mod prompt_text;
mod server;
mod server_engine;
mod server_files;
mod server_url;
mod trouble;
mod watch;
mod web_ui_engine;

pub use comfy::{ComfyEngine, OwnGraph};
pub use health::{ServerHealth, ask_health};
pub use kept_servers::{KeptServer, KeptServers};
pub use login::Login;
pub use offer::{Offer, OfferedModel, model_on_server};
pub use patience::Patience;
pub use pool::{Pool, engine_of};
pub use server::{EngineChoice, Server, ServerKind};
pub use server_engine::ServerEngine;
pub use server_url::ServerUrl;
pub use web_ui_engine::WebUiEngine;
