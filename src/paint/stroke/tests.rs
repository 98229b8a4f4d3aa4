//! What strokes leave on a surface.

use super::*;
use crate::paint::{Curve, Grain, LayerStack, Rgb, Stabilizer, Symmetry, Tip};

const RED: Rgb = Rgb([255, 0, 0]);
const INK: Mixing = Mixing::Paint(RED);

fn brush(size: f32) -> Brush {
    Brush { size, hardness: 1.0, color: RED, ..Brush::default() }
}

fn at((x, y): (f32, f32)) -> PenSample {
    PenSample::mouse(x, y, 0.0)
}

fn color_at(surface: &Surface, x: usize, y: usize) -> Rgb {
    let [r, g, b, _] = surface.pixel(x, y).expect("inside");
    Rgb([r, g, b])
}

fn sheet() -> Surface {
    Surface::filled(Size::new(200, 100).expect("a size"), Rgb::WHITE)
}

/// Paints on the only layer of a stack; returns the edit that takes it back.
fn paint_on(layers: &mut LayerStack, brush: Brush, mixing: Mixing, path: &[(f32, f32)]) -> Option<LayerEdit> {
    let id = layers.current();
    let surface = layers.current_surface_mut().expect("pixels");
    let mut stroke = Stroke::begin(brush, mixing, surface, at(path[0]));
    for place in &path[1..] {
        stroke.move_to(surface, at(*place));
    }
    stroke.lift(surface);
    stroke.end(id, surface)
}

fn paint(surface: &mut Surface, brush: Brush, path: &[(f32, f32)]) -> Option<LayerEdit> {
    let mut layers = LayerStack::of_surface("a", surface.clone());
    let color = brush.color;
    let edit = paint_on(&mut layers, brush, Mixing::Paint(color), path);
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
    paint(&mut surface, half.clone(), &path);
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
    let mut stroke = Stroke::begin(brush(4.0), Mixing::Paint(RED), &mut surface, at((100.0, 50.0)));
    let rect = stroke.move_to(&mut surface, at((101.0, 50.0))).expect("inside");
    assert!(rect.width() <= 7 && rect.height() <= 6, "{rect:?}");
    let copied = TilePlace::all(before.size()).filter(|place| {
        surface.tile(*place).map(std::sync::Arc::as_ptr) != before.tile(*place).map(std::sync::Arc::as_ptr)
    });
    assert_eq!(copied.count(), 1);
    assert!(stroke.move_to(&mut surface, at((900.0, 900.0))).is_some());
    assert!(stroke.move_to(&mut surface, at((2000.0, 900.0))).is_none());
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
    let wild = Brush { size: f32::NAN, opacity: f32::NAN, hardness: f32::NAN, ..Brush::default() };
    for brush in [brush(200.0), brush(-3.0), brush(f32::INFINITY), wild] {
        for mixing in [Mixing::Paint(RED), Mixing::Erase] {
            if let Some(back) = paint_on(&mut layers, brush.clone(), mixing, &path) {
                back.apply(&mut layers).expect("undone");
            }
            assert!(layers.is_like(&before));
        }
    }
}

#[test]
fn a_surface_of_another_size_is_left_alone() {
    let mut surface = sheet();
    let mut stroke = Stroke::begin(brush(10.0), Mixing::Paint(RED), &mut surface, at((50.0, 50.0)));
    let mut other = Surface::filled(Size::new(10, 10).expect("a size"), Rgb::WHITE);
    assert!(stroke.move_to(&mut other, at((5.0, 5.0))).is_none());
    assert_eq!(other.one_color(), Some(Rgb::WHITE));
}

