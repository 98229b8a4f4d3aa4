//! One picture of a second pass, as a request for each of its tiles.

use std::sync::Arc;

use image::RgbImage;
use image::imageops::{FilterType, overlay, resize};

use super::{SecondPass, Tile, TileGrid, TileJoin};
use crate::engine::{ControlHint, Plan, Request, Settings};

/// One picture of a second pass on its way through its tiles.
pub struct TiledPicture<'a> {
    request: &'a Request,
    settings: Settings,
    seed: u64,
    variation_seed: u64,
    enlarged: &'a RgbImage,
    grid: TileGrid,
    join: TileJoin,
    /// The whole picture in the size of the previews, with what is known of its tiles.
    preview: RgbImage,
}

impl<'a> TiledPicture<'a> {
    /// Picture number `image`, counted from 0, of a request for this second pass. `enlarged` is its enlarged start image.
    pub fn new(request: &'a Request, pass: &SecondPass, image: usize, enlarged: &'a RgbImage) -> Self {
        let settings = request.settings_of(image);
        let (seed, variation_seed) = request.seeds_of(image);
        let tile = (settings.width as u32, settings.height as u32);
        let grid = TileGrid::new(enlarged.dimensions(), tile, pass.overlap as u32);
        let join = TileJoin::new(grid.clone());
        Self { request, settings, seed, variation_seed, enlarged, grid, join, preview: RgbImage::new(0, 0) }
    }

    /// Every tile in the order in which they are made.
    pub fn tiles(&self) -> Vec<Tile> {
        self.grid.tiles().collect()
    }

    /// The request for a tile, counted from 0. Its seed is the picture's, counted up from tile to tile as in the web UI.
    pub fn tile_request(&self, index: usize, tile: Tile) -> Request {
        let seed = (self.seed + index as u64) & u64::from(u32::MAX);
        let settings = Settings {
            seed: seed as i64,
            variation_seed: self.variation_seed as i64,
            ..SecondPass::tile_settings(&self.settings, self.grid.tile_size())
        };
        let start = Arc::new(self.grid.cut(self.enlarged, tile));
        let hint = |hint: &ControlHint| match hint {
            ControlHint::Picture(picture) => {
                let (width, height) = self.enlarged.dimensions();
                let picture = resize(&**picture, width, height, FilterType::Lanczos3);
                ControlHint::Picture(Arc::new(self.grid.cut(&picture, tile)))
            }
            // At full strength the request has no start image.
            ControlHint::StartImage => ControlHint::Picture(Arc::clone(&start)),
        };
        let plan = Plan { hints: self.request.plan.hints.iter().map(hint).collect(), ..Plan::default() };
        Request::planned(self.request.model.clone(), settings, plan, Some(start))
    }

    /// The whole picture with this preview of a tile, in the tile's scale.
    pub fn preview(&mut self, tile: Tile, of_tile: &RgbImage) -> RgbImage {
        let scale = |side: u32, of: u32, to: u32| (u64::from(side) * u64::from(to) / u64::from(of.max(1))) as u32;
        let (of, to) = (self.grid.tile_size(), of_tile.dimensions());
        let (width, height) = self.enlarged.dimensions();
        let size = (scale(width, of.0, to.0).max(1), scale(height, of.1, to.1).max(1));
        if self.preview.dimensions() != size {
            self.preview = resize(self.enlarged, size.0, size.1, FilterType::Triangle);
        }
        let (x, y) = (scale(tile.x, of.0, to.0), scale(tile.y, of.1, to.1));
        overlay(&mut self.preview, of_tile, i64::from(x), i64::from(y));
        self.preview.clone()
    }

    /// Puts a finished tile in its place; tiles come in the order of [`TiledPicture::tiles`].
    pub fn put(&mut self, tile: Tile, pixels: &RgbImage) {
        self.join.put(tile, pixels);
    }

    /// Seed and variation seed of the picture.
    pub fn seeds(&self) -> (u64, u64) {
        (self.seed, self.variation_seed)
    }

    /// The finished picture.
    pub fn into_picture(self) -> RgbImage {
        self.join.into_picture()
    }
}
