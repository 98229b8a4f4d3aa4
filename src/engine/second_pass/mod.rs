//! A second pass over a finished picture: enlarged, then worked over by img2img in tiles that overlap. The web UI's script
//! "SD upscale" does the same, and the numbers are its.

mod tile_grid;
mod tiled_picture;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use tile_grid::{Tile, TileGrid, TileJoin};
pub use tiled_picture::TiledPicture;

use super::{Error, Estimate, Estimator, Plan, Settings};

/// How a picture is enlarged and worked over. The tiles have the size of [`Settings::width`] and [`Settings::height`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecondPass {
    /// How many times larger either side becomes, `1.0..=4.0`.
    pub scale: f64,
    /// Pixels that neighbouring tiles share at least, in which one fades into the next; `0..=256`, and at most half of a
    /// tile's side.
    pub overlap: usize,
    /// How the picture is enlarged.
    pub upscaler: Upscaler,
}

/// How a picture is enlarged before it is worked over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upscaler {
    /// With the filter of Lanczos, three lobes.
    #[default]
    Lanczos,
    /// Every pixel becomes a square of its colour.
    Nearest,
    /// By a network in this file: ESRGAN (Wang et al. 2018) or Real-ESRGAN. A bare name stands for a file that has not been
    /// found yet.
    File(PathBuf),
}

impl Default for SecondPass {
    fn default() -> Self {
        Self { scale: 2.0, overlap: 64, upscaler: Upscaler::default() }
    }
}

impl SecondPass {
    /// The largest scale.
    pub const MAX_SCALE: f64 = 4.0;
    /// The widest overlap in pixels.
    pub const MAX_OVERLAP: usize = 256;
    /// The longest side of the enlarged picture in pixels.
    pub const MAX_SIDE: u32 = 2 * Settings::MAX_SIDE as u32;
    /// The denoising strength that leaves the picture what it is and sharpens it.
    pub const STRENGTH: f64 = 0.3;
    /// Width and height of a tile where nothing else is said.
    pub const TILE: usize = 512;

    /// Width and height of the enlarged picture: the sides are rounded down to multiples of 8, as the web UI does.
    pub fn result_size(&self, (width, height): (u32, u32)) -> (u32, u32) {
        let step = Settings::SIDE_STEP as u32;
        let side = |side: u32| (f64::from(side) * self.scale).min(f64::from(u32::MAX)) as u32 / step * step;
        (side(width), side(height))
    }

    /// The tiles of a picture of this size with these settings.
    pub fn grid(&self, settings: &Settings, start: (u32, u32)) -> TileGrid {
        TileGrid::new(self.result_size(start), (settings.width as u32, settings.height as u32), self.overlap as u32)
    }

    /// It in a few words, for lists of what differs.
    pub fn summary(&self) -> String {
        format!("{} times ({}, overlap {})", self.scale, self.upscaler.label(), self.overlap)
    }

    /// Checks every range; `tile` is the size of the tiles.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first value that is out of range.
    pub(super) fn check(&self, tile: (usize, usize)) -> Result<(), Error> {
        let fail = |text: String| Err(Error::Setting(text));
        if !(1.0..=Self::MAX_SCALE).contains(&self.scale) {
            return fail(format!("The scale must lie between 1 and {}, not {}.", Self::MAX_SCALE, self.scale));
        }
        let most = Self::MAX_OVERLAP.min(tile.0.min(tile.1) / 2);
        if self.overlap > most {
            return fail(format!(
                "The overlap must lie between 0 and {most} with tiles of {} by {} pixels, not {}.",
                tile.0, tile.1, self.overlap
            ));
        }
        Ok(())
    }

    /// Checks that a picture of this size can be enlarged.
    ///
    /// # Errors
    /// [`Error::Setting`] that says how large it would become.
    pub fn check_size(&self, start: (u32, u32)) -> Result<(), Error> {
        let (width, height) = self.result_size(start);
        let (least, most) = (Settings::MIN_SIDE as u32, Self::MAX_SIDE);
        if width.min(height) < least || width.max(height) > most {
            return Err(Error::Setting(format!(
                "The picture would have {width} by {height} pixels, and sides go from {least} to {most}; choose another scale."
            )));
        }
        Ok(())
    }

