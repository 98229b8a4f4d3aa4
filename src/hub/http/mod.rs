//! Requests: who gets the token, which redirects are followed, what an error means.

mod address;
mod answer;
mod client;
mod failure;
mod proxies;
mod refusal;

pub(super) use address::{Address, encoded};
pub(super) use answer::{Answer, bare_etag};
pub(super) use client::{Client, Follow, Request};
pub(super) use failure::{Failure, wait_before_next, with_tries};
pub use proxies::Proxies;
pub(super) use refusal::{Asked, refused};
