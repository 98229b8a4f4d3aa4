//! What lies below the layer that is being painted on, composed once for all of a stroke.

use super::super::LayerStack;
use super::super::tile::{TILE_SIDE, Tile, TilePlace};
use super::super::{LayerId, PixelRect, Rgb, Size};
use super::{Area, Backdrop, Composition, above_covering, draw_all, fill_with_paper};

/// With fewer layers below, copying what they give costs as much as drawing them.
const FEWEST_BELOW: usize = 2;

/// Paper and the layers below one layer, composed tile by tile when a tile is first needed.
///
/// It holds as long as nothing changes but that layer. Once every tile was needed it takes four bytes for each pixel of
/// the canvas.
pub struct Underlay {
    layer: LayerId,
    size: Size,
    paper: Rgb,
    composition: Composition,
    /// How many of the outermost layers lie below.
    below: usize,
    across: usize,
    /// One place for each tile of the canvas, row by row.
    tiles: Vec<Option<Box<Tile>>>,
}

impl Underlay {
    /// What lies below a layer, of which nothing is composed yet; `None` if there is no such layer, or if too little lies
    /// below for it to be of use.
    pub fn below(layers: &LayerStack, layer: LayerId, paper: Rgb, composition: Composition) -> Option<Self> {
        let outermost = layers.path_to(layer).first()?.id;
        let at = layers.layers().iter().position(|layer| layer.id == outermost)?;
        // Layers that are clipped are drawn with the one below them.
        let below = layers.layers()[..=at].iter().rposition(|layer| !layer.properties.clipped).unwrap_or(0);
        let size = layers.size();
        let (across, down) = (size.width().div_ceil(TILE_SIDE), size.height().div_ceil(TILE_SIDE));
        let tiles = if below < FEWEST_BELOW { return None } else { std::iter::repeat_with(|| None) };
        Some(Self { layer, size, paper, composition, below, across, tiles: tiles.take(across * down).collect() })
    }

    /// The layer that it lies below.
    pub fn layer(&self) -> LayerId {
        self.layer
    }

    /// How many of the outermost layers it shows.
    pub(super) fn layers(&self) -> usize {
        self.below
    }

    /// Whether it was begun for a picture like this.
    pub(super) fn belongs_to(&self, layers: &LayerStack, paper: Rgb, composition: Composition) -> bool {
        (self.size, self.paper, self.composition) == (layers.size(), paper, composition)
            && self.below < layers.layers().len()
    }

    /// A tile of it.
    pub(super) fn tile(&mut self, layers: &LayerStack, place: TilePlace) -> Option<&Tile> {
        let part = place.part_of(PixelRect::whole(self.size.width(), self.size.height()));
        let area = Area { place, part, composition: self.composition };
        let (paper, below) = (self.paper, layers.layers().get(..self.below)?);
        let tile = self.tiles.get_mut(place.row * self.across + place.column)?.get_or_insert_with(|| {
            let mut drawn = Box::new(Tile::transparent());
            fill_with_paper(&mut drawn, part, paper);
            draw_all(above_covering(below, &area), &area, &mut drawn, Backdrop::KeepsAlpha);
            drawn
        });
        Some(tile)
    }
}
