//! Pictures of lines for control networks, made without a network: the preprocessors of AUTOMATIC1111's ControlNet
//! extension that need none. All give white lines on black.

mod canny;
mod gaussian;
#[cfg(test)]
mod reference_tests;

use image::{Rgb, RgbImage};

use crate::engine::Preprocessor;
use gaussian::blurred;

/// A channel's value below which the threshold takes a pixel for ink.
const INK: u8 = 127;
/// The narrow and the wide Gaussian of XDoG, as standard deviations in pixels.
const XDOG_SIGMAS: (f32, f32) = (0.5, 5.0);
/// From this difference of the two Gaussians on, doubled, XDoG draws a line.
const XDOG_THRESHOLD: f32 = 32.0;
/// The Gaussian that stands for a line's surroundings in line art, as standard deviation in pixels.
const LINEART_SIGMA: f32 = 6.0;
/// Differences up to this one are paper, where the usual darkness of lines is looked for.
const LINEART_PAPER: f32 = 8.0;
/// The least that is taken for the usual darkness of lines.
const LINEART_LEAST: f32 = 16.0;
/// What the usual darkness becomes.
const LINEART_LEVEL: f32 = 127.0;

/// A picture as a control network takes it: white lines on black, in the picture's size. [`Preprocessor::None`] gives the
/// picture as it is, as does [`Preprocessor::Depth`], whose pictures a network makes (see
/// [`DepthMaps`](crate::engine::DepthMaps)).
pub fn preprocessed(picture: &RgbImage, preprocessor: Preprocessor) -> RgbImage {
    match preprocessor {
        Preprocessor::None | Preprocessor::Depth => picture.clone(),
        Preprocessor::Invert => map(picture, |pixel| pixel.map(|level| 255 - level)),
        Preprocessor::Threshold => map(picture, |pixel| [if least(pixel) < INK { 255 } else { 0 }; 3]),
        Preprocessor::Xdog => xdog(picture),
        Preprocessor::Lineart => lineart(picture),
        Preprocessor::Canny => gray(picture, &canny::edges(picture)),
    }
}

fn map(picture: &RgbImage, of: impl Fn([u8; 3]) -> [u8; 3]) -> RgbImage {
    let mut mapped = picture.clone();
    mapped.pixels_mut().for_each(|pixel| pixel.0 = of(pixel.0));
    mapped
}

fn least([r, g, b]: [u8; 3]) -> u8 {
    r.min(g).min(b)
}

/// A picture with these grey levels, row by row.
fn gray(picture: &RgbImage, levels: &[u8]) -> RgbImage {
    let mut made = RgbImage::new(picture.width(), picture.height());
    made.pixels_mut().zip(levels).for_each(|(pixel, level)| *pixel = Rgb([*level; 3]));
    made
}

/// The channels of a picture, one after the other, as numbers of 0 to 255.
fn channels(picture: &RgbImage) -> [Vec<f32>; 3] {
    [0, 1, 2].map(|channel| picture.pixels().map(|pixel| f32::from(pixel.0[channel])).collect())
}

/// The least of three numbers at each place.
fn least_of([r, g, b]: [Vec<f32>; 3]) -> Vec<f32> {
    r.into_iter().zip(g).zip(b).map(|((r, g), b)| r.min(g).min(b)).collect()
}

/// White where the narrow Gaussian is darker than the wide one: `2·min(g₂ − g₁) > 32`.
fn xdog(picture: &RgbImage) -> RgbImage {
    let size = (picture.width() as usize, picture.height() as usize);
    let difference = channels(picture).map(|channel| {
        let narrow = blurred(&channel, size, XDOG_SIGMAS.0);
        let wide = blurred(&channel, size, XDOG_SIGMAS.1);
        wide.iter().zip(narrow).map(|(wide, narrow)| wide - narrow).collect()
    });
    // The extension counts in whole numbers: the difference is taken from 255, cut to a byte, and taken from 255 again.
    let whole = |difference: f32| 255.0 - (255.0 - difference).clamp(0.0, 255.0).floor();
    let lines = |difference: f32| if 2.0 * whole(difference) > XDOG_THRESHOLD { 255 } else { 0 };
    let levels: Vec<u8> = least_of(difference).into_iter().map(lines).collect();
    gray(picture, &levels)
}

/// How much darker each place is than its surroundings, `min(g − x)`, brought to a level at which the median of all that
/// is no paper is 127.
fn lineart(picture: &RgbImage) -> RgbImage {
    let size = (picture.width() as usize, picture.height() as usize);
    let difference = channels(picture).map(|channel| {
        let around = blurred(&channel, size, LINEART_SIGMA);
        around.iter().zip(channel).map(|(around, here)| around - here).collect()
    });
    let mut darker = least_of(difference);
    darker.iter_mut().for_each(|value| *value = value.clamp(0.0, 255.0));
    let usual = median(darker.iter().copied().filter(|value| *value > LINEART_PAPER).collect());
    let usual = usual.map_or(LINEART_LEAST, |median| median.max(LINEART_LEAST));
    let levels: Vec<u8> =
        darker.into_iter().map(|value| (value / usual * LINEART_LEVEL).clamp(0.0, 255.0) as u8).collect();
    gray(picture, &levels)
}

/// The middle number, or the mean of the two in the middle; `None` of nothing.
fn median(mut numbers: Vec<f32>) -> Option<f32> {
    if numbers.is_empty() {
        return None;
    }
    let (middle, is_odd) = (numbers.len() / 2, numbers.len() % 2 == 1);
    let (below, upper, _) = numbers.select_nth_unstable_by(middle, f32::total_cmp);
    let lower = below.iter().copied().max_by(f32::total_cmp).filter(|_| !is_odd).unwrap_or(*upper);
    Some((lower + *upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_two() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![4.0]), Some(4.0));
        assert_eq!(median(vec![9.0, 1.0]), Some(5.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0, 4.0]), Some(3.0));
    }

    #[test]
    fn blank_and_tiny_pictures_have_no_lines() {
        for (width, height) in [(0, 0), (1, 1), (1, 9), (33, 2), (64, 64)] {
            let paper = RgbImage::from_pixel(width, height, Rgb([250; 3]));
            for preprocessor in Preprocessor::ALL {
                if matches!(preprocessor, Preprocessor::None | Preprocessor::Depth) {
                    continue;
                }
                let lines = preprocessed(&paper, preprocessor);
                assert_eq!(lines.dimensions(), (width, height));
                assert!(lines.pixels().all(|pixel| pixel.0[0] <= 5), "{preprocessor:?} at {width} by {height}");
            }
        }
    }
}
