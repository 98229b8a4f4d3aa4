//! Colour laid over the part of a layer that is chosen: fills, gradients, clearing, pasted pixels.

use std::sync::Arc;

use rayon::prelude::*;

use super::parallel::LEAST_TILES;
use super::tile::{TILE_SIDE, Tile, TilePlace};
use super::{LayerEdit, LayerId, Mixing, PixelRect, Rgb, Selection, Surface};

/// Lays one colour over a layer, or erases it, as far as it is chosen; returns the edit that takes it back and where it
/// changed something, `None` if it changed nothing.
pub fn cover(layer: (LayerId, &mut Surface), chosen: &Selection, mixing: Mixing) -> Option<(LayerEdit, PixelRect)> {
    // What a pixel becomes that is wholly chosen, where that does not depend on what it was.
    let whole = match mixing {
        Mixing::Paint(Rgb([r, g, b])) => Some([r, g, b, 255]),
        Mixing::Erase => Some([0; 4]),
        Mixing::PaintInside(_) => None,
    };
    change_inside(layer, chosen, whole, |_, before, share| mixing.mix(before, share))
}

/// Lays a colour of its own, in RGBA, over each pixel of a layer, as far as it is chosen. With `keeps_alpha` the alpha
/// of the layer stays as it is. Returns what [`cover`] does.
pub fn cover_with(
    layer: (LayerId, &mut Surface),
    chosen: &Selection,
    keeps_alpha: bool,
    color: impl Fn(usize, usize) -> [u8; 4] + Sync,
) -> Option<(LayerEdit, PixelRect)> {
    change_inside(layer, chosen, None, |(x, y), before, share| {
        let [r, g, b, a] = color(x, y);
        let color = Rgb([r, g, b]);
        let mixing = if keeps_alpha { Mixing::PaintInside(color) } else { Mixing::Paint(color) };
        mixing.mix(before, share * f32::from(a) / 255.0)
    })
}

/// Changes each pixel that is chosen at all. `change` gets its place, what it was and how much of it is chosen. `whole` is
/// what it gives for every pixel that is wholly chosen, if that is always the same.
fn change_inside(
    (layer, surface): (LayerId, &mut Surface),
    chosen: &Selection,
    whole: Option<[u8; 4]>,
    change: impl Fn((usize, usize), [u8; 4], f32) -> [u8; 4] + Sync,
) -> Option<(LayerEdit, PixelRect)> {
    let rect = chosen.bounds().filter(|_| chosen.size() == surface.size())?;
    let before = surface.clone();
    // Tiles that become the same share their memory.
    let uniform = whole.map(|pixel| Arc::new(Tile::of(pixel)));
    let places: Vec<TilePlace> = TilePlace::touched_by(rect).collect();
    let changed = places.into_par_iter().with_min_len(LEAST_TILES).filter_map(|place| {
        let chosen = chosen.as_surface().tile(place)?;
        let under = before.tile(place);
        if let Some(uniform) = uniform.as_ref().filter(|_| chosen.is_full()) {
            let is_same = match under {
                Some(under) => under == uniform,
                None => uniform.is_transparent(),
            };
            return (!is_same).then(|| (place, Arc::clone(uniform)));
        }
        let tile = changed_tile(place, place.part_of(rect), (chosen.as_ref(), under.map(Arc::as_ref)), &change)?;
        Some((place, Arc::from(tile)))
    });
    for (place, tile) in changed.collect::<Vec<_>>() {
        surface.set_tile(place, Some(tile));
    }
    surface.prune(rect);
    Some((LayerEdit::back_to(layer, &before, surface, rect)?, rect))
}

/// A tile in which each pixel is changed that is chosen at all; `None` if all stay the same.
fn changed_tile(
    place: TilePlace,
    part: PixelRect,
    (chosen, under): (&Tile, Option<&Tile>),
    change: impl Fn((usize, usize), [u8; 4], f32) -> [u8; 4],
) -> Option<Box<Tile>> {
    let (left, top) = (place.column * TILE_SIDE, place.row * TILE_SIDE);
    // The tile is copied when its first pixel changes.
    let mut tile: Option<Box<Tile>> = None;
    for y in part.y0..part.y1 {
        let row = under.map_or(&[][..], |tile| tile.row(y));
        for x in part.x0..part.x1 {
            let level = chosen.row(y)[x][3];
            if level == 0 {
                continue;
            }
            let was = row.get(x).copied().unwrap_or_default();
            let now = change((left + x, top + y), was, f32::from(level) / 255.0);
            if now != was {
                let tile = tile.get_or_insert_with(|| Box::new(under.cloned().unwrap_or_else(Tile::transparent)));
                if let Some(pixel) = tile.row_mut(y).get_mut(x) {
                    *pixel = now;
                }
            }
        }
    }
    tile
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{LayerStack, Size};

    /// Pixel by pixel: what the quick one must give.
    fn plain_cover(surface: &Surface, chosen: &Selection, mixing: Mixing) -> Vec<[u8; 4]> {
        let whole = PixelRect::whole(surface.width(), surface.height());
        let pixels = surface.copy_rect(whole).into_iter().zip(chosen.levels());
        let covered = |(was, level): ([u8; 4], u8)| match level {
            0 => was,
            level => mixing.mix(was, f32::from(level) / 255.0),
        };
        pixels.map(covered).collect()
    }

    #[test]
    fn a_layer_is_covered_as_it_is_pixel_by_pixel_and_can_be_taken_back() {
        let (width, height) = (200, 150);
        let size = Size::new(width, height).expect("a size");
        let pixels: Vec<[u8; 4]> = (0..width * height)
            .map(|i| match i / 7000 {
                0 => [9, 8, 7, 255],
                1 => [0; 4],
                2 => [i as u8, 40, (i / 3) as u8, (i / 11) as u8],
                _ => [200, 10, 90, 255],
            })
            .collect();
        let painted = Surface::with_picture(size, (0, 0), width, &pixels);
        let selections = [
            Selection::all(size),
            Selection::ellipse(size, (-60.0, -30.0), (190.0, 140.0), true),
            Selection::rectangle(size, PixelRect { x0: 0, y0: 0, x1: 130, y1: 128 }),
            Selection::ellipse(size, (10.0, 10.0), (150.0, 100.0), true).feathered(20.0),
            Selection::empty(size),
        ];
        let colors = [Rgb([200, 10, 90]), Rgb([9, 8, 7]), Rgb::WHITE];
        let mixings = colors.into_iter().flat_map(|color| [Mixing::Paint(color), Mixing::PaintInside(color)]);
        for mixing in mixings.chain([Mixing::Erase]) {
            for (at, chosen) in selections.iter().enumerate() {
                for before in [&painted, &Surface::new(size), &Surface::filled(size, colors[0])] {
                    let mut layers = LayerStack::of_surface("a", before.clone());
                    let id = layers.current();
                    let surface = layers.current_surface_mut().expect("pixels");
                    let edit = cover((id, surface), chosen, mixing);
                    let whole = PixelRect::whole(width, height);
                    assert!(surface.copy_rect(whole) == plain_cover(before, chosen, mixing), "{mixing:?}, {at}");
                    assert!(surface.tiles().all(|(_, tile)| !tile.is_transparent() || before.is_empty()));
                    let changed = !surface.shows_the_same_as(before);
                    assert!(edit.is_some() || !changed);
                    if let Some((edit, _)) = edit {
                        edit.apply(&mut layers).expect("undone");
                    }
                    assert!(layers.current_surface_mut().is_some_and(|surface| surface.shows_the_same_as(before)));
                }
            }
        }
    }
}
