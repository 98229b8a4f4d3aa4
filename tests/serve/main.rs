//! `underpaint serve` as other programs meet it: a real process, the starter model, and requests over the network.

mod equal;
mod faults;
mod harness;
mod lists;
mod pictures;
mod queue;
mod refusals;
#[cfg(unix)]
mod shutdown;
mod slow;
