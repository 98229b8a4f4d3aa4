//! Layers to one picture, rectangle by rectangle.
//!
//! Layers are drawn from bottom to top by the formulas of `blend.rs`, each result rounded to eight bits. A group is
//! drawn into a picture of its own, which then meets what is below it. Layers that are clipped are drawn inside the
//! layer they are clipped to, as one group with it.

mod underlay;

pub use underlay::Underlay;

use super::tile::{TILE_SIDE, Tile, TilePlace};
use super::{BlendMode, Canvas, Layer, LayerContent, LayerStack, PixelRect, Rgb, Size, Surface, blend};

/// Whom layers are composed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Composition {
    /// The picture that is saved and sent to the model: without reference layers.
    Picture,
    /// What the painter sees: with reference layers.
    Screen,
}

impl Canvas {
    /// All visible layers over paper.
    pub fn composed(layers: &LayerStack, paper: Rgb, composition: Composition) -> Self {
        let mut canvas = Self::new(layers.size(), paper);
        canvas.recompose(layers, paper, composition, PixelRect::whole(canvas.width(), canvas.height()));
        canvas
    }

    /// Composes a rectangle again and notes that it changed. Nothing happens if the layers have another size.
    pub fn recompose(&mut self, layers: &LayerStack, paper: Rgb, composition: Composition, rect: PixelRect) {
        self.draw_again(layers, paper, composition, rect, None);
    }

    /// As [`Canvas::recompose`], where since the underlay was begun nothing changed but the layer that it lies below. The
    /// picture is the same, and comes sooner.
    pub fn recompose_over(
        &mut self,
        underlay: &mut Underlay,
        layers: &LayerStack,
        paper: Rgb,
        composition: Composition,
        rect: PixelRect,
    ) {
        let underlay = underlay.belongs_to(layers, paper, composition).then_some(underlay);
        self.draw_again(layers, paper, composition, rect, underlay);
    }

    fn draw_again(
        &mut self,
        layers: &LayerStack,
        paper: Rgb,
        composition: Composition,
        rect: PixelRect,
        underlay: Option<&mut Underlay>,
    ) {
        let rect = rect.inside(self.size());
        if layers.size() != self.size() || rect.width() == 0 || rect.height() == 0 {
            return;
        }
        let all = layers.layers();
        let Some(underlay) = underlay else {
            self.draw_bands(rect, |place, part, drawn| {
                let area = Area { place, part, composition };
                fill_with_paper(drawn, part, paper);
                draw_all(above_covering(all, &area), &area, drawn, Backdrop::KeepsAlpha);
            });
            self.mark(rect);
            return;
        };
        let mut drawn = Tile::transparent();
        for place in TilePlace::touched_by(rect) {
            let part = place.part_of(rect);
            let area = Area { place, part, composition };
            let list = above_covering(all, &area);
            // What hides the underlay is drawn without it.
            let (count, is_hidden) = (underlay.layers(), all.len() - list.len() >= underlay.layers());
            let below = if is_hidden { None } else { underlay.tile(layers, place) };
            let list = match below {
                Some(below) => {
                    for y in part.y0..part.y1 {
                        drawn.row_mut(y)[part.x0..part.x1].copy_from_slice(&below.row(y)[part.x0..part.x1]);
                    }
                    &all[count..]
                }
                None => {
                    fill_with_paper(&mut drawn, part, paper);
                    list
                }
            };
            draw_all(list, &area, &mut drawn, Backdrop::KeepsAlpha);
            let x0 = place.column * TILE_SIDE + part.x0;
            for y in part.y0..part.y1 {
                let row = self.row_mut(place.row * TILE_SIDE + y);
                row[x0..x0 + part.width()].copy_from_slice(&drawn.row(y)[part.x0..part.x1]);
            }
        }
        self.mark(rect);
    }
}

fn fill_with_paper(tile: &mut Tile, part: PixelRect, paper: Rgb) {
    for y in part.y0..part.y1 {
        tile.row_mut(y)[part.x0..part.x1].fill(super::canvas::opaque(paper));
    }
}

impl Surface {
    /// All visible layers over nothing, without reference layers.
    pub fn composed(layers: &LayerStack) -> Self {
        compose_surface(layers.layers(), layers.size())
    }
}

/// Layers as one surface, over nothing. Reference layers are left out.
pub(super) fn compose_surface(layers: &[Layer], size: Size) -> Surface {
    Surface::of_tiles(size, |place| {
        let part = place.part_of(PixelRect::whole(size.width(), size.height()));
        let area = Area { place, part, composition: Composition::Picture };
        let mut drawn = Box::new(Tile::transparent());
        if !draw_all(layers, &area, &mut drawn, Backdrop::Transparent) {
            return None;
        }
        for y in 0..TILE_SIDE {
            drawn.row_mut(y).iter_mut().filter(|pixel| pixel[3] == 0).for_each(|pixel| *pixel = [0; 4]);
        }
        (!drawn.is_transparent()).then(|| drawn.into())
    })
}

