//! A picture on the graphics card.

use egui::{Context, TextureFilter, TextureHandle, TextureId, TextureOptions};
use image::RgbImage;

use crate::ui::results::color_image;

/// The textures of one picture: a smooth one, and one with sharp pixels for large zooms. Each is uploaded
/// when it is first shown, and freed when this is dropped.
#[derive(Default)]
pub(super) struct Textures {
    smooth: Option<TextureHandle>,
    sharp: Option<TextureHandle>,
}

impl Textures {
    /// The texture of the picture, which must be the same in every call.
    pub fn get(&mut self, ctx: &Context, picture: &RgbImage, sharp: bool) -> TextureId {
        let (texture, options) = match sharp {
            true => (&mut self.sharp, TextureOptions::NEAREST),
            // Without mipmaps a picture made small would show every second pixel only.
            false => (&mut self.smooth, TextureOptions::LINEAR.with_mipmap_mode(Some(TextureFilter::Linear))),
        };
        texture.get_or_insert_with(|| ctx.load_texture("compared", color_image(picture), options)).id()
    }
}
