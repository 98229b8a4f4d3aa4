//! Opaque colours, as they are stored and painted with.

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

    /// Reads `#rrggbb` or `#rgb`, with or without the `#`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix('#').unwrap_or(text);
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        let byte = |shift: u32| (value >> shift) as u8;
        match digits.len() {
            6 => Some(Self([byte(16), byte(8), byte(0)])),
            // 17 repeats a digit: 0xa becomes 0xaa.
            3 => Some(Self([byte(8), byte(4), byte(0)].map(|digit| (digit & 15) * 17))),
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_as_it_is_written() {
        assert_eq!(Rgb::from_hex(&Rgb([1, 171, 255]).hex()), Some(Rgb([1, 171, 255])));
        assert_eq!(Rgb::from_hex("#58A"), Some(Rgb([0x55, 0x88, 0xaa])));
        for text in ["12345", "#12é45", "", "#", "##58a62e", "+58a62", "é5"] {
            assert_eq!(Rgb::from_hex(text), None, "{text}");
        }
        let json = serde_json::to_string(&Rgb([1, 171, 255])).expect("writes");
        assert_eq!(json, r##""#01abff""##);
        assert_eq!(serde_json::from_str::<Rgb>(&json).expect("reads"), Rgb([1, 171, 255]));
        assert!(serde_json::from_str::<Rgb>(r#""green""#).is_err());
    }
}
