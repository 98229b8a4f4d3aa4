//! The mask that is sent, and what is kept of the start image here.

use image::{GrayImage, Luma, RgbImage, imageops};

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
        Self::with_weights(mask.size(), mask.weights(settings.feather), |weight| weight > 0.0)
    }

    /// The mask for a server that repaints what a mask shows and knows no more of masks. What the web UI does besides is done
    /// here: the mask is inverted and blurred, what it covers by half or more may change, and the two pictures are blended by
    /// it. How much of the picture is sampled, and what it holds at the start, is not looked at.
    pub fn blended_here(mask: &Mask, settings: &Settings) -> Self {
        let Some(inpaint) = settings.inpaint else { return Self::new(mask, settings) };
        let mask = if inpaint.inverted { mask.inverted() } else { mask.clone() };
        let blurred = match inpaint.blur {
            0 => mask.picture().clone(),
            blur => imageops::blur(mask.picture(), blur as f32),
        };
        let weights = blurred.pixels().map(|level| f32::from(level.0[0]) / 255.0).collect();
        Self::with_weights(mask.size(), weights, |weight| weight >= 0.5)
    }

    /// A mask that shows where the server may change something, for a picture that is blended here.
    fn with_weights((width, height): (u32, u32), weights: Vec<f32>, may_change: impl Fn(f32) -> bool) -> Self {
        let level = |x: u32, y: u32| {
            let weight = weights.get(y as usize * width as usize + x as usize).copied().unwrap_or(0.0);
            Luma([if may_change(weight) { 255 } else { 0 }])
        };
        let levels = GrayImage::from_fn(width, height, level);
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
    #[test]
    fn the_web_uis_mask_is_blurred_inverted_and_blended_for_servers_that_do_neither() {
        let mask = Mask::from_fn(64, 64, |x, _| x < 32);
        let of = |inverted, blur| {
            let inpaint = Some(Inpaint { inverted, blur, ..Inpaint::default() });
            SentMask::blended_here(&mask, &Settings { inpaint, ..Settings::default() })
        };
        let (start, made) =
            (RgbImage::from_pixel(64, 64, image::Rgb([10; 3])), RgbImage::from_pixel(64, 64, image::Rgb([250; 3])));
        let row = |sent: &SentMask, x: u32| {
            (sent.levels.get_pixel(x, 9).0[0], sent.finished(made.clone(), &start).get_pixel(x, 9).0[0])
        };
        let hard = of(false, 0);
        assert_eq!([row(&hard, 31), row(&hard, 32)], [(255, 250), (0, 10)]);
        let other = of(true, 0);
        assert_eq!([row(&other, 31), row(&other, 32)], [(0, 10), (255, 250)]);
        let soft = of(false, 4);
        assert_eq!([row(&soft, 3), row(&soft, 60)], [(255, 250), (0, 10)], "far from the edge");
        assert_eq!([row(&soft, 30).0, row(&soft, 33).0], [255, 0], "the half that the server may change");
        assert!(
            (131..250).contains(&row(&soft, 30).1) && (11..129).contains(&row(&soft, 33).1),
            "blended around the edge"
        );
        let own = Settings { feather: 3, ..Settings::default() };
        assert_eq!(SentMask::blended_here(&mask, &own).levels, SentMask::new(&mask, &own).levels);
    }
}