/// What is drawn: a part of one tile.
struct Area {
    place: TilePlace,
    part: PixelRect,
    composition: Composition,
}

/// What layers are drawn on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Backdrop {
    /// Its alpha stays as it is: paper, or what a layer is clipped to.
    KeepsAlpha,
    /// Its alpha grows with what is drawn.
    Transparent,
}

impl Area {
    fn draws(&self, layer: &Layer) -> bool {
        let of = &layer.properties;
        of.visible && (self.composition == Composition::Screen || !of.reference) && of.opacity_level() > 0
    }
}

/// The layers from the highest one on that hides everything below it.
fn above_covering<'a>(layers: &'a [Layer], area: &Area) -> &'a [Layer] {
    let covers = |layer: &Layer| {
        let of = &layer.properties;
        let is_plain = of.blend == BlendMode::Normal && of.opacity_level() == 255 && !of.clipped;
        let tile = layer.surface().filter(|_| is_plain && area.draws(layer)).and_then(|s| s.tile(area.place));
        tile.is_some_and(|tile| {
            let Area { part, .. } = area;
            (part.y0..part.y1).all(|y| tile.row(y)[part.x0..part.x1].iter().all(|pixel| pixel[3] == 255))
        })
    };
    let from = layers.iter().skip(1).rposition(covers).map_or(0, |at| at + 1);
    &layers[from..]
}

/// Draws a list of layers; returns whether anything was drawn.
fn draw_all(layers: &[Layer], area: &Area, into: &mut Tile, backdrop: Backdrop) -> bool {
    let mut drawn = false;
    let mut rest = layers;
    while let [base, above @ ..] = rest {
        let count = above.iter().take_while(|layer| layer.properties.clipped).count();
        let (clipped, next) = above.split_at(count);
        rest = next;
        if area.draws(base) {
            drawn |= draw(base, clipped, area, into, backdrop);
        }
    }
    drawn
}

/// Draws a layer, and inside it those that are clipped to it.
fn draw(base: &Layer, clipped: &[Layer], area: &Area, into: &mut Tile, backdrop: Backdrop) -> bool {
    let of = &base.properties;
    let Some(own) = pixels(base, area) else { return false };
    let mut with_clipped = None;
    for layer in clipped.iter().filter(|layer| area.draws(layer)) {
        if let Some(source) = pixels(layer, area) {
            let target = with_clipped.get_or_insert_with(|| Box::new(own.tile().clone()));
            let of = &layer.properties;
            blend_rows(of.blend, of.opacity_level(), source.tile(), area.part, target, Backdrop::KeepsAlpha);
        }
    }
    let tile = with_clipped.as_deref().unwrap_or(own.tile());
    blend_rows(of.blend, of.opacity_level(), tile, area.part, into, backdrop);
    true
}

/// The pixels of a layer in a tile.
enum Pixels<'a> {
    Shared(&'a Tile),
    /// Those of a group, drawn for this.
    Drawn(Box<Tile>),
}

impl Pixels<'_> {
    fn tile(&self) -> &Tile {
        match self {
            Self::Shared(tile) => tile,
            Self::Drawn(tile) => tile,
        }
    }
}

/// The pixels of a layer before its opacity; `None` where it has none.
fn pixels<'a>(layer: &'a Layer, area: &Area) -> Option<Pixels<'a>> {
    match &layer.content {
        LayerContent::Pixels(surface) => surface.tile(area.place).map(|tile| Pixels::Shared(tile)),
        LayerContent::Group(layers) => {
            let mut drawn = Box::new(Tile::transparent());
            draw_all(layers, area, &mut drawn, Backdrop::Transparent).then_some(Pixels::Drawn(drawn))
        }
    }
}

fn blend_rows(mode: BlendMode, opacity: u8, source: &Tile, part: PixelRect, into: &mut Tile, backdrop: Backdrop) {
    for y in part.y0..part.y1 {
        let below = &mut into.row_mut(y)[part.x0..part.x1];
        let above = &source.row(y)[part.x0..part.x1];
        match backdrop {
            Backdrop::KeepsAlpha => blend::inside_row(mode, below, above, opacity),
            Backdrop::Transparent => blend::over_row(mode, below, above, opacity),
        }
    }
}

#[cfg(test)]
mod tests;
