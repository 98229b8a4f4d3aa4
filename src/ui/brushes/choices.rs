//! What is expected again at the next launch, in `brushes.json` in the data folder.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::preset::{PresetList, eraser};
use crate::paint::{AssumedPressure, Brush, BrushAction, Stabilizer, Symmetry};

/// The file in the data folder.
pub(super) const FILE: &str = "brushes.json";

/// The brushes in use, the presets of the person, and how strokes follow the pen.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) struct BrushChoices {
    /// The brush that paints or smudges.
    pub brush: Brush,
    /// The eraser.
    pub eraser: Brush,
    pub presets: PresetList,
    /// The name of the preset that the brush was chosen as.
    pub chosen: Option<String>,
    /// How strokes follow the pen; distances are in points on screen.
    pub stabilizer: Stabilizer,
    pub symmetry: Symmetry,
    /// The pressure of a pen that tells none; the taper is in points on screen.
    pub pressure: AssumedPressure,
}

impl Default for BrushChoices {
    fn default() -> Self {
        Self {
            brush: Brush::default(),
            eraser: eraser(),
            presets: PresetList::default(),
            chosen: Some("Round hard".into()),
            stabilizer: Stabilizer::default(),
            symmetry: Symmetry::default(),
            pressure: AssumedPressure::default(),
        }
    }
}

/// What the file holds. Every value is read by itself, so that one that is not understood costs no other.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct KeptChoices {
    brush: Value,
    eraser: Value,
    presets: Vec<Value>,
    chosen: Value,
    stabilizer: Value,
    symmetry: Value,
    pressure: Value,
}

impl KeptChoices {
    pub fn of(choices: &BrushChoices) -> Self {
        let value = |result: serde_json::Result<Value>| result.unwrap_or_default();
        Self {
            brush: value(serde_json::to_value(&choices.brush)),
            eraser: value(serde_json::to_value(&choices.eraser)),
            presets: choices.presets.own().iter().map(|preset| value(serde_json::to_value(preset))).collect(),
            // No name, for a brush that was not chosen as a preset.
            chosen: choices.chosen.clone().unwrap_or_default().into(),
            stabilizer: value(serde_json::to_value(choices.stabilizer)),
            // Not symmetry: at the next launch nobody remembers that it was on.
            symmetry: Value::Null,
            pressure: value(serde_json::to_value(choices.pressure)),
        }
    }

    pub fn choices(self) -> BrushChoices {
        fn read<T: serde::de::DeserializeOwned>(value: Value, usual: T) -> T {
            serde_json::from_value(value).unwrap_or(usual)
        }
        let usual = BrushChoices::default();
        let brush: Brush = read(self.brush, usual.brush.clone());
        let eraser: Brush = read(self.eraser, usual.eraser.clone());
        BrushChoices {
            brush: if brush.action == BrushAction::Erase { usual.brush } else { brush.in_range() },
            eraser: Brush { action: BrushAction::Erase, ..eraser.in_range() },
            presets: PresetList::with_own(&self.presets),
            chosen: match self.chosen.as_str() {
                Some(name) => Some(name.to_owned()).filter(|name| !name.is_empty()),
                None => usual.chosen,
            },
            stabilizer: read(self.stabilizer, usual.stabilizer),
            symmetry: usual.symmetry,
            pressure: read(self.pressure, usual.pressure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> BrushChoices {
        serde_json::from_str::<KeptChoices>(json).expect("reads").choices()
    }

    #[test]
    fn choices_come_back_without_the_symmetry() {
        let mut choices = BrushChoices {
            brush: Brush { size: 300.0, ..Brush::default() },
            stabilizer: Stabilizer::Rope(30.0),
            symmetry: Symmetry::Both,
            pressure: AssumedPressure { from_speed: true, taper: 50.0 },
            chosen: None,
            ..BrushChoices::default()
        };
        choices.presets.save("Mine", Brush { size: 3.0, ..Brush::default() }).expect("saves");
        let json = serde_json::to_string(&KeptChoices::of(&choices)).expect("writes");
        let back = read(&json);
        assert_eq!(back, BrushChoices { symmetry: Symmetry::None, ..choices });
    }

    #[test]
    fn a_value_that_is_not_understood_has_its_default_and_the_others_stay() {
        assert_eq!(read("{}"), BrushChoices::default());
        let odd = read(r#"{"brush": 7, "eraser": {"size": 9, "action": "paint"}, "stabilizer": "later", "x": 1}"#);
        assert_eq!(odd.brush, Brush::default());
        assert_eq!((odd.eraser.size, odd.eraser.action), (9.0, BrushAction::Erase));
        assert_eq!(odd.stabilizer, Stabilizer::Off);
        assert_eq!(read(r#"{"brush": {"action": "erase"}}"#).brush.action, BrushAction::Paint);
    }
}
