//! `underpaint generate --vary`: variations of a result from its file.

use std::path::Path;

use anyhow::{anyhow, bail};
use image::RgbImage;

use super::generate_args::GenerateArgs;
use super::picture_round::fitted_masks;
use crate::engine::{Mask, Settings, random_seed};
use crate::picture::{Fit, Parameters, open, read_parameters, read_region_masks, read_start_image};

/// The variation strength where none is given.
const STRENGTH: f64 = 0.15;

/// Variations of a result that is in a file.
pub(super) struct Variation {
    /// The settings that make them: those in the file, with options over them.
    pub settings: Settings,
    /// The start image that the file carries, in the size of the result.
    pub start: Option<RgbImage>,
    /// Where the regions of the settings lie, as the file has them.
    regions: Vec<Mask>,
}

impl Variation {
    /// Reads how a result was made.
    ///
    /// # Errors
    /// A file that is no picture or does not say how it was made, or a missing start image or mask.
    pub fn read(result: &Path, args: &GenerateArgs) -> anyhow::Result<Self> {
        let name = result.display();
        let Some(text) = read_parameters(result) else {
            // What is wrong with a file that is no picture is told first.
            open(result)?;
            bail!("{name} does not say how it was made, so it cannot be varied.");
        };
        let parameters = Parameters::read(&text).with_region_masks(read_region_masks(result));
        let seed = parameters.seed().filter(|seed| *seed <= u64::from(u32::MAX));
        let seed = seed.ok_or_else(|| anyhow!("{name} does not say its seed, so it cannot be varied."))?;
        let mut own = Settings { prompt: String::new(), ..Settings::default() };
        // What cannot be taken over is another program's; the seed and the prompt are what counts.
        let _ = parameters.apply_to(&mut own);
        let needs_start = parameters.field("Denoising strength").is_some();
        let start = if needs_start && args.init.is_none() { read_start_image(result) } else { None };
        if needs_start && args.init.is_none() && start.is_none() {
            bail!("{name} was made from a start image: give that with --init.");
        }
        if own.keep_unpainted && args.inpaint.mask.is_none() {
            bail!("{name} was made with a mask, which its file does not hold: give that with --mask.");
        }
        let settings = Settings {
            seed: args.seed.unwrap_or(seed as i64),
            variation_seed: args.variation_seed.unwrap_or_else(random_seed),
            variation_strength: args.variation_strength.unwrap_or(STRENGTH),
            keep_unpainted: args.inpaint.mask.is_some(),
            ..args.settings_over(own)
        };
        Ok(Self { settings, start, regions: parameters.region_masks().to_vec() })
    }

    /// Where the regions of the settings lie in a picture of this size.
    pub fn regions_in(&self, size: (u32, u32), how: Fit) -> Vec<Mask> {
        fitted_masks(&self.regions, size, how)
    }
}
