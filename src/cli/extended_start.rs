//! `underpaint generate --extend`: a start picture made larger, and the mask of what is new.

use image::RgbImage;

use super::mask_file::MaskFile;
use crate::engine::Settings;
use crate::picture::{Extension, extended, extension_mask};

/// By how many pixels what is new reaches into the picture, so that it can be joined.
const OVERLAP: u32 = 16;

/// A start picture that was made larger.
pub(super) struct ExtendedStart {
    /// The picture with its border continued.
    pub picture: RgbImage,
    /// What may change: the new part with an overlap, and what was masked before.
    pub mask: MaskFile,
}

impl ExtendedStart {
    /// Makes a picture larger, a little more at the right and at the bottom where its sides would not be multiples of 8.
    /// `mask` is that of the picture.
    pub fn new(picture: &RgbImage, by: Extension, mask: Option<&MaskFile>) -> Self {
        let size = picture.dimensions();
        let by = by.rounded_up(size, Settings::SIDE_STEP as u32);
        let mask = mask.map(MaskFile::levels);
        let levels = extension_mask(size, by, OVERLAP, mask.as_ref());
        Self { picture: extended(picture, by), mask: MaskFile::from_levels(&levels) }
    }

    /// These settings with the size of the picture, where neither `width` nor `height` is given and the whole picture is
    /// sampled.
    pub fn sized(&self, settings: &mut Settings, is_size_given: bool) {
        if !is_size_given && !settings.samples_masked_part() {
            (settings.width, settings.height) = (self.picture.width() as usize, self.picture.height() as usize);
        }
    }
}
