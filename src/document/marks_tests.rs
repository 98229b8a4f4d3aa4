//! Selection, mask, and what is done with what is selected, as edits of a document.

use super::property_tests::Numbers;
use super::tests::{document, dot, make_round, sheet, size, state_of};
use super::*;
use crate::paint::{
    Brush, Gradient, GradientShape, PenSample, Placement, Resampling, Selection, SelectionMode, SimilarArea,
    ellipse_points,
};

const RED: Rgb = Rgb([255, 0, 0]);

fn at(x: f32, y: f32) -> PenSample {
    PenSample::mouse(x, y, 0.0)
}

fn rectangle(x0: usize, y0: usize, x1: usize, y1: usize) -> Selection {
    Selection::rectangle(size(64, 64), PixelRect { x0, y0, x1, y1 })
}

fn select(document: &mut Document, x0: usize, y0: usize, x1: usize, y1: usize) {
    document.set_mark(Mark::Selection, Some(rectangle(x0, y0, x1, y1)));
}

/// The selection and the mask, level by level.
fn marks(document: &Document) -> [Option<Vec<u8>>; 2] {
    [document.selection(), document.mask()].map(|mark| mark.map(Selection::levels))
}

#[test]
fn nothing_outside_the_selection_changes_whatever_is_done() {
    let actions: [fn(&mut Document); 8] = [
        |document| {
            document.begin_stroke(Brush { size: 60.0, color: RED, ..Brush::default() }, at(5.0, 5.0));
            document.stroke_to(at(60.0, 60.0));
            document.end_stroke();
        },
        |document| {
            document.begin_erasing(Brush { size: 60.0, ..Brush::default() }, at(5.0, 5.0));
            document.end_stroke();
        },
        |document| document.fill(1, 1, RED),
        |document| assert!(document.fill_selection(RED)),
        |document| assert!(document.clear_selection()),
        |document| {
            let gradient = Gradient {
                shape: GradientShape::Radial,
                from: (32.0, 32.0),
                to: (60.0, 32.0),
                start: [255, 0, 0, 255],
                end: [0, 0, 255, 0],
            };
            assert!(document.paint_gradient(&gradient));
        },
        |document| {
            let area = Selection::polygon(document.canvas().size(), &ellipse_points((0.0, 0.0), (64.0, 64.0)), true);
            assert!(document.paint_shape(&area, RED));
            document.paint_line(&[(0.0, 0.0), (64.0, 64.0)], Brush::default());
        },
        |document| {
            document.begin_cloning(
                &Surface::filled(size(64, 64), RED),
                Brush { size: 80.0, ..Brush::default() },
                at(32.0, 32.0),
            );
            document.mark_to(at(40.0, 40.0));
            document.end_stroke();
        },
    ];
    for (number, action) in actions.into_iter().enumerate() {
        let mut document = document();
        document.fill(0, 0, Rgb([0, 90, 200]));
        select(&mut document, 20, 24, 40, 44);
        let before = document.canvas().clone();
        action(&mut document);
        let mut changed = false;
        for (y, x) in (0..64).flat_map(|y| (0..64).map(move |x| (y, x))) {
            let differs = document.canvas().color_at(x, y) != before.color_at(x, y);
            changed |= differs;
            assert!(!differs || (20..40).contains(&x) && (24..44).contains(&y), "action {number} at {x}, {y}");
        }
        assert!(changed, "action {number} changed nothing");
        while !document.canvas().shows_the_same_as(&before) && document.can_undo() {
            document.undo();
        }
        assert!(document.canvas().shows_the_same_as(&before), "action {number}");
    }
}

