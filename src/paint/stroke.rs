//! A stroke: pointer positions joined into one even mark.
//!
//! Instead of stamping dabs at a spacing, each pair of neighbouring positions is swept as a
//! capsule, and a pixel takes the strongest coverage any part of the stroke gives it. That is the
//! limit of infinitely close dabs: no scallops at any speed, and a stroke that crosses itself does
//! not darken (the "wash" mode of Krita and MyPaint).

use super::tile::{TILE_SIDE, TilePlace};
use super::{Brush, LayerEdit, LayerId, Mixing, PixelRect, Surface};

/// A stroke in progress over a surface of fixed size.
///
/// Coordinates are pixels of the surface; the centre of the first pixel lies at (0.5, 0.5). Places outside the surface
/// are allowed and paint what reaches in.
pub struct Stroke {
    brush: Brush,
    mixing: Mixing,
    last: Option<(f32, f32)>,
    /// Strongest coverage so far, one value a pixel.
    coverage: Vec<f32>,
    /// The surface before the stroke. It shares every tile that the stroke has not touched.
    before: Surface,
    /// Everything that can have changed.
    touched: Option<PixelRect>,
}

impl Stroke {
    /// Starts a stroke and leaves its first dab at `(x, y)`. The brush's colour counts only where `mixing` names none.
    pub fn begin(brush: Brush, mixing: Mixing, surface: &mut Surface, x: f32, y: f32) -> Self {
        let coverage = vec![0.0; surface.size().pixels()];
        let mut stroke = Self { brush, mixing, last: None, coverage, before: surface.clone(), touched: None };
        stroke.move_to(surface, x, y);
        stroke
    }

    /// Sweeps the brush on to `(x, y)`; returns where that can have changed pixels.
    ///
    /// Nothing happens if a coordinate is not finite, or if the surface is not of the size that the stroke was begun on.
    pub fn move_to(&mut self, surface: &mut Surface, x: f32, y: f32) -> Option<PixelRect> {
        if !x.is_finite() || !y.is_finite() || self.before.size() != surface.size() {
            return None;
        }
        let rect = self.reach_to(x, y);
        let from = self.last.replace((x, y)).unwrap_or((x, y));
        let rect = rect?;
        self.touched = Some(self.touched.map_or(rect, |touched| touched.union(rect)));
        for place in TilePlace::touched_by(rect) {
            self.sweep_tile(surface, place, rect, from, (x, y));
        }
        Some(rect)
    }

    /// The rectangle around everything that can have changed so far.
    pub fn touched(&self) -> Option<PixelRect> {
        self.touched
    }

    /// Lifts the brush; returns the edit that takes the stroke back, `None` if it changed nothing. The surface must be
    /// the one that was painted on, that of this layer.
    pub fn end(self, layer: LayerId, surface: &mut Surface) -> Option<LayerEdit> {
        let touched = self.touched?;
        surface.prune(touched);
        LayerEdit::back_to(layer, &self.before, surface, touched)
    }

