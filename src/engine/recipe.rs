//! What made one picture.

use super::{MadeWith, Settings};

/// What made one picture: everything that is written into its file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// The settings of its round, with the picture's own variation seed.
    pub settings: Settings,
    /// The picture's own seed.
    pub seed: u64,
    /// The model's name.
    pub model: String,
    /// Whether it started from a picture; the denoising strength is written only then.
    pub from_picture: bool,
    /// What computed it; empty where that is not known.
    pub made_with: MadeWith,
}
