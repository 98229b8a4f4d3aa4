//! Colour profiles: whatever a picture's numbers mean, the canvas gets sRGB.

use image::{DynamicImage, ImageBuffer, RgbImage};
use moxcms::{
    ColorProfile, DataColorSpace, Layout, PointeeSizeExpressible, ProfileText, TransformExecutor, TransformOptions,
};
use rayon::prelude::*;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

/// What was done about a picture's colour profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// The colours were converted to sRGB.
    Converted,
    /// The profile is sRGB, or so near that the pixels stay as they are.
    SameAsSrgb,
    /// The profile is damaged or belongs to another kind of pixels, so the pixels were taken for sRGB.
    Ignored,
}

/// How many pixels are converted in one piece.
const PIECE: usize = 1 << 16;

/// A colour profile with its name.
pub(super) struct Profile {
    /// What it calls itself.
    pub name: String,
    profile: Option<ColorProfile>,
}

impl Profile {
    /// Reads an ICC profile.
    pub fn read(icc: &[u8]) -> Self {
        let profile = ColorProfile::new_from_slice(icc).ok();
        let name = profile.as_ref().and_then(description).unwrap_or_else(|| "a profile without a name".into());
        Self { name, profile }
    }

    /// Adobe RGB (1998), which cameras may use without embedding a profile.
    pub fn adobe_rgb() -> Self {
        Self { name: "Adobe RGB (1998), by the camera's word".into(), profile: Some(ColorProfile::new_adobe_rgb()) }
    }

    /// Whether this profile describes inks.
    pub fn is_cmyk(&self) -> bool {
        self.profile.as_ref().is_some_and(|profile| profile.color_space == DataColorSpace::Cmyk)
    }

    /// Converts the pixels to sRGB; depth and alpha stay as they are.
    pub fn to_srgb(&self, picture: DynamicImage) -> (DynamicImage, Conversion) {
        let Some(profile) = &self.profile else { return (picture, Conversion::Ignored) };
        let grey = match profile.color_space {
            DataColorSpace::Gray if !picture.color().has_color() => true,
            DataColorSpace::Rgb => false,
            _ => return (picture, Conversion::Ignored),
        };
        let deep = picture.color().bytes_per_pixel() > picture.color().channel_count();
        let converted = match (grey, picture.color().has_alpha(), deep) {
            (true, false, false) => convert(&picture.to_luma8(), profile, (Layout::Gray, Layout::Rgb)),
            (true, true, false) => convert(&picture.to_luma_alpha8(), profile, (Layout::GrayAlpha, Layout::Rgba)),
            (false, false, false) => convert(&picture.to_rgb8(), profile, (Layout::Rgb, Layout::Rgb)),
            (false, true, false) => convert(&picture.to_rgba8(), profile, (Layout::Rgba, Layout::Rgba)),
            (true, false, true) => convert(&picture.to_luma16(), profile, (Layout::Gray, Layout::Rgb)),
            (true, true, true) => convert(&picture.to_luma_alpha16(), profile, (Layout::GrayAlpha, Layout::Rgba)),
            (false, false, true) => convert(&picture.to_rgb16(), profile, (Layout::Rgb, Layout::Rgb)),
            (false, true, true) => convert(&picture.to_rgba16(), profile, (Layout::Rgba, Layout::Rgba)),
        };
        match converted {
            Some(Some(converted)) => (converted, Conversion::Converted),
            Some(None) => (picture, Conversion::SameAsSrgb),
            None => (picture, Conversion::Ignored),
        }
    }
}

fn description(profile: &ColorProfile) -> Option<String> {
    let text = match profile.description.as_ref()? {
        ProfileText::PlainString(text) => text,
        ProfileText::Localizable(texts) => &texts.first()?.value,
        ProfileText::Description(text) => &text.ascii_string,
    };
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    (!text.is_empty()).then(|| text.to_owned())
}

/// A depth of colour that profiles are applied in.
trait Depth: Copy + Default + Send + Sync + PointeeSizeExpressible + image::Primitive {
    /// A conversion to sRGB.
    fn transform(
        profile: &ColorProfile,
        layouts: (Layout, Layout),
    ) -> Option<std::sync::Arc<dyn TransformExecutor<Self> + Send + Sync>>;

    /// Red, green and blue or with alpha, as a picture.
    fn picture(width: u32, height: u32, pixels: Vec<Self>, alpha: bool) -> Option<DynamicImage>;

    /// A share of full intensity, in steps of 1/255.
    fn step(part: u8) -> Self;

    /// Back to steps of 1/255.
    fn part(self) -> u8;
}

fn options() -> TransformOptions {
    // Fixed point would be faster on some processors and round otherwise there.
    TransformOptions { prefer_fixed_point: false, ..TransformOptions::default() }
}

impl Depth for u8 {
    fn transform(
        profile: &ColorProfile,
        (from, to): (Layout, Layout),
    ) -> Option<std::sync::Arc<dyn TransformExecutor<Self> + Send + Sync>> {
        profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, options()).ok()
    }

    fn picture(width: u32, height: u32, pixels: Vec<Self>, alpha: bool) -> Option<DynamicImage> {
        if alpha {
            ImageBuffer::from_raw(width, height, pixels).map(DynamicImage::ImageRgba8)
        } else {
            ImageBuffer::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8)
        }
    }

    fn step(part: u8) -> Self {
        part
    }

    fn part(self) -> u8 {
        self
    }
}

