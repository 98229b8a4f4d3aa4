//! Pictures with alpha as PNG: layers, and pictures that are transparent in places.

use image::RgbaImage;

use super::{FileKind, SaveError};

/// The bytes of a PNG file with alpha, eight bits a channel, in sRGB. The colours of transparent pixels are kept.
///
/// # Errors
/// What the encoder reports, for a picture without pixels.
pub fn encode_png_with_alpha(picture: &RgbaImage) -> Result<Vec<u8>, SaveError> {
    let fail = |error: png::EncodingError| SaveError::Encode { kind: FileKind::Png, reason: error.to_string() };
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header().map_err(fail)?;
    writer.write_image_data(picture.as_raw()).map_err(fail)?;
    writer.finish().map_err(fail)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;
    use crate::picture::read_with_alpha;

    #[test]
    fn every_pixel_comes_back_and_no_picture_is_refused() {
        let picture = RgbaImage::from_fn(70, 9, |x, y| Rgba([x as u8, 200, 7, (x * y) as u8]));
        let bytes = encode_png_with_alpha(&picture).expect("encodes");
        assert_eq!(read_with_alpha(&bytes, "x").expect("opens"), picture);
        assert!(encode_png_with_alpha(&RgbaImage::new(0, 0)).is_err());
    }
}
