//! Pictures in another size: Pillow's resampling, to the bit, in the ways in which AUTOMATIC1111 uses it.

use std::f64::consts::PI;

use image::{ImageBuffer, Pixel};

/// A picture in bytes, of any number of channels.
pub(crate) type Bytes<P> = ImageBuffer<P, Vec<u8>>;

/// With what neighbouring pixels are weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Cubic with a = -0.5.
    Bicubic,
    /// Three lobes of Lanczos' window.
    Lanczos,
}

/// Bits behind the point of a weight.
const BITS: u32 = 22;

impl Filter {
    fn support(self) -> f64 {
        match self {
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        match self {
            Self::Bicubic => {
                let (x, a) = (x.abs(), -0.5);
                match x {
                    x if x < 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
                    x if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * a,
                    _ => 0.0,
                }
            }
            Self::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            Self::Lanczos => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (x * PI).sin() / (x * PI) }
}

/// A picture in another size, first across, then down. Sides of 0 count as 1; a picture without pixels becomes black.
pub(crate) fn resized<P: Pixel<Subpixel = u8>>(picture: &Bytes<P>, size: (u32, u32), filter: Filter) -> Bytes<P> {
    let (width, height) = (size.0.max(1), size.1.max(1));
    if picture.width() == 0 || picture.height() == 0 {
        return Bytes::new(width, height);
    }
    let mut now = picture.clone();
    if width != now.width() {
        now = across(&now, width, filter);
    }
    if height != now.height() {
        now = transposed(&across(&transposed(&now), height, filter));
    }
    now
}

/// From where each pixel takes its weights.
struct Window {
    first: usize,
    weights: Vec<i64>,
}

fn windows(from: u32, to: u32, filter: Filter) -> Vec<Window> {
    let scale = f64::from(from) / f64::from(to);
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    let window = |x: u32| {
        let centre = (f64::from(x) + 0.5) * scale;
        // Both are cut towards 0, as a conversion in C does.
        let first = ((centre - support + 0.5) as i64).max(0);
        let end = ((centre + support + 0.5) as i64).min(i64::from(from));
        let weight = |at: i64| filter.weight((at as f64 - centre + 0.5) * (1.0 / stretch));
        let exact: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = exact.iter().sum();
        let sum = if sum == 0.0 { 1.0 } else { sum };
        let round = |weight: f64| {
            let scaled = weight / sum * f64::from(1u32 << BITS);
            (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i64
        };
        Window { first: first as usize, weights: exact.into_iter().map(round).collect() }
    };
    (0..to).map(window).collect()
}

fn across<P: Pixel<Subpixel = u8>>(picture: &Bytes<P>, width: u32, filter: Filter) -> Bytes<P> {
    let channels = usize::from(P::CHANNEL_COUNT);
    let windows = windows(picture.width(), width, filter);
    let mut out = Bytes::<P>::new(width, picture.height());
    let rows = picture.chunks_exact(picture.width() as usize * channels);
    for (from, to) in rows.zip(out.chunks_exact_mut(width as usize * channels)) {
        for (window, pixel) in windows.iter().zip(to.chunks_exact_mut(channels)) {
            for (channel, value) in pixel.iter_mut().enumerate() {
                let from = from[window.first * channels + channel..].iter().step_by(channels);
                let sum: i64 = from.zip(&window.weights).map(|(value, weight)| i64::from(*value) * weight).sum();
                *value = ((sum + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as u8;
            }
        }
    }
    out
}

fn transposed<P: Pixel<Subpixel = u8>>(picture: &Bytes<P>) -> Bytes<P> {
    Bytes::from_fn(picture.height(), picture.width(), |x, y| *picture.get_pixel(y, x))
}

/// A picture brought to a size as AUTOMATIC1111's "Resize and fill" does: all of it, in the middle, its first and last
/// line repeated where its shape leaves room.
pub(in crate::diffusion) fn filling<P: Pixel<Subpixel = u8>>(picture: &Bytes<P>, size: (u32, u32)) -> Bytes<P> {
    let inner = inside(picture.dimensions(), size);
    let small = resized(picture, inner, Filter::Lanczos);
    let margin = (size.0 / 2 - (inner.0 / 2).min(size.0 / 2), size.1 / 2 - (inner.1 / 2).min(size.1 / 2));
    let place = |at: u32, margin: u32, length: u32| at.saturating_sub(margin).min(length.max(1) - 1);
    Bytes::from_fn(size.0, size.1, |x, y| {
        *small.get_pixel(place(x, margin.0, small.width()), place(y, margin.1, small.height()))
    })
}

/// The size that [`filling`] gives a picture within `size`.
fn inside(picture: (u32, u32), size: (u32, u32)) -> (u32, u32) {
    let ratio = |(w, h): (u32, u32)| f64::from(w) / f64::from(h.max(1));
    let scaled = |length: u32, of: u32, to: u32| (u64::from(length) * u64::from(to) / u64::from(of.max(1))) as u32;
    let (w, h) = if ratio(size) < ratio(picture) {
        (size.0, scaled(picture.1, picture.0, size.0))
    } else {
        (scaled(picture.0, picture.1, size.1), size.1)
    };
    (w.clamp(1, size.0.max(1)), h.clamp(1, size.1.max(1)))
}

/// A picture brought to a size as AUTOMATIC1111's "Crop and resize" does: it fills it, and what sticks out is cut off
/// evenly.
pub(in crate::diffusion) fn cropped<P: Pixel<Subpixel = u8>>(picture: &Bytes<P>, size: (u32, u32)) -> Bytes<P> {
    let ratio = |(w, h): (u32, u32)| f64::from(w) / f64::from(h.max(1));
    let (w, h) = picture.dimensions();
    let scaled = |length: u32, of: u32, to: u32| (u64::from(length) * u64::from(to) / u64::from(of.max(1))) as u32;
    let outer =
        if ratio(size) > ratio((w, h)) { (size.0, scaled(h, w, size.0)) } else { (scaled(w, h, size.1), size.1) };
    let outer = (outer.0.max(size.0), outer.1.max(size.1));
    let large = resized(picture, outer, Filter::Lanczos);
    let cut = (outer.0 / 2 - size.0 / 2, outer.1 / 2 - size.1 / 2);
    Bytes::from_fn(size.0, size.1, |x, y| *large.get_pixel(x + cut.0, y + cut.1))
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;

    #[test]
    fn one_colour_stays_and_any_size_is_made() {
        let picture = RgbImage::from_pixel(13, 7, Rgb([3, 200, 77]));
        for size in [(1, 1), (64, 64), (13, 200), (5, 3)] {
            for made in [resized(&picture, size, Filter::Bicubic), filling(&picture, size), cropped(&picture, size)] {
                assert_eq!(made.dimensions(), size);
                assert!(made.pixels().all(|pixel| pixel.0 == [3, 200, 77]), "{size:?}");
            }
        }
        assert_eq!(resized(&GrayImage::new(0, 4), (3, 3), Filter::Lanczos), GrayImage::new(3, 3));
    }

    #[test]
    fn a_picture_of_another_shape_is_filled_up_by_its_border_and_cut_out_again() {
        let wide = GrayImage::from_fn(64, 16, |x, y| Luma([(x * 3 + y) as u8]));
        let square = filling(&wide, (64, 64));
        assert!((0..64).all(|x| (0..24).all(|y| square.get_pixel(x, y) == wide.get_pixel(x, 0))));
        assert!((0..64).all(|x| (0..16).all(|y| square.get_pixel(x, y + 24) == wide.get_pixel(x, y))));
        assert!((0..64).all(|x| (40..64).all(|y| square.get_pixel(x, y) == wide.get_pixel(x, 15))));
        assert_eq!(cropped(&square, (64, 16)), wide);
    }
}
