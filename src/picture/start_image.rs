//! The start image inside a saved PNG: a private chunk, `upST`, described in `docs/picture-files.md`.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat, ImageReader, Limits, RgbImage};

use super::format::{Content, Format, START_LENGTH, recognise};
use super::metadata::png_chunks;
use super::open::contents;
use crate::engine::Settings;

/// The chunk's type: ancillary, private, and not to be copied by programs that change the pixels.
pub(super) const CHUNK: [u8; 4] = *b"upST";

/// The version of the chunk's content. A reader leaves other versions alone.
pub(super) const VERSION: u8 = 1;
/// What the PNG in the chunk is: the start image. Other numbers are left alone.
const KIND_START: u8 = 1;
/// The longest side that is read: that of the largest picture of which a part is sampled, or that a second pass enlarges.
const MAX_SIDE: u32 = 2 * Settings::MAX_SIDE as u32;
/// The longest embedded PNG that is read, in bytes: noise of the largest size takes 51 MB.
const MAX_EMBEDDED: usize = 64 << 20;

/// The content of the chunk that holds this PNG file as the start image.
pub(super) fn chunk(png: &[u8]) -> Vec<u8> {
    [&[VERSION, KIND_START], png].concat()
}

/// The start image that a picture file carries; see [`start_image`].
pub fn read_start_image(path: &Path) -> Option<RgbImage> {
    start_image(&contents(path).ok()?)
}

/// The start image inside the bytes of a PNG file; `None` if there is none, or it is damaged, larger than start images can
/// be, or of an unknown version. It has the size of the results unless only a part of it was sampled or a second pass enlarged
/// it.
pub fn start_image(bytes: &[u8]) -> Option<RgbImage> {
    if recognise(&bytes[..bytes.len().min(START_LENGTH)], "") != Content::Picture(Format::Png) {
        return None;
    }
    png_chunks(bytes).filter(|(kind, _)| **kind == CHUNK).find_map(|(_, data)| embedded(data))
}

fn embedded(data: &[u8]) -> Option<RgbImage> {
    let [VERSION, KIND_START, png @ ..] = data else { return None };
    decoded(png).map(|read| read.to_rgb8())
}

/// The picture in a PNG file inside another one; `None` if it is damaged or larger than pictures can be.
pub(super) fn decoded(png: &[u8]) -> Option<DynamicImage> {
    if png.len() > MAX_EMBEDDED {
        return None;
    }
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    reader.limits(limits);
    // The data is a stranger's: a bug in the library must not cost more than this picture.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reader.decode().ok())).ok()?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Attached, Encoding, FileKind, encode_png, encode_with, open, read, settings_text};

    fn start() -> RgbImage {
        RgbImage::from_fn(72, 64, |x, y| image::Rgb([x as u8, y as u8, 9]))
    }

    fn with_start(kind: FileKind) -> Vec<u8> {
        let picture = RgbImage::from_pixel(72, 64, image::Rgb([1, 2, 3]));
        let attached =
            Attached { settings: Some("x\nSteps: 1, Seed: 2"), start: Some(&start()), ..Attached::default() };
        encode_with(&picture, Encoding::from(kind), attached).expect("encodes")
    }

    #[test]
    fn a_png_gives_its_start_image_back_and_other_kinds_have_none() {
        let bytes = with_start(FileKind::Png);
        assert_eq!(start_image(&bytes), Some(start()));
        assert_eq!(read(&bytes, "x").expect("opens").get_pixel(5, 5).0, [1, 2, 3], "the picture is the result");
        assert_eq!(settings_text(&bytes).as_deref(), Some("x\nSteps: 1, Seed: 2"));
        for kind in [FileKind::Jpeg, FileKind::WebP] {
            assert_eq!(start_image(&with_start(kind)), None);
        }
        assert_eq!(start_image(&encode_png(&start(), None).expect("encodes")), None);
    }

    #[test]
    fn a_file_is_read_from_the_disk() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.png");
        std::fs::write(&path, with_start(FileKind::Png)).expect("writes");
        assert_eq!(read_start_image(&path), Some(start()));
        assert!(open(&path).is_ok());
        assert_eq!(read_start_image(&folder.path().join("missing.png")), None);
    }

    #[test]
    fn damaged_unknown_and_oversized_chunks_are_left_alone() {
        let png = encode_png(&start(), None).expect("encodes");
        assert_eq!(embedded(&chunk(&png)), Some(start()));
        assert_eq!(embedded(&[&[2, KIND_START], &png[..]].concat()), None, "a later version");
        assert_eq!(embedded(&[&[VERSION, 9], &png[..]].concat()), None, "something else");
        assert_eq!(embedded(&[]), None);
        let of_width = |width| chunk(&encode_png(&RgbImage::new(width, 1), None).expect("encodes"));
        assert_eq!(embedded(&of_width(MAX_SIDE + 1)), None);
        assert!(embedded(&of_width(MAX_SIDE)).is_some(), "a second pass may start from a picture of this size");
        assert_eq!(embedded(&chunk(&vec![0; MAX_EMBEDDED + 1])), None);
        let whole = with_start(FileKind::Png);
        for length in (0..whole.len()).step_by(7) {
            let _ = start_image(&whole[..length]);
        }
        for at in (0..whole.len()).step_by(3) {
            let mut spoiled = whole.clone();
            spoiled[at] ^= 0x55;
            let _ = start_image(&spoiled);
        }
    }
}
