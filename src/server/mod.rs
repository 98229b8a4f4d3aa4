//! This program as a server: other programs ask it for pictures over HTTP, in the terms of AUTOMATIC1111's web UI.
//!
//! ```text
//! listener ─→ connection ─→ gate (Host, Origin, password) ─→ routes ─→ api/ ─→ queue ─→ worker ─→ Engine
//! ```
//!
//! - `listener.rs` accepts connections and ends the server; `connection.rs` gives each one deadlines.
//! - `gate.rs` and `credentials.rs` say who may ask; `body.rs` reads what is asked within limits.
//! - `routes.rs` names the addresses; `api/` turns JSON into requests of the engine and its pictures into JSON.
//! - `queue.rs` holds the jobs that wait; `worker.rs` is the one thread that owns the engine; `running.rs` is what is
//!   known of the job that it works on.
//!
//! One thread runs all connections and never decodes, encodes or searches; that is done on a few threads beside it.

mod api;
mod body;
mod connection;
mod credentials;
mod failure;
mod first;
mod gate;
mod job;
mod limits;
mod listener;
mod model_shelf;
mod queue;
mod routes;
mod running;
mod setup;
mod shared;
mod stop;
mod web_options;
mod worker;

pub use credentials::Credentials;
pub use limits::ServerLimits;
pub use listener::Server;
pub use setup::{FindModels, MakeEngine, ServerError, ServerSetup};
pub use stop::Stop;
