//! Pictures as the transformers take them: in another size by Pillow's bicubic filter, then normalised.

use candle_core::{Device, Tensor};
use image::RgbImage;

use crate::diffusion::{Filter, resized};
use crate::engine::Error;

/// Mean and standard deviation of red, green and blue over a network's training pictures, on a scale of 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Normalisation {
    pub mean: [f32; 3],
    pub deviation: [f32; 3],
}

/// CLIP's, which BLIP took over.
pub(super) const CLIP: Normalisation = Normalisation {
    mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
    deviation: [0.268_629_54, 0.261_302_6, 0.275_777_1],
};

/// ImageNet's, which DINOv2 took over.
pub(super) const IMAGENET: Normalisation =
    Normalisation { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/// A picture of `width × height` pixels as `[1, 3, height, width]`. Its shape is not kept.
///
/// # Errors
/// A picture without pixels.
pub(super) fn prepared(picture: &RgbImage, size: (u32, u32), normalisation: Normalisation) -> Result<Tensor, Error> {
    if picture.width() == 0 || picture.height() == 0 {
        return Err(Error::Setting("The picture has no pixels; choose another one.".into()));
    }
    let picture = resized_as_pillow(picture, size);
    let (width, height) = (size.0 as usize, size.1 as usize);
    let mut values = vec![0.0; 3 * width * height];
    for (at, pixel) in picture.pixels().enumerate() {
        for (channel, level) in pixel.0.into_iter().enumerate() {
            let value = f32::from(level) / 255.0;
            values[channel * width * height + at] =
                (value - normalisation.mean[channel]) / normalisation.deviation[channel];
        }
    }
    Ok(Tensor::from_vec(values, (1, 3, height, width), &Device::Cpu)?)
}

/// A picture in another size. Where the width grows and the height shrinks, Pillow 13 works down first; otherwise across first is taken
/// here, as earlier versions do.
fn resized_as_pillow(picture: &RgbImage, size: (u32, u32)) -> RgbImage {
    let (width, height) = picture.dimensions();
    if width < size.0 && height > size.1 {
        resized(&resized(picture, (width, size.1), Filter::Bicubic), size, Filter::Bicubic)
    } else {
        resized(picture, size, Filter::Bicubic)
    }
}
