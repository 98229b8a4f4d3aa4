//! Writing pictures: PNG, JPEG and WebP, each with the settings text where its readers look for it.

use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

use serde::{Deserialize, Serialize};

use super::{SaveError, exif, region_masks, start_image};
use crate::engine::Mask;

/// The longest EXIF data that fits in a JPEG segment, after its length and the word before the data.
const MAX_JPEG_EXIF: usize = 65_535 - 2 - 6;
/// The longest side that a WebP file can have.
const MAX_WEBP_SIDE: u32 = 16_384;

/// A kind of picture file that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// PNG: lossless, with the settings in a `parameters` text.
    #[default]
    Png,
    /// JPEG, lossy, with the settings in the EXIF user comment.
    Jpeg,
    /// Lossless WebP, with the settings in the EXIF user comment.
    WebP,
}

impl FileKind {
    /// All kinds, the default first.
    pub const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::WebP];

    /// Its name in messages and dialogs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
        }
    }

    /// The endings of its files in lower and upper case, for the filters of file dialogs; the first is
    /// the usual one.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Png => &["png", "PNG"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif", "JPG", "JPEG", "JPE", "JFIF"],
            Self::WebP => &["webp", "WEBP"],
        }
    }

    /// Its name on the command line, which is also its usual ending.
    pub fn id(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// The kind of this name (`png`, `jpg`, `jpeg`, `webp`), in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.endings().contains(&name.as_str()))
    }

    /// Whether a file of this kind holds every pixel as it was.
    pub fn is_lossless(self) -> bool {
        self != Self::Jpeg
    }

    /// The kind that a file's ending names, in upper, lower or mixed case; `None` where it names none of
    /// them.
    pub fn from_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.endings().contains(&ending.as_str()))
    }
}

/// Where and as what a picture will be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveTarget {
    /// The file.
    pub path: PathBuf,
    /// Its kind.
    pub kind: FileKind,
    /// Whether an ending was added to the name that was typed. A dialog then asked about overwriting
    /// another name than this one, so a file that is already there must not be replaced.
    pub completed: bool,
}

impl SaveTarget {
    /// The file that the typed name stands for. A name that ends in none of the kinds' endings, such as
    /// `apple` or `apple 1.5`, is taken for a PNG and gets that ending.
    ///
    /// # Errors
    /// An ending that stands for another kind of picture, such as `.gif`.
    pub fn of(typed: &Path) -> Result<Self, SaveError> {
        if let Some(kind) = FileKind::from_path(typed) {
            return Ok(Self { path: typed.to_path_buf(), kind, completed: false });
        }
        let ending = typed.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        if NOT_WRITTEN.contains(&ending.as_str()) {
            return Err(SaveError::Kind { ending });
        }
        let mut path = typed.as_os_str().to_owned();
        path.push(".png");
        Ok(Self { path: path.into(), kind: FileKind::Png, completed: true })
    }
}

/// Endings of picture files that are not written. To add `.png` to them would hide what was asked for.
const NOT_WRITTEN: [&str; 22] = [
    "gif", "bmp", "tif", "tiff", "avif", "heic", "heif", "jxl", "jp2", "psd", "xcf", "kra", "ora", "svg", "pdf", "tga",
    "ico", "exr", "hdr", "qoi", "ppm", "dds",
];

/// The kind of a picture file, and how strongly a JPEG is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Encoding {
    /// The kind of file.
    pub kind: FileKind,
    /// JPEG's quality, `1..=100`; other kinds are lossless.
    pub jpeg_quality: u8,
}

impl Encoding {
    /// The quality of a JPEG unless another one is chosen: high enough that a further round does not pick up
    /// blocks.
    pub const JPEG_QUALITY: u8 = 95;
}

impl Default for Encoding {
    fn default() -> Self {
        Self::from(FileKind::default())
    }
}

impl From<FileKind> for Encoding {
    fn from(kind: FileKind) -> Self {
        Self { kind, jpeg_quality: Self::JPEG_QUALITY }
    }
}

