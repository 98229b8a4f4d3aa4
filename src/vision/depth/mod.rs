//! Depth: Depth Anything V2 (Yang et al. 2024) says how near each pixel of a picture is.
//!
//! A DINOv2 backbone with the head of DPT (Ranftl et al. 2021). `candle-transformers` has both, but its head enlarges features to
//! the nearest value where the original interpolates, takes square pictures of 518 pixels only, and wants a classifier that the
//! published files do not have; so [`backbone`] and [`head`] are our own. Files may be those for transformers
//! (`depth-anything/Depth-Anything-V2-Small-hf`) or have the original names (`depth_anything_v2_vits`).

mod backbone;
mod config;
mod head;
mod names;
mod positions;
mod size;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::Tensor;
use image::{GrayImage, RgbImage};

use super::prepare::{IMAGENET, prepared};
use super::weights;
use crate::diffusion::{WeightFile, depth_names};
use crate::engine::{Cancel, Error};
use backbone::Backbone;
use config::DepthConfig;
use head::Head;
use names::original_name;
use size::prepared_size;

/// What the files are called in messages.
const NETWORK: &str = "Depth Anything V2";

/// The file of weights that is looked for in a folder.
const WEIGHTS: &str = "model.safetensors";

/// A loaded network that estimates depth.
pub struct DepthEstimator {
    backbone: Backbone,
    head: Head,
    config: DepthConfig,
}

impl DepthEstimator {
    /// Loads Depth Anything V2 from its file of weights, or from the folder with it. What the file does not say is read from
    /// `config.json` beside it, if there is one.
    ///
    /// # Errors
    /// A file that is missing, damaged or not that of Depth Anything V2 for relative depth, or [`Error::Cancelled`].
    pub fn load(path: &Path, cancel: &Cancel) -> Result<Self, Error> {
        let file = weights_at(path)?;
        let weights = WeightFile::open(&file)?;
        let Some(is_original) = depth_names(&|name| weights.has(name)) else {
            return Err(Error::File(format!("{} is not a depth model (Depth Anything V2); {CHOOSE}.", file.display())));
        };
        let name = |name: &str| if is_original { original_name(name) } else { name.to_owned() };
        let shape = |wanted: &str| weights.shape(&name(wanted));
        let beside = file.parent().unwrap_or(Path::new(".")).join("config.json");
        let config = DepthConfig::of(&shape, beside.is_file().then_some(&*beside))
            .map_err(|reason| Error::File(format!("{} {reason}; {CHOOSE}.", file.display())))?;
        let (backbone, head) = weights::build(&file, weights, NETWORK, cancel, |vb| {
            let vb = if is_original { vb.rename_f(original_name) } else { vb };
            Ok((Backbone::new(&config, vb.pp("backbone"))?, Head::new(&config, &vb)?))
        })?;
        Ok(Self { backbone, head, config })
    }

    /// How near each pixel of a picture is, in its size: the nearest is 255, the farthest 0, as control networks for depth expect
    /// it. A cancellation takes effect between the layers of the network.
    ///
    /// # Errors
    /// A picture without pixels, numbers that are none, or [`Error::Cancelled`].
    pub fn estimate(&self, picture: &RgbImage, cancel: &Cancel) -> Result<GrayImage, Error> {
        let (width, height) = picture.dimensions();
        let size = prepared_size((width, height), self.config.side(), self.config.patch);
        let begun = Instant::now();
        let depth = self.depth(&prepared(picture, size, IMAGENET)?, cancel)?;
        tracing::debug!(?size, "estimated depth in {:.2} s", begun.elapsed().as_secs_f64());
        let whole = depth.unsqueeze(0)?.upsample_bilinear2d(height as usize, width as usize, false)?;
        let values: Vec<f32> = whole.flatten_all()?.to_vec1()?;
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::NonFinite { during: "estimating depth" });
        }
        let levels = levels(&values);
        GrayImage::from_raw(width, height, levels).ok_or_else(|| Error::Internal("a depth map has another size".into()))
    }

    /// How near each pixel of a prepared picture `[1, 3, h, w]` is, `[1, h, w]`, from 0 up.
    fn depth(&self, pixels: &Tensor, cancel: &Cancel) -> Result<Tensor, Error> {
        let (_, _, height, width) = pixels.dims4()?;
        let grid = (height / self.config.patch, width / self.config.patch);
        let features = self.backbone.features(pixels, cancel)?;
        self.head.forward(&features, grid, cancel)
    }
}

/// What to do where a file is none of a depth model.
const CHOOSE: &str =
    "choose the file of Depth-Anything-V2-Small-hf, or fetch it: underpaint models fetch depth-anything-v2-small";

fn weights_at(path: &Path) -> Result<PathBuf, Error> {
    let inside = path.join(WEIGHTS);
    match (path.is_file(), inside.is_file()) {
        (true, _) => Ok(path.to_path_buf()),
        (false, true) => Ok(inside),
        (false, false) => Err(Error::File(format!("There is no depth model at {}; {CHOOSE}.", path.display()))),
    }
}

/// The values between their smallest and largest as 0 to 255, cut to whole numbers as the web UI's extension does.
fn levels(values: &[f32]) -> Vec<u8> {
    let (least, most) =
        values.iter().fold((f32::MAX, f32::MIN), |(least, most), value| (least.min(*value), most.max(*value)));
    let range = most - least;
    let level = |value: &f32| if range > 0.0 { ((value - least) / range * 255.0) as u8 } else { 0 };
    values.iter().map(level).collect()
}
