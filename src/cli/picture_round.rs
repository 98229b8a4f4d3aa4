//! The round that a saved picture came from, as its file describes it.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use image::RgbImage;

use super::models::find_model_of_picture;
use super::options::EngineOptions;
use crate::engine::{MadeWith, Mask, ModelChoice, Settings};
use crate::picture::{
    FileKind, Fit, MaskPicture, NotTaken, Parameters, open, read_parameters, read_region_masks, read_start_image,
};

/// What a saved picture says about how it was made.
pub(super) struct PictureRound {
    path: PathBuf,
    /// The settings that make this one picture.
    pub settings: Settings,
    /// The start image that the file carries, in the size of the picture.
    pub start: Option<RgbImage>,
    /// Where the regions of the settings lie, in the size of the picture.
    regions: Vec<Mask>,
    /// Whether it was made from a start image.
    pub needs_start: bool,
    /// What computed it.
    pub made_with: MadeWith,
    /// What could not be taken over, or not as it stands.
    pub not_taken: Vec<NotTaken>,
    /// The model's name.
    model: Option<String>,
}

impl PictureRound {
    /// Reads a picture's settings and start image.
    ///
    /// # Errors
    /// If it cannot be opened or holds no settings, as one sentence.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = match read_parameters(path) {
            Some(text) => text,
            None => {
                open(path)?;
                bail!(
                    "{} does not say how it was made. Give a picture that was saved with its settings.",
                    path.display()
                );
            }
        };
        let parameters = Parameters::read(&text).with_region_masks(read_region_masks(path));
        if !parameters.has_settings() {
            bail!("{} does not say how it was made. Give a picture that was saved with its settings.", path.display());
        }
        let mut settings = Settings { batch: 1, ..Settings::default() };
        let not_taken = parameters.apply_to(&mut settings);
        Ok(Self {
            path: path.to_path_buf(),
            settings,
            start: read_start_image(path),
            regions: parameters.region_masks().to_vec(),
            // A strength of AUTOMATIC1111's second pass is about a picture that it made itself.
            needs_start: parameters.field("Denoising strength").is_some()
                && parameters.field("Hires upscale").is_none()
                && parameters.field("Hires steps").is_none(),
            made_with: parameters.made_with(),
            not_taken,
            model: parameters.model().map(str::to_owned),
        })
    }

    /// Fails if the picture was made from a start image and none is at hand.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn check_start(&self, is_given: bool) -> anyhow::Result<()> {
        if self.needs_start && self.start.is_none() && !is_given {
            bail!(
                "{} was made from a start image and does not carry it. Give that picture with --init.",
                self.path.display()
            );
        }
        Ok(())
    }

    /// Fails if a part of the start image was kept and no mask is given: the file does not say which part.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn check_mask(&self, is_given: bool) -> anyhow::Result<()> {
        if self.settings.keep_unpainted && !is_given {
            bail!(
                "{} cannot be made again without its mask, which its file does not hold. Give the mask with --mask.",
                self.path.display()
            );
        }
        Ok(())
    }

    /// Refuses a start image inside the file that has another size than the picture's settings say: the picture was made
    /// from something else.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn check_start_size(&self, (width, height): (u32, u32)) -> anyhow::Result<()> {
        match &self.start {
            Some(_) if self.keeps_start_size() => Ok(()),
            Some(start) if self.needs_start && start.dimensions() != (width, height) => bail!(
                "The start image inside {} has {} by {} pixels, and the picture was made at {width} by {height}. Give the start image with --init.",
                self.path.display(),
                start.width(),
                start.height()
            ),
            _ => Ok(()),
        }
    }

    /// Where the regions of the settings lie in a picture of this size.
    pub fn regions_in(&self, size: (u32, u32), how: Fit) -> Vec<Mask> {
        fitted_masks(&self.regions, size, how)
    }

    /// Whether its start image has a size of its own: only a masked part of it was sampled, or it was enlarged.
    pub fn keeps_start_size(&self) -> bool {
        self.settings.keep_unpainted && self.settings.samples_masked_part() || self.settings.second_pass.is_some()
    }

    /// The model that makes the picture: the one that is given, else the one that the picture was made with, found by
    /// its hash or its name.
    ///
    /// # Errors
    /// If the picture's model is not found and none is given.
    pub fn model(&self, engine: &EngineOptions) -> anyhow::Result<ModelChoice> {
        let choice = engine.model();
        let Some(name) = self.model.as_deref().filter(|name| engine.model.is_none() && *name != choice.name()) else {
            return Ok(choice);
        };
        let hash = Some(self.made_with.model_hash.as_str()).filter(|hash| !hash.is_empty());
        find_model_of_picture(Some(name), hash)?.ok_or_else(|| {
            anyhow!(
                "{} was made with the model {name}, which is not among those that underpaint models list shows. Say with --model where it is, or --model starter.",
                self.path.display()
            )
        })
    }

    /// What was not taken over, as one sentence; `None` if everything was.
    pub fn losses(&self) -> Option<String> {
        let losses: Vec<String> = self.not_taken.iter().take(8).map(ToString::to_string).collect();
        (!losses.is_empty()).then(|| format!("Not taken over as it stands: {}.", losses.join("; ")))
    }

    /// Whether the file holds every pixel as it was made.
    pub fn is_lossless(&self) -> bool {
        FileKind::from_path(&self.path).is_none_or(FileKind::is_lossless)
    }
}

/// Masks in this size.
pub(super) fn fitted_masks(masks: &[Mask], size: (u32, u32), how: Fit) -> Vec<Mask> {
    let fitted = |mask: &Mask| match mask.size() == size {
        true => mask.clone(),
        false => Mask::from_levels(MaskPicture::from_levels(mask.picture()).levels_in(size, how)),
    };
    masks.iter().map(fitted).collect()
}
