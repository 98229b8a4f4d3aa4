//! How colours are dialled and picked, and which were used last: `colours.json` in the data folder.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::paint::{ColorModel, Rgb, SampleArea};
use crate::picture::{SaveError, write_atomically};

/// The file in the data folder.
const FILE: &str = "colours.json";
/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;
/// How many recent colours are kept.
const MOST_RECENT: usize = 64;

/// What a colour is chosen with by eye.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PickerShape {
    /// A ring of hues around a square of saturation and value.
    #[default]
    Ring,
    /// A field of saturation and value above a bar of hues.
    Bar,
}

/// How colours are dialled and picked, and which were used last. `None` stands for what was not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColorPreferences {
    /// By which measure colours are dialled.
    pub model: ColorModel,
    /// What they are chosen with.
    pub shape: PickerShape,
    /// How many pixels the eyedropper averages.
    pub sample: SampleArea,
    /// The file of the palette that is shown.
    pub palette: Option<String>,
    /// The colour that is painted with.
    pub foreground: Option<Rgb>,
    /// The other colour.
    pub background: Option<Rgb>,
    /// The colours that were painted with, the latest first.
    pub recent: Vec<Rgb>,
}

impl ColorPreferences {
    /// Reads what is kept in the data folder. What is missing or cannot be understood has its default.
    pub fn read(data: &Path) -> Self {
        let path = data.join(FILE);
        let is_small = std::fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() <= LARGEST);
        let text = if is_small { std::fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        let recent = value["recent"].as_array().cloned().unwrap_or_default();
        Self {
            model: field(&value["model"]).unwrap_or_default(),
            shape: field(&value["shape"]).unwrap_or_default(),
            sample: field(&value["sample"]).unwrap_or_default(),
            palette: field(&value["palette"]),
            foreground: field(&value["foreground"]),
            background: field(&value["background"]),
            recent: recent.iter().filter_map(field).take(MOST_RECENT).collect(),
        }
    }

    /// Keeps the preferences in the data folder.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn keep(&self, data: &Path) -> Result<(), SaveError> {
        let value = json!({
            "model": self.model,
            "shape": self.shape,
            "sample": self.sample,
            "palette": self.palette,
            "foreground": self.foreground,
            "background": self.background,
            "recent": self.recent,
        });
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        write_atomically(&data.join(FILE), text.as_bytes())
    }
}

fn field<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let data = tempfile::tempdir().expect("folder");
        assert_eq!(ColorPreferences::read(data.path()), ColorPreferences::default());
        let preferences = ColorPreferences {
            model: ColorModel::Okhsv,
            shape: PickerShape::Bar,
            sample: SampleArea::Five,
            palette: Some("mine.gpl".into()),
            foreground: Some(Rgb([1, 2, 3])),
            background: None,
            recent: vec![Rgb::WHITE, Rgb::BLACK],
        };
        preferences.keep(data.path()).expect("writes");
        assert_eq!(ColorPreferences::read(data.path()), preferences);
    }

    #[test]
    fn what_cannot_be_understood_has_its_default_and_the_rest_counts() {
        let data = tempfile::tempdir().expect("folder");
        for text in ["", "{", "7", "[]", r#"{"model": 3, "recent": "x"}"#] {
            std::fs::write(data.path().join(FILE), text).expect("writes");
            assert_eq!(ColorPreferences::read(data.path()), ColorPreferences::default(), "{text}");
        }
        let text =
            r##"{"model": "cmyk", "sample": "3x3", "foreground": "green", "recent": ["#010203", 4, null], "new": 1}"##;
        std::fs::write(data.path().join(FILE), text).expect("writes");
        let read = ColorPreferences::read(data.path());
        assert_eq!((read.model, read.sample, read.foreground), (ColorModel::Hsv, SampleArea::Three, None));
        assert_eq!(read.recent, [Rgb([1, 2, 3])]);
    }
}
