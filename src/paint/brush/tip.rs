//! The outline of a brush's tip, and what its strokes do.

use serde::{Deserialize, Serialize};

/// What a stroke does to the pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrushAction {
    /// It covers them with the brush's colour.
    #[default]
    Paint,
    /// It takes colours along from where the stroke has been.
    Smudge,
    /// It takes paint away.
    Erase,
}

/// The outline of a brush's tip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tip {
    /// A circle; an ellipse if the tip is longer than wide.
    #[default]
    Round,
    /// A square; a rectangle if the tip is longer than wide.
    Flat,
}

impl Tip {
    /// How far a place lies from the middle line of a tip that is `2 * half_width` wide and `aspect` times as long, so that
    /// `half_width` is its edge. The place is given along the tip and across it, from its centre, in pixels.
    pub(in crate::paint) fn distance(self, along: f32, across: f32, half_width: f32, aspect: f32) -> f32 {
        match self {
            Self::Round => {
                let along = along / aspect;
                (along * along + across * across).sqrt()
            }
            Self::Flat => (along.abs() - half_width * (aspect - 1.0)).max(across.abs()).max(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_of_a_tip_is_its_half_width_in_all_directions() {
        for tip in [Tip::Round, Tip::Flat] {
            for aspect in [1.0, 4.0] {
                assert!((tip.distance(0.0, 5.0, 5.0, aspect) - 5.0).abs() < 1e-5);
                assert!((tip.distance(5.0 * aspect, 0.0, 5.0, aspect) - 5.0).abs() < 1e-5);
                assert_eq!(tip.distance(0.0, 0.0, 5.0, aspect), 0.0);
            }
        }
        assert!(Tip::Flat.distance(19.0, 4.9, 5.0, 4.0) < 5.0 && Tip::Round.distance(19.0, 4.9, 5.0, 4.0) > 5.0);
    }
}
