//! The choice between two measures of hue, saturation and value.

use serde::{Deserialize, Serialize};

use super::{Hsv, Okhsv, Rgb};

/// By which measure a colour is dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColorModel {
    /// That of most programs: [`Hsv`].
    #[default]
    Hsv,
    /// By how colours look: [`Okhsv`].
    Okhsv,
}

impl ColorModel {
    /// Both models with their names.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Hsv, "HSV"), (Self::Okhsv, "Okhsv")];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hsv => "HSV",
            Self::Okhsv => "Okhsv",
        }
    }

    /// Hue in degrees `0..360`, saturation and value in `0..=1` of a colour. A grey has hue 0, and some blues in Okhsv are
    /// a little more saturated than 1.
    pub fn coordinates(self, rgb: Rgb) -> [f32; 3] {
        match self {
            Self::Hsv => {
                let Hsv { hue, saturation, value } = rgb.into();
                [hue, saturation, value]
            }
            Self::Okhsv => {
                let Okhsv { hue, saturation, value } = rgb.into();
                [hue, saturation, value]
            }
        }
    }

    /// The colour with this hue in degrees, saturation and value. Values out of range stand for the nearest in range.
    pub fn color(self, [hue, saturation, value]: [f32; 3]) -> Rgb {
        match self {
            Self::Hsv => Hsv { hue, saturation, value }.into(),
            Self::Okhsv => Okhsv { hue, saturation, value }.into(),
        }
    }
}
