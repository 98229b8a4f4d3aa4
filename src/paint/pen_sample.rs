//! One report of a pen or a mouse.

/// Where a pen or a mouse was, and how it was held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PenSample {
    /// Canvas pixels from the left edge; the centre of the first pixel lies at 0.5. May lie outside the canvas.
    pub x: f32,
    /// Canvas pixels from the upper edge.
    pub y: f32,
    /// How hard the pen is pressed, `0..=1`; 1 for a mouse.
    pub pressure: f32,
    /// How far the pen leans to the right and towards the person, each in `-1..=1`, where 1 is flat on the tablet; 0 for
    /// a mouse.
    pub tilt: (f32, f32),
    /// Seconds since some fixed moment.
    pub time: f64,
}

impl PenSample {
    /// A sample without pressure or tilt.
    pub fn mouse(x: f32, y: f32, time: f64) -> Self {
        Self { x, y, pressure: 1.0, tilt: (0.0, 0.0), time }
    }
}