/// Numbers that look random and are the same at each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }

    fn unit(&mut self) -> f32 {
        self.below(1001) as f32 / 1000.0
    }

    /// A sample in or around a sheet.
    fn sample(&mut self, time: f64) -> PenSample {
        PenSample {
            x: self.unit() * 260.0 - 30.0,
            y: self.unit() * 160.0 - 30.0,
            pressure: self.unit(),
            tilt: (self.unit() * 2.0 - 1.0, self.unit() * 2.0 - 1.0),
            time,
        }
    }
}

/// Brushes of every kind.
fn all_kinds() -> Vec<Brush> {
    let mut ink = Brush { size: 22.0, ..brush(20.0) };
    ink.dynamics.size.pressure = Some(Curve::straight(0.0, 1.0));
    ink.dynamics.opacity.speed = Some(Curve::straight(1.0, 0.2));
    let mut flat = Brush { tip: Tip::Flat, aspect: 5.0, angle: 30.0, ..brush(30.0) };
    flat.dynamics.angle.tilt = Some(Curve::straight(0.0, 1.0));
    flat.dynamics.hardness.pressure = Some(Curve::straight(0.0, 1.0));
    vec![
        brush(20.0),
        Brush { antialias: false, ..brush(1.0) },
        Brush { antialias: false, ..brush(16.0) },
        Brush { grain: Grain::Rough, opacity: 0.7, ..brush(25.0) },
        ink,
        flat,
        Brush { rate: 30.0, flow: 0.1, hardness: 0.0, ..brush(50.0) },
        Brush { tip: Tip::Round, aspect: 3.0, flow: 0.4, opacity: 0.5, ..brush(24.0) },
        Brush { action: BrushAction::Smudge, flow: 0.8, ..brush(30.0) },
    ]
}

