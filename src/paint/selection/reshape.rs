//! Selections that grow, shrink or become soft.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Selection, Tiles, pixel_of};
use crate::paint::distance::{NOWHERE, squared_distances_within};
use crate::paint::parallel::least_rows;
use crate::paint::tile::{TILE_SIDE, Tile, TilePlace};
use crate::paint::{PixelRect, Size};

/// From this level on a pixel counts as chosen where a selection has to be one or the other.
const CHOSEN: u8 = 128;

impl Selection {
    /// The largest radius of [`Selection::grown`] and the like, in pixels.
    pub const MAX_RADIUS: f32 = 500.0;

    /// With everything within `radius` pixels of it; the new edge is smooth.
    #[must_use]
    pub fn grown(&self, radius: f32) -> Self {
        let radius = usable(radius);
        let Some(bounds) = self.bounds().filter(|_| radius > 0.0) else { return self.clone() };
        let size = self.size();
        // Further away nothing changes.
        let reach = (radius + 1.0).ceil() as usize;
        let rect = whole_tiles(bounds, reach, size);
        let mut levels: Vec<u8> = self.surface.copy_rect(rect).into_iter().map(|pixel| pixel[3]).collect();
        let set: Vec<bool> = levels.iter().map(|level| *level >= CHOSEN).collect();
        let distances = squared_distances_within(rect.width(), &set, reach);
        levels.par_iter_mut().zip(&distances).with_min_len(least_rows(1)).for_each(|(level, distance)| {
            if *distance != NOWHERE {
                // The edge of a chosen pixel is half a pixel from its middle, as that of this one is.
                let near = (radius + 1.0 - (*distance as f32).sqrt()).clamp(0.0, 1.0);
                *level = (*level).max((near * 255.0).round() as u8);
            }
        });
        self.with_levels(rect, &levels)
    }

    /// Without everything within `radius` pixels of what is not chosen. The edge of the canvas is no edge of the
    /// selection.
    #[must_use]
    pub fn shrunk(&self, radius: f32) -> Self {
        self.inverted().grown(radius).inverted()
    }

    /// A band along its edge, `radius` pixels to both sides.
    #[must_use]
    pub fn border(&self, radius: f32) -> Self {
        self.grown(radius).combined(&self.shrunk(radius), super::SelectionMode::Subtract)
    }

    /// With a soft edge: blurred so that it falls from full to nothing over about twice `radius` pixels.
    #[must_use]
    pub fn feathered(&self, radius: f32) -> Self {
        let radius = usable(radius);
        // Three means in a row come close to a bell curve.
        let reach = (radius / 2.0).round() as usize;
        if reach == 0 {
            return self.clone();
        }
        let size = self.size();
        let (width, height) = (size.width(), size.height());
        // Rows are done on whole rows, columns on strips as wide as a tile, so that nothing is read across memory.
        let mut strips: Vec<Vec<f32>> = Vec::new();
        for round in 0..3 {
            let mut rows = vec![0.0; size.pixels()];
            rows.par_chunks_exact_mut(width).enumerate().with_min_len(least_rows(width)).for_each_init(
                || vec![0.0; width],
                |line, (y, row)| {
                    match round {
                        0 => self.read_row(y, line),
                        _ => read_strips(&strips, y, line),
                    }
                    means_of_row(line, row, reach);
                },
            );
            let columns: Vec<usize> = (0..width).step_by(TILE_SIDE).collect();
            let columns = columns.into_par_iter().with_min_len(least_rows(height).div_ceil(TILE_SIDE));
            strips = columns.map(|x| means_of_strip(&rows, (width, height), x, reach)).collect();
        }
        Self::empty(size).mapped(|place, rect| {
            let Some(strip) = strips.get(place.column) else { return Tiles::Empty };
            let mut tile = Tile::transparent();
            for (y, line) in (rect.y0..rect.y1).zip(strip.chunks_exact(rect.width()).skip(rect.y0)) {
                let pixels = tile.row_mut(y - rect.y0).iter_mut().zip(line);
                pixels.for_each(|(pixel, level)| *pixel = pixel_of(level.round().clamp(0.0, 255.0) as u8));
            }
            Tiles::Own(Box::new(tile))
        })
    }

