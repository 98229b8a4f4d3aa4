//! The Hugging Face hub: what its environment variables say, and the files that its cache holds on this machine.

pub mod cache;
mod environment;
mod error;
mod place;
mod repository;
mod repository_path;

pub use environment::Environment;
pub use error::HubError;
pub use place::Place;
pub use repository::Repository;
