//! What is left of a start image under the noise that a round begins with.

use std::fmt::Debug;

use image::RgbImage;

use super::Settings;

/// A start image that was encoded once, to be looked at under the noise of any denoising strength.
pub trait NoisedStart: Debug + Send + Sync {
    /// What the first step of a round with these settings begins with, as a small picture of the shape of the results:
    /// the start image under noise, at the brightness of a picture. Of the settings count denoising strength, steps,
    /// sampler and schedule. Quick enough to be asked in each frame.
    fn picture(&self, settings: &Settings) -> RgbImage;
}