    /// The settings of one tile alone of this size.
    pub(super) fn tile_settings(settings: &Settings, (width, height): (u32, u32)) -> Settings {
        Settings { second_pass: None, batch: 1, width: width as usize, height: height as usize, ..settings.clone() }
    }

    /// What the second pass with these settings takes for a picture of this size: every tile, and the enlarging where the
    /// estimator knows it.
    pub fn estimate(&self, estimator: &dyn Estimator, settings: &Settings, start: (u32, u32)) -> Estimate {
        let grid = self.grid(settings, start);
        let tile = Self::tile_settings(settings, grid.tile_size());
        let of_tile = estimator.estimate(&tile, &Plan::default(), true);
        let tiles = (grid.len() * settings.batch) as f64;
        let enlarging = estimator.enlarging_seconds(self, start).unwrap_or_default();
        // The enlarged picture, the one that the tiles are put into, and a preview of it.
        let (width, height) = self.result_size(start);
        let pictures = 3 * 3 * u64::from(width) * u64::from(height);
        Estimate {
            seconds: of_tile.seconds * tiles + enlarging,
            memory_bytes: of_tile.memory_bytes.map(|bytes| bytes + pictures),
            evaluations: of_tile.evaluations * grid.len(),
            ..of_tile
        }
    }
}

impl Upscaler {
    /// Its name in the window and in the settings text; of a file the name without its ending.
    pub fn label(&self) -> String {
        match self {
            Self::Lanczos => "Lanczos".into(),
            Self::Nearest => "Nearest".into(),
            Self::File(path) => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// The one of this name in any case; any other name is taken for a file's.
    pub fn from_name(name: &str) -> Self {
        match name.trim() {
            name if name.eq_ignore_ascii_case("lanczos") => Self::Lanczos,
            name if name.eq_ignore_ascii_case("nearest") => Self::Nearest,
            name => Self::File(name.into()),
        }
    }

    /// The network's file, if there is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Lanczos | Self::Nearest => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_become_multiples_of_8_and_tiles_are_counted() {
        let pass = SecondPass { scale: 1.5, ..SecondPass::default() };
        assert_eq!(pass.result_size((512, 333)), (768, 496));
        let settings = Settings::default();
        assert_eq!(SecondPass::default().grid(&settings, (512, 512)).len(), 9);
        assert_eq!(pass.grid(&settings, (512, 512)).len(), 4);
        assert_eq!(pass.grid(&settings, (200, 100)).len(), 1);
        assert_eq!(pass.grid(&settings, (200, 100)).tile_size(), (296, 144));
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let fails = |pass: SecondPass, word: &str| {
            let error =
                Settings { second_pass: Some(pass), ..Settings::default() }.check().expect_err(word).to_string();
            assert!(error.contains(word), "{error}");
        };
        fails(SecondPass { scale: 0.5, ..SecondPass::default() }, "scale");
        fails(SecondPass { scale: f64::NAN, ..SecondPass::default() }, "scale");
        fails(SecondPass { overlap: 257, ..SecondPass::default() }, "between 0 and 256");
        let narrow = Settings { width: 128, second_pass: Some(SecondPass::default()), ..Settings::default() };
        narrow.check().expect("half of the tile");
        let text = Settings { width: 120, ..narrow }.check().expect_err("too wide").to_string();
        assert!(text.contains("between 0 and 60"), "{text}");
        let text =
            SecondPass { scale: 4.0, ..SecondPass::default() }.check_size((1032, 64)).expect_err("large").to_string();
        assert!(text.contains("4128 by 256"), "{text}");
    }

    #[test]
    fn every_name_leads_back() {
        for upscaler in [Upscaler::Lanczos, Upscaler::Nearest, Upscaler::File("R-ESRGAN 4x+".into())] {
            assert_eq!(Upscaler::from_name(&upscaler.label()), upscaler);
        }
    }
}
