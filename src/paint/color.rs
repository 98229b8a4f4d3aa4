//! Colours as people dial them: red, green, blue or hue, saturation, value.

use serde::{Deserialize, Serialize};

/// An opaque colour, eight bits a channel, in the display's own (sRGB) encoding. Serialised as
/// `"#rrggbb"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// White, the paper's usual colour.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// `#rrggbb`.
    pub fn hex(self) -> String {
        let [r, g, b] = self.0;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// Reads `#rrggbb` or `rrggbb`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches('#');
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        Some(Self([(value >> 16) as u8, (value >> 8) as u8, value as u8]))
    }
}

impl From<Rgb> for String {
    fn from(color: Rgb) -> Self {
        color.hex()
    }
}

impl TryFrom<String> for Rgb {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::from_hex(&text).ok_or_else(|| format!("{text:?} is not a colour such as #58a62e"))
    }
}

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
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let rgb = Rgb([r as u8, g as u8, b as u8]);
                    assert_eq!(Rgb::from(Hsv::from(rgb)), rgb);
                }
            }
        }
    }

    #[test]
    fn known_colours_have_known_hues() {
        assert_eq!(Hsv::from(Rgb([0, 255, 0])), Hsv { hue: 120.0, saturation: 1.0, value: 1.0 });
        assert_eq!(Hsv::from(Rgb([0, 0, 128])).hue, 240.0);
        assert_eq!(Rgb::from(Hsv { hue: 360.0, saturation: 1.0, value: 1.0 }), Rgb([255, 0, 0]));
    }

    #[test]
    fn hex_is_read_as_it_is_written() {
        assert_eq!(Rgb::from_hex(&Rgb([1, 171, 255]).hex()), Some(Rgb([1, 171, 255])));
        assert_eq!(Rgb::from_hex("12345"), None);
        assert_eq!(Rgb::from_hex("#12é45"), None);
        let json = serde_json::to_string(&Rgb([1, 171, 255])).expect("writes");
        assert_eq!(json, r##""#01abff""##);
        assert_eq!(serde_json::from_str::<Rgb>(&json).expect("reads"), Rgb([1, 171, 255]));
        assert!(serde_json::from_str::<Rgb>(r#""green""#).is_err());
    }
}
