//! Enlarging the picture of a second pass.

use image::RgbImage;
use image::imageops::{self, FilterType};

use super::compute_device::ComputeDevice;
use super::files::upscaler::UpscalerFile;
use super::memory;
use super::networks::upscaler::UpscalerNetwork;
use super::resample::{Filter, resized};
use super::watch::Watch;
use crate::engine::{Error, SecondPass, Upscaler, is_bare_name};

/// How often a network is run at most where once does not make the picture large enough, as in the web UI.
const MOST_RUNS: usize = 3;

/// The picture in the size that the second pass works over. A network that makes it larger than that, or not large enough,
/// is followed by Lanczos' filter.
///
/// # Errors
/// A network's file that is missing, damaged or of another kind, too little memory, or [`Error::Cancelled`].
pub(super) fn enlarged(
    picture: &RgbImage,
    pass: &SecondPass,
    device: &ComputeDevice,
    watch: &Watch,
) -> Result<RgbImage, Error> {
    let (width, height) = pass.result_size(picture.dimensions());
    match &pass.upscaler {
        Upscaler::Lanczos => Ok(resized(picture, (width, height), Filter::Lanczos)),
        Upscaler::Nearest => Ok(imageops::resize(picture, width, height, FilterType::Nearest)),
        Upscaler::File(path) => {
            if is_bare_name(path) && !path.exists() {
                return Err(Error::File(format!(
                    "The upscaler {} is not known here. Choose its file, or another upscaler.",
                    path.display()
                )));
            }
            let file = UpscalerFile::open(path)?;
            if device.is_processor() {
                let advice = "close other programs, or choose the upscaler lanczos";
                memory::enough("Enlarging with this network", file.config().memory(), memory::free(), advice)?;
            }
            let network = UpscalerNetwork::load(&file, device.dtype(), &device.candle, watch)?;
            let mut now = picture.clone();
            for _ in 0..MOST_RUNS {
                if now.width() >= width && now.height() >= height || network.scale() == 1 && now != *picture {
                    break;
                }
                now = network.enlarged(&now, &device.candle, watch)?;
            }
            Ok(resized(&now, (width, height), Filter::Lanczos))
        }
    }
}
