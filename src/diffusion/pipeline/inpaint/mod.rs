//! Repainting the masked part of a start image as AUTOMATIC1111 does: [`Repaint`] holds what all pictures of a job share.
//!
//! In pixels, the mask is blurred ([`blur`]); where only the masked part is sampled, that part is cut out with its
//! padding ([`region`]) and brought to the size of the settings ([`resample`](crate::diffusion::resample)); the masked part may be filled from its
//! surroundings ([`fill`]); and in the end the start image is laid over the result where it is kept ([`overlay`]). In the
//! latent, [`latent`] keeps what is not masked at each step.

mod blur;
mod fill;
mod latent;
mod overlay;
#[cfg(test)]
mod reference_tests;
mod region;

use image::{GrayImage, RgbImage, imageops};

use crate::diffusion::resample::{cropped, filling};
use crate::engine::{Error, Inpaint, InpaintArea, MaskedContent, Request};
pub(super) use latent::MaskedLatent;
use region::Region;

/// What all pictures of a job share that repaints the masked part of its start image.
pub(super) struct Repaint {
    pub options: Inpaint,
    /// The part of the start image that is sampled; `None` for all of it.
    region: Option<Region>,
    /// What is sampled, in the size of the settings, with its masked part filled if that was asked for.
    pub source: RgbImage,
    /// How much of `source` may change, in its size.
    pub mask: GrayImage,
    /// How much of the result each pixel of the start image gives way to, in the size of the start image.
    change: GrayImage,
}

impl Repaint {
    /// Prepares what a request says; `None` if it has no mask, or keeps the rest of its start image in another way.
    ///
    /// # Errors
    /// A mask under which nothing would change.
    pub fn new(request: &Request) -> Result<Option<Self>, Error> {
        let (Some(options), Some(mask), Some(start)) =
            (request.settings.inpaint, request.plan.changing(&request.settings), request.start())
        else {
            return Ok(None);
        };
        if request.plan.changes_nothing(&request.settings) {
            return Err(Error::Setting(
                "The mask leaves nothing to change. Mask what should change, or invert the mask.".into(),
            ));
        }
        let blurred = blur::blurred(mask.picture(), options.blur);
        let size = (request.settings.width as u32, request.settings.height as u32);
        let region = match options.area {
            InpaintArea::Whole => None,
            InpaintArea::OnlyMasked => Region::around(&blurred, options.padding as u32, size),
        };
        let (source, mask) = match region {
            Some(region) => (filling(&region.of(start), size), filling(&region.of(&blurred), size)),
            None => (start.clone(), blurred.clone()),
        };
        let source = match options.content {
            MaskedContent::Original => source,
            // Noise and nothing take the place of the filled part in the latent.
            MaskedContent::Fill | MaskedContent::LatentNoise | MaskedContent::LatentNothing => {
                fill::filled(&source, &mask)
            }
        };
        let mut change = blurred;
        if region.is_none() || options.soft {
            change.pixels_mut().for_each(|level| level.0[0] = level.0[0].saturating_mul(2));
        }
        Ok(Some(Self { options, region, source, mask, change }))
    }

    /// The part of a picture of the start image's size that is sampled, in the size of the settings.
    pub fn sampled_part(&self, picture: &RgbImage) -> RgbImage {
        match self.region {
            Some(region) => filling(&region.of(picture), self.source.dimensions()),
            None => picture.clone(),
        }
    }

    /// The result: what was made of `source`, put back in its place, with the start image laid over where it is kept.
    pub fn pasted(&self, made: RgbImage, start: &RgbImage) -> RgbImage {
        let mut result = self.in_place(made, start);
        overlay::keep(&mut result, start, &self.change);
        result
    }

    /// A preview of what is made, shown in the start image where it will be.
    pub fn preview(&self, preview: RgbImage, start: &RgbImage) -> RgbImage {
        let Some(Region { x, y, width, height }) = self.region else { return preview };
        let mut shown = start.clone();
        let part = imageops::resize(&preview, width, height, imageops::FilterType::Triangle);
        imageops::replace(&mut shown, &part, i64::from(x), i64::from(y));
        overlay::keep(&mut shown, start, &self.change);
        shown
    }

    fn in_place(&self, made: RgbImage, start: &RgbImage) -> RgbImage {
        let Some(Region { x, y, width, height }) = self.region else { return made };
        let mut result = start.clone();
        imageops::replace(&mut result, &cropped(&made, (width, height)), i64::from(x), i64::from(y));
        result
    }
}