/// What a picture file holds besides its pixels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attached<'a> {
    /// The settings text of a result.
    pub settings: Option<&'a str>,
    /// The start image of a result, which only a PNG can hold; other kinds are written without it.
    pub start: Option<&'a RgbImage>,
    /// Where the regions of the settings lie, in their order; only a PNG can hold that too.
    pub regions: &'a [Mask],
}

/// The bytes of a picture file, with the settings text of a result where one is given.
///
/// # Errors
/// What the encoder reports; a text too long for a JPEG (32 000 characters), or a side too long for the
/// kind.
pub fn encode(picture: &RgbImage, kind: FileKind, settings: Option<&str>) -> Result<Vec<u8>, SaveError> {
    encode_with(picture, kind.into(), Attached { settings, ..Attached::default() })
}

/// The bytes of a picture file with what is attached to it.
///
/// # Errors
/// As for [`encode`].
pub fn encode_with(picture: &RgbImage, encoding: Encoding, attached: Attached<'_>) -> Result<Vec<u8>, SaveError> {
    let (kind, settings) = (encoding.kind, attached.settings);
    let fail = |reason: String| SaveError::Encode { kind, reason };
    let (width, height) = picture.dimensions();
    let mut bytes = Vec::new();
    match kind {
        FileKind::Png => png(picture, attached, &mut bytes).map_err(|e| fail(e.to_string()))?,
        FileKind::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, encoding.jpeg_quality.clamp(1, 100));
            if let Some(text) = settings {
                let data = exif::with_comment(text);
                if data.len() > MAX_JPEG_EXIF {
                    return Err(fail("its settings are too long for this kind of file; PNG has room for them".into()));
                }
                encoder.set_exif_metadata(data).map_err(|e| fail(e.to_string()))?;
            }
            encoder.write_image(picture, width, height, ExtendedColorType::Rgb8).map_err(|e| fail(e.to_string()))?;
        }
        FileKind::WebP => {
            if width.max(height) > MAX_WEBP_SIDE {
                return Err(fail(format!("its sides may have at most {MAX_WEBP_SIDE} pixels in this kind of file")));
            }
            let mut encoder = WebPEncoder::new_lossless(&mut bytes);
            if let Some(text) = settings {
                encoder.set_exif_metadata(exif::with_comment(text)).map_err(|e| fail(e.to_string()))?;
            }
            encoder.write_image(picture, width, height, ExtendedColorType::Rgb8).map_err(|e| fail(e.to_string()))?;
        }
    }
    Ok(bytes)
}

/// The bytes of a PNG file, with a `parameters` text where one is given.
///
/// # Errors
/// What the encoder reports.
pub fn encode_png(picture: &RgbImage, settings: Option<&str>) -> Result<Vec<u8>, SaveError> {
    encode(picture, FileKind::Png, settings)
}

