//! Weights in the order in which the microkernels read them.

mod panels;
mod taps;
mod weights;

pub use panels::Panels;
pub use taps::{Strip, TapTransform, Unchanged};
pub use weights::Weights;
