//! Selections of simple shapes.

use super::polygon::polygon_levels;
use super::{Selection, Tiles, filled, pixel_of};
use crate::paint::tile::{TILE_SIDE, Tile};
use crate::paint::{PixelRect, Size};

/// More points than this make an ellipse no rounder.
const MOST_POINTS: f32 = 2000.0;

impl Selection {
    /// The pixels of a rectangle; what lies outside the canvas is left out.
    pub fn rectangle(size: Size, rect: PixelRect) -> Self {
        let rect = rect.inside(size);
        Self::empty(size).mapped(|place, _| {
            let part = place.part_of(rect);
            if part.width() == 0 || part.height() == 0 {
                return Tiles::Empty;
            }
            if (part.width(), part.height()) == (TILE_SIDE, TILE_SIDE) {
                return Tiles::Full;
            }
            let mut tile = match (part.x0, part.y0) {
                (0, 0) => filled(part.width(), part.height()),
                _ => Tile::transparent(),
            };
            (part.y0..part.y1).for_each(|y| tile.row_mut(y)[part.x0..part.x1].fill(pixel_of(255)));
            Tiles::Own(Box::new(tile))
        })
    }

    /// The inside of a polygon, whose corners are in canvas pixels; it is closed. Where it crosses itself, parts that it
    /// goes around twice are outside. A `smooth` edge is antialiased; without, a pixel is chosen if its centre is
    /// inside. Corners that are not finite are left out.
    pub fn polygon(size: Size, corners: &[(f32, f32)], smooth: bool) -> Self {
        Self::from_levels(size, &polygon_levels(size, &[corners], smooth))
    }

    /// The area between two closed lines, one around the other.
    pub fn ring(size: Size, outer: &[(f32, f32)], inner: &[(f32, f32)], smooth: bool) -> Self {
        Self::from_levels(size, &polygon_levels(size, &[outer, inner], smooth))
    }

    /// The ellipse that touches all sides of the rectangle between two corners, in canvas pixels.
    pub fn ellipse(size: Size, from: (f32, f32), to: (f32, f32), smooth: bool) -> Self {
        Self::polygon(size, &ellipse_points(from, to), smooth)
    }
}

/// Points on the ellipse that touches all sides of the rectangle between two corners, so close together that the line
/// through them looks round.
pub fn ellipse_points(from: (f32, f32), to: (f32, f32)) -> Vec<(f32, f32)> {
    let (rx, ry) = ((to.0 - from.0) / 2.0, (to.1 - from.1) / 2.0);
    let center = (from.0 + rx, from.1 + ry);
    let count = (rx.abs().max(ry.abs()) * 3.0).clamp(24.0, MOST_POINTS) as usize;
    let point = |i: usize| {
        let (sin, cos) = (std::f32::consts::TAU * i as f32 / count as f32).sin_cos();
        (center.0 + rx * cos, center.1 + ry * sin)
    };
    (0..count).map(point).collect()
}
