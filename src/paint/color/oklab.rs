//! Oklab: lightness and colour by how they look.

use palette::convert::FromColorUnclamped;
use palette::{IntoColor, LinSrgb, Srgb};

use super::Rgb;

/// How often the search for the strongest colour halves its range.
const HALVINGS: usize = 16;

/// A colour in Björn Ottosson's Oklab (<https://bottosson.github.io/posts/oklab/>), in which equal distances look about
/// equally large.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Oklab {
    /// From black (0) to white (1).
    pub lightness: f64,
    /// From green (negative) to red; at most about 0.3.
    pub a: f64,
    /// From blue (negative) to yellow; at most about 0.3.
    pub b: f64,
}

impl From<Rgb> for Oklab {
    fn from(rgb: Rgb) -> Self {
        let color: palette::Oklab<f64> = Srgb::from(rgb.0).into_format::<f64>().into_linear().into_color();
        Self { lightness: color.l, a: color.a, b: color.b }
    }
}

impl Oklab {
    /// The nearest colour of the display with this lightness and hue: what is stronger than the display can show becomes
    /// paler.
    pub fn to_rgb(self) -> Rgb {
        let lightness = self.lightness.clamp(0.0, 1.0);
        let at = |strength: f64| linear(lightness, self.a * strength, self.b * strength);
        if let Some(color) = within(at(1.0)) {
            return color;
        }
        let (mut inside, mut outside) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = (inside + outside) / 2.0;
            match within(at(middle)) {
                Some(_) => inside = middle,
                None => outside = middle,
            }
        }
        encoded(at(inside))
    }

    /// How far another colour is; about 0.02 is just visible.
    pub fn distance(self, other: Self) -> f64 {
        let (l, a, b) = (self.lightness - other.lightness, self.a - other.a, self.b - other.b);
        l.mul_add(l, a.mul_add(a, b * b)).sqrt()
    }
}

fn linear(lightness: f64, a: f64, b: f64) -> LinSrgb<f64> {
    LinSrgb::from_color_unclamped(palette::Oklab::new(lightness, a, b))
}

/// The colour if the display can show it; rounding to its 256 levels counts as that.
fn within(color: LinSrgb<f64>) -> Option<Rgb> {
    let fits = |channel: f64| (-1e-4..=1.0 + 1e-3).contains(&channel);
    (fits(color.red) && fits(color.green) && fits(color.blue)).then(|| encoded(color))
}

fn encoded(color: LinSrgb<f64>) -> Rgb {
    let [r, g, b] = Srgb::<f64>::from_linear(color).into();
    Rgb([r, g, b].map(|channel: f64| (channel.clamp(0.0, 1.0) * 255.0).round() as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grey_and_a_grid_of_colours_survive_the_way_to_oklab_and_back() {
        for rgb in super::super::tests::greys_and_grid() {
            assert_eq!(Oklab::from(rgb).to_rgb(), rgb);
        }
    }

    /// The values of the reference's table for XYZ, and of its C code for the primaries.
    #[test]
    fn known_colours_have_the_coordinates_of_the_reference() {
        for (rgb, lightness, a, b) in [
            ([255, 255, 255], 1.0, 0.0, 0.0),
            ([255, 0, 0], 0.627_955, 0.224_863, 0.125_846),
            ([0, 255, 0], 0.866_440, -0.233_888, 0.179_498),
            ([0, 0, 255], 0.452_014, -0.032_457, -0.311_528),
        ] {
            let color = Oklab::from(Rgb(rgb));
            let difference = color.distance(Oklab { lightness, a, b });
            assert!(difference < 1e-4, "{rgb:?}: {color:?}");
        }
    }

    #[test]
    fn a_colour_that_is_too_strong_keeps_lightness_and_hue() {
        let strong = Oklab { lightness: 0.7, a: 0.2, b: -0.3 };
        let shown = Oklab::from(strong.to_rgb());
        assert!((shown.lightness - 0.7).abs() < 5e-3, "{shown:?}");
        let turn = shown.b.atan2(shown.a) - strong.b.atan2(strong.a);
        assert!(turn.abs() < 0.03, "{turn}");
        assert!(shown.a.hypot(shown.b) > 0.1, "not paler than needed");
        let white = Oklab { lightness: 7.0, a: 0.3, b: 0.3 };
        assert_eq!(white.to_rgb(), Rgb::WHITE);
    }
}
