//! Picture files as text, as programs send them over the network.

use std::io::Cursor;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use image::ImageReader;

/// Python writes padding, and JavaScript need not.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is no picture file; the sentence goes on after the name of what was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Base64Error {
    /// The text is something else.
    #[error("is not base64: {0}")]
    Text(String),
    /// The picture is larger than it may be.
    #[error("is {width} by {height} pixels, and sides go up to {most}")]
    TooLarge {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// The longest side that is read.
        most: u32,
    },
}

/// The bytes of a picture file in base64, bare or as a `data:` address. If its header tells its size, sides are at most
/// `most_side` pixels; whether it is a picture is found out by [`read`](super::read).
///
/// # Errors
/// If it is not base64, or the picture is too large.
pub fn from_base64(text: &str, most_side: u32) -> Result<Vec<u8>, Base64Error> {
    let text = text.strip_prefix("data:").map_or(text, |rest| rest.split_once(',').map_or("", |(_, data)| data));
    let bytes = LENIENT.decode(text.trim()).map_err(|error| Base64Error::Text(error.to_string()))?;
    let sides = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().ok().and_then(|r| r.into_dimensions().ok());
    match sides {
        Some((width, height)) if width.max(height) > most_side => {
            Err(Base64Error::TooLarge { width, height, most: most_side })
        }
        _ => Ok(bytes),
    }
}

/// A picture file in base64.
pub fn to_base64(file: &[u8]) -> String {
    general_purpose::STANDARD.encode(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{encode_png, read};

    #[test]
    fn a_picture_comes_back_in_each_form_and_a_large_one_is_not_decoded() {
        let picture = image::RgbImage::from_fn(30, 20, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let text = to_base64(&encode_png(&picture, None).expect("a PNG"));
        for form in
            [text.clone(), format!("data:image/png;base64,{text}"), format!(" {}\n", text.trim_end_matches('='))]
        {
            let bytes = from_base64(&form, 30).expect("base64");
            assert_eq!(read(&bytes, "it").expect("a picture"), picture);
        }
        assert_eq!(from_base64(&text, 29), Err(Base64Error::TooLarge { width: 30, height: 20, most: 29 }));
        assert!(matches!(from_base64("%%%", 30), Err(Base64Error::Text(_))));
        assert_eq!(from_base64("data:nothing", 30), Ok(Vec::new()), "which is no picture");
    }
}
