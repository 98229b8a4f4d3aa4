//! Where the regions of a result lie, inside a saved PNG: a private chunk `upST` for each, described in
//! `docs/picture-files.md`.

use std::path::Path;

use super::format::{Content, Format, START_LENGTH, recognise};
use super::metadata::png_chunks;
use super::open::contents;
use super::start_image::{CHUNK, VERSION, decoded};
use crate::engine::{Mask, RegionPrompt};

/// What the PNG in the chunk is: the mask of a region.
const KIND_REGION: u8 = 3;

/// The content of the chunk that holds the mask of a region, counted from 1 as in the settings text, and its grey PNG file.
pub(super) fn chunk(number: u8, mask: &Mask) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = vec![VERSION, KIND_REGION, number];
    let (width, height) = mask.size();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(mask.picture().as_raw())?;
    writer.finish()?;
    Ok(bytes)
}

/// The masks of the regions that a picture file carries; see [`region_masks`].
pub fn read_region_masks(path: &Path) -> Vec<Mask> {
    contents(path).map(|bytes| region_masks(&bytes)).unwrap_or_default()
}

/// The masks of the regions inside the bytes of a PNG file, in the order of the regions, all of one size. Empty if there are
/// none, or if one of them is damaged, missing, larger than pictures can be, or of an unknown version.
pub fn region_masks(bytes: &[u8]) -> Vec<Mask> {
    if recognise(&bytes[..bytes.len().min(START_LENGTH)], "") != Content::Picture(Format::Png) {
        return Vec::new();
    }
    let chunks = png_chunks(bytes).filter(|(kind, _)| **kind == CHUNK);
    let of_region = chunks.filter_map(|(_, data)| match data {
        [VERSION, KIND_REGION, number, png @ ..] => Some((*number, png)),
        _ => None,
    });
    let mut masks: Vec<Mask> = Vec::new();
    for (number, png) in of_region.take(RegionPrompt::MOST) {
        let mask = decoded(png).map(|picture| Mask::from_levels(picture.to_luma8()));
        match mask.filter(|mask| masks.first().is_none_or(|first| first.size() == mask.size())) {
            Some(mask) if usize::from(number) == masks.len() + 1 => masks.push(mask),
            _ => return Vec::new(),
        }
    }
    masks
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, RgbImage};

    use super::*;
    use crate::engine::{Recipe, Settings};
    use crate::picture::{Attached, Encoding, FileKind, Parameters, encode_with, start_image};

    fn masks() -> Vec<Mask> {
        let mask = |of: fn(u32, u32) -> u8| Mask::from_levels(GrayImage::from_fn(72, 64, |x, y| Luma([of(x, y)])));
        vec![mask(|x, _| (x * 3) as u8), mask(|_, y| if y < 20 { 255 } else { 0 })]
    }

    fn file(kind: FileKind, regions: &[Mask]) -> Vec<u8> {
        let picture = RgbImage::from_pixel(72, 64, image::Rgb([1, 2, 3]));
        let attached = Attached { settings: Some("x\nSteps: 1, Seed: 2"), start: Some(&picture), regions };
        encode_with(&picture, Encoding::from(kind), attached).expect("encodes")
    }

    #[test]
    fn a_png_gives_its_masks_back_in_their_order_and_other_kinds_have_none() {
        let bytes = file(FileKind::Png, &masks());
        assert_eq!(region_masks(&bytes), masks());
        assert!(start_image(&bytes).is_some(), "the start image is still found");
        assert_eq!(region_masks(&file(FileKind::Png, &[])), []);
        assert_eq!(region_masks(&file(FileKind::WebP, &masks())), []);
    }

    #[test]
    fn a_text_takes_its_regions_over_only_with_all_their_masks() {
        let prompt = |prompt: &str| RegionPrompt { prompt: prompt.into(), layer: None };
        let regions = vec![prompt("a pear, ripe"), prompt("a plum")];
        let recipe =
            Recipe { settings: Settings { regions: regions.clone(), ..Settings::default() }, ..Recipe::default() };
        let read = Parameters::read(&recipe.infotext());
        let applied = |read: &Parameters| {
            let mut settings = Settings::default();
            let left = read.apply_to(&mut settings);
            (settings.regions, left.iter().filter(|left| left.name.starts_with("Region ")).count())
        };
        let whole = read.clone().with_region_masks(masks());
        assert_eq!((applied(&whole), whole.region_masks()), ((regions, 0), &masks()[..]));
        assert_eq!(applied(&read), (vec![], 2));
        let less = read.with_region_masks(masks()[..1].to_vec());
        assert_eq!((applied(&less), less.region_masks()), ((vec![], 2), &[][..]));
    }

    #[test]
    fn damaged_and_odd_chunks_are_left_alone() {
        let good = masks();
        let with = |chunks: &[Vec<u8>]| {
            let mut bytes = Vec::new();
            let mut writer = png::Encoder::new(&mut bytes, 1, 1).write_header().expect("begins");
            writer.write_image_data(&[0]).expect("writes");
            for chunk in chunks {
                writer.write_chunk(png::chunk::ChunkType(CHUNK), chunk).expect("writes");
            }
            writer.finish().expect("ends");
            bytes
        };
        let chunk = |number: u8, mask: &Mask| chunk(number, mask).expect("encodes");
        assert_eq!(region_masks(&with(&[chunk(1, &good[0]), chunk(2, &good[1])])), good);
        assert_eq!(region_masks(&with(&[chunk(2, &good[1])])), [], "the first is missing");
        let small = Mask::from_fn(8, 8, |_, _| true);
        assert_eq!(region_masks(&with(&[chunk(1, &good[0]), chunk(2, &small)])), [], "of two sizes");
        assert_eq!(region_masks(&with(&[vec![VERSION + 1, KIND_REGION, 1]])), [], "a later version");
        assert_eq!(region_masks(&with(&[vec![VERSION, KIND_REGION], vec![]])), []);
        let whole = file(FileKind::Png, &good);
        for at in (0..whole.len()).step_by(5) {
            let mut spoiled = whole.clone();
            spoiled[at] ^= 0x55;
            let _ = region_masks(&spoiled);
            let _ = region_masks(&whole[..at]);
        }
    }
}
