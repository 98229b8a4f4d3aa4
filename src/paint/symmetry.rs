//! Strokes that are mirrored in the middle of the canvas.

use serde::{Deserialize, Serialize};

use super::Size;

/// At which axes a stroke is mirrored. The axes lie in the middle of the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Symmetry {
    /// At none.
    #[default]
    None,
    /// At a vertical axis: left and right are alike.
    Vertical,
    /// At a horizontal axis: above and below are alike.
    Horizontal,
    /// At both.
    Both,
}

impl Symmetry {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Vertical, Self::Horizontal, Self::Both];

    /// The places where a stroke is painted: as it is, and mirrored.
    pub(super) fn mirrors(self) -> &'static [Mirror] {
        const NONE: Mirror = Mirror { left_right: false, up_down: false };
        const VERTICAL: Mirror = Mirror { left_right: true, up_down: false };
        const HORIZONTAL: Mirror = Mirror { left_right: false, up_down: true };
        const BOTH: Mirror = Mirror { left_right: true, up_down: true };
        match self {
            Self::None => &[NONE],
            Self::Vertical => &[NONE, VERTICAL],
            Self::Horizontal => &[NONE, HORIZONTAL],
            Self::Both => &[NONE, VERTICAL, HORIZONTAL, BOTH],
        }
    }
}

/// One of the places where a stroke is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mirror {
    left_right: bool,
    up_down: bool,
}

impl Mirror {
    /// Where a place on a canvas of this size is painted.
    pub fn place(self, (x, y): (f32, f32), size: Size) -> (f32, f32) {
        (
            if self.left_right { size.width() as f32 - x } else { x },
            if self.up_down { size.height() as f32 - y } else { y },
        )
    }

    /// Whether what turns clockwise turns the other way here.
    pub fn flips(self) -> bool {
        self.left_right != self.up_down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_mirrored_in_the_middle() {
        let size = Size::new(100, 60).expect("a size");
        let places = |symmetry: Symmetry| -> Vec<(f32, f32)> {
            symmetry.mirrors().iter().map(|mirror| mirror.place((10.0, 20.5), size)).collect()
        };
        assert_eq!(places(Symmetry::None), [(10.0, 20.5)]);
        assert_eq!(places(Symmetry::Vertical), [(10.0, 20.5), (90.0, 20.5)]);
        assert_eq!(places(Symmetry::Horizontal), [(10.0, 20.5), (10.0, 39.5)]);
        assert_eq!(places(Symmetry::Both), [(10.0, 20.5), (90.0, 20.5), (10.0, 39.5), (90.0, 39.5)]);
    }
}
