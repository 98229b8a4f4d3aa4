//! The small pictures of layers.

use std::collections::HashMap;

use egui::{Color32, ColorImage, Context, TextureHandle, TextureOptions};

use crate::paint::{LayerId, Surface};

/// Side of a thumbnail in pixels.
const SIDE: usize = 48;
/// Side of a square of the pattern behind transparent pixels.
const CHECK: usize = 6;

/// Thumbnails of the layers that were listed last. A texture is made again when its layer changes.
#[derive(Default)]
pub(super) struct LayerThumbnails {
    shown: HashMap<LayerId, Shown>,
    frame: u64,
}

struct Shown {
    /// The pixels that the texture shows; they share their tiles with the layer.
    surface: Surface,
    texture: TextureHandle,
    /// When it was last listed.
    frame: u64,
}

impl LayerThumbnails {
    /// The thumbnail of a layer. While `waits` it stays as it is.
    pub fn get(&mut self, ctx: &Context, id: LayerId, surface: &Surface, waits: bool) -> TextureHandle {
        let frame = self.frame;
        if let Some(shown) = self.shown.get_mut(&id) {
            shown.frame = frame;
            if !waits && !shown.surface.shares_all_tiles_with(surface) {
                shown.texture.set(image(surface), TextureOptions::LINEAR);
                shown.surface = surface.clone();
            }
            return shown.texture.clone();
        }
        let texture = ctx.load_texture("layer", image(surface), TextureOptions::LINEAR);
        self.shown.insert(id, Shown { surface: surface.clone(), texture: texture.clone(), frame });
        texture
    }

    /// Frees what was not listed in this frame.
    pub fn end_frame(&mut self) {
        let frame = self.frame;
        self.shown.retain(|_, shown| shown.frame == frame);
        self.frame += 1;
    }
}

/// A small copy of a layer over a pattern of squares: the mean of four pixels for each of the thumbnail's.
fn image(surface: &Surface) -> ColorImage {
    let (width, height) = (surface.width(), surface.height());
    let longest = width.max(height);
    let side = |side: usize| (side * SIDE / longest).max(1);
    let (w, h) = (side(width), side(height));
    let at = |x: usize, y: usize| {
        let ground = if (x / CHECK + y / CHECK).is_multiple_of(2) { 150 } else { 110 };
        let mut sum = [0; 3];
        for (dx, dy) in [(1, 1), (3, 1), (1, 3), (3, 3)] {
            let pixel = surface.pixel((4 * x + dx) * width / (4 * w), (4 * y + dy) * height / (4 * h));
            let [r, g, b, a] = pixel.unwrap_or_default().map(u32::from);
            for (sum, channel) in sum.iter_mut().zip([r, g, b]) {
                *sum += channel * a + ground * (255 - a);
            }
        }
        let [r, g, b] = sum.map(|sum| (sum / (4 * 255)) as u8);
        Color32::from_rgb(r, g, b)
    };
    let pixels = (0..h).flat_map(|y| (0..w).map(move |x| (x, y))).map(|(x, y)| at(x, y)).collect();
    ColorImage::new([w, h], pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{Rgb, Size};

    #[test]
    fn a_thumbnail_has_the_shape_of_the_layer_and_shows_squares_where_it_is_transparent() {
        let size = Size::new(200, 100).expect("a size");
        let empty = image(&Surface::new(size));
        assert_eq!(empty.size, [48, 24]);
        assert_eq!((empty.pixels[0], empty.pixels[CHECK]), (Color32::from_gray(150), Color32::from_gray(110)));
        let red = image(&Surface::filled(size, Rgb([255, 0, 0])));
        assert!(red.pixels.iter().all(|pixel| *pixel == Color32::from_rgb(255, 0, 0)));
        assert_eq!(image(&Surface::new(Size::new(1, 4096).expect("a size"))).size, [1, 48]);
    }

    #[test]
    fn a_thumbnail_follows_its_layer_and_is_freed_with_it() {
        let (ctx, size) = (Context::default(), Size::DEFAULT);
        let mut thumbnails = LayerThumbnails::default();
        let mut surface = Surface::new(size);
        let first = thumbnails.get(&ctx, LayerId(1), &surface, false);
        thumbnails.end_frame();
        surface.set_tile(
            crate::paint::TilePlace { row: 0, column: 0 },
            Surface::filled(size, Rgb::BLACK).tiles().next().map(|(_, tile)| tile.clone()),
        );
        let held = thumbnails.shown[&LayerId(1)].surface.clone();
        let _unchanged = thumbnails.get(&ctx, LayerId(1), &surface, true);
        assert!(thumbnails.shown[&LayerId(1)].surface.shares_all_tiles_with(&held), "a stroke is being painted");
        assert_eq!(thumbnails.get(&ctx, LayerId(1), &surface, false).id(), first.id());
        assert!(thumbnails.shown[&LayerId(1)].surface.shares_all_tiles_with(&surface));
        thumbnails.end_frame();
        thumbnails.end_frame();
        assert!(thumbnails.shown.is_empty());
    }
}
