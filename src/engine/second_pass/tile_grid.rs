//! Tiles of one size that cover a picture and overlap, and how they are joined again.
//!
//! The web UI's `split_grid` and `combine_grid` (`modules/images.py`), to the bit: places are spread evenly over the
//! picture, and the first pixels of a tile fade in over what its left or upper neighbour left there.

use image::RgbImage;
use image::imageops::crop_imm;

/// How a picture is divided into tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileGrid {
    size: (u32, u32),
    tile: (u32, u32),
    overlap: u32,
    columns: Vec<u32>,
    rows: Vec<u32>,
}

/// The place of one tile, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The first column.
    pub x: u32,
    /// The first row.
    pub y: u32,
}

impl TileGrid {
    /// Tiles of `tile` pixels, or of the picture's size where that is smaller, with at least `overlap` pixels in common. An
    /// overlap as wide as the tile counts as one pixel less.
    pub fn new(size: (u32, u32), tile: (u32, u32), overlap: u32) -> Self {
        let tile = (tile.0.clamp(1, size.0.max(1)), tile.1.clamp(1, size.1.max(1)));
        let overlap = overlap.min(tile.0.min(tile.1) - 1);
        let (columns, rows) = (places(size.0, tile.0, overlap), places(size.1, tile.1, overlap));
        Self { size, tile, overlap, columns, rows }
    }

    /// Width and height of every tile.
    pub fn tile_size(&self) -> (u32, u32) {
        self.tile
    }

    /// How many tiles there are; at least one.
    pub fn len(&self) -> usize {
        self.columns.len() * self.rows.len()
    }

    /// Never: there is at least one tile.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every tile, row by row from the top, from left to right.
    pub fn tiles(&self) -> impl Iterator<Item = Tile> + '_ {
        self.rows.iter().flat_map(|y| self.columns.iter().map(|x| Tile { x: *x, y: *y }))
    }

    /// The pixels of a tile of this picture.
    pub fn cut(&self, picture: &RgbImage, tile: Tile) -> RgbImage {
        crop_imm(picture, tile.x, tile.y, self.tile.0, self.tile.1).to_image()
    }

    /// The grid of the same picture `factor` times as large.
    pub fn scaled(&self, factor: u32) -> Self {
        let all = |places: &[u32]| places.iter().map(|place| place * factor).collect();
        Self {
            size: (self.size.0 * factor, self.size.1 * factor),
            tile: (self.tile.0 * factor, self.tile.1 * factor),
            overlap: self.overlap * factor,
            columns: all(&self.columns),
            rows: all(&self.rows),
        }
    }
}

/// Where tiles begin along one side.
fn places(side: u32, tile: u32, overlap: u32) -> Vec<u32> {
    let count = side.saturating_sub(overlap).div_ceil(tile - overlap).max(1);
    let last = side.saturating_sub(tile);
    let step = if count > 1 { f64::from(last) / f64::from(count - 1) } else { 0.0 };
    (0..count).map(|index| ((f64::from(index) * step) as u32).min(last)).collect()
}

/// A picture that is joined from tiles, in the order of [`TileGrid::tiles`].
pub struct TileJoin {
    grid: TileGrid,
    /// The tiles of the present row, joined.
    row: RgbImage,
    picture: RgbImage,
}

impl TileJoin {
    /// A black picture.
    pub fn new(grid: TileGrid) -> Self {
        let row = RgbImage::new(grid.size.0, grid.tile.1);
        let picture = RgbImage::new(grid.size.0, grid.size.1);
        Self { grid, row, picture }
    }

    /// Puts the next tile in its place. A tile of another size is put as far as it reaches.
    pub fn put(&mut self, tile: Tile, pixels: &RgbImage) {
        let (overlap, last) = (self.grid.overlap, self.grid.columns.last().copied());
        fade_in(&mut self.row, pixels, (tile.x, 0), (if tile.x == 0 { 0 } else { overlap }, 0));
        if Some(tile.x) == last {
            fade_in(&mut self.picture, &self.row, (0, tile.y), (0, if tile.y == 0 { 0 } else { overlap }));
        }
    }

    /// The picture as far as its rows are complete.
    pub fn into_picture(self) -> RgbImage {
        self.picture
    }
}

