//! Pixels under an affine map.

use rayon::prelude::*;

use super::affine::Affine;
use super::tile::{TILE_SIDE, Tile, TilePlace};
use super::{PixelRect, Surface};

/// How pixels are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resampling {
    /// The nearest pixel: quick, and no new colours.
    Nearest,
    /// Bicubic (Catmull-Rom); the kernel is as wide as what a new pixel covers, so that nothing is skipped where the
    /// picture becomes smaller.
    Smooth,
}

/// The widest a kernel gets, in pixels of the source; a picture that becomes even smaller loses detail.
const WIDEST: f32 = 32.0;

/// A surface of the same size that shows another one under a map. What is moved over the edge is lost. Whole pixels that
/// are moved, mirrored or turned by quarters keep their colours exactly.
pub fn resampled(source: &Surface, map: &Affine, how: Resampling) -> Surface {
    let mut result = Surface::new(source.size());
    let (Some(back), Some(rect)) = (map.inverse(), reach(source, map)) else { return result };
    let Some(bounds) = source.bounds() else { return result };
    // Reading the source as one block of premultiplied numbers is quicker than tile by tile.
    let pixels = source.copy_rect(bounds);
    let source = Source { pixels, bounds, kernel: (width_of(back.x), width_of(back.y)) };
    let places: Vec<TilePlace> = TilePlace::touched_by(rect).collect();
    let tiles: Vec<(TilePlace, Tile)> = places
        .into_par_iter()
        .map(|place| {
            let mut tile = Tile::transparent();
            let part = place.part_of(rect);
            for y in part.y0..part.y1 {
                for x in part.x0..part.x1 {
                    let at = ((place.column * TILE_SIDE + x) as f32 + 0.5, (place.row * TILE_SIDE + y) as f32 + 0.5);
                    let from = back.apply(at);
                    tile.row_mut(y)[x] = match how {
                        Resampling::Nearest => source.nearest(from),
                        Resampling::Smooth => source.smooth(from),
                    };
                }
            }
            (place, tile)
        })
        .filter(|(_, tile)| !tile.is_transparent())
        .collect();
    for (place, tile) in tiles {
        result.set_tile(place, Some(tile.into()));
    }
    result
}

/// Where a surface can show something under a map; `None` if nowhere.
pub fn reach(source: &Surface, map: &Affine) -> Option<PixelRect> {
    let bounds = source.bounds()?;
    let [x0, y0, x1, y1] = [bounds.x0, bounds.y0, bounds.x1, bounds.y1].map(|v| v as f32);
    let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)].map(|corner| map.apply(corner));
    let fold = |of: fn(f32, f32) -> f32, start: f32| {
        corners.iter().fold((start, start), |(x, y), corner| (of(x, corner.0), of(y, corner.1)))
    };
    let (left, top) = fold(f32::min, f32::INFINITY);
    let (right, bottom) = fold(f32::max, f32::NEG_INFINITY);
    // A soft edge reaches a little beyond.
    let edge = 2.0 + map.x[0].hypot(map.y[0]).max(map.x[1].hypot(map.y[1])) * 2.0;
    PixelRect::around(left - edge, top - edge, right + edge, bottom + edge, source.width(), source.height())
}

/// How many pixels of the source a step in the result covers along one axis of the source, at least 1.
fn width_of(row: [f32; 3]) -> f32 {
    row[0].hypot(row[1]).clamp(1.0, WIDEST)
}

struct Source {
    pixels: Vec<[u8; 4]>,
    bounds: PixelRect,
    /// The width of the kernel across and down.
    kernel: (f32, f32),
}

impl Source {
    /// The pixel of whole coordinates; transparent outside.
    fn pixel(&self, x: i64, y: i64) -> [u8; 4] {
        let (x, y) = (x - self.bounds.x0 as i64, y - self.bounds.y0 as i64);
        let inside = x >= 0 && y >= 0 && x < self.bounds.width() as i64 && y < self.bounds.height() as i64;
        let at = if inside { y as usize * self.bounds.width() + x as usize } else { usize::MAX };
        self.pixels.get(at).copied().unwrap_or_default()
    }

    fn nearest(&self, (x, y): (f32, f32)) -> [u8; 4] {
        self.pixel(x.floor() as i64, y.floor() as i64)
    }

