//! An engine on another machine or in another program: whatever speaks the API of AUTOMATIC1111's web UI.
//!
//! - `server_url.rs`, `login.rs` say which server, and who asks. `client.rs` sends one request; `patience.rs` says how
//!   long anything may take; `trouble.rs` makes one sentence of what goes wrong.
//! - `offer.rs` is what a server has: models, samplers, schedules.
//! - `picture_request.rs` and `picture_answer.rs` are the JSON of one picture; `masked.rs` keeps what is not masked.
//! - `watch.rs` asks how far the server is while it makes a picture. `web_ui_engine.rs` is the engine.
//!
//! Pictures are asked for one at a time, each with its own seed. So a batch is the same wherever it is made, a lost
//! connection costs one picture, and one of them can be left out. No answer is trusted: sizes are limited before anything
//! is decoded, and a request that hangs is abandoned.

mod background;
mod client;
mod login;
mod masked;
mod offer;
mod patience;
mod picture_answer;
mod picture_request;
mod server_url;
mod trouble;
mod watch;
mod web_ui_engine;

pub use login::Login;
pub use offer::{Offer, OfferedModel};
pub use patience::Patience;
pub use server_url::ServerUrl;
pub use web_ui_engine::WebUiEngine;