/// Puts `tile` at `place` of a picture; its first columns and rows, as many as `fade` says, are blended in: the share of
/// pixel `i` of `n` is `⌊255·i/n⌋/255`.
fn fade_in(picture: &mut RgbImage, tile: &RgbImage, place: (u32, u32), fade: (u32, u32)) {
    let share = |at: u32, fade: u32| if at < fade { 255 * at / fade } else { 255 };
    for (x, y, pixel) in tile.enumerate_pixels() {
        let Some(to) = picture.get_pixel_mut_checked(place.0 + x, place.1 + y) else { continue };
        let share = share(x, fade.0).min(share(y, fade.1));
        for (to, from) in to.0.iter_mut().zip(pixel.0) {
            *to = blended(*to, from, share);
        }
    }
}

/// Two levels in the shares `255 - share` and `share`, rounded to the nearest as Pillow does.
fn blended(below: u8, above: u8, share: u32) -> u8 {
    let sum = u32::from(below) * (255 - share) + u32::from(above) * share + 128;
    (((sum >> 8) + sum) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn tiles_are_spread_evenly_and_the_last_ends_at_the_edge() {
        let of = |size, tile, overlap| {
            let grid = TileGrid::new((size, size), (tile, tile), overlap);
            grid.columns.clone()
        };
        assert_eq!(of(1024, 512, 64), [0, 256, 512]);
        assert_eq!(of(768, 512, 64), [0, 256]);
        assert_eq!(of(1000, 512, 64), [0, 244, 488]);
        assert_eq!(of(512, 512, 64), [0]);
        assert_eq!(of(100, 512, 64), [0]);
        assert_eq!(of(1024, 512, 0), [0, 512]);
        assert_eq!(of(10, 4, 9), [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_was_cut_apart_is_joined_to_the_same_picture() {
        let picture = RgbImage::from_fn(301, 173, |x, y| Rgb([(x * 7) as u8, (y * 5) as u8, (x ^ y) as u8]));
        for (tile, overlap) in [((64, 64), 16), ((128, 40), 0), ((301, 173), 8), ((500, 30), 15)] {
            let grid = TileGrid::new(picture.dimensions(), tile, overlap);
            let mut join = TileJoin::new(grid.clone());
            for tile in grid.tiles() {
                join.put(tile, &grid.cut(&picture, tile));
            }
            assert_eq!(join.into_picture(), picture, "{tile:?} {overlap}");
        }
    }

    /// The formula of the blend, pixel by pixel, in whole and not tile by tile.
    #[test]
    fn overlaps_are_blended_by_the_plain_formula() {
        let grid = TileGrid::new((10, 4), (6, 4), 2);
        assert_eq!(grid.columns, [0, 4]);
        let mut join = TileJoin::new(grid.clone());
        for (tile, level) in grid.tiles().zip([100u8, 200]) {
            join.put(tile, &RgbImage::from_pixel(6, 4, Rgb([level; 3])));
        }
        let picture = join.into_picture();
        let row: Vec<u8> = (0..10).map(|x| picture.get_pixel(x, 1).0[0]).collect();
        // The shares are 0 and 127 of 255: 100 + 100 * 127 / 255 = 149.8.
        assert_eq!(row, [100, 100, 100, 100, 100, 150, 200, 200, 200, 200]);
    }

    #[test]
    fn a_tile_fades_in_from_its_left_and_upper_neighbour() {
        let grid = TileGrid::new((96, 96), (64, 64), 32);
        let mut join = TileJoin::new(grid.clone());
        let levels = [10u8, 90, 170, 250];
        for (tile, level) in grid.tiles().zip(levels) {
            join.put(tile, &RgbImage::from_pixel(64, 64, Rgb([level; 3])));
        }
        let picture = join.into_picture();
        let share = |at: u32| f64::from(if at < 32 { 0 } else { (255 * (at - 32).min(32) / 32).min(255) }) / 255.0;
        let mix = |a: f64, b: f64, share: f64| (a * (1.0 - share) + b * share).round();
        for (x, y, pixel) in picture.enumerate_pixels() {
            let upper = mix(10.0, 90.0, share(x));
            let lower = mix(170.0, 250.0, share(x));
            let want = mix(upper, lower, share(y));
            assert!((f64::from(pixel.0[0]) - want).abs() <= 1.0, "{x} {y}: {} {want}", pixel.0[0]);
        }
    }

    #[test]
    fn a_grid_and_its_picture_grow_together() {
        let grid = TileGrid::new((100, 60), (40, 40), 8);
        let large = grid.scaled(4);
        let tiles: Vec<Tile> = grid.tiles().map(|Tile { x, y }| Tile { x: 4 * x, y: 4 * y }).collect();
        assert_eq!(large.tiles().collect::<Vec<_>>(), tiles);
        assert_eq!((large.tile_size(), large.overlap), ((160, 160), 32));
    }
}