fn png(picture: &RgbImage, attached: Attached<'_>, bytes: &mut Vec<u8>) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    if let Some(text) = attached.settings {
        // A tEXt chunk is Latin-1 by the standard and UTF-8 with some programs: only plain letters are the
        // same in both.
        if text.is_ascii() {
            encoder.add_text_chunk("parameters".into(), text.into())?;
        } else {
            encoder.add_itxt_chunk("parameters".into(), text.into())?;
        }
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture.as_raw())?;
    // After the pixels: readers that only look for texts stop there.
    if let Some(start) = attached.start {
        let mut embedded = Vec::new();
        png(start, Attached::default(), &mut embedded)?;
        writer.write_chunk(png::chunk::ChunkType(start_image::CHUNK), &start_image::chunk(&embedded))?;
    }
    for (number, mask) in (1..=u8::MAX).zip(attached.regions) {
        writer.write_chunk(png::chunk::ChunkType(start_image::CHUNK), &region_masks::chunk(number, mask)?)?;
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{read, settings_text};

    fn picture() -> RgbImage {
        RgbImage::from_fn(48, 32, |x, y| image::Rgb([(x * 5) as u8, (y * 7) as u8, 200]))
    }

    #[test]
    fn every_kind_is_written_as_what_it_is_called_with_its_settings_inside() {
        for text in ["plain\nSteps: 20, Sampler: Euler, Seed: 1", "café Ã© 苹果 🍏\nSteps: 20, Sampler: Euler, Seed: 1"]
        {
            for kind in FileKind::ALL {
                let bytes = encode(&picture(), kind, Some(text)).expect("encodes");
                let magic: &[u8] = match kind {
                    FileKind::Png => b"\x89PNG",
                    FileKind::Jpeg => b"\xff\xd8\xff",
                    FileKind::WebP => b"RIFF",
                };
                assert!(bytes.starts_with(magic), "{kind:?}");
                assert_eq!(settings_text(&bytes).as_deref(), Some(text), "{kind:?}");
                let back = read(&bytes, "x").expect("opens");
                let far = back.iter().zip(picture().iter()).map(|(a, b)| a.abs_diff(*b)).max();
                let most = if kind == FileKind::Jpeg { 12 } else { 0 };
                assert!(far.is_some_and(|far| far <= most), "{kind:?}: {far:?}");
            }
        }
    }

    #[test]
    fn a_lower_quality_makes_a_smaller_jpeg_and_any_number_makes_one() {
        let noisy = RgbImage::from_fn(64, 64, |x, y| image::Rgb([(x * y * 37) as u8, (x * 91 + y * 57) as u8, 9]));
        let length = |jpeg_quality| {
            let encoding = Encoding { kind: FileKind::Jpeg, jpeg_quality };
            encode_with(&noisy, encoding, Attached::default()).expect("encodes").len()
        };
        assert!(length(30) < length(80) && length(80) < length(100));
        assert_eq!((length(0), length(255)), (length(1), length(100)));
        assert_eq!(length(Encoding::JPEG_QUALITY), encode(&noisy, FileKind::Jpeg, None).expect("encodes").len());
    }

    #[test]
    fn a_name_says_the_kind_in_any_case() {
        for (name, kind) in [
            ("a.png", Some(FileKind::Png)),
            ("a.PNG", Some(FileKind::Png)),
            ("a.b.JPeG", Some(FileKind::Jpeg)),
            ("a.jpg", Some(FileKind::Jpeg)),
            ("a.WebP", Some(FileKind::WebP)),
            ("a.gif", None),
            ("a", None),
            (".png", None),
        ] {
            assert_eq!(FileKind::from_path(Path::new(name)), kind, "{name}");
        }
    }

    #[test]
    fn a_name_without_an_ending_is_completed_and_one_of_another_kind_refused() {
        let target = |name: &str| SaveTarget::of(Path::new(name));
        let full = target("/x/apple.JPG").expect("a target");
        assert_eq!((full.path, full.kind, full.completed), ("/x/apple.JPG".into(), FileKind::Jpeg, false));
        for (name, path) in [("/x/apple", "/x/apple.png"), ("/x/apple 1.5", "/x/apple 1.5.png")] {
            let target = target(name).expect("a target");
            assert_eq!((target.path, target.kind, target.completed), (path.into(), FileKind::Png, true));
        }
        let text = target("/x/apple.GIF").expect_err("refused").to_string();
        assert_eq!(text, "Pictures are not written as .gif files: choose a name that ends in .png, .jpg or .webp.");
    }

    #[test]
    fn what_a_kind_has_no_room_for_is_refused_with_a_sentence() {
        let text = "x".repeat(40_000);
        let reason = encode(&picture(), FileKind::Jpeg, Some(&text)).expect_err("refused").to_string();
        assert!(reason.contains("JPEG") && reason.contains("PNG has room"), "{reason}");
        for kind in [FileKind::Png, FileKind::WebP] {
            let bytes = encode(&picture(), kind, Some(&text)).expect("encodes");
            assert_eq!(settings_text(&bytes).as_deref(), Some(text.as_str()), "{kind:?}");
        }
        let long = RgbImage::new(MAX_WEBP_SIDE + 1, 1);
        assert!(encode(&long, FileKind::WebP, None).expect_err("refused").to_string().contains("16384"));
    }
}