#[test]
fn selections_and_masks_are_steps_of_undo() {
    let mut document = document();
    let mut states = vec![(state_of(&document), marks(&document))];
    let mut numbers = Numbers(0xA5A5_1234);
    for _ in 0..120 {
        let mut place = || numbers.below(60) as f32;
        let (a, b) = ((place(), place()), (place(), place()));
        let mark = if numbers.below(3) == 0 { Mark::Mask } else { Mark::Selection };
        match numbers.below(8) {
            0 => {
                let new = Selection::ellipse(size(64, 64), a, b, true);
                let mode =
                    [SelectionMode::Add, SelectionMode::Subtract, SelectionMode::Replace][numbers.below(3) as usize];
                document.combine_mark(mark, &new, mode);
            }
            1 => {
                let new = document.marked(mark).map(|mark| mark.inverted().feathered(3.0));
                document.set_mark(mark, new);
            }
            2 => {
                document.begin_marking(
                    mark,
                    numbers.below(3) == 0,
                    Brush { size: 9.0, ..Brush::default() },
                    at(a.0, a.1),
                );
                document.mark_to(at(b.0, b.1));
                document.end_stroke();
            }
            3 => {
                if document.begin_transform() {
                    let placement = Placement { offset: (a.0 - 30.0, 5.0), degrees: b.0, scale: (1.0, 0.7) };
                    document.transform(placement, Resampling::Nearest);
                    document.end_transform();
                }
            }
            4 => {
                document.clear_selection();
            }
            5 => dot(&mut document, a.0, a.1),
            6 => {
                document.begin_marking(mark, false, Brush::default(), at(a.0, a.1));
                document.abandon_stroke();
                document.begin_transform();
                document.transform(Placement { degrees: 45.0, ..Placement::STAY }, Resampling::Nearest);
                document.abandon_transform();
            }
            _ => document.reshape(Reshape::Scale(size(64, 64 + numbers.below(2) as usize * 8))),
        }
        let state = (state_of(&document), marks(&document));
        if states.last() != Some(&state) {
            states.push(state);
        }
    }
    let mut walked = vec![(state_of(&document), marks(&document))];
    while document.can_undo() {
        document.undo();
        walked.push((state_of(&document), marks(&document)));
    }
    walked.dedup();
    walked.reverse();
    assert_eq!(walked.len(), states.len());
    assert!(walked == states);
    while document.can_redo() {
        document.redo();
    }
    assert!(Some(&(state_of(&document), marks(&document))) == states.last());
}

#[test]
fn what_is_selected_moves_with_its_selection_in_one_step() {
    let mut document = document();
    dot(&mut document, 16.0, 16.0);
    select(&mut document, 8, 8, 24, 24);
    let before = (state_of(&document), marks(&document));
    assert!(document.begin_transform() && document.is_transforming() && document.can_undo());
    document.transform(Placement { offset: (30.0, 20.0), ..Placement::STAY }, Resampling::Nearest);
    assert_eq!(document.next_undo(), Some(EditKind::Transform));
    // Anything else puts it down first.
    document.fill(60, 2, RED);
    assert!(!document.is_transforming());
    assert_eq!(document.selection().and_then(Selection::bounds), Some(PixelRect { x0: 38, y0: 28, x1: 54, y1: 44 }));
    assert_ne!(document.canvas().color_at(46, 36), Some(Rgb::WHITE));
    assert_eq!(document.canvas().color_at(16, 16), Some(Rgb::WHITE));
    document.undo();
    document.undo();
    assert_eq!((state_of(&document), marks(&document)), before, "the fill and the move are one step each");
    document.begin_transform();
    document.transform(Placement { degrees: 77.0, ..Placement::STAY }, Resampling::Smooth);
    document.undo();
    assert_eq!((state_of(&document), marks(&document)), before, "undo gives the pixels back");
    let mut empty = self::document();
    assert!(!empty.begin_transform());
}

#[test]
fn a_mask_decides_what_the_next_round_changes() {
    let mut document = document();
    dot(&mut document, 10.0, 10.0);
    document.set_mark(Mark::Mask, Some(rectangle(32, 0, 64, 64)));
    (document.settings_mut().width, document.settings_mut().height) = (128, 128);
    let id = make_round(&mut document, 1);
    let mask = document.rounds().get(id.round).and_then(|round| round.plan.mask.clone()).expect("a mask");
    assert_eq!(mask.size(), (128, 128));
    assert!(mask.is_painted(100, 64) && !mask.is_painted(20, 20), "what was painted does not count");
    document.set_mark(Mark::Mask, None);
    let id = make_round(&mut document, 2);
    assert!(document.rounds().get(id.round).is_some_and(|round| round.plan.mask.is_none()));
}

