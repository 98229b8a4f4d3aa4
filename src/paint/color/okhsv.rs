//! Okhsv: hue, saturation and value by how colours look.

use palette::convert::{FromColorUnclamped, IntoColorUnclamped};
use palette::{LinSrgb, Oklab, Srgb};

use super::Rgb;

/// The display can show more saturated blues than the formulas take for the purest.
const MOST_SATURATED: f64 = 1.1;

/// A colour in Björn Ottosson's Okhsv (<https://bottosson.github.io/posts/colorpicker/>). As in HSV every combination of
/// the three is a colour of the display, but colours of one hue look like one hue, and hues of one value equally bright.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Okhsv {
    /// Degrees around the colour circle, `0..360`, red at 29, green at 142, blue at 264.
    pub hue: f32,
    /// From grey (0) to pure colour (1). Some blues of the display have up to 1.1.
    pub saturation: f32,
    /// From black (0) to as bright as the colour gets (1).
    pub value: f32,
}

impl From<Rgb> for Okhsv {
    fn from(rgb: Rgb) -> Self {
        let linear: LinSrgb<f64> = Srgb::from(rgb.0).into_format::<f64>().into_linear();
        let color = palette::Okhsv::from_color_unclamped(Oklab::from_color_unclamped(linear));
        let [r, g, b] = rgb.0;
        // Rounding would give greys a trace of some hue.
        if r == g && g == b {
            return Self { hue: 0.0, saturation: 0.0, value: color.value.clamp(0.0, 1.0) as f32 };
        }
        // Rounded to single precision, a hue just below a full turn would be 360.
        let hue = (color.hue.into_positive_degrees() as f32).rem_euclid(360.0);
        Self {
            hue,
            saturation: color.saturation.clamp(0.0, MOST_SATURATED) as f32,
            value: color.value.clamp(0.0, 1.0) as f32,
        }
    }
}

impl From<Okhsv> for Rgb {
    fn from(color: Okhsv) -> Self {
        // The formulas divide by a lightness that is 0 for black.
        if color.value <= 0.0 {
            return Self::BLACK;
        }
        let saturation = f64::from(color.saturation).clamp(0.0, MOST_SATURATED);
        let color = palette::Okhsv::new(f64::from(color.hue), saturation, f64::from(color.value.min(1.0)));
        let linear: LinSrgb<f64> = Oklab::from_color_unclamped(color).into_color_unclamped();
        let [r, g, b] = Srgb::<f64>::from_linear(linear).into();
        Self([r, g, b].map(|channel: f64| (channel.clamp(0.0, 1.0) * 255.0).round() as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grey_and_a_grid_of_colours_survive_the_way_to_okhsv_and_back() {
        for rgb in super::super::tests::greys_and_grid() {
            let color = Okhsv::from(rgb);
            assert!((0.0..360.0).contains(&color.hue), "{rgb:?} {color:?}");
            assert_eq!(Rgb::from(color), rgb, "{color:?}");
        }
    }

    /// Computed in Python by the formulas of the reference, in double precision and with the slope of the sRGB curve.
    #[test]
    fn known_colours_have_the_coordinates_of_the_reference() {
        for (rgb, hue, saturation, value) in GOLDEN {
            let color = Okhsv::from(Rgb(rgb));
            let close = |one: f32, other: f32| (one - other).abs() < 2e-3;
            assert!((color.hue - hue).abs() < 0.05, "{rgb:?}: {color:?}");
            assert!(close(color.saturation, saturation) && close(color.value, value), "{rgb:?}: {color:?}");
        }
    }

    #[test]
    fn values_out_of_range_are_the_nearest_colours() {
        for (hue, saturation, value) in [(-30.0, 2.0, 5.0), (721.0, -1.0, -1.0), (1e9, 0.5, f32::NAN), (0.0, 0.0, 0.0)]
        {
            let _ = Rgb::from(Okhsv { hue, saturation, value });
        }
        assert_eq!(Rgb::from(Okhsv { hue: 10.0, saturation: -1.0, value: 9.0 }), Rgb::WHITE);
    }

    const GOLDEN: [([u8; 3], f32, f32, f32); 10] = [
        ([255, 0, 0], 29.2339, 1.00000, 1.00000),
        ([0, 255, 0], 142.4953, 1.00000, 1.00000),
        ([255, 255, 0], 109.7692, 1.00000, 1.00000),
        ([88, 166, 46], 136.8472, 0.83195, 0.67604),
        ([240, 196, 156], 63.8690, 0.31515, 0.94697),
        ([35, 58, 143], 267.5648, 0.75830, 0.56286),
        ([20, 10, 5], 51.6854, 0.49832, 0.08304),
        ([128, 130, 128], 145.5283, 0.01571, 0.54331),
        ([200, 100, 250], 312.7297, 0.76082, 0.98170),
        ([250, 255, 250], 145.5121, 0.02109, 1.00000),
    ];
}
