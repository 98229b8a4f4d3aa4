//! Reading picture files: any of the formats, turned upright, in sRGB, on white.

use std::io::{Cursor, Read};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageReader, Limits, RgbImage, RgbaImage};

use super::color::{Conversion, Profile, decode_inks};
use super::exif;
use super::format::{Content, Format, READABLE_FORMATS, START_LENGTH, recognise};
use super::metadata::Metadata;
use super::reason::plain_reason;

/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 512 << 20;
/// How much memory opening a picture may take, in bytes: enough for an ordinary photo of 250 megapixels.
/// A small compressed file can ask for any amount.
const MAX_MEMORY: u64 = 3 << 29;

/// Why a picture could not be opened, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("{} could not be read: {reason}.", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It is something else than a picture of a format that can be opened.
    #[error("{name} could not be opened as a picture: it is {what}. {advice}.")]
    Foreign {
        /// What it is called.
        name: String,
        /// What it is, such as `a HEIC picture`.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Nothing is known about it.
    #[error("{name} could not be opened: it is not a {READABLE_FORMATS} picture.")]
    Unknown {
        /// What it is called.
        name: String,
    },
    /// There is nothing in it.
    #[error("{name} could not be opened: the file is empty.")]
    Empty {
        /// What it is called.
        name: String,
    },
    /// It is a picture, and damaged or of a rare kind.
    #[error("{name} could not be opened as a {} picture: {reason}.", format.label())]
    Picture {
        /// What it is called.
        name: String,
        /// Which format it is in.
        format: Format,
        /// What is wrong.
        reason: String,
    },
    /// It is larger than this program opens.
    #[error("{name} could not be opened: it is too large ({reason}). Make it smaller in another program first.")]
    TooLarge {
        /// What it is called.
        name: String,
        /// How large it is, and how large it may be.
        reason: String,
    },
}

/// An opened picture, and what its file said about it.
pub(super) struct DecodedPicture<P = RgbImage> {
    /// The pixels, upright, in sRGB; on white unless they keep their alpha.
    pub pixels: P,
    /// The file's format.
    pub format: Format,
    /// How the file is turned before it is upright.
    pub orientation: Orientation,
    /// How the file keeps its colours.
    pub color: ExtendedColorType,
    /// How many colour components a JPEG has; 0 for other formats.
    pub components: u8,
    /// The name of its colour profile, and what was done about it.
    pub profile: Option<(String, Conversion)>,
    /// How many frames an animation has; 1 for a still picture.
    pub frames: usize,
}

/// Opens a picture file: upright, in sRGB; transparent parts show white.
///
/// # Errors
/// An unreadable file, or one that is no picture, is damaged or too large.
pub fn open(path: &Path) -> Result<RgbImage, OpenError> {
    read(&contents(path)?, &name_of(path))
}

/// Opens a picture from bytes in memory, as [`open`] does; `name` is for messages.
///
/// # Errors
/// Bytes that are no picture, a damaged one or too large a one.
pub fn read(bytes: &[u8], name: &str) -> Result<RgbImage, OpenError> {
    decode(bytes, name).map(|opened| opened.pixels)
}

/// Opens a picture file as [`open`] does, with its alpha.
///
/// # Errors
/// An unreadable file, or one that is no picture, is damaged or too large.
pub fn open_with_alpha(path: &Path) -> Result<RgbaImage, OpenError> {
    read_with_alpha(&contents(path)?, &name_of(path))
}

/// Opens a picture from bytes in memory as [`read`] does, with its alpha; `name` is for messages.
///
/// # Errors
/// Bytes that are no picture, a damaged one or too large a one.
pub fn read_with_alpha(bytes: &[u8], name: &str) -> Result<RgbaImage, OpenError> {
    decode_to(bytes, name, DynamicImage::into_rgba8).map(|opened| opened.pixels)
}

