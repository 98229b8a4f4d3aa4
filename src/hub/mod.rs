//! The Hugging Face hub: what its environment variables say, the files that its cache holds on this machine, and
//! fetching more of them.

mod access;
mod background;
pub mod cache;
mod control;
mod disk_space;
mod environment;
mod error;
mod fetch_lock;
mod fetch_place;
mod fetcher;
mod file_request;
mod http;
mod limits;
mod link;
mod link_target;
mod listing;
mod model_files;
mod place;
mod progress;
mod repository;
mod repository_path;
mod resolved;
mod transfer;
mod write_file;

pub use access::Hub;
pub use control::Control;
pub use environment::Environment;
pub use error::HubError;
pub use fetch_place::FetchEvent;
pub use file_request::{Expected, FileRequest};
pub use http::Proxies;
pub use limits::FetchLimits;
pub use listing::{Listing, RepositoryFile};
pub use model_files::{model_files, total_size};
pub use place::Place;
pub use progress::{FetchStage, Progress};
pub use repository::Repository;
