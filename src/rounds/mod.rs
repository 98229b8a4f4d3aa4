//! What was made from what: rounds, their results, and the seed of the next round.
//!
//! Plain state without windows or threads: the application applies the worker's events to it.

mod round;
mod seed;

pub use round::{Round, RoundId, Rounds, Slot, State};
pub use seed::{Ancestry, SeedChoice, choose_seed, random_seed};
