//! The algebra of selections, their shapes, and painting inside them.

use super::*;
use crate::paint::{Brush, ConfinedStroke, Floating, LayerStack, Mixing, PenSample, Placement, Resampling, cover};

const WIDTH: usize = 150;
const HEIGHT: usize = 90;

fn size() -> Size {
    Size::new(WIDTH, HEIGHT).expect("a size")
}

/// Small numbers in a sequence that looks random and is the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn place(&mut self) -> (f32, f32) {
        (self.below(200) as f32 - 20.0, self.below(120) as f32 - 15.5)
    }

    fn selection(&mut self) -> Selection {
        match self.below(6) {
            0 => Selection::empty(size()),
            1 => Selection::all(size()),
            2 => Selection::ellipse(size(), self.place(), self.place(), true),
            3 => {
                let corners: Vec<_> = (0..3 + self.below(5)).map(|_| self.place()).collect();
                Selection::polygon(size(), &corners, self.below(2) == 0)
            }
            4 => {
                let [x0, y0, x1, y1] = [0; 4].map(|_| self.below(160) as usize);
                Selection::rectangle(size(), PixelRect { x0, y0, x1, y1 })
            }
            _ => {
                let levels: Vec<u8> = (0..WIDTH * HEIGHT).map(|_| self.below(256) as u8).collect();
                Selection::from_levels(size(), &levels)
            }
        }
    }
}

#[test]
fn selections_combine_as_sets_do() {
    use SelectionMode::{Add, Intersect, Replace, Subtract};
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    for round in 0..40 {
        let [a, b, c] = [(); 3].map(|()| numbers.selection());
        let (all, none) = (Selection::all(size()), Selection::empty(size()));
        let same = |one: &Selection, two: &Selection, law: &str| {
            assert!(one.is_like(two) && one.levels() == two.levels(), "{law} in round {round}");
        };
        same(&a.combined(&b, Add), &b.combined(&a, Add), "adding commutes");
        same(&a.combined(&b, Intersect), &b.combined(&a, Intersect), "intersecting commutes");
        for mode in [Add, Intersect] {
            let (left, right) = (a.combined(&b, mode).combined(&c, mode), a.combined(&b.combined(&c, mode), mode));
            same(&left, &right, "brackets do not matter");
            same(&a.combined(&a, mode), &a, "once more changes nothing");
        }
        let spread = a.combined(&b, Intersect).combined(&a.combined(&c, Intersect), Add);
        same(&a.combined(&b.combined(&c, Add), Intersect), &spread, "intersecting distributes over adding");
        let de_morgan = a.inverted().combined(&b.inverted(), Intersect);
        same(&a.combined(&b, Add).inverted(), &de_morgan, "De Morgan");
        same(&a.combined(&b, Subtract), &a.combined(&b.inverted(), Intersect), "subtracting is meeting the inverse");
        same(&a.inverted().inverted(), &a, "inverting twice");
        same(&a.combined(&b, Replace), &b, "replacing");
        same(&a.combined(&none, Add), &a, "adding nothing");
        same(&a.combined(&all, Intersect), &a, "meeting everything");
        same(&a.combined(&all, Subtract), &none, "taking everything away");
        assert_eq!((all.inverted().is_empty(), none.inverted().is_all()), (true, true));
        assert!(Selection::from_alpha(a.as_surface()).is_like(&a));
        assert!(Selection::from_levels(size(), &a.levels()).is_like(&a));
        let around = a.bounds();
        assert_eq!(around.is_none(), a.is_empty());
        assert_eq!(around.is_none(), a.levels().iter().all(|level| *level == 0));
    }
}

#[test]
fn growing_and_shrinking_are_opposites_and_a_border_lies_on_the_edge() {
    let mut numbers = Numbers(77);
    for _ in 0..25 {
        let a = numbers.selection();
        let (grown, shrunk) = (a.grown(4.0), a.shrunk(4.0));
        let within = |one: &Selection, two: &Selection| one.levels().iter().zip(two.levels()).all(|(a, b)| *a <= b);
        assert!(within(&shrunk, &a) && within(&a, &grown));
        assert!(a.inverted().grown(4.0).inverted().is_like(&shrunk));
        assert!(a.grown(0.0).is_like(&a) && a.shrunk(f32::NAN).is_like(&a) && a.feathered(0.0).is_like(&a));
        assert!(within(&grown, &a.grown(9.0)), "a larger radius grows further");
    }
    let square = Selection::rectangle(size(), PixelRect { x0: 40, y0: 30, x1: 60, y1: 50 });
    let border = square.border(3.0);
    assert_eq!(
        (border.level(50, 40), border.level(40, 40), border.level(38, 40), border.level(34, 40)),
        (0, 255, 255, 0)
    );
    let wide = square.grown(5.0);
    assert_eq!((wide.level(35, 40), wide.level(34, 40)), (255, 0), "five pixels to the left");
    assert_eq!((wide.level(37, 26), wide.level(35, 25)), (255, 0), "rounded at the corner");
    assert!(Selection::all(size()).shrunk(5.0).is_all(), "the edge of the canvas is no edge");
    assert!(Selection::empty(size()).grown(5.0).is_empty());
}

