//! A brush: the shape of its tip, how much colour it lays down, and what the pen changes of that.
//!
//! A brush knows no canvas: `paint/stroke/` places its marks.

mod curve;
mod dynamics;
mod falloff;
mod grain;
mod tip;

pub use curve::Curve;
pub use dynamics::{Dynamics, PenInput, Response};
pub use grain::Grain;
pub use tip::{BrushAction, Tip};

pub(super) use dynamics::PenReading;
pub(super) use falloff::Falloff;
pub(super) use grain::GrainTile;

use serde::{Deserialize, Serialize};

use super::Rgb;

/// A brush. Values outside their ranges are brought into them when a stroke begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Brush {
    /// What a stroke does to the pixels.
    pub action: BrushAction,
    /// The outline of the tip.
    pub tip: Tip,
    /// Diameter in pixels, [`Brush::SIZES`]; the longer one of a flat tip.
    pub size: f32,
    /// How much of the picture underneath one stroke hides, `0..=1`; how much of the carried colours a smudge leaves.
    pub opacity: f32,
    /// How far one dab brings the coverage of a stroke towards its opacity, `0..=1`. At 1 a stroke is even; below, dabs
    /// that overlap build up. In a smudge, how much of the carried colours stays from one dab to the next.
    pub flow: f32,
    /// Share of the radius that is fully covered, `0..=1`; the rest fades out.
    pub hardness: f32,
    /// Distance between dabs as a share of the tip's smaller diameter, [`Brush::SPACINGS`].
    pub spacing: f32,
    /// How far the tip is turned clockwise, in degrees.
    pub angle: f32,
    /// How many times longer than wide the tip is, [`Brush::ASPECTS`].
    pub aspect: f32,
    /// The paper that shows through.
    pub grain: Grain,
    /// How much of it shows through, `0..=1`.
    pub grain_strength: f32,
    /// Dabs a second while the pen rests, [`Brush::RATES`]; above 0 the brush is an airbrush, whose dabs build up.
    pub rate: f32,
    /// Whether edges are smooth. Without, each pixel is covered or not.
    pub antialias: bool,
    /// What pressure, tilt and speed of the pen change.
    pub dynamics: Dynamics,
    /// What it paints. Not serialised: colours are chosen apart from brushes.
    #[serde(skip)]
    pub color: Rgb,
}

impl Brush {
    /// The diameters on offer, in pixels.
    pub const SIZES: std::ops::RangeInclusive<f32> = 1.0..=1000.0;
    /// The distances between dabs on offer, as shares of the diameter.
    pub const SPACINGS: std::ops::RangeInclusive<f32> = 0.02..=3.0;
    /// How many times longer than wide a tip can be.
    pub const ASPECTS: std::ops::RangeInclusive<f32> = 1.0..=20.0;
    /// The dabs a second on offer.
    pub const RATES: std::ops::RangeInclusive<f32> = 0.0..=100.0;

    /// How far from its path the brush can leave a trace, in pixels.
    pub fn reach(&self) -> f32 {
        self.size.clamp(*Self::SIZES.start(), *Self::SIZES.end()) / 2.0 + 0.5
    }

    /// This brush with every value in its range. Values that are no numbers become those of the default brush.
    #[must_use]
    pub fn in_range(&self) -> Self {
        let default = Self::default();
        let within = |value: f32, range: std::ops::RangeInclusive<f32>, default: f32| {
            if value.is_nan() { default } else { value.clamp(*range.start(), *range.end()) }
        };
        Self {
            size: within(self.size, Self::SIZES, default.size),
            opacity: within(self.opacity, 0.0..=1.0, 1.0),
            flow: within(self.flow, 0.0..=1.0, 1.0),
            hardness: within(self.hardness, 0.0..=1.0, default.hardness),
            spacing: within(self.spacing, Self::SPACINGS, default.spacing),
            angle: within(self.angle, -360.0..=360.0, 0.0),
            aspect: within(self.aspect, Self::ASPECTS, 1.0),
            grain_strength: within(self.grain_strength, 0.0..=1.0, 0.0),
            rate: within(self.rate, Self::RATES, 0.0),
            ..self.clone()
        }
    }

    /// Whether its strokes are the same all along, so that they are swept as one shape instead of being made of dabs.
    pub(super) fn is_swept(&self) -> bool {
        self.action != BrushAction::Smudge
            && self.tip == Tip::Round
            && self.aspect <= 1.0
            && self.flow >= 1.0
            && self.rate <= 0.0
            && self.dynamics.is_none()
    }

    /// Whether it goes on painting while the pen rests.
    pub fn paints_at_rest(&self) -> bool {
        self.rate > 0.0
    }
}

impl Default for Brush {
    fn default() -> Self {
        Self {
            action: BrushAction::Paint,
            tip: Tip::Round,
            size: 24.0,
            opacity: 1.0,
            flow: 1.0,
            hardness: 0.8,
            spacing: 0.1,
            angle: 0.0,
            aspect: 1.0,
            grain: Grain::None,
            grain_strength: 0.5,
            rate: 0.0,
            antialias: true,
            dynamics: Dynamics::default(),
            color: Rgb([88, 166, 46]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wild_values_are_brought_into_range() {
        let wild = Brush {
            size: f32::NAN,
            opacity: f32::INFINITY,
            flow: -3.0,
            spacing: 0.0,
            angle: f32::NAN,
            aspect: 1e9,
            rate: f32::NEG_INFINITY,
            ..Brush::default()
        };
        let sound = wild.in_range();
        assert_eq!((sound.size, sound.opacity, sound.flow), (24.0, 1.0, 0.0));
        assert_eq!((sound.spacing, sound.angle, sound.aspect, sound.rate), (0.02, 0.0, 20.0, 0.0));
        assert_eq!(Brush::default().in_range(), Brush::default());
    }

    #[test]
    fn a_brush_survives_json_and_unknown_fields_are_passed_over() {
        let mut brush = Brush { tip: Tip::Flat, grain: Grain::Rough, ..Brush::default() };
        brush.dynamics.size.pressure = Some(Curve::straight(0.2, 1.0));
        let mut json = serde_json::to_value(&brush).expect("writes");
        assert_eq!(serde_json::from_value::<Brush>(json.clone()).expect("reads").dynamics, brush.dynamics);
        json["later"] = 3.into();
        assert_eq!(serde_json::from_value::<Brush>(json).expect("reads").tip, Tip::Flat);
        assert_eq!(serde_json::from_str::<Brush>("{}").expect("reads"), Brush::default());
    }
}
