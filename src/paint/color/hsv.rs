//! Hue, saturation and value of the display's colours.

use super::Rgb;

/// Hue in degrees `0..360`, saturation and value in `0..=1`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hsv {
    /// Degrees around the colour circle, red at 0, green at 120, blue at 240.
    pub hue: f32,
    /// From grey (0) to pure colour (1).
    pub saturation: f32,
    /// From black (0) to as bright as the colour gets (1).
    pub value: f32,
}

impl From<Rgb> for Hsv {
    fn from(rgb: Rgb) -> Self {
        let [r, g, b] = rgb.0.map(|c| f32::from(c) / 255.0);
        let value = r.max(g).max(b);
        let chroma = value - r.min(g).min(b);
        let sector = if chroma == 0.0 {
            0.0
        } else if value == r {
            ((g - b) / chroma).rem_euclid(6.0)
        } else if value == g {
            (b - r) / chroma + 2.0
        } else {
            (r - g) / chroma + 4.0
        };
        let saturation = if value == 0.0 { 0.0 } else { chroma / value };
        Self { hue: sector * 60.0, saturation, value }
    }
}

impl From<Hsv> for Rgb {
    fn from(hsv: Hsv) -> Self {
        let value = hsv.value.clamp(0.0, 1.0);
        let chroma = value * hsv.saturation.clamp(0.0, 1.0);
        let channel = |shift: f32| {
            let k = (shift + hsv.hue / 60.0).rem_euclid(6.0);
            let level = value - chroma * k.min(4.0 - k).clamp(0.0, 1.0);
            (level * 255.0).round() as u8
        };
        Self([channel(5.0), channel(3.0), channel(1.0)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grey_and_a_grid_of_colours_survive_the_way_to_hsv_and_back() {
        for rgb in super::super::tests::greys_and_grid() {
            assert_eq!(Rgb::from(Hsv::from(rgb)), rgb);
        }
    }

    #[test]
    fn known_colours_have_known_hues() {
        assert_eq!(Hsv::from(Rgb([0, 255, 0])), Hsv { hue: 120.0, saturation: 1.0, value: 1.0 });
        assert_eq!(Hsv::from(Rgb([0, 0, 128])).hue, 240.0);
        assert_eq!(Rgb::from(Hsv { hue: 360.0, saturation: 1.0, value: 1.0 }), Rgb([255, 0, 0]));
    }
}