    fn smooth(&self, (x, y): (f32, f32)) -> [u8; 4] {
        // Centres of pixels lie at halves.
        let (x, y) = (x - 0.5, y - 0.5);
        let range = |at: f32, width: f32| ((at - 2.0 * width).ceil() as i64, (at + 2.0 * width).floor() as i64);
        let ((x0, x1), (y0, y1)) = (range(x, self.kernel.0), range(y, self.kernel.1));
        let near = |from: i64, to: i64, start: usize, end: usize| to >= start as i64 && from < end as i64;
        if !near(x0, x1, self.bounds.x0, self.bounds.x1) || !near(y0, y1, self.bounds.y0, self.bounds.y1) {
            return [0; 4];
        }
        let (mut sum, mut total) = ([0.0_f32; 4], 0.0_f32);
        for row in y0..=y1 {
            let down = cubic((row as f32 - y) / self.kernel.1);
            if down == 0.0 {
                continue;
            }
            for column in x0..=x1 {
                let weight = down * cubic((column as f32 - x) / self.kernel.0);
                total += weight;
                let [r, g, b, a] = self.pixel(column, row).map(f32::from);
                let alpha = a * weight;
                sum[0] += r * alpha;
                sum[1] += g * alpha;
                sum[2] += b * alpha;
                sum[3] += alpha;
            }
        }
        let alpha = (sum[3] / total).round().clamp(0.0, 255.0) as u8;
        if alpha == 0 || sum[3] <= 0.0 {
            return [0; 4];
        }
        let channel = |i: usize| (sum[i] / sum[3]).round().clamp(0.0, 255.0) as u8;
        [channel(0), channel(1), channel(2), alpha]
    }
}

/// The Catmull-Rom kernel; 0 from a distance of 2 on.
fn cubic(distance: f32) -> f32 {
    let d = distance.abs();
    if d < 1.0 {
        (1.5 * d - 2.5) * d * d + 1.0
    } else if d < 2.0 {
        ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{Placement, Size};

    /// An L of coloured pixels near the middle.
    fn figure() -> Surface {
        let mut rgba = vec![0; 100 * 80 * 4];
        for (x, y) in [(40, 30), (40, 31), (40, 32), (41, 32), (42, 32)] {
            rgba[(y * 100 + x) * 4..][..4].copy_from_slice(&[x as u8, y as u8, 200, if x == 42 { 99 } else { 255 }]);
        }
        Surface::from_rgba(100, 80, &rgba).expect("a size")
    }

    fn mapped(placement: Placement, how: Resampling) -> Surface {
        resampled(&figure(), &placement.affine((41.5, 31.5)), how)
    }

    #[test]
    fn whole_pixels_that_are_moved_turned_or_mirrored_stay_as_they_are() {
        for how in [Resampling::Nearest, Resampling::Smooth] {
            assert!(mapped(Placement::STAY, how).shows_the_same_as(&figure()), "{how:?}");
            let moved = mapped(Placement { offset: (-7.0, 20.0), ..Placement::STAY }, how);
            assert_eq!(moved.pixel(35, 52), Some([42, 32, 200, 99]), "{how:?}");
            assert_eq!(moved.pixel(42, 32), Some([0; 4]));
            let turned = mapped(Placement { degrees: 90.0, ..Placement::STAY }, how);
            assert_eq!(turned.pixel(40, 32), Some([42, 32, 200, 99]), "{how:?}");
            assert_eq!(turned.pixel(42, 30), Some([40, 30, 200, 255]), "{how:?}");
            let mirrored = mapped(Placement { scale: (-1.0, 1.0), ..Placement::STAY }, how);
            assert_eq!(mirrored.pixel(40, 32), Some([42, 32, 200, 99]), "{how:?}");
        }
    }

    #[test]
    fn a_smaller_picture_is_the_mean_and_a_larger_one_is_smooth() {
        let stripes: Vec<u8> =
            (0..64 * 64).flat_map(|i| if i % 2 == 0 { [255, 255, 255, 255] } else { [0, 0, 0, 255] }).collect();
        let stripes = Surface::from_rgba(64, 64, &stripes).expect("a size");
        let map = |scale| Placement { scale: (scale, scale), ..Placement::STAY }.affine((32.0, 32.0));
        let small = resampled(&stripes, &map(0.25), Resampling::Smooth);
        let [r, _, _, a] = small.pixel(32, 32).expect("inside");
        assert!((117..=138).contains(&r) && a == 255, "{r}");
        let large = resampled(&stripes, &map(8.0), Resampling::Smooth);
        let row: Vec<u8> = (16..48).filter_map(|x| large.pixel(x, 32)).map(|pixel| pixel[0]).collect();
        assert!(row.windows(2).all(|two| two[0].abs_diff(two[1]) < 60), "{row:?}");
    }

    #[test]
    fn what_leaves_the_canvas_or_is_flat_is_gone() {
        let far = Placement { offset: (500.0, 0.0), ..Placement::STAY };
        assert_eq!(mapped(far, Resampling::Smooth).bytes(), 0);
        let flat = Affine { x: [0.0; 3], y: [0.0; 3] };
        assert!(resampled(&figure(), &flat, Resampling::Smooth).is_empty());
        assert_eq!(reach(&Surface::new(Size::DEFAULT), &Placement::STAY.affine((0.0, 0.0))), None);
    }
}