/// The stroke as it was before there were any other brushes: each pixel by itself.
fn plain_stroke(surface: &mut Surface, brush: &Brush, path: &[(f32, f32)]) {
    let before = surface.clone();
    let mut strongest = vec![0.0f32; surface.size().pixels()];
    let (outer, width) = (brush.reach(), surface.width());
    let radius = outer - 0.5;
    let inner = (radius * brush.hardness).min(radius - 0.5);
    let mut from = path[0];
    for to in path {
        let along = (to.0 - from.0, to.1 - from.1);
        let length_squared = along.0 * along.0 + along.1 * along.1;
        for y in 0..surface.height() {
            for x in 0..width {
                let place = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
                let t = if length_squared > 0.0 {
                    ((place.0 * along.0 + place.1 * along.1) / length_squared).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let distance = (place.0 - t * along.0).hypot(place.1 - t * along.1);
                let t = ((outer - distance) / (outer - inner)).clamp(0.0, 1.0);
                let covered = t * t * (3.0 - 2.0 * t);
                let so_far = &mut strongest[y * width + x];
                if covered > *so_far {
                    *so_far = covered;
                    let under = before.pixel(x, y).expect("inside");
                    let mix = |i: usize| {
                        let from = f32::from(under[i]);
                        (from + (f32::from(brush.color.0[i]) - from) * (covered * brush.opacity)).round() as u8
                    };
                    let tile = surface.tile_mut(TilePlace { row: y / 64, column: x / 64 }).expect("inside");
                    tile.row_mut(y % 64)[x % 64] = [mix(0), mix(1), mix(2), 255];
                }
            }
        }
        from = *to;
    }
}

#[test]
fn a_round_brush_paints_what_each_pixel_by_itself_would_get() {
    let mut numbers = Numbers(5);
    for i in 0..60 {
        let size = [1.0, 2.0, 5.5, 24.0, 90.0, 400.0][i % 6];
        let (hardness, opacity) = ([0.0, 0.3, 0.8, 1.0][i % 4], [1.0, 0.6][i % 2]);
        let brush = Brush { size, hardness, opacity, color: Rgb([40, 90, i as u8]), ..Brush::default() };
        let path: Vec<(f32, f32)> = (0..1 + i % 5)
            .map(|_| numbers.sample(0.0))
            .map(|PenSample { x, y, .. }| if i % 3 == 0 { (x.round(), y.round() + 0.5) } else { (x, y) })
            .collect();
        let (mut now, mut exact) = (sheet(), sheet());
        paint(&mut now, brush.clone(), &path);
        plain_stroke(&mut exact, &brush, &path);
        assert!(now.shows_the_same_as(&exact), "{brush:?} along {path:?}");
    }
}

#[test]
fn every_stroke_can_be_taken_back_tells_where_it_was_and_leaves_nothing_from_outside() {
    let mut numbers = Numbers(1);
    for brush in all_kinds() {
        for symmetry in Symmetry::ALL {
            let mut surface = sheet();
            paint(&mut surface, Brush { color: Rgb::BLACK, ..self::brush(40.0) }, &[(60.0, 50.0), (90.0, 60.0)]);
            let mut layers = LayerStack::of_surface("a", surface);
            let (before, id) = (layers.clone(), layers.current());
            let surface = layers.current_surface_mut().expect("pixels");
            let untouched = surface.clone();
            let plan = StrokePlan { symmetry, stabilizer: Stabilizer::Weighted(20.0), ..brush.clone().into() };
            let mut stroke = Stroke::begin(plan.clone(), INK, surface, numbers.sample(0.0));
            let mut told = stroke.touched();
            for i in 1..12 {
                told = union(told, stroke.move_to(surface, numbers.sample(f64::from(i) / 60.0)));
            }
            told = union(told, stroke.lift(surface));
            assert!(!surface.shows_the_same_as(&untouched), "{brush:?}");
            let told = told.expect("painted");
            for (x, y) in (0..100).flat_map(|y| (0..200).map(move |x| (x, y))) {
                let is_told = (told.x0..told.x1).contains(&x) && (told.y0..told.y1).contains(&y);
                assert!(is_told || surface.pixel(x, y) == untouched.pixel(x, y), "{x}, {y} by {brush:?}");
            }
            stroke.end(id, surface).expect("painted").apply(&mut layers).expect("undone");
            assert!(layers.is_like(&before), "{brush:?}");

            let surface = layers.current_surface_mut().expect("pixels");
            let mut stroke = Stroke::begin(plan, INK, surface, at((-900.0, 50.0)));
            stroke.move_to(surface, at((-900.0, -900.0)));
            stroke.lift(surface);
            assert!(stroke.end(id, surface).is_none() && layers.is_like(&before), "{brush:?}");
        }
    }
}

#[test]
fn the_same_samples_leave_the_same_pixels() {
    for brush in all_kinds() {
        let picture = |wait: bool| {
            let mut numbers = Numbers(9);
            let mut surface = sheet();
            let pressure = AssumedPressure { from_speed: false, taper: 30.0 };
            let plan = StrokePlan { pressure, stabilizer: Stabilizer::Weighted(15.0), ..brush.clone().into() };
            let mut stroke = Stroke::begin(plan, INK, &mut surface, numbers.sample(0.0));
            for i in 1..40 {
                stroke.move_to(&mut surface, numbers.sample(f64::from(i) / 60.0));
                if wait && i % 3 == 0 {
                    // A frame ends here, and the file is given a copy.
                    surface = surface.clone();
                }
            }
            stroke.lift(&mut surface);
            surface
        };
        assert!(picture(true).shows_the_same_as(&picture(false)), "{brush:?}");
    }
}

#[test]
fn no_stroke_covers_more_than_its_opacity() {
    let mut numbers = Numbers(3);
    for brush in all_kinds().into_iter().filter(|brush| brush.action == BrushAction::Paint) {
        let mut surface = sheet();
        let brush = Brush { opacity: 0.5, ..brush };
        let mut stroke = Stroke::begin(brush.clone(), Mixing::Paint(Rgb::BLACK), &mut surface, numbers.sample(0.0));
        for i in 1..200 {
            stroke.move_to(&mut surface, numbers.sample(f64::from(i) / 60.0));
        }
        stroke.lift(&mut surface);
        let pixels = surface.copy_rect(PixelRect::whole(200, 100));
        let darkest = pixels.iter().map(|pixel| pixel[0]).min();
        assert!(darkest >= Some(127), "{darkest:?} by {brush:?}");
    }
}

#[test]
fn a_symmetric_stroke_is_its_own_mirror_image() {
    // The grain of the paper is not mirrored.
    for brush in all_kinds().into_iter().filter(|brush| brush.grain == Grain::None) {
        let mut surface = sheet();
        let plan = StrokePlan { symmetry: Symmetry::Both, ..brush.clone().into() };
        let mut stroke = Stroke::begin(plan, INK, &mut surface, at((32.25, 40.5)));
        for (i, place) in [(70.5, 20.25), (60.0, 44.5), (12.0, 8.0)].into_iter().enumerate() {
            stroke.move_to(
                &mut surface,
                PenSample { pressure: 0.7, ..PenSample::mouse(place.0, place.1, i as f64 / 9.0) },
            );
        }
        let far = |Rgb(a): Rgb, Rgb(b): Rgb| (0..3).map(|i| a[i].abs_diff(b[i])).max().unwrap_or(0);
        // Without antialiasing a place between two pixels belongs to one of them.
        if !brush.antialias {
            continue;
        }
        for y in 0..100 {
            for x in 0..200 {
                let here = color_at(&surface, x, y);
                assert!(far(here, color_at(&surface, 199 - x, y)) <= 2, "{x}, {y} by {brush:?}");
                assert!(far(here, color_at(&surface, x, 99 - y)) <= 2, "{x}, {y} by {brush:?}");
            }
        }
    }
}

#[test]
fn one_pixel_without_antialiasing_is_a_line_of_whole_pixels() {
    let mut surface = sheet();
    let pixel = Brush { antialias: false, ..brush(1.0) };
    paint(&mut surface, pixel, &[(10.2, 10.9), (60.7, 31.1), (61.0, 90.0)]);
    let painted: Vec<(usize, usize)> = (0..100)
        .flat_map(|y| (0..200).map(move |x| (x, y)))
        .filter(|(x, y)| color_at(&surface, *x, *y) != Rgb::WHITE)
        .collect();
    assert!(painted.iter().all(|(x, y)| color_at(&surface, *x, *y) == RED));
    // As many pixels as the longer side of each piece: no corners are filled.
    assert_eq!(painted.len(), 51 + 59);
}

#[test]
fn pressure_makes_a_line_thick_and_the_taper_makes_its_ends_thin() {
    let mut ink = brush(30.0);
    ink.dynamics.size.pressure = Some(Curve::straight(0.0, 1.0));
    let width_at = |surface: &Surface, x: usize| (0..100).filter(|y| color_at(surface, x, *y) == RED).count();
    let line = |pressure: AssumedPressure| {
        let mut surface = sheet();
        let plan = StrokePlan { pressure, ..ink.clone().into() };
        let sample = |i: u32| PenSample { pressure: 0.5, ..PenSample::mouse(20.0 + i as f32 * 4.0, 50.0, 0.0) };
        let mut stroke = Stroke::begin(plan, INK, &mut surface, sample(0));
        (1..=40).for_each(|i| {
            stroke.move_to(&mut surface, sample(i));
        });
        stroke.lift(&mut surface);
        [22, 100, 178].map(|x| width_at(&surface, x))
    };
    let even = line(AssumedPressure::default());
    assert!(even.iter().all(|width| (13..=16).contains(width)), "{even:?}");
    let thin = line(AssumedPressure { taper: 60.0, ..AssumedPressure::default() });
    assert!(thin[0] <= 4 && thin[1] == even[1] && thin[2] <= 4, "{thin:?}");
    let mut surface = sheet();
    let plan = StrokePlan { pressure: AssumedPressure { from_speed: true, taper: 40.0 }, ..ink.clone().into() };
    let mut stroke = Stroke::begin(plan, INK, &mut surface, at((50.0, 50.0)));
    stroke.lift(&mut surface);
    assert_eq!(color_at(&surface, 50, 50), RED, "a dot has no thin ends");
}

#[test]
fn a_smudge_takes_colours_along_and_brings_none_of_its_own() {
    let mut surface = sheet();
    paint(&mut surface, Brush { color: Rgb::BLACK, ..brush(60.0) }, &[(40.0, 50.0)]);
    let smudge = Brush { action: BrushAction::Smudge, flow: 0.9, color: RED, ..brush(20.0) };
    paint(&mut surface, smudge, &[(40.0, 50.0), (110.0, 50.0)]);
    let Rgb([dragged, g, b]) = color_at(&surface, 78, 50);
    assert!(dragged < 160, "black was taken to {dragged}");
    assert!(g == dragged && b == dragged, "no red");
    assert_eq!(color_at(&surface, 150, 50), Rgb::WHITE);
}

#[test]
fn an_airbrush_gets_denser_while_it_rests_and_the_stroke_says_that_it_wants_time() {
    let air = Brush { rate: 30.0, flow: 0.05, ..brush(40.0) };
    let mut surface = sheet();
    let mut stroke = Stroke::begin(air, Mixing::Paint(Rgb::BLACK), &mut surface, at((50.0, 50.0)));
    assert!(stroke.goes_on_at_rest());
    let mut last = 255;
    for i in 1..6 {
        for j in 0..20 {
            stroke.move_to(&mut surface, PenSample::mouse(50.0, 50.0, f64::from(i * 20 + j) / 60.0));
        }
        let Rgb([now, ..]) = color_at(&surface, 50, 50);
        assert!(now < last, "{now} after {last}");
        last = now;
    }
    let plain = Stroke::begin(brush(40.0), INK, &mut surface, at((50.0, 50.0)));
    assert!(!plain.goes_on_at_rest());
}

#[test]
fn a_brush_may_be_larger_than_the_canvas() {
    for brush in
        all_kinds().into_iter().filter(|brush| brush.action == BrushAction::Paint && brush.grain == Grain::None)
    {
        let mut surface = sheet();
        let large = Brush { size: 1000.0, hardness: 1.0, flow: 1.0, opacity: 1.0, rate: 0.0, aspect: 1.0, ..brush };
        paint(&mut surface, large, &[(100.0, 50.0), (101.0, 50.0)]);
        assert!(color_at(&surface, 0, 0) == RED && color_at(&surface, 199, 99) == RED);
    }
}

#[test]
fn a_smudge_keeps_the_alpha_where_that_is_locked_and_moves_it_where_not() {
    let smudge = Brush { action: BrushAction::Smudge, flow: 0.9, ..brush(30.0) };
    for (mixing, keeps) in [(Mixing::PaintInside(RED), true), (Mixing::Paint(RED), false)] {
        let mut layers = LayerStack::of_surface("a", Surface::new(sheet().size()));
        paint_on(&mut layers, brush(60.0), Mixing::Paint(Rgb::BLACK), &[(50.0, 50.0)]);
        let before = layers.current_surface_mut().expect("pixels").clone();
        paint_on(&mut layers, smudge.clone(), mixing, &[(50.0, 50.0), (120.0, 50.0)]);
        let after = layers.current_surface_mut().expect("pixels");
        let alpha = |surface: &Surface| surface.pixel(90, 50).expect("inside")[3];
        assert_eq!(alpha(&before) == alpha(after), keeps, "{mixing:?}");
        let is_black = |pixel: &[u8; 4]| pixel[..3] == [0; 3];
        assert!(after.copy_rect(PixelRect::whole(200, 100)).iter().all(is_black), "no other colour");
    }
}
