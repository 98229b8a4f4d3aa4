//! Reading PNG, JPEG and WebP.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};

/// The longest side of a picture that is read.
const MAX_SIDE: u32 = 16_384;
/// The longest file that is read.
const MAX_BYTES: u64 = 256 << 20;

/// Why a picture could not be opened, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("{} could not be read: {source}.", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It was read and is no picture.
    #[error("{name} could not be opened as a PNG, JPEG or WebP picture: {reason}.")]
    Picture {
        /// What it is called.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// Opens a picture file, turned upright; transparent parts show white.
///
/// # Errors
/// An unreadable file, or one that is no picture or too large a one.
pub fn open(path: &Path) -> Result<RgbImage, OpenError> {
    let file = |source| OpenError::File { path: path.to_path_buf(), source };
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let length = std::fs::metadata(path).map_err(file)?.len();
    if length > MAX_BYTES {
        return Err(OpenError::Picture { name: name.into_owned(), reason: "the file is far too large".into() });
    }
    read(&std::fs::read(path).map_err(file)?, &name)
}

/// The same from bytes in memory; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn read(bytes: &[u8], name: &str) -> Result<RgbImage, OpenError> {
    let fail = |reason: String| OpenError::Picture { name: name.to_owned(), reason };
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| fail(e.to_string()))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| fail(e.to_string()))?;
    let orientation = decoder.orientation().map_err(|e| fail(e.to_string()))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| fail(e.to_string()))?;
    picture.apply_orientation(orientation);
    Ok(over_white(&picture))
}

fn over_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0.map(u32::from);
        image::Rgb([r, g, b].map(|c| ((c * a + 255 * (255 - a) + 127) / 255) as u8))
    })
}

/// The `parameters` text of a PNG file, if it has one.
pub fn read_parameters(path: &Path) -> Option<String> {
    let file = std::io::BufReader::new(std::fs::File::open(path).ok()?);
    let reader = png::Decoder::new(file).read_info().ok()?;
    let info = reader.info();
    let packed =
        || info.compressed_latin1_text.iter().find(|t| t.keyword == "parameters").and_then(|t| t.get_text().ok());
    let plain = info.uncompressed_latin1_text.iter().find(|t| t.keyword == "parameters").map(|t| t.text.clone());
    plain
        .or_else(packed)
        .or_else(|| info.utf8_text.iter().find(|t| t.keyword == "parameters").and_then(|t| t.get_text().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rubbish_and_cut_files_give_one_sentence() {
        let png = crate::picture::encode_png(&RgbImage::new(20, 20), None).expect("encodes");
        for bytes in [&b""[..], b"not a picture", &png[..png.len() / 2], &png[..40]] {
            let text = read(bytes, "drop.png").expect_err("refused").to_string();
            assert!(text.starts_with("drop.png could not be opened") && text.ends_with('.'), "{text}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let text = open(Path::new("/no/such/apple.png")).expect_err("missing").to_string();
        assert!(text.contains("/no/such/apple.png"), "{text}");
    }

    #[test]
    fn transparent_pixels_show_white() {
        let half = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(1, 1, image::Rgba([255, 0, 0, 128])));
        assert_eq!(over_white(&half).get_pixel(0, 0).0, [255, 127, 127]);
    }
}
