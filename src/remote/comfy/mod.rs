//! ComfyUI as an engine.
//!
//! - `offer.rs` is what the server has; `names.rs` by which names it calls samplers and schedules.
//! - `graph.rs` makes of one picture a graph of nodes; `own_graph.rs` puts one into a graph that a person exported.
//! - `job.rs` is one graph on the server: sent, watched, cancelled, its picture fetched. `socket.rs` is told how far it is.
//! - `engine.rs` is the engine.

mod engine;
mod graph;
mod job;
mod names;
mod offer;
mod own_graph;
mod socket;

pub use engine::ComfyEngine;
pub(super) use offer::ComfyOffer;
pub use own_graph::OwnGraph;
