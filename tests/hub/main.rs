//! Fetching from a hub that this test plays: what it answers, and everything that may go wrong on the way.

mod fake_hub;
mod faults;
mod fetching;
mod links;
mod programs;
mod refusals;
mod secure;
mod server;