/// The bytes of a file that may be a picture.
pub(super) fn contents(path: &Path) -> Result<Vec<u8>, OpenError> {
    let fail = |error: std::io::Error| OpenError::File { path: path.to_path_buf(), reason: plain_reason(&error) };
    let file = std::fs::File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    // Devices and pipes have no length before they are read, so the length is looked at last.
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MAX_FILE {
        let reason = format!("the file has more than {} MB", MAX_FILE >> 20);
        return Err(OpenError::TooLarge { name: name_of(path), reason });
    }
    Ok(bytes)
}

/// What a file is called in messages.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Opens a picture from bytes in memory and tells what the file said about it.
pub(super) fn decode(bytes: &[u8], name: &str) -> Result<DecodedPicture, OpenError> {
    decode_to(bytes, name, over_white)
}

fn decode_to<P>(bytes: &[u8], name: &str, pixels: fn(DynamicImage) -> P) -> Result<DecodedPicture<P>, OpenError> {
    let format = match recognise(&bytes[..bytes.len().min(START_LENGTH)], name) {
        Content::Picture(format) => format,
        Content::Empty => return Err(OpenError::Empty { name: name.to_owned() }),
        Content::Unknown => return Err(OpenError::Unknown { name: name.to_owned() }),
        Content::Tensors => {
            let advice = "Choose it as a model, or put it into the folder for LoRAs or textual inversions";
            return Err(OpenError::Foreign { name: name.to_owned(), what: "a file of model weights", advice });
        }
        Content::Foreign(what) => {
            let advice = match what {
                "a web page" => "The download brought a page instead of the picture: try it again",
                "an OpenRaster document" => "Open it in the window, or make a PNG of it with underpaint flatten",
                "a Git LFS pointer, not the file it stands for" => "Fetch the file itself with git lfs pull",
                _ => "Save it as PNG, JPEG or WebP in another program first",
            };
            return Err(OpenError::Foreign { name: name.to_owned(), what, advice });
        }
    };
    // The decoders are large and read data of strangers: a bug in one must not end a thread.
    std::panic::catch_unwind(AssertUnwindSafe(|| decode_as(bytes, name, format, pixels))).unwrap_or_else(|_| {
        let reason = "the decoder failed on it, so it is probably damaged".to_owned();
        Err(OpenError::Picture { name: name.to_owned(), format, reason })
    })
}

fn decode_as<P>(
    bytes: &[u8],
    name: &str,
    format: Format,
    pixels: fn(DynamicImage) -> P,
) -> Result<DecodedPicture<P>, OpenError> {
    let fail = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => {
            let reason = format!("it would take more than {:.1} GB of memory", gigabytes(MAX_MEMORY));
            OpenError::TooLarge { name: name.to_owned(), reason }
        }
        error => OpenError::Picture { name: name.to_owned(), format, reason: reason(&error) },
    };
    let metadata = Metadata::read(bytes, format);
    let facts = metadata.exif.as_deref().map(exif::read).unwrap_or_default();
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.decoder());
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fail)?;
    let (width, height) = decoder.dimensions();
    let need = memory_needed(&decoder, &metadata);
    if need > MAX_MEMORY {
        let reason = format!(
            "{width} by {height} pixels would take {:.1} GB of memory, and at most {:.1} GB are used",
            gigabytes(need),
            gigabytes(MAX_MEMORY)
        );
        return Err(OpenError::TooLarge { name: name.to_owned(), reason });
    }
    let color = decoder.original_color_type();
    // What is wrong with the data beside the pixels must not keep anybody from the pixels.
    // The WebP decoder takes as much memory for these as the file claims that they have, up to 4 GB each.
    let is_asked = format != Format::WebP;
    let orientation = match facts.orientation.and_then(Orientation::from_exif) {
        Some(orientation) => orientation,
        None if is_asked => decoder.orientation().unwrap_or(Orientation::NoTransforms),
        None => Orientation::NoTransforms,
    };
    let of_tiff = || (format == Format::Tiff).then(|| exif::tiff_profile(bytes)).flatten();
    let embedded = if is_asked { decoder.icc_profile().ok().flatten() } else { metadata.webp_profile.clone() };
    let profile = match embedded.or_else(of_tiff) {
        Some(icc) => Some(Profile::read(&icc)),
        None => facts.is_adobe_rgb.then(Profile::adobe_rgb),
    };
    let inks = profile.as_ref().filter(|profile| metadata.components == 4 && profile.is_cmyk());
    let (mut picture, conversion) = match inks.and_then(|profile| decode_inks(bytes, profile)) {
        Some(picture) => (DynamicImage::ImageRgb8(picture), Some(Conversion::Converted)),
        None => {
            let picture = DynamicImage::from_decoder(decoder).map_err(fail)?;
            match &profile {
                Some(profile) => {
                    let (picture, conversion) = profile.to_srgb(picture);
                    (picture, Some(conversion))
                }
                None => (picture, None),
            }
        }
    };
    picture.apply_orientation(orientation);
    Ok(DecodedPicture {
        pixels: pixels(picture),
        format,
        orientation,
        color,
        components: metadata.components,
        profile: profile.map(|profile| profile.name).zip(conversion),
        frames: metadata.frames,
    })
}

fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1u32 << 30)
}

/// An estimate of the memory that decoding takes: the pixels as the file has them, what the decoder holds
/// beside them, and the pixels that come out.
fn memory_needed(decoder: &impl ImageDecoder, metadata: &Metadata) -> u64 {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    // A progressive JPEG is refined scan by scan, two bytes a coefficient.
    let beside = if metadata.progressive { pixels.saturating_mul(2 * u64::from(metadata.components)) } else { 0 };
    decoder.total_bytes().saturating_add(beside).saturating_add(pixels.saturating_mul(3))
}

/// What is wrong with a file that is shorter than it says.
const TOO_SHORT: &str = "the file ends too early, so it is probably incomplete";

/// What a decoder says, as the end of a sentence.
fn reason(error: &image::ImageError) -> String {
    use std::error::Error;
    let text = match error {
        image::ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => TOO_SHORT.to_owned(),
        image::ImageError::Unsupported(error) => format!("its kind is not supported ({error})"),
        // The decoder's own words are for those who write decoders; some of them mean an early end.
        image::ImageError::Decoding(error) => {
            let words = error.source().map_or_else(|| error.to_string(), ToString::to_string).to_lowercase();
            let is_short =
                ["not enough", "unexpected end", "end of file", "exhausted"].iter().any(|w| words.contains(w));
            if is_short { TOO_SHORT } else { "its data is damaged" }.to_owned()
        }
        error => error.to_string(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches('.').to_owned()
}

fn over_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0.map(u32::from);
        image::Rgb([r, g, b].map(|c| ((c * a + 255 * (255 - a) + 127) / 255) as u8))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_once() {
        let text = open(Path::new("/no/such/apple.png")).expect_err("missing").to_string();
        assert_eq!(text, "/no/such/apple.png could not be read: it does not exist.");
    }

    #[test]
    fn a_folder_is_not_read_as_a_picture() {
        let folder = tempfile::tempdir().expect("folder");
        let text = open(folder.path()).expect_err("a folder").to_string();
        assert!(text.starts_with(&folder.path().display().to_string()) && !text.contains("os error"), "{text}");
    }

    /// A device has no length before it is read.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_without_an_end_is_refused() {
        let text = open(Path::new("/dev/zero")).expect_err("refused").to_string();
        assert!(
            text.starts_with("zero could not be opened: it is too large (the file has more than 512 MB)."),
            "{text}"
        );
    }

    #[test]
    fn transparent_pixels_show_white() {
        let half = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(1, 1, image::Rgba([255, 0, 0, 128])));
        assert_eq!(over_white(half).get_pixel(0, 0).0, [255, 127, 127]);
    }
}
