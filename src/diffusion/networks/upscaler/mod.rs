//! Networks that enlarge pictures.
//!
//! Inside them tensors are channels-last, `[b, h, w, c]`; pictures are `[1, h, w, 3]` in 0..1.

mod compact;
mod rrdb;

use candle_core::{DType, Device, Tensor};
use image::{Rgb, RgbImage};

use super::layers::{LayerReader, PartLoader};
use crate::diffusion::files::part::{Findings, PartReader};
use crate::diffusion::files::upscaler::UpscalerFile;
use crate::diffusion::watch::Watch;
use crate::engine::{Error, TileGrid, TileJoin};
use compact::Compact;
pub(in crate::diffusion) use compact::CompactConfig;
use rrdb::Rrdb;
pub(in crate::diffusion) use rrdb::RrdbConfig;

/// Sides of the tiles in which pictures are enlarged, and the pixels that they share, as in the web UI.
const TILE: u32 = 192;
const OVERLAP: u32 = 8;

/// What shapes a network.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) enum UpscalerConfig {
    /// Residual blocks in residual blocks of densely connected convolutions (ESRGAN).
    Rrdb(RrdbConfig),
    /// A row of convolutions (Real-ESRGAN's `SRVGGNetCompact`).
    Compact(CompactConfig),
}

impl UpscalerConfig {
    /// In a few words, such as `ESRGAN, 4 times, 23 blocks of 64 channels`.
    pub fn summary(&self) -> String {
        match self {
            Self::Rrdb(config) => {
                format!("ESRGAN, {} times, {} blocks of {} channels", config.scale(), config.blocks, config.width)
            }
            Self::Compact(config) => format!(
                "compact Real-ESRGAN, {} times, {} convolutions of {} channels",
                config.scale, config.convs, config.width
            ),
        }
    }

    /// Products of numbers for one pixel of the picture that is enlarged.
    pub fn products_per_pixel(&self) -> f64 {
        match self {
            Self::Rrdb(config) => config.products_per_pixel(),
            Self::Compact(config) => config.products_per_pixel(),
        }
    }

    /// Bytes that enlarging one tile takes beyond the weights: a few tensors of the enlarged tile.
    pub fn memory(&self) -> u64 {
        const TENSORS: u64 = 6;
        let (width, scale) = match self {
            Self::Rrdb(config) => (config.width, config.doublings_scale()),
            Self::Compact(config) => (config.width, 1),
        };
        TENSORS * 4 * (width * scale * scale) as u64 * u64::from(TILE * TILE)
    }
}

/// A network, ready to run.
pub(in crate::diffusion) enum UpscalerNetwork {
    Rrdb(Box<Rrdb>),
    Compact(Compact),
}

impl UpscalerNetwork {
    /// Reads a network from its file, with weights in `dtype` where rounding does not show.
    ///
    /// # Errors
    /// A damaged file, or [`Error::Cancelled`] between two tensors.
    pub fn load(file: &UpscalerFile, dtype: DType, device: &Device, watch: &Watch) -> Result<Self, Error> {
        let (part, findings) = (file.part(), Findings::new(0));
        let reader = PartReader { name: "upscaler", files: &part, loras: &[], findings: &findings };
        let loader = PartLoader::new(reader, dtype, device, watch);
        let built = |reader: LayerReader<'_>| -> candle_core::Result<Self> {
            Ok(match file.config() {
                UpscalerConfig::Rrdb(config) => Self::Rrdb(Box::new(Rrdb::new(config, &reader)?)),
                UpscalerConfig::Compact(config) => Self::Compact(Compact::new(config, &reader)?),
            })
        };
        built(loader.root()).map_err(|error| loader.explain(&error, file.path().to_path_buf()))
    }

    /// How many times larger either side becomes.
    pub fn scale(&self) -> usize {
        match self {
            Self::Rrdb(network) => network.scale(),
            Self::Compact(network) => network.scale(),
        }
    }

    /// A picture `[1, h, w, 3]` in 0..1 to `[1, h·scale, w·scale, 3]`, about in 0..1.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn forward(&self, picture: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        match self {
            Self::Rrdb(network) => network.forward(picture, watch),
            Self::Compact(network) => network.forward(picture, watch),
        }
    }

    /// A picture enlarged in tiles that overlap and are blended there.
    ///
    /// # Errors
    /// [`Error::NonFinite`] for a broken network, or [`Error::Cancelled`].
    pub fn enlarged(&self, picture: &RgbImage, device: &Device, watch: &Watch) -> Result<RgbImage, Error> {
        let grid = TileGrid::new(picture.dimensions(), (TILE, TILE), OVERLAP);
        let large = grid.scaled(self.scale() as u32);
        let mut join = TileJoin::new(large.clone());
        for (tile, place) in grid.tiles().zip(large.tiles()) {
            watch.check()?;
            let enlarged = self.forward(&levels(&grid.cut(picture, tile), device)?, watch)?;
            join.put(place, &to_picture(&enlarged)?);
        }
        Ok(join.into_picture())
    }
}

/// A picture as `[1, h, w, 3]` in 0..1.
fn levels(picture: &RgbImage, device: &Device) -> candle_core::Result<Tensor> {
    let levels: Vec<f32> = picture.as_raw().iter().map(|level| f32::from(*level) / 255.0).collect();
    Tensor::from_vec(levels, (1, picture.height() as usize, picture.width() as usize, 3), device)
}

/// `[1, h, w, 3]` in 0..1 as a picture; values outside are clamped.
fn to_picture(levels: &Tensor) -> Result<RgbImage, Error> {
    let (_, height, width, _) = levels.dims4()?;
    let values: Vec<f32> = levels.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(Error::NonFinite { during: "enlarging the picture" });
    }
    let mut picture = RgbImage::new(width as u32, height as u32);
    for (pixel, v) in picture.pixels_mut().zip(values.chunks_exact(3)) {
        *pixel = Rgb([0, 1, 2].map(|c| (v[c] * 255.0).round().clamp(0.0, 255.0) as u8));
    }
    Ok(picture)
}
