//! Edits that another thread computes leave what edits at once leave.

use std::sync::Arc;

use image::RgbImage;

use super::super::property_tests::{Numbers, change};
use super::super::store::Store;
use super::super::tests::{document, dot, make_round, size, state_of};
use super::*;
use crate::document::{AreaShape, AreaSource, EditKind, LayerChange, Mark, MarkChange};
use crate::paint::{
    BlendMode, Gradient, GradientShape, LayerDirection, LayerProperties, PixelRect, Placement, Resampling, Rgb,
    Selection, SelectionMode, SimilarArea, Surface,
};

/// Computes an edit as another thread would.
fn computed(document: &mut Document, edit: SlowEdit) -> Option<Result<bool, EditError>> {
    let planned = document.plan_edit(edit);
    let computed = std::thread::spawn(move || planned.run()).join().expect("computes");
    document.put_edit(computed)
}

/// Any edit, with numbers that fit a canvas of about 200 pixels.
fn any_edit(document: &mut Document, numbers: &mut Numbers) -> SlowEdit {
    let (x, y) = (numbers.below(200) as f32 - 20.0, numbers.below(200) as f32 - 20.0);
    let to = (numbers.below(200) as f32, numbers.below(200) as f32);
    let at = (numbers.below(80) as usize, numbers.below(80) as usize);
    let color = Rgb([0; 3].map(|_| numbers.below(256) as u8));
    let how = SimilarArea { gap: numbers.below(3) as usize, ..SimilarArea::default() };
    let source = if numbers.below(2) == 0 { AreaSource::Picture } else { AreaSource::Layer };
    let mark = if numbers.below(2) == 0 { Mark::Selection } else { Mark::Mask };
    let mode = [SelectionMode::Replace, SelectionMode::Add, SelectionMode::Subtract][numbers.below(3) as usize];
    let ids: Vec<_> = document.layers().all().map(|layer| layer.id).collect();
    let id = ids[numbers.below(ids.len() as u64) as usize];
    let corners = vec![(x, y), to, (to.1, to.0), (60.0, y)];
    let shape = match numbers.below(3) {
        0 => AreaShape::Rectangle(PixelRect { x0: 5, y0: 9, x1: at.0, y1: at.1 }),
        1 => AreaShape::Ellipse { from: (x, y), to, smooth: true },
        _ => AreaShape::Polygon { corners, smooth: false },
    };
    match numbers.below(24) {
        0..=2 => SlowEdit::Undo,
        3 => SlowEdit::Redo,
        4 | 5 => SlowEdit::Fill { at, color, how, source },
        6 => SlowEdit::FillSelection(color),
        7 => SlowEdit::Shape(shape, color),
        8 => SlowEdit::Gradient(Gradient {
            shape: if numbers.below(2) == 0 { GradientShape::Linear } else { GradientShape::Radial },
            from: (x, y),
            to,
            start: [255, 0, 0, 255],
            end: [0, 0, 255, 40],
        }),
        9 => SlowEdit::Clear,
        10 => SlowEdit::SelectSimilar { at, how, source, mode },
        11 | 12 => SlowEdit::SelectShape(shape, mode),
        13 => SlowEdit::ChangeMark(
            mark,
            [MarkChange::Invert, MarkChange::Grow(4.0), MarkChange::Shrink(3.0), MarkChange::Feather(6.0)]
                [numbers.below(4) as usize],
        ),
        14 => SlowEdit::SetMark(mark, document.selection().cloned()),
        15 => SlowEdit::Lift,
        16 => SlowEdit::Place(Placement { offset: (x, y), ..Placement::STAY }, Resampling::Smooth),
        17 => SlowEdit::Nudge(3.0, -2.0),
        18 => [SlowEdit::EndTransform, SlowEdit::AbandonTransform][numbers.below(2) as usize].clone(),
        19 => SlowEdit::Paper(color),
        20 => SlowEdit::PasteLayer { name: "pasted".into(), pixels: Surface::filled(size(90, 50), color) },
        21 => {
            let result = make_round(document, numbers.below(50));
            let picture = Arc::new(RgbImage::from_pixel(64, 64, image::Rgb(color.0)));
            SlowEdit::PaintOver(result, picture)
        }
        _ => SlowEdit::Layers(match numbers.below(10) {
            0 => LayerChange::Duplicate(id),
            1 => LayerChange::Delete(id),
            2 => LayerChange::Step(id, LayerDirection::Down),
            3 => LayerChange::Group(id),
            4 => LayerChange::Ungroup(id),
            5 => LayerChange::MergeDown(id),
            6 => LayerChange::MergeVisible,
            7 => LayerChange::Flatten,
            8 => LayerChange::Opacity(id, numbers.below(100) as f32 / 100.0),
            _ => LayerChange::Blend(id, [BlendMode::Multiply, BlendMode::Normal][numbers.below(2) as usize]),
        }),
    }
}

