//! Networks that look at pictures and answer about them, on the processor in 32-bit floats.
//!
//! | module | answers |
//! | --- | --- |
//! | [`describe`] | what is in it, in a few words (BLIP) |
//! | [`depth`] | how near each pixel is (Depth Anything V2) |
//! | [`segment`] | which pixels belong to the object at a click or in a box (Segment Anything, as MobileSAM) |
//!
//! The networks are those of `candle-transformers` where they give the numbers of the original; a module says where it has its
//! own part instead, and why. Each network is one file of weights, loaded when it is first asked for; nothing here is needed to
//! make pictures. Errors are [`engine::Error`](crate::engine::Error): what happened, then what to do.

pub mod depth;
mod depth_maps;
pub mod describe;
mod prepare;
pub mod segment;
mod weights;

use std::path::Path;

use image::{GrayImage, RgbImage};

use crate::engine::{Cancel, Error};
use crate::kernels::memory::release;

pub use depth::DepthEstimator;
pub use depth_maps::{DepthNetwork, FindDepthModel};
pub use describe::Captioner;
pub use segment::{Embedding, ObjectPrompt, PromptBox, PromptPoint, Segmenter};

/// Says what is in a picture with the network of a folder or file, which is in memory only for that.
///
/// # Errors
/// As [`Captioner::load`] and [`Captioner::caption`].
pub fn caption(model: &Path, picture: &RgbImage, cancel: &Cancel) -> Result<String, Error> {
    let caption = Captioner::load(model, cancel).and_then(|mut captioner| captioner.caption(picture, cancel));
    release();
    caption
}

/// How near each pixel of a picture is, by the network of a folder or file, which is in memory only for that.
///
/// # Errors
/// As [`DepthEstimator::load`] and [`DepthEstimator::estimate`].
pub fn depth_map(model: &Path, picture: &RgbImage, cancel: &Cancel) -> Result<GrayImage, Error> {
    let map = DepthEstimator::load(model, cancel).and_then(|estimator| estimator.estimate(picture, cancel));
    release();
    map
}
