//! Which pixels of a picture were painted, and how the others are kept.

use std::io::Cursor;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{GrayImage, ImageFormat, Luma};
use serde::{Deserialize, Serialize};

use super::{Settings, distance_map};

const PAINTED: u8 = 255;

/// The lowest level that counts as painted where only that counts.
const HALF: u8 = 128;

/// Which pixels of a picture were painted and may change, and how much; all others are kept. Clones share their pixels.
///
/// Each pixel has a level, 0 to 255. Where only whether a pixel was painted counts, it was from level 128 on.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mask(Arc<GrayImage>);

impl Mask {
    /// A mask of this size in pixels, painted where the function says so.
    pub fn from_fn(width: u32, height: u32, is_painted: impl Fn(u32, u32) -> bool) -> Self {
        let value = |x, y| if is_painted(x, y) { PAINTED } else { 0 };
        Self(Arc::new(GrayImage::from_fn(width, height, |x, y| Luma([value(x, y)]))))
    }

    /// A mask from a picture: painted where that is lighter than middle grey, as masks in AUTOMATIC1111 are.
    pub fn from_gray(picture: &GrayImage) -> Self {
        let mut picture = picture.clone();
        picture.pixels_mut().for_each(|pixel| pixel.0[0] = if pixel.0[0] >= HALF { PAINTED } else { 0 });
        Self(Arc::new(picture))
    }

    /// A mask with the levels of a grey picture.
    pub fn from_levels(picture: GrayImage) -> Self {
        Self(Arc::new(picture))
    }

    /// The mask that has 255 minus the level of this one everywhere.
    #[must_use]
    pub fn inverted(&self) -> Self {
        let mut picture = (*self.0).clone();
        picture.pixels_mut().for_each(|pixel| pixel.0[0] = 255 - pixel.0[0]);
        Self(Arc::new(picture))
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    /// Whether a pixel was painted; false outside.
    pub fn is_painted(&self, x: u32, y: u32) -> bool {
        self.0.get_pixel_checked(x, y).is_some_and(|pixel| pixel.0[0] >= HALF)
    }

    /// Whether nothing was painted.
    pub fn is_empty(&self) -> bool {
        self.0.pixels().all(|pixel| pixel.0[0] < HALF)
    }

    /// Whether every pixel has level 0.
    pub fn is_blank(&self) -> bool {
        self.0.pixels().all(|pixel| pixel.0[0] == 0)
    }

    /// How much of a new picture each pixel takes, row by row: 1 where it was painted, falling smoothly to 0 at a
    /// distance of `feather` pixels, and 0 beyond.
    pub fn weights(&self, feather: usize) -> Vec<f32> {
        let (width, height) = self.size();
        let painted: Vec<bool> = self.0.pixels().map(|pixel| pixel.0[0] >= HALF).collect();
        if feather == 0 {
            return painted.into_iter().map(|painted| f32::from(u8::from(painted))).collect();
        }
        let distances = distance_map(width as usize, height as usize, &painted);
        let weight = |distance: f32| {
            let left = (1.0 - distance / feather as f32).clamp(0.0, 1.0);
            left * left * (3.0 - 2.0 * left)
        };
        distances.into_iter().map(weight).collect()
    }

    /// The mask as a grey picture of its levels.
    pub fn picture(&self) -> &GrayImage {
        &self.0
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mask of {} by {} pixels", self.0.width(), self.0.height())
    }
}

/// A PNG in base64.
impl From<Mask> for String {
    fn from(mask: Mask) -> Self {
        let mut bytes = Cursor::new(Vec::new());
        match mask.0.write_to(&mut bytes, ImageFormat::Png) {
            Ok(()) => STANDARD.encode(bytes.into_inner()),
            // Memory can be written to; a mask without pixels is no PNG.
            Err(_) => Self::new(),
        }
    }
}

impl TryFrom<String> for Mask {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = |reason: String| format!("the mask cannot be read: {reason}");
        let bytes = STANDARD.decode(text).map_err(|error| bad(error.to_string()))?;
        let mut reader = image::ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
        let mut limits = image::Limits::default();
        // A canvas may be larger than results.
        limits.max_image_width = Some(2 * Settings::MAX_SIDE as u32);
        limits.max_image_height = Some(2 * Settings::MAX_SIDE as u32);
        reader.limits(limits);
        let picture = reader.decode().map_err(|error| bad(error.to_string()))?;
        Ok(Self::from_levels(picture.to_luma8()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_the_same_after_being_written_and_read() {
        let mask = Mask::from_fn(70, 30, |x, y| x > y);
        let text = serde_json::to_string(&mask).expect("writes");
        assert_eq!(serde_json::from_str::<Mask>(&text).expect("reads"), mask);
        for bad in [r#""%%%""#, r#""""#, r#""aGVsbG8=""#] {
            assert!(serde_json::from_str::<Mask>(bad).is_err(), "{bad}");
        }
        assert!(!mask.is_painted(70, 0) && mask.is_painted(69, 0) && !mask.is_painted(0, 0));
        assert!(!mask.is_empty() && Mask::from_fn(3, 3, |_, _| false).is_empty());
    }

    #[test]
    fn levels_are_kept_and_count_as_painted_from_the_middle_on() {
        let mask = Mask::from_levels(GrayImage::from_fn(256, 2, |x, _| Luma([x as u8])));
        let text = serde_json::to_string(&mask).expect("writes");
        assert_eq!(serde_json::from_str::<Mask>(&text).expect("reads"), mask);
        assert!(mask.is_painted(128, 0) && !mask.is_painted(127, 0) && !mask.is_empty());
        assert_eq!(mask.weights(3), Mask::from_gray(mask.picture()).weights(3));
        assert_eq!(mask.inverted().picture().get_pixel(3, 1).0, [252]);
        let faint = Mask::from_levels(GrayImage::from_pixel(2, 2, Luma([9])));
        assert!(faint.is_empty() && !faint.is_blank());
    }

    #[test]
    fn weights_fall_from_the_painted_pixels_to_the_end_of_the_feather() {
        let mask = Mask::from_fn(64, 9, |x, y| x == 20 && y == 4);
        let weights = mask.weights(10);
        let at = |x: usize| weights[4 * 64 + x];
        assert_eq!((at(20), at(30), at(31), at(63)), (1.0, 0.0, 0.0, 0.0));
        assert!((at(25) - 0.5).abs() < 1e-6, "half way: {}", at(25));
        assert!((20..30).all(|x| at(x) > at(x + 1)), "falling");
        assert_eq!(weights[20], mask.weights(10)[4 * 64 + 24], "the same in all directions");
        let hard = mask.weights(0);
        assert_eq!((hard[4 * 64 + 20], hard.iter().sum::<f32>()), (1.0, 1.0));
        assert!(Mask::from_fn(5, 5, |_, _| false).weights(8).iter().all(|weight| *weight == 0.0));
    }
}
