//! One picture of a second pass, as a request for each of its tiles.

use std::sync::Arc;

use image::RgbImage;
use image::imageops::{FilterType, crop_imm, overlay, resize};

use super::{SecondPass, Tile, TileGrid, TileJoin};
use crate::engine::{ControlHint, Mask, Plan, RegionPrompt, Request, Settings};

/// One picture of a second pass on its way through its tiles.
pub struct TiledPicture<'a> {
    request: &'a Request,
    settings: Settings,
    seed: u64,
    variation_seed: u64,
    enlarged: &'a RgbImage,
    /// What each control follows, in the size of the enlarged picture; `None` for that picture itself.
    hints: Vec<Option<RgbImage>>,
    /// The regions, with where they count in the size of the enlarged picture.
    regions: Vec<(RegionPrompt, Mask)>,
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
        let hints = large_hints(request, enlarged.dimensions());
        let regions = large_regions(request, enlarged.dimensions());
        let preview = RgbImage::new(0, 0);
        Self { request, settings, seed, variation_seed, enlarged, hints, regions, grid, join, preview }
    }

    /// Every tile in the order in which they are made.
    pub fn tiles(&self) -> Vec<Tile> {
        self.grid.tiles().collect()
    }

    /// The request for a tile, counted from 0. Its seed is the picture's, counted up from tile to tile as in the web UI. Each
    /// control follows its part of the enlarged hint, or the tile itself where it follows the start image. A region counts where
    /// it lies in the tile, and not in a tile that it does not touch.
    pub fn tile_request(&self, index: usize, tile: Tile) -> Request {
        let seed = (self.seed + index as u64) & u64::from(u32::MAX);
        let (regions, masks) = self.regions_in(tile).into_iter().unzip();
        let settings = Settings {
            seed: seed as i64,
            variation_seed: self.variation_seed as i64,
            regions,
            ..SecondPass::tile_settings(&self.settings, self.grid.tile_size())
        };
        let start = Arc::new(self.grid.cut(self.enlarged, tile));
        // At full strength the request has no start image, so that even the tile itself is given as a picture.
        let hint = |large: &Option<RgbImage>| {
            let part = large.as_ref().map(|large| Arc::new(self.grid.cut(large, tile)));
            ControlHint::Picture(part.unwrap_or_else(|| Arc::clone(&start)))
        };
        let plan = Plan { hints: self.hints.iter().map(hint).collect(), regions: masks, ..Plan::default() };
        Request::planned(self.request.model.clone(), settings, plan, Some(start))
    }

    /// The regions of a tile. One that covers nothing of the whole picture is in every tile, so that it is told.
    fn regions_in(&self, tile: Tile) -> Vec<(RegionPrompt, Mask)> {
        let (width, height) = self.grid.tile_size();
        let part = |(region, mask): &(RegionPrompt, Mask)| {
            let levels = crop_imm(mask.picture(), tile.x, tile.y, width, height).to_image();
            let part = Mask::from_levels(levels);
            (!part.is_blank() || mask.is_blank()).then(|| (region.clone(), part))
        };
        self.regions.iter().filter_map(part).collect()
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

/// What each control of a request follows, in this size; `None` for the start image.
fn large_hints(request: &Request, (width, height): (u32, u32)) -> Vec<Option<RgbImage>> {
    let large = |hint: &ControlHint| match hint {
        ControlHint::Picture(picture) => Some(resize(&**picture, width, height, FilterType::Lanczos3)),
        ControlHint::StartImage => None,
    };
    request.plan.hints.iter().map(large).collect()
}

/// The regions of a request with their masks in this size. Interpolated linearly, so that no level lies beyond those of the mask.
fn large_regions(request: &Request, (width, height): (u32, u32)) -> Vec<(RegionPrompt, Mask)> {
    let large = |mask: &Mask| Mask::from_levels(resize(mask.picture(), width, height, FilterType::Triangle));
    let masks = request.plan.regions.iter().map(large);
    request.settings.regions.iter().cloned().zip(masks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ControlSettings, ModelChoice};

    #[test]
    fn each_tile_has_the_regions_that_lie_in_it_and_their_part_of_the_mask() {
        let start = Arc::new(RgbImage::from_pixel(64, 64, image::Rgb([90; 3])));
        let pass = SecondPass { overlap: 0, ..SecondPass::default() };
        let region = |prompt: &str| RegionPrompt { prompt: prompt.into(), layer: None };
        let settings = Settings {
            regions: vec![region("sky"), region("tree"), region("nowhere")],
            second_pass: Some(pass.clone()),
            width: 64,
            height: 64,
            seed: 5,
            batch: 1,
            ..Settings::default()
        };
        let masks = vec![
            Mask::from_fn(64, 64, |_, y| y < 16),
            Mask::from_fn(64, 64, |x, _| x >= 40),
            Mask::from_fn(64, 64, |_, _| false),
        ];
        let plan = Plan { regions: masks, ..Plan::default() };
        let request = Request::planned(ModelChoice::Starter, settings, plan, Some(Arc::clone(&start)));
        request.check().expect("a good request");
        let enlarged = resize(&*start, 128, 128, FilterType::Nearest);
        let tiled = TiledPicture::new(&request, &pass, 0, &enlarged);
        let wanted: [&[&str]; 4] =
            [&["sky", "nowhere"], &["sky", "tree", "nowhere"], &["nowhere"], &["tree", "nowhere"]];
        for (index, (tile, wanted)) in tiled.tiles().into_iter().zip(wanted).enumerate() {
            let of_tile = tiled.tile_request(index, tile);
            of_tile.check().expect("a good request");
            let prompts: Vec<&str> = of_tile.settings.regions.iter().map(|region| region.prompt.as_str()).collect();
            assert_eq!(prompts, wanted, "tile {index}");
            for (region, mask) in of_tile.settings.regions.iter().zip(&of_tile.plan.regions) {
                // Away from the edges, where levels are interpolated.
                for (x, y) in [(4, 4), (4, 28), (4, 40), (12, 60), (20, 60), (60, 60)] {
                    let is_in = match region.prompt.as_str() {
                        "sky" => tile.y + y < 32,
                        "tree" => tile.x + x >= 80,
                        _ => false,
                    };
                    let level = mask.picture().get_pixel(x, y).0[0];
                    assert_eq!(level, if is_in { 255 } else { 0 }, "tile {index}, {} at {x} {y}", region.prompt);
                }
            }
        }
    }

    #[test]
    fn each_control_follows_its_part_of_the_hint_in_every_tile() {
        let start = Arc::new(RgbImage::from_fn(64, 64, |x, y| image::Rgb([(x * 3) as u8, (y * 3) as u8, 9])));
        // Four quarters, each of one level.
        let quarters = RgbImage::from_fn(64, 64, |x, y| image::Rgb([(40 + 60 * (x / 32) + 120 * (y / 32)) as u8; 3]));
        let pass = SecondPass { overlap: 0, ..SecondPass::default() };
        let settings = Settings {
            controls: vec![ControlSettings { model: "lines.safetensors".into(), ..ControlSettings::default() }; 2],
            second_pass: Some(pass.clone()),
            width: 64,
            height: 64,
            seed: 5,
            batch: 1,
            ..Settings::default()
        };
        let plan =
            Plan { hints: vec![ControlHint::Picture(Arc::new(quarters)), ControlHint::StartImage], ..Plan::default() };
        let request = Request::planned(ModelChoice::Starter, settings.clone(), plan, Some(Arc::clone(&start)));
        request.check().expect("a good request");
        let enlarged = resize(&*start, 128, 128, FilterType::Nearest);
        let tiled = TiledPicture::new(&request, &pass, 0, &enlarged);
        let tiles = tiled.tiles();
        assert_eq!(tiles.len(), 4);
        for (index, (tile, level)) in tiles.into_iter().zip([40, 100, 160, 220]).enumerate() {
            let of_tile = tiled.tile_request(index, tile);
            of_tile.check().expect("a good request");
            assert_eq!(of_tile.settings.controls, settings.controls);
            // Away from the edges between the quarters, where the filter of the enlarging rings.
            for at in [8, 32, 56] {
                assert_eq!(of_tile.hint(0).expect("its part").get_pixel(at, at).0, [level; 3], "tile {index}");
            }
            let cut = tiled.grid.cut(&enlarged, tile);
            assert_eq!((of_tile.hint(1), of_tile.start()), (Some(&cut), Some(&cut)), "tile {index}");
        }
    }
}
