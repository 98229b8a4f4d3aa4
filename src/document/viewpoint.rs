//! Which part of the canvas a window shows.

use serde::{Deserialize, Serialize};

/// Which part of the canvas is in view, how large it is, and how it is turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Viewpoint {
    /// Screen pixels per canvas pixel; `None` shows the whole canvas, as large as it fits.
    pub zoom: Option<f32>,
    /// What is in the middle of the view, as shares of the canvas' width and height in `0.0..=1.0`.
    pub center: [f32; 2],
    /// How far the canvas is turned clockwise, in degrees, in `-180.0..=180.0`.
    pub degrees: f32,
    /// Whether left and right are exchanged. The canvas is turned after that.
    pub mirrored: bool,
}

impl Viewpoint {
    /// The smallest zoom, in screen pixels per canvas pixel.
    pub const SMALLEST: f32 = 0.02;
    /// The largest zoom, in screen pixels per canvas pixel.
    pub const LARGEST: f32 = 64.0;

    /// The nearest viewpoint whose values are all in their ranges.
    #[must_use]
    pub fn checked(self) -> Self {
        let finite = |value: f32, otherwise: f32| if value.is_finite() { value } else { otherwise };
        Self {
            zoom: self.zoom.filter(|zoom| zoom.is_finite()).map(|zoom| zoom.clamp(Self::SMALLEST, Self::LARGEST)),
            center: self.center.map(|share| finite(share, 0.5).clamp(0.0, 1.0)),
            degrees: half_turn(finite(self.degrees, 0.0)),
            mirrored: self.mirrored,
        }
    }
}

impl Default for Viewpoint {
    fn default() -> Self {
        Self { zoom: None, center: [0.5; 2], degrees: 0.0, mirrored: false }
    }
}

/// The same direction in `-180.0..=180.0`.
fn half_turn(degrees: f32) -> f32 {
    let degrees = degrees.rem_euclid(360.0);
    if degrees > 180.0 { degrees - 360.0 } else { degrees }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_become_the_nearest_ones() {
        let wild = Viewpoint { zoom: Some(f32::INFINITY), center: [f32::NAN, 7.0], degrees: f32::NAN, mirrored: true };
        let checked = wild.checked();
        assert_eq!(checked, Viewpoint { center: [0.5, 1.0], mirrored: true, ..Viewpoint::default() });
        assert_eq!(Viewpoint { zoom: Some(1e9), ..wild }.checked().zoom, Some(Viewpoint::LARGEST));
        for (degrees, same) in [(0.0, 0.0), (190.0, -170.0), (-190.0, 170.0), (720.0, 0.0), (-180.0, 180.0)] {
            assert_eq!(Viewpoint { degrees, ..Viewpoint::default() }.checked().degrees, same, "{degrees}");
        }
    }
}
