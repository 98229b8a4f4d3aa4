//! Pixels that were lifted off a layer and can be placed elsewhere.

use super::affine::{Affine, Placement};
use super::resample::{Resampling, reach, resampled};
use super::tile::TilePlace;
use super::{LayerEdit, LayerId, Mixing, PixelRect, Rgb, Selection, Surface};

/// Pixels that were lifted off a layer and can be moved, scaled, turned and mirrored, over and over without loss, until
/// they are put down. Clones share their pixels.
#[derive(Clone)]
pub struct Floating {
    layer: LayerId,
    selection: Option<Selection>,
    before: Surface,
    /// The layer without the pixels.
    rest: Surface,
    lifted: Surface,
    bounds: PixelRect,
    placement: Placement,
    /// Where the layer may not show what it showed before.
    shown: PixelRect,
}

impl Floating {
    /// Lifts the chosen pixels off a layer, or all of them without a selection. `None` if there are none.
    pub fn lift(layer: LayerId, surface: &Surface, selection: Option<&Selection>) -> Option<Self> {
        let size = surface.size();
        let selection = selection.filter(|selection| selection.size() == size);
        let everything = Selection::all(size);
        let (before, mut rest) = (surface.clone(), surface.clone());
        let (empty, mut lifted) = (Surface::new(size), Surface::new(size));
        let whole = PixelRect::whole(size.width(), size.height());
        let chosen = selection.unwrap_or(&everything);
        chosen.let_through(&before, &empty, &mut rest, whole);
        chosen.let_through(&empty, &before, &mut lifted, whole);
        rest.prune(whole);
        lifted.prune(whole);
        let bounds = Selection::from_alpha(&lifted).bounds()?;
        let selection = selection.cloned();
        Some(Self { layer, selection, before, rest, lifted, bounds, placement: Placement::STAY, shown: bounds })
    }

    /// The layer that the pixels were lifted off.
    pub fn layer(&self) -> LayerId {
        self.layer
    }

    /// The rectangle that the pixels were lifted from.
    pub fn bounds(&self) -> PixelRect {
        self.bounds
    }

    /// Where they are.
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// The map from where they were to where they are.
    pub fn map(&self) -> Affine {
        let PixelRect { x0, y0, x1, y1 } = self.bounds;
        self.placement.affine(((x0 + x1) as f32 / 2.0, (y0 + y1) as f32 / 2.0))
    }

    /// Places the pixels elsewhere; returns where the layer changed.
    pub fn place(&mut self, placement: Placement, surface: &mut Surface, how: Resampling) -> PixelRect {
        self.placement = placement.usable();
        let now = reach(&self.lifted, &self.map()).map_or(self.bounds, |rect| rect.union(self.bounds));
        let changed = now.union(self.shown);
        self.shown = now;
        self.draw(surface, changed, how);
        changed
    }

    /// Shows the layer as it was before; returns where it changed.
    pub fn give_up(self, surface: &mut Surface) -> PixelRect {
        *surface = self.before;
        self.shown
    }

    /// Puts the pixels down; returns the edit that takes all of it back and the selection of where they are now. `None`
    /// if they are where they were, so that nothing changed.
    pub fn put_down(mut self, surface: &mut Surface) -> Option<(LayerEdit, PixelRect, Option<Selection>)> {
        if self.placement == Placement::STAY {
            self.give_up(surface);
            return None;
        }
        let changed = self.place(self.placement, surface, Resampling::Smooth);
        surface.prune(changed);
        let edit = LayerEdit::back_to(self.layer, &self.before, surface, changed)?;
        let map = self.map();
        let moved =
            |selection: &Selection| Selection::from_alpha(&resampled(selection.as_surface(), &map, Resampling::Smooth));
        Some((edit, changed, self.selection.as_ref().map(moved)))
    }

    /// Makes a rectangle of the surface the rest of the layer under the placed pixels.
    fn draw(&self, surface: &mut Surface, rect: PixelRect, how: Resampling) {
        let placed = match self.placement {
            Placement::STAY => self.lifted.clone(),
            _ => resampled(&self.lifted, &self.map(), how),
        };
        for place in TilePlace::touched_by(rect) {
            surface.set_tile(place, self.rest.tile(place).cloned());
            let Some(above) = placed.tile(place) else { continue };
            let size = self.rest.size();
            let Some(tile) = surface.tile_mut(place) else { continue };
            let part = place.rect(size);
            for y in 0..part.height() {
                for (pixel, above) in tile.row_mut(y).iter_mut().zip(above.row(y)).take(part.width()) {
                    let [r, g, b, a] = *above;
                    if a > 0 {
                        *pixel = Mixing::Paint(Rgb([r, g, b])).mix(*pixel, f32::from(a) / 255.0);
                    }
                }
            }
        }
    }
}