#[test]
fn feathering_falls_evenly_and_keeps_what_is_the_same_everywhere() {
    let half = Selection::rectangle(size(), PixelRect { x0: 0, y0: 0, x1: 75, y1: HEIGHT });
    let soft = half.feathered(10.0);
    let row: Vec<u8> = (0..WIDTH).map(|x| soft.level(x, 45)).collect();
    assert!(row.windows(2).all(|two| two[0] >= two[1]), "{row:?}");
    assert_eq!((row[50], row[100]), (255, 0));
    assert!(row[74].abs_diff(128) < 12 && row[68] < 250 && row[81] > 5, "{row:?}");
    assert!((0..HEIGHT).all(|y| soft.level(74, y) == row[74]), "and so at the edge of the canvas");
    assert!(Selection::all(size()).feathered(20.0).is_all() && Selection::empty(size()).feathered(20.0).is_empty());
}

#[test]
fn shapes_cover_what_they_should() {
    let circle = Selection::ellipse(size(), (20.0, 20.0), (80.0, 80.0), true);
    let area: f32 = circle.levels().iter().map(|level| f32::from(*level) / 255.0).sum();
    assert!((area - std::f32::consts::PI * 900.0).abs() < 8.0, "{area}");
    assert_eq!(circle.bounds(), Some(PixelRect { x0: 20, y0: 20, x1: 80, y1: 80 }));
    let square = [(10.0, 10.0), (30.5, 10.0), (30.5, 20.0), (10.0, 20.0)];
    let smooth = Selection::polygon(size(), &square, true);
    assert_eq!(
        (smooth.level(10, 10), smooth.level(29, 15), smooth.level(30, 15), smooth.level(31, 15)),
        (255, 255, 128, 0)
    );
    let hard = Selection::polygon(size(), &square, false);
    assert!(hard.is_like(&Selection::rectangle(size(), PixelRect { x0: 10, y0: 10, x1: 30, y1: 20 })));
    // A five-pointed star goes around its middle twice.
    let star: Vec<_> =
        (0..5).map(|i| (i as f32 * 2.0 * 1.2566).sin_cos()).map(|(s, c)| (75.0 + 40.0 * s, 45.0 - 40.0 * c)).collect();
    let star = Selection::polygon(size(), &star, true);
    assert_eq!((star.level(75, 45), star.level(75, 15)), (0, 255));
    for wild in [&[][..], &[(1.0, 2.0)], &[(f32::NAN, 0.0), (f32::INFINITY, 1.0), (5.0, 5.0)]] {
        assert!(Selection::polygon(size(), wild, true).is_empty());
    }
    let huge = [(-1e30, -1e30), (1e30, -1e30), (1e30, 1e30), (-1e30, 1e30)];
    assert!(Selection::polygon(size(), &huge, true).is_all());
    let outer = ellipse_points((20.0, 20.0), (80.0, 80.0));
    let ring = Selection::ring(size(), &outer, &ellipse_points((30.0, 30.0), (70.0, 70.0)), true);
    assert_eq!((ring.level(50, 50), ring.level(25, 50)), (0, 255));
}

#[test]
fn the_outline_goes_around_what_is_chosen() {
    let square = Selection::rectangle(size(), PixelRect { x0: 60, y0: 30, x1: 150, y1: 90 });
    let runs = square.outline(1000).expect("few");
    let length =
        |runs: &[OutlineRun]| -> usize { runs.iter().map(|run| run.to.0 - run.from.0 + run.to.1 - run.from.1).sum() };
    assert_eq!(length(&runs), 2 * (90 + 60));
    assert!(runs.contains(&OutlineRun { from: (60, 30), to: (124, 30) }));
    assert_eq!(square.outline(3), None, "more pieces than wanted");
    let speckled: Vec<u8> =
        (0..WIDTH * HEIGHT).map(|i| if (i / WIDTH + i % WIDTH).is_multiple_of(2) { 255 } else { 0 }).collect();
    assert_eq!(Selection::from_levels(size(), &speckled).outline(400), None);
    assert_eq!(Selection::empty(size()).outline(10), None);
}

/// A layer with something everywhere, of changing alpha.
fn layer() -> Surface {
    let rgba: Vec<u8> = (0..WIDTH * HEIGHT)
        .flat_map(|i| [i as u8, (i / 7) as u8, 90, if i % 5 == 0 { 0 } else { (i / 50) as u8 | 1 }])
        .collect();
    Surface::from_rgba(WIDTH, HEIGHT, &rgba).expect("a size")
}