/// What is selected and masked, level by level.
fn marks(document: &Document) -> [Option<Vec<u8>>; 2] {
    [document.selection(), document.mask()].map(|mark| mark.map(Selection::levels))
}

fn steps(document: &Document) -> (Vec<Option<EditKind>>, usize) {
    ((0..document.step_count()).map(|at| document.step(at)).collect(), document.undo_count())
}

#[test]
fn a_computed_edit_leaves_what_an_edit_at_once_leaves_and_undo_walks_the_same_steps() {
    for seed in 1..25_u64 {
        let seed = seed * 0x9E37_79B9;
        let (mut at_once, mut later) = (document(), document());
        let mut numbers = [Numbers(seed), Numbers(seed)];
        let same = |at_once: &Document, later: &Document, when: &str| {
            assert!(state_of(at_once) == state_of(later), "{when}");
            assert!(at_once.screen().shows_the_same_as(later.screen()), "{when}");
            assert_eq!(marks(at_once), marks(later), "{when}");
            assert_eq!(steps(at_once), steps(later), "{when}");
            assert_eq!(at_once.is_transforming(), later.is_transforming(), "{when}");
            assert_eq!(at_once.painted(), later.painted(), "{when}");
        };
        for step in 0..20 {
            if step % 3 == 0 {
                change(&mut at_once, &mut numbers[0]);
                change(&mut later, &mut numbers[1]);
            }
            let edit = any_edit(&mut at_once, &mut numbers[0]);
            let again = any_edit(&mut later, &mut numbers[1]);
            assert_eq!(edit, again);
            let name = format!("{edit:?} at {step} of {seed}");
            let outcome = at_once.edit(edit);
            assert_eq!(computed(&mut later, again), Some(outcome), "{name}");
            same(&at_once, &later, &name);
        }
        for document in [&mut at_once, &mut later] {
            document.end_stroke();
            while document.can_undo() {
                document.undo();
            }
        }
        same(&at_once, &later, "after all is undone");
        for document in [&mut at_once, &mut later] {
            while document.can_redo() {
                document.redo();
            }
        }
        same(&at_once, &later, "after all is made again");
    }
}

#[test]
fn what_a_computed_edit_changed_is_in_the_file_and_on_the_screen() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.underpaint");
    let mut document = document();
    let mut store = Store::create(&path, &document.take_changes()).expect("created");
    document.take_dirty();
    // What changed before and has not been taken yet is still told.
    dot(&mut document, 10.0, 10.0);
    let fill = SlowEdit::Fill {
        at: (60, 60),
        color: Rgb([9, 200, 30]),
        how: SimilarArea::default(),
        source: AreaSource::Picture,
    };
    let planned = document.plan_edit(fill);
    // The file takes changes while the edit is computed.
    store.commit(&document.take_changes()).expect("commits");
    assert_eq!(document.put_edit(planned.run()), Some(Ok(true)));
    let whole = PixelRect::whole(64, 64);
    assert_eq!(document.take_dirty(), Some(whole), "the fill");
    assert!(document.has_changes());
    store.commit(&document.take_changes()).expect("commits");
    drop(store);
    let read = Document::from_stored(Store::open(&path).and_then(|store| store.load()).expect("opens"));
    assert!(read.canvas().shows_the_same_as(document.canvas()));
    assert!(read.layers().is_like(document.layers()));

    let planned = document.plan_edit(SlowEdit::Undo);
    dot(&mut document, 40.0, 40.0);
    let before = (state_of(&document), steps(&document));
    assert!(document.put_edit(planned.run()).is_none(), "it was planned on another canvas");
    assert_eq!((state_of(&document), steps(&document)), before);
}