    /// The levels of a row.
    fn read_row(&self, y: usize, line: &mut [f32]) {
        for (column, part) in line.chunks_mut(TILE_SIDE).enumerate() {
            match self.surface.tile(TilePlace { row: y / TILE_SIDE, column }) {
                Some(tile) => {
                    let pixels = part.iter_mut().zip(tile.row(y % TILE_SIDE));
                    pixels.for_each(|(level, pixel)| *level = f32::from(pixel[3]));
                }
                None => part.fill(0.0),
            }
        }
    }

    /// With other levels in a rectangle of whole tiles, row by row.
    fn with_levels(&self, rect: PixelRect, levels: &[u8]) -> Self {
        self.mapped(|place, of_tile| {
            let part = place.part_of(rect);
            if part.width() == 0 || part.height() == 0 {
                return self.surface.tile(place).map_or(Tiles::Empty, |tile| Tiles::Same(Arc::clone(tile)));
            }
            let mut tile = Tile::transparent();
            for y in 0..of_tile.height() {
                let from = (of_tile.y0 + y - rect.y0) * rect.width() + of_tile.x0 - rect.x0;
                let row = levels.get(from..from + of_tile.width()).unwrap_or_default();
                let pixels = tile.row_mut(y).iter_mut().zip(row);
                pixels.for_each(|(pixel, level)| *pixel = pixel_of(*level));
            }
            Tiles::Own(Box::new(tile))
        })
    }
}

fn usable(radius: f32) -> f32 {
    if radius.is_finite() { radius.clamp(0.0, Selection::MAX_RADIUS) } else { 0.0 }
}

/// The tiles that a rectangle touches with a margin of this many pixels around it.
fn whole_tiles(rect: PixelRect, around: usize, size: Size) -> PixelRect {
    let down = |at: usize| at.saturating_sub(around) / TILE_SIDE * TILE_SIDE;
    let up = |at: usize| (at + around).next_multiple_of(TILE_SIDE);
    PixelRect { x0: down(rect.x0), y0: down(rect.y0), x1: up(rect.x1), y1: up(rect.y1) }.inside(size)
}

/// One row of strips that lie side by side.
fn read_strips(strips: &[Vec<f32>], y: usize, line: &mut [f32]) {
    for (part, strip) in line.chunks_mut(TILE_SIDE).zip(strips) {
        let from = y * part.len();
        part.copy_from_slice(&strip[from..from + part.len()]);
    }
}

/// Each number becomes the mean of those up to `reach` places away. The numbers at both ends go on for ever.
///
/// The sum goes along the row from left to right, in one order, so that rounding is the same wherever it begins among
/// zeros.
fn means_of_row(row: &[f32], means: &mut [f32], reach: usize) {
    let count = (2 * reach + 1) as f64;
    means.fill(0.0);
    let (Some(first), Some(last)) = (row.iter().position(|x| *x != 0.0), row.iter().rposition(|x| *x != 0.0)) else {
        return;
    };
    let at = |i: usize| f64::from(row[i.saturating_sub(reach).min(row.len() - 1)]);
    let begin = first.saturating_sub(reach);
    let mut sum: f64 = if begin == 0 { (0..=2 * reach).map(at).sum() } else { f64::from(row[first]) };
    // From here on the sum stays as it is, unless the last number goes on for ever.
    let end = if last + 1 == row.len() { row.len() } else { (last + reach + 1).min(row.len()) };
    for (x, mean) in means.iter_mut().enumerate().take(end).skip(begin) {
        *mean = (sum / count) as f32;
        sum += at(x + 2 * reach + 1) - at(x);
    }
    means[end..].fill((sum / count) as f32);
}

