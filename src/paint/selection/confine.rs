//! Painting that is let through only where something is chosen.

use super::Selection;
use crate::paint::tile::TilePlace;
use crate::paint::{PixelRect, Surface};

impl Selection {
    /// Makes a rectangle of `into` what `painted` shows where it is chosen, what `before` shows where it is not, and
    /// a mix of both where it is chosen in part. Tiles of which nothing is chosen are left alone. All must have the size of
    /// the selection; else nothing happens.
    pub fn let_through(&self, before: &Surface, painted: &Surface, into: &mut Surface, rect: PixelRect) {
        let size = self.size();
        if [before.size(), painted.size(), into.size()].iter().any(|other| *other != size) {
            return;
        }
        let rect = rect.inside(size);
        for place in TilePlace::touched_by(rect) {
            let Some(chosen) = self.surface.tile(place) else { continue };
            let part = place.part_of(rect);
            let (before, painted) = (before.tile(place), painted.tile(place));
            if before.is_none() && painted.is_none() && into.tile(place).is_none() {
                continue;
            }
            let Some(tile) = into.tile_mut(place) else { continue };
            for y in part.y0..part.y1 {
                let before = before.map_or(&[][..], |tile| tile.row(y));
                let painted = painted.map_or(&[][..], |tile| tile.row(y));
                for x in part.x0..part.x1 {
                    let pixel = |row: &[[u8; 4]]| row.get(x).copied().unwrap_or_default();
                    tile.row_mut(y)[x] = match chosen.row(y)[x][3] {
                        0 => pixel(before),
                        255 => pixel(painted),
                        level => between(pixel(before), pixel(painted), f32::from(level) / 255.0),
                    };
                }
            }
        }
    }
}

/// The pixel this share of the way from one to another, weighted by alpha so that what is transparent adds no colour.
pub(in crate::paint) fn between(from: [u8; 4], to: [u8; 4], share: f32) -> [u8; 4] {
    let (from_weight, to_weight) = (f32::from(from[3]) * (1.0 - share), f32::from(to[3]) * share);
    let sum = from_weight + to_weight;
    let alpha = sum.round() as u8;
    if alpha == 0 {
        return [0; 4];
    }
    let channel = |i: usize| ((f32::from(from[i]) * from_weight + f32::from(to[i]) * to_weight) / sum).round() as u8;
    [channel(0), channel(1), channel(2), alpha]
}
