//! Colour laid over the part of a layer that is chosen: fills, gradients, clearing, pasted pixels.

use super::tile::{TILE_SIDE, TilePlace};
use super::{LayerEdit, LayerId, Mixing, PixelRect, Rgb, Selection, Surface};

/// Lays one colour over a layer, or erases it, as far as it is chosen; returns the edit that takes it back and where it
/// changed something, `None` if it changed nothing.
pub fn cover(layer: (LayerId, &mut Surface), chosen: &Selection, mixing: Mixing) -> Option<(LayerEdit, PixelRect)> {
    change_inside(layer, chosen, |_, before, share| mixing.mix(before, share))
}

/// Lays a colour of its own, in RGBA, over each pixel of a layer, as far as it is chosen. With `keeps_alpha` the alpha
/// of the layer stays as it is. Returns what [`cover`] does.
pub fn cover_with(
    layer: (LayerId, &mut Surface),
    chosen: &Selection,
    keeps_alpha: bool,
    color: impl Fn(usize, usize) -> [u8; 4],
) -> Option<(LayerEdit, PixelRect)> {
    change_inside(layer, chosen, |(x, y), before, share| {
        let [r, g, b, a] = color(x, y);
        let color = Rgb([r, g, b]);
        let mixing = if keeps_alpha { Mixing::PaintInside(color) } else { Mixing::Paint(color) };
        mixing.mix(before, share * f32::from(a) / 255.0)
    })
}

/// Changes each pixel that is chosen at all. `change` gets its place, what it was and how much of it is chosen.
fn change_inside(
    (layer, surface): (LayerId, &mut Surface),
    chosen: &Selection,
    change: impl Fn((usize, usize), [u8; 4], f32) -> [u8; 4],
) -> Option<(LayerEdit, PixelRect)> {
    let rect = chosen.bounds().filter(|_| chosen.size() == surface.size())?;
    let before = surface.clone();
    for place in TilePlace::touched_by(rect) {
        let Some(chosen) = chosen.as_surface().tile(place) else { continue };
        let part = place.part_of(rect);
        let (left, top) = (place.column * TILE_SIDE, place.row * TILE_SIDE);
        let under = before.tile(place);
        // The tile is copied when its first pixel changes.
        let mut tile = None;
        for y in part.y0..part.y1 {
            let under = under.map_or(&[][..], |tile| tile.row(y));
            for x in part.x0..part.x1 {
                let level = chosen.row(y)[x][3];
                let was = under.get(x).copied().unwrap_or_default();
                let now = if level == 0 { was } else { change((left + x, top + y), was, f32::from(level) / 255.0) };
                if now != was {
                    if tile.is_none() {
                        tile = surface.tile_mut(place);
                    }
                    if let Some(pixel) = tile.as_mut().and_then(|tile| tile.row_mut(y).get_mut(x)) {
                        *pixel = now;
                    }
                }
            }
        }
    }
    surface.prune(rect);
    Some((LayerEdit::back_to(layer, &before, surface, rect)?, rect))
}
