//! Selections out of two others.

use std::sync::Arc;

use super::{Selection, Tiles, pixel_of};
use crate::paint::tile::{TILE_SIDE, Tile};

/// How a new selection meets the one that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelectionMode {
    /// It takes its place.
    #[default]
    Replace,
    /// What either of both chooses.
    Add,
    /// What is there without what the new one chooses.
    Subtract,
    /// What both choose.
    Intersect,
}

impl Selection {
    /// This selection after another one met it. A selection of another size counts as empty.
    #[must_use]
    pub fn combined(&self, other: &Self, mode: SelectionMode) -> Self {
        if other.size() != self.size() {
            return self.combined(&Self::empty(self.size()), mode);
        }
        match mode {
            SelectionMode::Replace => other.clone(),
            SelectionMode::Add => self.zipped(other, u8::max),
            SelectionMode::Subtract => self.zipped(other, |here, there| here.min(255 - there)),
            SelectionMode::Intersect => self.zipped(other, u8::min),
        }
    }

    /// What is not chosen.
    #[must_use]
    pub fn inverted(&self) -> Self {
        self.mapped(|place, rect| match self.surface.tile(place) {
            None => Tiles::Full,
            Some(source) => {
                let mut tile = Tile::transparent();
                for y in 0..rect.height() {
                    let pixels = tile.row_mut(y)[..rect.width()].iter_mut().zip(source.row(y));
                    pixels.for_each(|(pixel, source)| *pixel = pixel_of(255 - source[3]));
                }
                Tiles::Own(Box::new(tile))
            }
        })
    }

    /// Two selections level by level. Two levels of 0 must give 0.
    fn zipped(&self, other: &Self, level: impl Fn(u8, u8) -> u8 + Sync) -> Self {
        self.mapped(|place, _| match (self.surface.tile(place), other.surface.tile(place)) {
            (None, None) => Tiles::Empty,
            (Some(one), Some(two)) if Arc::ptr_eq(one, two) && level(255, 255) == 255 => Tiles::Same(Arc::clone(one)),
            (one, two) => {
                let nothing = [[0; 4]; TILE_SIDE];
                let mut tile = Tile::transparent();
                for y in 0..TILE_SIDE {
                    let [one, two] = [one, two].map(|tile| tile.map_or(&nothing[..], |tile| tile.row(y)));
                    for (pixel, (one, two)) in tile.row_mut(y).iter_mut().zip(one.iter().zip(two)) {
                        *pixel = pixel_of(level(one[3], two[3]));
                    }
                }
                Tiles::Own(Box::new(tile))
            }
        })
    }
}
