//! Pictures to latents and back, in bytes.

use candle_core::{DType, Tensor};
use image::{Rgb, RgbImage};

use crate::diffusion::model::Model;
use crate::diffusion::networks::layers::StripSize;
use crate::diffusion::networks::vae::Vae;
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// A picture to its latent `[1, c, h/f, w/f]`, in tiles where their size is given.
///
/// # Errors
/// [`Error::NonFinite`] for a broken autoencoder, or [`Error::Cancelled`].
pub(in crate::diffusion) fn encode(
    model: &Model,
    picture: &RgbImage,
    tiles: Option<StripSize>,
    watch: &Watch,
) -> Result<Tensor, Error> {
    encode_values(model, values_of(picture), (picture.width() as usize, picture.height() as usize), tiles, watch)
}

/// A picture's pixels in -1..1, red, green and blue of each, row by row.
pub(in crate::diffusion) fn values_of(picture: &RgbImage) -> Vec<f32> {
    picture.as_raw().iter().map(|v| f32::from(*v) / 127.5 - 1.0).collect()
}

/// As [`encode`], for pixels as [`values_of`] gives them, of a picture `w` by `h` pixels large.
///
/// # Errors
/// As [`encode`].
pub(in crate::diffusion) fn encode_values(
    model: &Model,
    values: Vec<f32>,
    (w, h): (usize, usize),
    tiles: Option<StripSize>,
    watch: &Watch,
) -> Result<Tensor, Error> {
    let image = Tensor::from_vec(values, (1, h, w, 3), &model.device.candle)?.permute((0, 3, 1, 2))?.contiguous()?;
    let latent = match tiles {
        None => model.vae.encode(&image, watch)?,
        Some(size) => model.vae.encode_tiled(&image, size, watch)?,
    };
    if !all_finite(&latent)? {
        return Err(Error::NonFinite { during: "encoding the start image" });
    }
    Ok(latent)
}

/// A latent `[1, c, h, w]` to a picture, in tiles where their size is given.
///
/// Sums are f32 and bfloat16 has the range of f32, so there is no wider number format to try again in.
///
/// # Errors
/// [`Error::NonFinite`] for a broken latent or autoencoder, or [`Error::Cancelled`].
pub(in crate::diffusion) fn decode(
    vae: &Vae,
    latent: &Tensor,
    tiles: Option<StripSize>,
    watch: &Watch,
) -> Result<RgbImage, Error> {
    let image = match tiles {
        None => vae.decode(latent, watch)?,
        Some(size) => vae.decode_tiled(latent, size, watch)?,
    };
    if !all_finite(&image)? {
        return Err(Error::NonFinite { during: "decoding" });
    }
    to_bytes(&image)
}

/// A picture `[1, 3, h, w]` in -1..1 as bytes; values outside are clamped.
pub(in crate::diffusion) fn to_bytes(image: &Tensor) -> Result<RgbImage, Error> {
    let (_, _, h, w) = image.dims4()?;
    let values: Vec<f32> = image.squeeze(0)?.permute((1, 2, 0))?.flatten_all()?.to_vec1()?;
    let mut picture = RgbImage::new(w as u32, h as u32);
    for (pixel, v) in picture.pixels_mut().zip(values.chunks_exact(3)) {
        *pixel = Rgb([0, 1, 2].map(|c| ((v[c] + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8));
    }
    Ok(picture)
}

/// Whether no number is NaN or infinite.
pub(in crate::diffusion) fn all_finite(x: &Tensor) -> Result<bool, Error> {
    // A sum is finite only if every part of it is.
    Ok(x.to_dtype(DType::F32)?.sum_all()?.to_scalar::<f32>()?.is_finite())
}
