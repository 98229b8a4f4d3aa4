//! How a stroke is painted.

use serde::{Deserialize, Serialize};

use crate::paint::{Brush, Stabilizer, Symmetry};

/// The pressure of a pen that tells none, such as a mouse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssumedPressure {
    /// Whether it is harder the slower the pen moves; otherwise it is what the samples say.
    pub from_speed: bool,
    /// Over how many pixels it rises at the beginning of a stroke and falls at its end; 0 is not at all.
    pub taper: f32,
}

/// How a stroke is painted: with which brush, and how it follows the pen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StrokePlan {
    /// The brush.
    pub brush: Brush,
    /// How the stroke follows the pen.
    pub stabilizer: Stabilizer,
    /// Where it is mirrored.
    pub symmetry: Symmetry,
    /// What takes the place of the pressure that the samples say.
    pub pressure: AssumedPressure,
}

impl From<Brush> for StrokePlan {
    /// A stroke that follows the pen exactly.
    fn from(brush: Brush) -> Self {
        Self { brush, ..Self::default() }
    }
}
