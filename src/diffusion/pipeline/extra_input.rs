//! What inpainting and edit models are given besides the noisy latent.

use candle_core::Tensor;
use image::{GrayImage, RgbImage};

use super::inpaint::Repaint;
use super::job::Job;
use super::pixels::{encode, encode_values, values_of};
use crate::diffusion::networks::layers::StripSize;
use crate::diffusion::networks::unet::UNetInputs;
use crate::diffusion::sampling::extra_input::ExtraInput;
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// How strongly a picture is followed that is edited, where nothing is said.
const USUAL_IMAGE_CFG: f64 = 1.5;

/// Encodes what the job's model takes besides the noisy latent.
///
/// # Errors
/// A model that edits pictures without one, or [`Error::Cancelled`].
pub(super) fn extra_input(
    job: &Job<'_>,
    repaint: Option<&Repaint>,
    tiles: Option<StripSize>,
    watch: &Watch,
) -> Result<ExtraInput, Error> {
    let Job { model, request, .. } = job;
    let picture = repaint.map(|repaint| &repaint.source).or_else(|| request.start());
    match model.inputs {
        UNetInputs::Latent => Ok(ExtraInput::None),
        UNetInputs::Inpainting => {
            let size = (request.settings.width as u32, request.settings.height as u32);
            let changes = changing(job, repaint, size);
            Ok(ExtraInput::Inpainting(masked(job, picture, &changes, tiles, watch)?))
        }
        UNetInputs::Edit => {
            let Some(picture) = picture else {
                return Err(Error::Setting(
                    "This model edits a picture, and there is none to start from. Give a start image; at denoising strength 1 set the image CFG scale too.".into(),
                ));
            };
            let image = (encode(model, picture, tiles, watch)? / model.vae.scale)?;
            Ok(ExtraInput::Edit { image, scale: request.settings.image_cfg.unwrap_or(USUAL_IMAGE_CFG) })
        }
    }
}

/// Which pixels may change, row by row.
fn changing(job: &Job<'_>, repaint: Option<&Repaint>, (width, height): (u32, u32)) -> Vec<bool> {
    let of = |mask: &GrayImage| mask.pixels().map(|level| level.0[0] >= 128).collect();
    match (repaint, &job.request.plan.mask) {
        (Some(repaint), _) => of(&repaint.mask),
        (None, Some(mask)) => {
            mask.weights(job.request.settings.feather).into_iter().map(|weight| weight > 0.0).collect()
        }
        // Without a mask, all of the picture may change.
        (None, None) => vec![true; width as usize * height as usize],
    }
}

/// The mask, each place taking the level of its first pixel, and the latent of the picture with grey where it may
/// change. Without a picture all of it is grey.
fn masked(
    job: &Job<'_>,
    picture: Option<&RgbImage>,
    changes: &[bool],
    tiles: Option<StripSize>,
    watch: &Watch,
) -> Result<Tensor, Error> {
    let (width, height) = (job.request.settings.width, job.request.settings.height);
    let mut values = picture.map_or_else(|| vec![0.0; 3 * width * height], values_of);
    for (pixel, _) in values.chunks_exact_mut(3).zip(changes).filter(|(_, changes)| **changes) {
        pixel.fill(0.0);
    }
    let latent = encode_values(job.model, values, (width, height), tiles, watch)?;
    let (_, _, rows, columns) = latent.dims4()?;
    let factor = job.model.vae.factor;
    let level = |at: usize| {
        let (x, y) = (at % columns * factor, at / columns * factor);
        f32::from(u8::from(changes.get(y * width + x).copied().unwrap_or(true)))
    };
    let levels: Vec<f32> = (0..rows * columns).map(level).collect();
    let mask = Tensor::from_vec(levels, (1, 1, rows, columns), latent.device())?;
    Ok(Tensor::cat(&[&mask, &latent], 1)?)
}