impl Depth for u16 {
    fn transform(
        profile: &ColorProfile,
        (from, to): (Layout, Layout),
    ) -> Option<std::sync::Arc<dyn TransformExecutor<Self> + Send + Sync>> {
        profile.create_transform_16bit(from, &ColorProfile::new_srgb(), to, options()).ok()
    }

    fn picture(width: u32, height: u32, pixels: Vec<Self>, alpha: bool) -> Option<DynamicImage> {
        if alpha {
            ImageBuffer::from_raw(width, height, pixels).map(DynamicImage::ImageRgba16)
        } else {
            ImageBuffer::from_raw(width, height, pixels).map(DynamicImage::ImageRgb16)
        }
    }

    fn step(part: u8) -> Self {
        u16::from(part) * 257
    }

    fn part(self) -> u8 {
        ((u32::from(self) + 128) / 257) as u8
    }
}

/// The converted picture; `Some(None)` where the profile changes nothing, `None` where it cannot be
/// applied.
fn convert<P>(
    picture: &ImageBuffer<P, Vec<P::Subpixel>>,
    profile: &ColorProfile,
    layouts: (Layout, Layout),
) -> Option<Option<DynamicImage>>
where
    P: image::Pixel,
    P::Subpixel: Depth,
{
    let (from, to) = (layouts.0.channels(), layouts.1.channels());
    let transform = P::Subpixel::transform(profile, layouts)?;
    if changes_nothing(&*transform, from, to)? {
        return Some(None);
    }
    let pixels = picture.as_raw();
    let mut converted = vec![P::Subpixel::default(); pixels.len() / from * to];
    pixels
        .par_chunks(PIECE * from)
        .zip(converted.par_chunks_mut(PIECE * to))
        .try_for_each(|(from, to)| transform.transform(from, to))
        .ok()?;
    P::Subpixel::picture(picture.width(), picture.height(), converted, layouts.1.has_alpha()).map(Some)
}

/// Whether a conversion moves no colour by more than one step of 255. An embedded sRGB profile must
/// leave every pixel exactly as it is, whatever the rounding on the way.
fn changes_nothing<T: Depth>(transform: &dyn TransformExecutor<T>, from: usize, to: usize) -> Option<bool> {
    let mut samples: Vec<[u8; 3]> = (0..=255).map(|grey| [grey; 3]).collect();
    if from > 2 {
        let levels = [0, 24, 64, 100, 150, 200, 255];
        samples.extend(levels.iter().flat_map(|r| levels.iter().flat_map(|g| levels.map(|b| [*r, *g, b]))));
    }
    let colors = from - usize::from(from.is_multiple_of(2));
    let full = T::step(255);
    let before: Vec<T> = samples
        .iter()
        .flat_map(|sample| sample[..colors].iter().map(|part| T::step(*part)).chain((colors < from).then_some(full)))
        .collect();
    let mut after = vec![T::default(); samples.len() * to];
    transform.transform(&before, &mut after).ok()?;
    let near = |a: u8, b: T| a.abs_diff(b.part()) <= 1;
    Some(samples.iter().zip(after.chunks_exact(to)).all(|(a, b)| a.iter().zip(b).all(|(a, b)| near(*a, *b))))
}

/// Decodes a JPEG of inks (CMYK or YCCK) and converts it with its own profile.
pub(super) fn decode_inks(jpeg: &[u8], profile: &Profile) -> Option<RgbImage> {
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(65_535).set_max_height(65_535);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    decoder.decode_headers().ok()?;
    let space = decoder.input_colorspace()?;
    let (width, height) = decoder.dimensions()?;
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let mut inks = decoder.decode().ok()?;
    match space {
        // Adobe's programs, the only ones that write such files, store how much paper shows.
        ColorSpace::CMYK => inks.iter_mut().for_each(|ink| *ink = 255 - *ink),
        ColorSpace::YCCK => inks.as_chunks_mut::<4>().0.iter_mut().for_each(|pixel| {
            let [y, cb, cr, k] = pixel.map(f32::from);
            let (cb, cr) = (cb - 128.0, cr - 128.0);
            // The cast rounds to what a byte holds.
            let red = y + 1.402 * cr;
            let green = y - 0.344_136 * cb - 0.714_136 * cr;
            let blue = y + 1.772 * cb;
            *pixel = [red, green, blue, 255.0 - k].map(|ink| (ink + 0.5) as u8);
        }),
        _ => return None,
    }
    let transform = u8::transform(profile.profile.as_ref()?, (Layout::Rgba, Layout::Rgb))?;
    let mut pixels = vec![0; width.checked_mul(height)?.checked_mul(3)?];
    inks.par_chunks(PIECE * 4)
        .zip(pixels.par_chunks_mut(PIECE * 3))
        .try_for_each(|(from, to)| transform.transform(from, to))
        .ok()?;
    RgbImage::from_raw(u32::try_from(width).ok()?, u32::try_from(height).ok()?, pixels)
}
