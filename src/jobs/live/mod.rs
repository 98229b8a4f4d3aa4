//! Live painting: the result follows the brush.
//!
//! - `scheduler.rs` decides when a frame is made, of what quality, and when one is given up. It knows neither threads nor
//!   clocks: times are handed to it.
//! - `pace.rs` is how long frames take; `rough_size.rs` makes rough ones as large as this machine makes in a quarter of a
//!   second.
//! - `frame.rs` makes a frame on the engine's thread, with threads that leave the processor to the window when it needs
//!   it (`threads.rs`).

mod frame;
mod pace;
mod rough_size;
mod scheduler;
#[cfg(test)]
mod scheduler_tests;
mod threads;

pub use frame::LiveJob;
pub(super) use frame::{REST, make};
pub use scheduler::{LiveScheduler, LiveStep};
pub(super) use threads::LiveThreads;