#[test]
fn what_is_typed_meanwhile_stays() {
    let mut document = document();
    let planned = document.plan_edit(SlowEdit::FillSelection(Rgb::BLACK));
    document.settings_mut().prompt = "a pear".into();
    assert_eq!(document.put_edit(planned.run()), Some(Ok(true)));
    assert_eq!(document.settings().prompt, "a pear");

    // A larger picture takes the size of the results along, and leaves the prompt alone.
    let id = make_round(&mut document, 3);
    let picture = Arc::new(RgbImage::new(128, 64));
    let planned = document.plan_edit(SlowEdit::PaintOver(id, picture));
    document.settings_mut().prompt = "a plum".into();
    assert_eq!(document.put_edit(planned.run()), Some(Ok(true)));
    assert_eq!((document.settings().prompt.as_str(), document.settings().width), ("a plum", 128));
    let planned = document.plan_edit(SlowEdit::Undo);
    document.settings_mut().prompt = "an apple".into();
    assert_eq!(document.put_edit(planned.run()), Some(Ok(true)));
    assert_eq!((document.settings().prompt.as_str(), document.settings().width), ("an apple", 64));

    // Going back to a round changes the prompt, so that nothing may be typed meanwhile.
    let start = document.canvas().clone();
    document.new_sheet(Rgb([1, 2, 3]));
    let start = Arc::new(RgbImage::from_raw(64, 64, start.to_rgb()).expect("its bytes"));
    assert_eq!(computed(&mut document, SlowEdit::GoBack(id.round, start)), Some(Ok(true)));
    assert_ne!(document.settings().prompt, "an apple");
    let planned = document.plan_edit(SlowEdit::Undo);
    document.settings_mut().prompt = "a cherry".into();
    assert!(document.put_edit(planned.run()).is_none());
    assert_eq!(document.settings().prompt, "a cherry");
    assert_eq!(computed(&mut document, SlowEdit::Undo), Some(Ok(true)));
    assert_eq!(document.settings().prompt, "an apple");
}

#[test]
fn a_refused_edit_changes_nothing_and_several_opacities_are_one_step() {
    let mut document = document();
    let id = document.layers().current();
    dot(&mut document, 20.0, 20.0);
    let before = state_of(&document);
    let refused = computed(&mut document, SlowEdit::Layers(LayerChange::MergeDown(id))).expect("of this canvas");
    assert_eq!(refused, Err(EditError::Layers(crate::paint::LayerError::NothingBelow)));
    assert_eq!((state_of(&document), document.undo_count()), (before, 1));
    for opacity in [0.9, 0.5, 0.2] {
        let edit = SlowEdit::Layers(LayerChange::Opacity(id, opacity));
        assert_eq!(computed(&mut document, edit), Some(Ok(true)));
    }
    assert_eq!(document.undo_count(), 2);
    let hidden = LayerProperties { visible: false, ..LayerProperties::named("a") };
    assert_eq!(computed(&mut document, SlowEdit::Layers(LayerChange::Set(id, hidden))), Some(Ok(true)));
    assert_eq!(document.undo_count(), 3);
}

#[test]
fn only_edits_of_much_of_a_large_canvas_are_slow() {
    let mut large = Document::new(size(2048, 1024), Rgb::WHITE, Settings::default());
    let mut small = document();
    for document in [&mut large, &mut small] {
        dot(document, 20.0, 20.0);
    }
    let fill = SlowEdit::FillSelection(Rgb::BLACK);
    assert!(fill.is_slow_on(&large) && !fill.is_slow_on(&small));
    assert!(!SlowEdit::Undo.is_slow_on(&large), "a dot is quickly composed");
    assert_eq!(large.edit(fill), Ok(true));
    assert!(SlowEdit::Undo.is_slow_on(&large));
    let round = make_round(&mut large, 5).round;
    large.delete(crate::document::Deletable::Round(round)).expect("deleted");
    assert!(!SlowEdit::Undo.is_slow_on(&large), "rounds are not in the copy");
    let enlarged = Arc::new(RgbImage::new(2048, 2048));
    let id = make_round(&mut small, 5);
    assert!(SlowEdit::PaintOver(id, enlarged).is_slow_on(&small));
}
