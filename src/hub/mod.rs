//! The Hugging Face hub: where its cache lies on this machine, and which of its settings the environment holds.

mod environment;

pub use environment::Environment;