/// As [`means_of_row`], for all columns of a strip that begins at column `x` and is as wide as a tile.
fn means_of_strip(rows: &[f32], (width, height): (usize, usize), x: usize, reach: usize) -> Vec<f32> {
    let wide = TILE_SIDE.min(width - x);
    let line = |y: usize| &rows[y * width + x..][..wide];
    let mut means = vec![0.0; wide * height];
    let is_some = |y: &usize| line(*y).iter().any(|x| *x != 0.0);
    let (Some(first), Some(last)) = ((0..height).find(is_some), (0..height).rfind(is_some)) else {
        return means;
    };
    let count = (2 * reach + 1) as f64;
    let at = |i: usize| line(i.saturating_sub(reach).min(height - 1));
    let begin = first.saturating_sub(reach);
    let mut sums = vec![0.0_f64; wide];
    for i in if begin == 0 { 0..2 * reach + 1 } else { first + reach..first + reach + 1 } {
        sums.iter_mut().zip(at(i)).for_each(|(sum, number)| *sum += f64::from(*number));
    }
    let end = if last + 1 == height { height } else { (last + reach + 1).min(height) };
    for (y, means) in means.chunks_exact_mut(wide).enumerate().skip(begin) {
        means.iter_mut().zip(&sums).for_each(|(mean, sum)| *mean = (sum / count) as f32);
        if y < end {
            let (enters, leaves) = (at(y + 2 * reach + 1), at(y));
            let numbers = enters.iter().zip(leaves).map(|(enters, leaves)| f64::from(*enters) - f64::from(*leaves));
            sums.iter_mut().zip(numbers).for_each(|(sum, change)| *sum += change);
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::distance::tests::squared_distances;

    /// What the quick ones must give.
    mod plain {
        use super::*;

        pub fn grown(selection: &Selection, radius: f32) -> Vec<u8> {
            let mut levels = selection.levels();
            let set: Vec<bool> = levels.iter().map(|level| *level >= CHOSEN).collect();
            for (level, distance) in levels.iter_mut().zip(squared_distances(selection.size().width(), &set)) {
                if distance != NOWHERE {
                    let near = (radius + 1.0 - (distance as f32).sqrt()).clamp(0.0, 1.0);
                    *level = (*level).max((near * 255.0).round() as u8);
                }
            }
            levels
        }

        pub fn feathered(selection: &Selection, radius: f32) -> Vec<u8> {
            let reach = (radius / 2.0).round() as usize;
            let (width, height) = (selection.size().width(), selection.size().height());
            let mut levels: Vec<f32> = selection.levels().into_iter().map(f32::from).collect();
            for _ in 0..3 {
                levels = transposed(&means(&levels, width, reach), width);
                levels = transposed(&means(&levels, height, reach), height);
            }
            levels.into_iter().map(|level| level.round().clamp(0.0, 255.0) as u8).collect()
        }

        fn means(numbers: &[f32], width: usize, reach: usize) -> Vec<f32> {
            let mut result = Vec::with_capacity(numbers.len());
            let count = (2 * reach + 1) as f64;
            for row in numbers.chunks_exact(width) {
                let at = |i: usize| f64::from(row[i.saturating_sub(reach).min(width - 1)]);
                let mut sum: f64 = (0..=2 * reach).map(at).sum();
                for x in 0..width {
                    result.push((sum / count) as f32);
                    sum += at(x + 2 * reach + 1) - at(x);
                }
            }
            result
        }

        fn transposed(numbers: &[f32], width: usize) -> Vec<f32> {
            let height = numbers.len() / width;
            (0..width).flat_map(|x| (0..height).map(move |y| numbers[y * width + x])).collect()
        }
    }

    #[test]
    fn grown_and_feathered_selections_are_those_that_are_computed_pixel_by_pixel() {
        let mut number = 0x2545_F491_4F6C_DD1D_u64;
        let mut below = |end: u64| {
            number ^= number << 13;
            number ^= number >> 7;
            number ^= number << 17;
            number % end
        };
        for round in 0..60 {
            let size = Size::new(1 + below(260) as usize, 1 + below(200) as usize).expect("a size");
            let place = |at: u64| at as f32 - 20.0;
            let (from, to) = ((place(below(280)), place(below(220))), (place(below(280)), place(below(220))));
            let selection = match round % 5 {
                0 => Selection::ellipse(size, from, to, true),
                1 => Selection::ellipse(size, from, to, true).inverted(),
                2 => Selection::polygon(size, &[from, to, (from.1, to.0), (9.0, 9.5)], below(2) == 0),
                3 => {
                    let levels: Vec<u8> = (0..size.pixels()).map(|_| below(256) as u8).collect();
                    Selection::from_levels(size, &levels)
                }
                _ => {
                    let mut levels = vec![0; size.pixels()];
                    (0..below(4)).for_each(|_| levels[below(size.pixels() as u64) as usize] = below(256) as u8);
                    Selection::from_levels(size, &levels)
                }
            };
            for radius in [0.4, 1.0, 2.5, 7.0, 31.3, 130.0, 500.0] {
                let grown = selection.grown(radius);
                assert!(grown.levels() == plain::grown(&selection, radius), "grown by {radius} in round {round}");
                assert!(grown.is_like(&Selection::from_levels(size, &grown.levels())));
                let feathered = selection.feathered(radius);
                let plain = plain::feathered(&selection, radius);
                assert!(feathered.levels() == plain, "feathered by {radius} in round {round}");
            }
        }
    }
}