    fn sweep_tile(
        &mut self,
        surface: &mut Surface,
        place: TilePlace,
        rect: PixelRect,
        from: (f32, f32),
        to: (f32, f32),
    ) {
        let part = place.part_of(rect);
        let (left, top) = (place.column * TILE_SIDE, place.row * TILE_SIDE);
        let along = (to.0 - from.0, to.1 - from.1);
        let length_squared = along.0 * along.0 + along.1 * along.1;
        let opacity = self.brush.opacity.clamp(0.0, 1.0);
        let before = self.before.tile(place);
        // The tile is copied when its first pixel changes.
        let mut tile = None;
        for y in part.y0..part.y1 {
            let before = before.map_or(&[][..], |tile| tile.row(y));
            for x in part.x0..part.x1 {
                let to = ((left + x) as f32 + 0.5 - from.0, (top + y) as f32 + 0.5 - from.1);
                let t = if length_squared > 0.0 {
                    ((to.0 * along.0 + to.1 * along.1) / length_squared).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let distance = (to.0 - t * along.0).hypot(to.1 - t * along.1);
                let covered = self.brush.coverage(distance);
                let Some(strongest) = self.coverage.get_mut((top + y) * self.before.width() + left + x) else {
                    continue;
                };
                if covered > *strongest {
                    *strongest = covered;
                    if tile.is_none() {
                        tile = surface.tile_mut(place);
                    }
                    if let Some(pixel) = tile.as_mut().and_then(|tile| tile.row_mut(y).get_mut(x)) {
                        *pixel = self.mixing.mix(before.get(x).copied().unwrap_or_default(), covered * opacity);
                    }
                }
            }
        }
    }

    /// The pixels that moving on to `(x, y)` can change.
    fn reach_to(&self, x: f32, y: f32) -> Option<PixelRect> {
        let (from_x, from_y) = self.last.unwrap_or((x, y));
        let reach = self.brush.reach();
        PixelRect::around(
            from_x.min(x) - reach,
            from_y.min(y) - reach,
            from_x.max(x) + reach,
            from_y.max(y) + reach,
            self.before.width(),
            self.before.height(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{LayerStack, Rgb, Size};

    const RED: Rgb = Rgb([255, 0, 0]);

    fn brush(size: f32) -> Brush {
        Brush { size, opacity: 1.0, hardness: 1.0, color: RED }
    }

    fn sheet() -> Surface {
        Surface::filled(Size::new(200, 100).expect("a size"), Rgb::WHITE)
    }

    /// Paints on the only layer of a stack; returns the edit that takes it back.
    fn paint_on(layers: &mut LayerStack, brush: Brush, mixing: Mixing, path: &[(f32, f32)]) -> Option<LayerEdit> {
        let id = layers.current();
        let surface = layers.current_surface_mut().expect("pixels");
        let mut stroke = Stroke::begin(brush, mixing, surface, path[0].0, path[0].1);
        for (x, y) in &path[1..] {
            stroke.move_to(surface, *x, *y);
        }
        stroke.end(id, surface)
    }

    fn paint(surface: &mut Surface, brush: Brush, path: &[(f32, f32)]) -> Option<LayerEdit> {
        let mut layers = LayerStack::of_surface("a", surface.clone());
        let edit = paint_on(&mut layers, brush, Mixing::Paint(brush.color), path);
        *surface = layers.current_surface_mut().expect("pixels").clone();
        edit
    }

    #[test]
    fn a_click_leaves_a_dot_of_the_brush_size() {
        let mut surface = sheet();
        paint(&mut surface, brush(10.0), &[(50.0, 50.0)]);
        let pixels = surface.copy_rect(PixelRect::whole(200, 100));
        let red = pixels.iter().filter(|p| **p == [255, 0, 0, 255]).count() as f32;
        assert!((60.0..=80.0).contains(&red), "a disc of radius 5 holds about 79 pixels, not {red}");
    }

    #[test]
    fn a_fast_stroke_is_as_even_as_a_slow_one() {
        let mut fast = sheet();
        paint(&mut fast, brush(12.0), &[(10.5, 40.5), (180.5, 40.5)]);
        let mut slow = sheet();
        let path: Vec<_> = (10..=180).map(|x| (x as f32 + 0.5, 40.5)).collect();
        paint(&mut slow, brush(12.0), &path);
        assert!(fast.shows_the_same_as(&slow));
    }

    #[test]
    fn a_half_transparent_stroke_does_not_darken_where_it_crosses_itself() {
        let half = Brush { opacity: 0.5, ..brush(10.0) };
        let path = [(20.0, 50.0), (80.0, 50.0), (20.0, 50.0)];
        let mut surface = sheet();
        paint(&mut surface, half, &path);
        assert_eq!(surface.pixel(50, 50), Some([255, 128, 128, 255]));
        let mut empty = Surface::new(surface.size());
        paint(&mut empty, half, &path);
        assert_eq!(empty.pixel(50, 50), Some([255, 0, 0, 128]));
        assert_eq!(empty.pixel(50, 90), Some([0; 4]));
    }

    #[test]
    fn only_the_rectangle_around_the_brush_is_reported_and_only_touched_tiles_are_copied() {
        let mut surface = sheet();
        let before = surface.clone();
        let mut stroke = Stroke::begin(brush(4.0), Mixing::Paint(RED), &mut surface, 100.0, 50.0);
        let rect = stroke.move_to(&mut surface, 101.0, 50.0).expect("inside");
        assert!(rect.width() <= 7 && rect.height() <= 6, "{rect:?}");
        let copied = TilePlace::all(before.size()).filter(|place| {
            surface.tile(*place).map(std::sync::Arc::as_ptr) != before.tile(*place).map(std::sync::Arc::as_ptr)
        });
        assert_eq!(copied.count(), 1);
        assert!(stroke.move_to(&mut surface, 900.0, 900.0).is_some());
        assert!(stroke.move_to(&mut surface, 2000.0, 900.0).is_none());
    }

    #[test]
    fn a_stroke_across_tiles_can_be_taken_back() {
        for mixing in [Mixing::Paint(RED), Mixing::PaintInside(RED), Mixing::Erase] {
            for surface in [sheet(), Surface::new(sheet().size())] {
                let mut layers = LayerStack::of_surface("a", surface);
                let before = layers.clone();
                let back = paint_on(&mut layers, brush(30.0), mixing, &[(60.0, 60.0), (140.0, 70.0)]);
                assert_eq!(back.is_some(), !layers.is_like(&before), "{mixing:?}");
                if let Some(back) = back {
                    back.apply(&mut layers).expect("undone");
                    assert!(layers.is_like(&before));
                }
            }
        }
    }

    #[test]
    fn erased_tiles_take_no_memory() {
        let mut layers = LayerStack::of_surface("a", sheet());
        paint_on(&mut layers, brush(200.0), Mixing::Erase, &[(0.0, 50.0), (200.0, 50.0)]).expect("erased");
        assert_eq!(layers.bytes(), 0);
    }

    #[test]
    fn wild_coordinates_do_no_harm() {
        let mut layers = LayerStack::of_surface("a", sheet());
        let before = layers.clone();
        let path = [(f32::NAN, 1.0), (1e30, -1e30), (f32::INFINITY, 0.0), (-5.0, 50.0)];
        let wild = Brush { size: f32::NAN, opacity: f32::NAN, hardness: f32::NAN, color: RED };
        for brush in [brush(200.0), brush(-3.0), brush(f32::INFINITY), wild] {
            for mixing in [Mixing::Paint(RED), Mixing::Erase] {
                if let Some(back) = paint_on(&mut layers, brush, mixing, &path) {
                    back.apply(&mut layers).expect("undone");
                }
                assert!(layers.is_like(&before));
            }
        }
    }

    #[test]
    fn a_surface_of_another_size_is_left_alone() {
        let mut surface = sheet();
        let mut stroke = Stroke::begin(brush(10.0), Mixing::Paint(RED), &mut surface, 50.0, 50.0);
        let mut other = Surface::filled(Size::new(10, 10).expect("a size"), Rgb::WHITE);
        assert!(stroke.move_to(&mut other, 5.0, 5.0).is_none());
        assert_eq!(other.one_color(), Some(Rgb::WHITE));
    }
}
