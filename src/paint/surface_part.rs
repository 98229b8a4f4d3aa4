//! A picture of any size at a place of a surface, which may lie partly or wholly outside.

use std::sync::Arc;

use super::tile::{TILE_SIDE, Tile, TilePlace};
use super::{PixelRect, Size, Surface};

impl Surface {
    /// A transparent surface of this size with a picture on it. `place` is where the picture's left upper pixel lies;
    /// what lies outside the surface is left out. The picture has `width` pixels a row; what does not fill its last row
    /// is left out too.
    pub fn with_picture(size: Size, place: (i64, i64), width: usize, pixels: &[[u8; 4]]) -> Self {
        let mut surface = Self::new(size);
        if width == 0 {
            return surface;
        }
        let (Some(columns), Some(rows)) =
            (shown(place.0, width, size.width()), shown(place.1, pixels.len() / width, size.height()))
        else {
            return surface;
        };
        let rect = PixelRect { x0: columns.at, y0: rows.at, x1: columns.at + columns.count, y1: rows.at + rows.count };
        for tile_place in TilePlace::touched_by(rect) {
            let part = tile_place.part_of(rect);
            let mut tile = Tile::transparent();
            for y in part.y0..part.y1 {
                let from_row = tile_place.row * TILE_SIDE + y - rect.y0 + rows.from;
                let from_column = tile_place.column * TILE_SIDE + part.x0 - rect.x0 + columns.from;
                let from = from_row * width + from_column;
                tile.row_mut(y)[part.x0..part.x1].copy_from_slice(&pixels[from..from + part.width()]);
            }
            if !tile.is_transparent() {
                surface.set_tile(tile_place, Some(Arc::new(tile)));
            }
        }
        surface
    }
}

/// The part of a line of pixels that lies on a surface.
struct Shown {
    /// The first pixel of the line that does.
    from: usize,
    /// Where that lies on the surface.
    at: usize,
    count: usize,
}

fn shown(place: i64, length: usize, side: usize) -> Option<Shown> {
    let from = usize::try_from(place.saturating_neg().max(0)).ok()?;
    let at = usize::try_from(place.max(0)).ok()?;
    let count = length.checked_sub(from)?.min(side.checked_sub(at)?);
    (count > 0).then_some(Shown { from, at, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_lies_where_it_was_put_and_is_cut_at_the_edges() {
        let size = Size::new(100, 70).expect("a size");
        let pixels: Vec<[u8; 4]> = (0..30 * 20).map(|i| [(i % 30) as u8, (i / 30) as u8, 9, 255]).collect();
        for place in [(0, 0), (5, 60), (-7, -3), (95, 69), (60, 55), (70, 50)] {
            let surface = Surface::with_picture(size, place, 30, &pixels);
            for y in 0..70 {
                for x in 0..100 {
                    let (column, row) = (x as i64 - place.0, y as i64 - place.1);
                    let is_inside = (0..30).contains(&column) && (0..20).contains(&row);
                    let expected = if is_inside { [column as u8, row as u8, 9, 255] } else { [0; 4] };
                    assert_eq!(surface.pixel(x, y), Some(expected), "{x}, {y} of {place:?}");
                }
            }
        }
    }

    #[test]
    fn what_lies_outside_is_empty_however_far() {
        let size = Size::new(10, 10).expect("a size");
        for place in [(10, 0), (0, -1), (-1, 0), (i64::MAX, 0), (0, i64::MIN), (i64::MIN, i64::MAX)] {
            assert!(Surface::with_picture(size, place, 1, &[[1; 4]]).is_empty(), "{place:?}");
        }
        assert!(Surface::with_picture(size, (0, 0), 0, &[[1; 4]]).is_empty());
        assert!(Surface::with_picture(size, (0, 0), 2, &[[1; 4]]).is_empty());
        assert_eq!(Surface::with_picture(size, (0, 0), 1, &[[0; 4]]).bytes(), 0, "transparent tiles take no memory");
    }
}