#[test]
fn a_mask_becomes_a_selection_and_back_without_loss() {
    let mut document = document();
    let soft = rectangle(10, 10, 50, 40).feathered(6.0);
    document.set_mark(Mark::Mask, Some(soft.clone()));
    document.set_mark(Mark::Selection, document.mask().cloned());
    document.set_mark(Mark::Mask, None);
    document.set_mark(Mark::Mask, document.selection().cloned());
    assert!(document.mask().is_some_and(|mask| mask.is_like(&soft)));
    document.set_mark(Mark::Selection, None);
    document.set_mark(Mark::Mask, Some(Selection::empty(size(64, 64))));
    assert!(document.mask().is_none(), "an empty mask is none");
    document.set_mark(Mark::Mask, Some(Selection::all(size(32, 32))));
    assert!(document.mask().is_none(), "one of another size is none");
}

#[test]
fn the_mask_follows_the_size_of_the_canvas_and_undo_brings_the_old_one_back() {
    let mut document = document();
    document.set_mark(Mark::Mask, Some(rectangle(0, 0, 32, 64)));
    select(&mut document, 0, 0, 8, 8);
    let before = marks(&document);
    document.reshape(Reshape::Scale(size(128, 128)));
    let mask = document.mask().expect("scaled");
    assert!(mask.level(60, 100) == 255 && mask.level(70, 100) == 0);
    let selection = document.selection().expect("scaled");
    assert!(selection.level(12, 12) == 255 && selection.level(20, 12) == 0);
    document.open_picture(sheet(200, 100, RED), Vec::new());
    assert!(document.mask().is_none());
    document.undo();
    assert!(document.mask().is_some_and(|mask| mask.size() == size(128, 128)));
    document.undo();
    assert_eq!(marks(&document), before);
}

#[test]
fn colours_are_looked_up_in_the_picture_or_on_the_layer() {
    let mut document = document();
    document.fill(0, 0, RED);
    document.add_layer().expect("added");
    dot(&mut document, 32.0, 32.0);
    let how = SimilarArea { contiguous: false, ..SimilarArea::default() };
    let picture = document.area_at((0, 0), how, AreaSource::Picture).expect("inside");
    let layer = document.area_at((0, 0), how, AreaSource::Layer).expect("inside");
    assert!(picture.level(0, 0) == 255 && picture.level(32, 32) == 0);
    assert!(layer.is_like(&picture) || layer.level(32, 32) == 0);
    document.fill_area((0, 0), Rgb([0, 0, 255]), how, AreaSource::Layer);
    assert_eq!(document.canvas().color_at(0, 0), Some(Rgb([0, 0, 255])));
    let (copied, bounds) = document.copied(false).expect("pixels");
    assert_eq!((copied.pixel(0, 0), bounds), (Some([0, 0, 255, 255]), PixelRect::whole(64, 64)));
}

#[test]
fn locked_layers_and_locked_alpha_are_kept() {
    let mut document = document();
    dot(&mut document, 32.0, 32.0);
    let id = document.layers().current();
    let properties = document.layers().get(id).expect("there").properties.clone();
    let with = |alpha_locked, locked| crate::paint::LayerProperties { alpha_locked, locked, ..properties.clone() };
    document.set_layer(id, with(true, false)).expect("set");
    document.fill_selection(RED);
    assert_eq!((document.canvas().color_at(32, 32), document.canvas().color_at(2, 2)), (Some(RED), Some(Rgb::WHITE)));
    let before = state_of(&document);
    assert!(!document.clear_selection() && !document.begin_transform(), "alpha is locked");
    document.begin_cloning(
        &Surface::filled(size(64, 64), Rgb::BLACK),
        Brush { size: 90.0, ..Brush::default() },
        at(32.0, 32.0),
    );
    document.end_stroke();
    assert_eq!(
        (document.canvas().color_at(32, 32), document.canvas().color_at(2, 2)),
        (Some(Rgb::BLACK), Some(Rgb::WHITE))
    );
    document.undo();
    document.set_layer(id, with(false, true)).expect("set");
    assert!(!document.fill_selection(Rgb::BLACK));
    document.begin_cloning(&Surface::filled(size(64, 64), Rgb::BLACK), Brush::default(), at(32.0, 32.0));
    assert!(!document.is_stroking());
    document.undo();
    assert_eq!(state_of(&document), before);
}
