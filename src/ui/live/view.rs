//! Where frames of live painting are shown.

use serde::{Deserialize, Serialize};

/// Where and how frames are shown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LiveView {
    /// Over the canvas, instead of beside it.
    pub over_canvas: bool,
    /// How opaque a frame is over the canvas, `0.0..=1.0`.
    pub opacity: f32,
}

impl Default for LiveView {
    fn default() -> Self {
        Self { over_canvas: false, opacity: 0.8 }
    }
}

impl LiveView {
    /// The nearest one whose values are in their ranges.
    #[must_use]
    pub fn checked(self) -> Self {
        let opacity = if self.opacity.is_finite() { self.opacity } else { Self::default().opacity };
        Self { opacity: opacity.clamp(0.0, 1.0), ..self }
    }
}
