//! Flood fill: the connected area of nearly one colour.

use super::tile::TilePlace;
use super::{Canvas, LayerEdit, LayerId, Mixing, PixelRect, Rgb, Surface};

/// How far a channel may lie from the clicked colour and still be filled, so that the smooth edge
/// of a brush stroke does not keep a pale rim.
const TOLERANCE: u8 = 40;

/// Fills the area of nearly one colour around a pixel of what is seen, on the surface of a layer; returns the edit that
/// takes it back. `None` if the pixel lies outside, is seen in this colour already, or nothing changed. With `keeps_alpha`
/// the alpha of the layer stays as it is.
pub fn fill(
    seen: &Canvas,
    (layer, surface): (LayerId, &mut Surface),
    (x, y): (usize, usize),
    color: Rgb,
    keeps_alpha: bool,
) -> Option<(LayerEdit, PixelRect)> {
    if seen.color_at(x, y).is_none_or(|there| there == color) || seen.size() != surface.size() {
        return None;
    }
    let (runs, rect) = connected_area(seen, x, y);
    let mixing = if keeps_alpha { Mixing::PaintInside(color) } else { Mixing::Paint(color) };
    let before = surface.clone();
    for Run { y, x0, x1 } in runs {
        let run = PixelRect { x0, y0: y, x1, y1: y + 1 };
        for place in TilePlace::touched_by(run) {
            let part = place.part_of(run);
            if keeps_alpha && before.tile(place).is_none() {
                continue;
            }
            let Some(tile) = surface.tile_mut(place) else { continue };
            tile.row_mut(part.y0)[part.x0..part.x1].iter_mut().for_each(|pixel| *pixel = mixing.mix(*pixel, 1.0));
        }
    }
    Some((LayerEdit::back_to(layer, &before, surface, rect)?, rect))
}

/// Pixels `x0 <= x < x1` of row `y`.
struct Run {
    y: usize,
    x0: usize,
    x1: usize,
}

/// The pixels connected to `(x, y)`, which must lie inside, whose channels all lie within
/// [`TOLERANCE`] of its colour, and the rectangle around them.
fn connected_area(canvas: &Canvas, x: usize, y: usize) -> (Vec<Run>, PixelRect) {
    let (width, height) = (canvas.width(), canvas.height());
    let seed = canvas.row(y)[x];
    let alike = |p: [u8; 4]| p.iter().zip(seed).all(|(a, b)| a.abs_diff(b) <= TOLERANCE);
    let mut seen = vec![false; width * height];
    let mut runs = Vec::new();
    let mut rect = PixelRect { x0: x, y0: y, x1: x + 1, y1: y + 1 };
    let mut waiting = vec![(x, y)];
    while let Some((x, y)) = waiting.pop() {
        let row = canvas.row(y);
        if seen[y * width + x] || !alike(row[x]) {
            continue;
        }
        let x0 = row[..x].iter().rposition(|p| !alike(*p)).map_or(0, |i| i + 1);
        let x1 = row[x..].iter().position(|p| !alike(*p)).map_or(width, |i| x + i);
        seen[y * width + x0..y * width + x1].fill(true);
        runs.push(Run { y, x0, x1 });
        rect = rect.union(PixelRect { x0, y0: y, x1, y1: y + 1 });
        for next in [y.checked_sub(1), (y + 1 < height).then_some(y + 1)].into_iter().flatten() {
            let neighbours = canvas.row(next);
            for i in x0..x1 {
                let starts_run = i == x0 || !alike(neighbours[i - 1]);
                if starts_run && alike(neighbours[i]) && !seen[next * width + i] {
                    waiting.push((i, next));
                }
            }
        }
    }
    (runs, rect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{Brush, Composition, LayerStack, PenSample, Size, Stroke};

    const RED: Rgb = Rgb([255, 0, 0]);

    fn sheet_with_a_line() -> LayerStack {
        let mut surface = Surface::filled(Size::new(200, 100).expect("a size"), Rgb::WHITE);
        let brush = Brush { size: 6.0, hardness: 1.0, ..Brush::default() };
        let mut stroke =
            Stroke::begin(brush, Mixing::Paint(Rgb::BLACK), &mut surface, PenSample::mouse(100.0, -10.0, 0.0));
        stroke.move_to(&mut surface, PenSample::mouse(100.0, 110.0, 0.0));
        LayerStack::of_surface("a", surface)
    }

    fn seen(layers: &LayerStack) -> Canvas {
        Canvas::composed(layers, Rgb::WHITE, Composition::Picture)
    }

    fn fill_at(layers: &mut LayerStack, x: usize, y: usize, color: Rgb) -> Option<LayerEdit> {
        let (seen, id) = (seen(layers), layers.current());
        fill(&seen, (id, layers.current_surface_mut()?), (x, y), color, false).map(|(edit, _)| edit)
    }

    #[test]
    fn a_fill_stops_at_a_line_and_leaves_no_rim() {
        let mut layers = sheet_with_a_line();
        fill_at(&mut layers, 10, 10, RED).expect("filled");
        let canvas = seen(&layers);
        assert_eq!(canvas.color_at(90, 99), Some(RED));
        assert_eq!(canvas.color_at(96, 50), Some(RED), "next to the line");
        assert_eq!(canvas.color_at(150, 50), Some(Rgb::WHITE));
    }

    #[test]
    fn a_fill_on_an_empty_layer_stops_at_a_line_below_it() {
        let mut layers = sheet_with_a_line();
        layers.add_layer(None, None).apply(&mut layers).expect("added");
        fill_at(&mut layers, 10, 10, RED).expect("filled");
        let surface = layers.current_surface_mut().expect("pixels");
        assert_eq!((surface.pixel(90, 99), surface.pixel(150, 50)), (Some([255, 0, 0, 255]), Some([0; 4])));
    }

    #[test]
    fn a_fill_can_be_taken_back() {
        let mut layers = sheet_with_a_line();
        let before = layers.clone();
        let back = fill_at(&mut layers, 150, 50, RED).expect("filled");
        back.apply(&mut layers).expect("undone");
        assert!(layers.is_like(&before));
    }

    #[test]
    fn nothing_is_filled_outside_or_with_the_same_colour_or_where_alpha_stays() {
        let mut layers = sheet_with_a_line();
        assert!(fill_at(&mut layers, 10_000, 10_000, RED).is_none());
        assert!(fill_at(&mut layers, 10, 10, Rgb::WHITE).is_none());
        layers.add_layer(None, None).apply(&mut layers).expect("added");
        let (canvas, id) = (seen(&layers), layers.current());
        let surface = layers.current_surface_mut().expect("pixels");
        assert!(fill(&canvas, (id, surface), (10, 10), RED, true).is_none());
        assert_eq!(surface.bytes(), 0);
    }
}
