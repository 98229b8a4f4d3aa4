//! The mask that is sent, and what is kept of the start image here.

use image::{GrayImage, Luma, RgbImage};

use crate::engine::{Inpaint, InpaintArea, Mask, MaskedContent, Settings};

/// A mask as it is sent.
pub(super) struct SentMask {
    /// White where the picture may change.
    pub levels: GrayImage,
    pub inpaint: Inpaint,
    /// How much of the new picture each pixel takes, where the soft edge is made here and not by the server.
    weights: Option<Vec<f32>>,
}

impl SentMask {
    /// The mask for these settings. The web UI has no edge that is soft to the outside alone, as [`Settings::feather`] asks
    /// for. So the server may change everything up to the end of the soft edge, and the two pictures are blended here.
    pub fn new(mask: &Mask, settings: &Settings) -> Self {
        if let Some(inpaint) = settings.inpaint {
            return Self { levels: mask.picture().clone(), inpaint, weights: None };
        }
        let weights = mask.weights(settings.feather);
        let width = mask.size().0 as usize;
        let level = |x: u32, y: u32| {
            let weight = weights.get(y as usize * width + x as usize).copied().unwrap_or(0.0);
            Luma([if weight > 0.0 { 255 } else { 0 }])
        };
        let levels = GrayImage::from_fn(mask.size().0, mask.size().1, level);
        let inpaint = Inpaint {
            blur: 0,
            area: InpaintArea::Whole,
            padding: 0,
            content: MaskedContent::Original,
            inverted: false,
            soft: false,
        };
        Self { levels, inpaint, weights: Some(weights) }
    }

    /// The finished picture: what is not masked is as in the start image, to the bit.
    pub fn finished(&self, made: RgbImage, start: &RgbImage) -> RgbImage {
        let Some(weights) = &self.weights else { return made };
        let width = start.width() as usize;
        RgbImage::from_fn(start.width(), start.height(), |x, y| {
            let weight = weights.get(y as usize * width + x as usize).copied().unwrap_or(0.0);
            let (old, new) = (start.get_pixel(x, y).0, made.get_pixel(x, y).0);
            let blend = |channel: usize| {
                let (old, new) = (f32::from(old[channel]), f32::from(new[channel]));
                (old + (new - old) * weight).round() as u8
            };
            image::Rgb([blend(0), blend(1), blend(2)])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_masked_is_kept_whatever_the_server_sends() {
        let mask = Mask::from_fn(64, 64, |x, _| x < 20);
        let settings = Settings { feather: 8, ..Settings::default() };
        let sent = SentMask::new(&mask, &settings);
        assert_eq!((sent.levels.get_pixel(26, 3).0[0], sent.levels.get_pixel(40, 3).0[0]), (255, 0));
        let (start, made) =
            (RgbImage::from_pixel(64, 64, image::Rgb([10; 3])), RgbImage::from_pixel(64, 64, image::Rgb([250; 3])));
        let finished = sent.finished(made.clone(), &start);
        let at = |x: u32| finished.get_pixel(x, 30).0[0];
        assert!(at(5) == 250 && at(40) == 10 && (11..250).contains(&at(24)), "{} {} {}", at(5), at(24), at(40));
        let own = Settings { inpaint: Some(Inpaint::default()), ..settings };
        assert_eq!(SentMask::new(&mask, &own).finished(made.clone(), &start), made, "the server made the edge");
    }
}
