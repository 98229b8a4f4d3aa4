//! Networks that look at pictures and answer about them, on the processor in 32-bit floats.
//!
//! | module | answers |
//! | --- | --- |
//! | [`segment`] | which pixels belong to the object at a click or in a box (Segment Anything, as MobileSAM) |
//!
//! The networks are those of `candle-transformers` where they give the numbers of the original; a module says where it has its
//! own part instead, and why. Each network is one file of weights, loaded when it is first asked for; nothing here is needed to
//! make pictures. Errors are [`engine::Error`](crate::engine::Error): what happened, then what to do.

pub mod segment;
mod weights;

pub use segment::{Embedding, ObjectPrompt, PromptBox, PromptPoint, Segmenter};