#[test]
fn strokes_and_fills_change_nothing_that_is_not_chosen_and_can_be_taken_back() {
    let mut numbers = Numbers(4711);
    for _ in 0..25 {
        let selection = numbers.selection();
        for mixing in [Mixing::Paint(Rgb::BLACK), Mixing::Erase, Mixing::PaintInside(Rgb::WHITE)] {
            let mut layers = LayerStack::of_surface("a", layer());
            let (before, id) = (layers.clone(), layers.current());
            let surface = layers.current_surface_mut().expect("pixels");
            let edit = if numbers.below(2) == 0 {
                let brush = Brush { size: 30.0, hardness: 0.3, ..Brush::default() };
                let (x, y) = numbers.place();
                let mut stroke =
                    ConfinedStroke::begin(Some(&selection), brush, mixing, surface, PenSample::mouse(x, y, 0.0));
                for _ in 0..4 {
                    let (x, y) = numbers.place();
                    stroke.move_to(surface, PenSample::mouse(x, y, 0.0));
                }
                stroke.end(id, surface)
            } else {
                cover((id, surface), &selection, mixing).map(|(edit, _)| edit)
            };
            let old = layer();
            for y in 0..HEIGHT {
                for x in 0..WIDTH {
                    if selection.level(x, y) == 0 {
                        let (now, was) = (surface.pixel(x, y).expect("inside"), old.pixel(x, y).expect("inside"));
                        assert!(now == was || (now[3], was[3]) == (0, 0), "{x}, {y}: {now:?} was {was:?}");
                    }
                }
            }
            if let Some(edit) = edit {
                edit.apply(&mut layers).expect("undone");
            }
            assert!(layers.is_like(&before));
        }
    }
}

#[test]
fn a_stroke_inside_everything_is_the_stroke_without_a_selection() {
    let paint = |selection: Option<&Selection>| {
        let mut surface = layer();
        let mixing = Mixing::Paint(Rgb::BLACK);
        let mut stroke =
            ConfinedStroke::begin(selection, Brush::default(), mixing, &mut surface, PenSample::mouse(20.0, 20.0, 0.0));
        stroke.move_to(&mut surface, PenSample::mouse(130.0, 60.0, 0.0));
        stroke.end(LayerStack::new(size()).current(), &mut surface);
        surface
    };
    assert!(paint(Some(&Selection::all(size()))).shows_the_same_as(&paint(None)));
    let half = Selection::from_levels(size(), &[128; WIDTH * HEIGHT]);
    let (full, soft, none) = (paint(None), paint(Some(&half)), layer());
    let (x, y) = (75, 40);
    let between = |i: usize| {
        let alpha = |s: &Surface| s.pixel(x, y).expect("inside")[i];
        (alpha(&none).min(alpha(&full))..=alpha(&none).max(alpha(&full))).contains(&alpha(&soft))
    };
    assert!((0..4).all(between));
    assert!(!soft.shows_the_same_as(&full) && !soft.shows_the_same_as(&none));
}

#[test]
fn lifted_pixels_move_with_their_selection_and_come_back() {
    let selection = Selection::rectangle(size(), PixelRect { x0: 10, y0: 10, x1: 40, y1: 30 });
    let mut layers = LayerStack::of_surface("a", Surface::filled(size(), Rgb([9, 8, 7])));
    let (before, id) = (layers.clone(), layers.current());
    let surface = layers.current_surface_mut().expect("pixels");
    let lift = |surface: &Surface| Floating::lift(id, surface, Some(&selection)).expect("pixels");
    let mut floating = lift(surface);
    floating.place(Placement { degrees: 30.0, ..Placement::STAY }, surface, Resampling::Nearest);
    assert!(surface.pixel(11, 11).expect("inside")[3] == 0);
    floating.place(Placement { offset: (50.0, 20.0), ..Placement::STAY }, surface, Resampling::Nearest);
    let (edit, _, moved) = floating.put_down(surface).expect("moved");
    assert_eq!((surface.pixel(39, 29), surface.pixel(20, 20)), (Some([0; 4]), Some([0; 4])));
    assert_eq!(surface.pixel(60, 30), Some([9, 8, 7, 255]));
    let moved = moved.expect("a selection");
    assert!(moved.is_like(&Selection::rectangle(size(), PixelRect { x0: 60, y0: 30, x1: 90, y1: 50 })));
    edit.apply(&mut layers).expect("undone");
    assert!(layers.is_like(&before));
    let surface = layers.current_surface_mut().expect("pixels");
    let mut floating = lift(surface);
    floating.place(Placement { scale: (2.0, -3.0), ..Placement::STAY }, surface, Resampling::Nearest);
    floating.give_up(surface);
    assert!(lift(surface).put_down(surface).is_none(), "where it was");
    assert!(layers.is_like(&before));
    assert!(Floating::lift(id, &Surface::new(size()), None).is_none());
}
