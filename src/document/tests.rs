//! What happens to a document, told as stories.

use std::sync::Arc;

use image::RgbImage;

use super::*;
use crate::engine::Recipe;
use crate::paint::{Brush, PenSample};

/// A small white document.
pub(super) fn document() -> Document {
    Document::new(size(64, 64), Rgb::WHITE, Settings::default())
}

/// A dot of the default brush.
pub(super) fn dot(document: &mut Document, x: f32, y: f32) {
    document.begin_stroke(Brush { size: 10.0, ..Brush::default() }, PenSample::mouse(x, y, 0.0));
    document.end_stroke();
}

/// Everything that undo restores.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DocumentState {
    pub pixels: Vec<u8>,
    pub size: (usize, usize),
    pub paper: Rgb,
    pub ancestry: Ancestry,
    pub origin: Option<ResultId>,
    pub result_size: (usize, usize),
    /// Of each layer its properties and in how many groups it is.
    pub layers: Vec<(crate::paint::LayerProperties, usize)>,
}

pub(super) fn state_of(document: &Document) -> DocumentState {
    DocumentState {
        pixels: document.canvas().to_rgb(),
        size: (document.canvas().width(), document.canvas().height()),
        paper: document.paper(),
        ancestry: document.ancestry().to_vec(),
        origin: document.origin(),
        result_size: (document.settings().width, document.settings().height),
        layers: document
            .layers()
            .all()
            .map(|layer| (layer.properties.clone(), document.layers().path_to(layer.id).len()))
            .collect(),
    }
}

pub(super) fn size(width: usize, height: usize) -> Size {
    Size::new(width, height).expect("a size")
}

pub(super) fn sheet(width: usize, height: usize, color: Rgb) -> Canvas {
    Canvas::new(size(width, height), color)
}

/// A canvas that takes a lot of room in a file.
pub(super) fn noise(side: usize) -> Canvas {
    let rgb: Vec<u8> = (0..side * side * 3).map(|i| ((i as u32).wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    Canvas::from_rgb(side, side, &rgb).expect("a size")
}

/// A round with one finished picture of the given seed.
pub(super) fn make_round(document: &mut Document, seed: u64) -> ResultId {
    let id = ResultId { round: document.begin_round(seed as i64, "m".into()).0, image: 0 };
    finish(document, id, seed);
    document.rounds_mut().end(id.round);
    id
}

/// Finishes one picture of a round.
pub(super) fn finish(document: &mut Document, id: ResultId, seed: u64) {
    let settings = document.settings().clone();
    let recipe = Recipe { settings, seed, model: "m".into(), from_picture: true, made_with: Default::default() };
    document.rounds_mut().finished(id, Arc::new(RgbImage::new(64, 64)), Arc::new(recipe));
}

#[test]
fn the_eraser_paints_what_the_paper_is_after_every_undo() {
    let mut document = document();
    document.new_sheet(Rgb::BLACK);
    assert_eq!(document.paper(), Rgb::BLACK);
    document.undo();
    assert_eq!(document.paper(), Rgb::WHITE);
    dot(&mut document, 30.0, 30.0);
    document.begin_erasing(Brush { size: 60.0, ..Brush::default() }, PenSample::mouse(30.0, 30.0, 0.0));
    document.end_stroke();
    assert_eq!(document.canvas().color_at(30, 30), Some(Rgb::WHITE));
    document.undo();
    document.undo();
    assert!(!document.can_undo() && document.can_redo());
}

#[test]
fn redo_brings_the_black_paper_back() {
    let mut document = document();
    document.new_sheet(Rgb::BLACK);
    document.undo();
    document.redo();
    document.begin_erasing(Brush::default(), PenSample::mouse(30.0, 30.0, 0.0));
    document.end_stroke();
    assert_eq!(document.canvas().color_at(30, 30), Some(Rgb::BLACK));
}

#[test]
fn the_seed_guard_follows_undo_and_redo() {
    let mut document = document();
    document.settings_mut().seed = 100;
    document.settings_mut().batch = 1;
    let id = make_round(&mut document, 100);
    assert!(document.paint_over(id, sheet(64, 64, Rgb::BLACK)));
    assert_eq!(document.next_seed().seed, 101, "100 is in the canvas");
    assert!(document.next_seed().notice.is_some());
    document.undo();
    assert_eq!(document.next_seed().seed, 100, "the drawing has no noise in it");
    document.redo();
    assert_eq!(document.next_seed().seed, 101);
    document.settings_mut().strength = 1.0;
    assert_eq!(document.next_seed().seed, 100, "the canvas has no influence");
}

#[test]
fn a_result_brings_the_seeds_of_its_own_start_image() {
    let mut document = document();
    document.settings_mut().batch = 1;
    let first = make_round(&mut document, 1);
    document.paint_over(first, sheet(64, 64, Rgb::BLACK));
    let second = make_round(&mut document, 2);
    assert_eq!(document.rounds().result(second).and_then(|r| r.parent), Some(first));
    // The second result has the noise of the first in it, even on a new sheet.
    document.new_sheet(Rgb::WHITE);
    assert!(document.ancestry().is_empty() && document.origin().is_none());
    document.paint_over(second, sheet(64, 64, Rgb::BLACK));
    assert_eq!(document.ancestry(), [1, 2]);
    assert_eq!(document.origin(), Some(second));
    // And the first result has nothing of the second in it.
    document.paint_over(first, sheet(64, 64, Rgb::WHITE));
    assert_eq!(document.ancestry(), [1]);
}

#[test]
fn a_round_without_the_canvas_has_no_parent() {
    let mut document = document();
    document.settings_mut().batch = 1;
    let first = make_round(&mut document, 1);
    document.paint_over(first, sheet(64, 64, Rgb::BLACK));
    document.settings_mut().strength = 1.0;
    let second = make_round(&mut document, 2);
    assert_eq!(document.rounds().result(second).and_then(|r| r.parent), None);
    document.paint_over(second, sheet(64, 64, Rgb::WHITE));
    assert_eq!(document.ancestry(), [2]);
}

#[test]
fn a_result_that_is_not_there_changes_nothing() {
    let mut document = document();
    let before = document.revision();
    assert!(!document.paint_over(ResultId { round: 1, image: 0 }, sheet(64, 64, Rgb::BLACK)));
    assert_eq!(document.revision(), before);
}

#[test]
fn the_same_result_again_is_no_second_change() {
    let mut document = document();
    document.settings_mut().batch = 1;
    let id = make_round(&mut document, 1);
    for _ in 0..50 {
        document.paint_over(id, sheet(64, 64, Rgb::BLACK));
    }
    document.undo();
    assert!(!document.can_undo(), "a held key leaves one step of undo");
}

#[test]
fn the_size_of_the_results_follows_the_canvas_and_back() {
    let mut document = document();
    document.open_picture(sheet(768, 512, Rgb::BLACK), vec![5]);
    assert_eq!((document.settings().width, document.settings().height), (768, 512));
    assert_eq!(document.fitting(), Fitting::Same);
    document.undo();
    assert_eq!((document.settings().width, document.settings().height), (64, 64));
    document.redo();
    assert_eq!((document.settings().width, document.settings().height), (768, 512));
    assert_eq!(document.ancestry(), [5]);
}

#[test]
fn a_size_chosen_by_hand_stays_and_crops_nothing() {
    let mut document = document();
    document.open_picture(sheet(768, 512, Rgb::BLACK), Ancestry::new());
    dot(&mut document, 700.0, 30.0);
    let pixels = document.canvas().to_rgb();
    document.settings_mut().width = 512;
    assert!(document.canvas().to_rgb() == pixels, "not one pixel is cropped");
    assert_eq!(document.fitting(), Fitting::Padded);
    document.undo();
    document.undo();
    assert_eq!((document.canvas().width(), document.settings().width), (64, 512), "chosen by hand");
}

#[test]
fn a_canvas_of_a_size_that_results_cannot_have_sets_the_nearest() {
    let mut document = document();
    document.open_picture(sheet(1000, 667, Rgb::BLACK), Ancestry::new());
    assert_eq!((document.canvas().width(), document.canvas().height()), (1000, 667));
    document.settings().check().expect("valid");
    document.open_picture(sheet(3, 2048, Rgb::BLACK), Ancestry::new());
    document.settings().check().expect("valid");
}

#[test]
fn a_blank_canvas_follows_the_settings_in_one_step_of_undo() {
    let mut document = document();
    for width in [128, 192, 256] {
        document.settings_mut().width = width;
        assert!(document.fit_blank_canvas());
        assert!(!document.fit_blank_canvas());
    }
    assert_eq!((document.canvas().width(), document.canvas().height()), (256, 64));
    document.undo();
    assert!(!document.can_undo());
    assert_eq!((document.canvas().width(), document.settings().width), (64, 64));
    assert!(!document.fit_blank_canvas(), "undo is not made undone by itself");
    document.redo();
    assert_eq!((document.canvas().width(), document.settings().width), (256, 256));
    dot(&mut document, 30.0, 30.0);
    document.settings_mut().width = 64;
    assert!(!document.fit_blank_canvas(), "painted pixels are left alone");
}

#[test]
fn an_abandoned_stroke_leaves_no_trace() {
    let mut document = document();
    dot(&mut document, 9.0, 9.0);
    document.undo();
    let before = state_of(&document);
    document.begin_stroke(Brush::default(), PenSample::mouse(30.0, 30.0, 0.0));
    document.stroke_to(PenSample::mouse(50.0, 50.0, 0.0));
    assert_eq!(document.next_undo(), Some(EditKind::Stroke));
    assert!(document.abandon_stroke());
    assert!(!document.abandon_stroke());
    assert_eq!(state_of(&document), before);
    assert!(document.can_redo() && !document.can_undo());
}

#[test]
fn undo_says_what_it_would_take_back() {
    let mut document = document();
    assert_eq!(document.next_undo(), None);
    dot(&mut document, 9.0, 9.0);
    document.fill(60, 60, Rgb::BLACK);
    assert_eq!(document.next_undo().map(EditKind::label), Some("fill"));
    document.undo();
    assert_eq!((document.next_undo(), document.next_redo()), (Some(EditKind::Stroke), Some(EditKind::Fill)));
}

#[test]
fn changes_of_the_settings_can_be_applied_as_edits_and_ctrl_z_leaves_them_alone() {
    let mut document = document();
    let settings = Settings { prompt: "a pear".into(), ..document.settings().clone() };
    document.begin_stroke(Brush::default(), PenSample::mouse(9.0, 9.0, 0.0));
    document.apply(Edit::settings(EditKind::Prompt, settings)).expect("applies");
    assert!(document.is_stroking(), "typing does not lift the brush");
    document.undo();
    assert_eq!(document.settings().prompt, "a pear");
    assert!(document.canvas().is_blank());
}

#[test]
fn wild_values_do_no_harm() {
    let mut document = document();
    document.stroke_to(PenSample::mouse(1.0, 1.0, 0.0));
    document.begin_stroke(Brush::default(), PenSample::mouse(f32::NAN, f32::INFINITY, 0.0));
    document.stroke_to(PenSample::mouse(1e30, -1e30, 0.0));
    document.undo();
    document.redo();
    document.redo();
    document.fill(usize::MAX, 3, Rgb::BLACK);
    document.settings_mut().width = usize::MAX;
    document.settings_mut().batch = 1;
    assert!(!document.fit_blank_canvas());
    document.new_sheet(Rgb::BLACK);
    assert_eq!(document.canvas().width(), 64, "no canvas can be that wide");
    document.settings().check().expect("valid again");
}

#[test]
fn painting_goes_to_the_current_layer_and_the_eraser_shows_what_is_below() {
    let mut document = document();
    document.settings_mut().batch = 1;
    let id = make_round(&mut document, 1);
    document.paint_over(id, sheet(64, 64, Rgb::BLACK));
    let names: Vec<&str> = document.layers().all().map(|layer| layer.properties.name.as_str()).collect();
    assert_eq!(names, ["Round 1, result 1", "Layer 1"]);
    dot(&mut document, 30.0, 30.0);
    let painted = document.canvas().color_at(30, 30);
    assert_ne!(painted, Some(Rgb::BLACK));
    document.begin_erasing(Brush { size: 60.0, ..Brush::default() }, PenSample::mouse(30.0, 30.0, 0.0));
    document.end_stroke();
    assert_eq!(document.canvas().color_at(30, 30), Some(Rgb::BLACK), "the result is as it was");
    document.undo();
    assert_eq!(document.canvas().color_at(30, 30), painted);
    document.choose_layer(document.layers().layers()[0].id);
    document.begin_erasing(Brush { size: 60.0, ..Brush::default() }, PenSample::mouse(10.0, 10.0, 0.0));
    document.end_stroke();
    assert_eq!(document.canvas().color_at(10, 10), Some(Rgb::WHITE), "the paper shows");
}

#[test]
fn a_layer_that_cannot_be_painted_on_says_why_and_stays_as_it_is() {
    type Change = fn(&mut crate::paint::LayerProperties);
    let changes: [(Change, &str); 3] = [
        (|layer| layer.visible = false, "hidden"),
        (|layer| layer.locked = true, "locked"),
        (|layer| layer.alpha_locked = true, "transparency"),
    ];
    for (number, (change, word)) in changes.into_iter().enumerate() {
        let mut document = document();
        dot(&mut document, 30.0, 30.0);
        let layer = document.layers().current();
        let mut properties = document.layers().get(layer).expect("there").properties.clone();
        change(&mut properties);
        document.set_layer(layer, properties).expect("set");
        let before = state_of(&document);
        let refusal = document.erase_refusal().expect("refused").to_string();
        assert!(refusal.contains(word) && refusal.contains("Layer 1"), "{refusal}");
        document.begin_erasing(Brush::default(), PenSample::mouse(30.0, 30.0, 0.0));
        assert!(!document.is_stroking());
        if number < 2 {
            assert!(document.paint_refusal().is_some());
            dot(&mut document, 40.0, 40.0);
            document.fill(1, 1, Rgb::BLACK);
        } else {
            dot(&mut document, 55.0, 55.0);
        }
        assert_eq!(state_of(&document), before);
    }
    let mut document = document();
    document.group_layer(document.layers().current()).expect("grouped");
    assert!(document.paint_refusal().expect("refused").to_string().contains("group"));
}

#[test]
fn a_result_can_be_added_as_a_layer_and_brings_its_seeds() {
    let mut document = document();
    document.settings_mut().batch = 1;
    dot(&mut document, 30.0, 30.0);
    let id = make_round(&mut document, 7);
    let before = state_of(&document);
    assert!(
        !document.add_result(ResultId { round: 9, image: 0 }, Surface::filled(size(64, 64), Rgb::BLACK)).expect("asks")
    );
    assert!(document.add_result(id, Surface::filled(size(64, 64), Rgb::BLACK)).expect("adds"));
    assert_eq!((document.layers().all().count(), document.ancestry(), document.origin()), (2, &[7][..], None));
    assert!(document.add_result(id, Surface::filled(size(32, 64), Rgb::BLACK)).is_err(), "it has another size");
    document.undo();
    assert_eq!(state_of(&document), before);
    document.redo();
    assert_eq!(document.canvas().color_at(1, 1), Some(Rgb::BLACK));
}

#[test]
fn an_opacity_dialled_in_many_steps_is_one_step_of_undo() {
    let mut document = document();
    dot(&mut document, 30.0, 30.0);
    let layer = document.layers().current();
    let before = state_of(&document);
    for opacity in [0.9, 0.5, 0.25] {
        let properties = document.layers().get(layer).expect("there").properties.clone();
        document.set_layer(layer, crate::paint::LayerProperties { opacity, ..properties }).expect("set");
    }
    let after = state_of(&document);
    document.undo();
    assert_eq!(state_of(&document), before);
    document.redo();
    assert_eq!(state_of(&document), after);
    document.set_paper(Rgb::BLACK);
    document.set_paper(Rgb([1, 2, 3]));
    document.undo();
    assert_eq!(state_of(&document), after);
}

#[test]
fn more_than_200_strokes_can_be_undone_within_the_budget() {
    let mut document = Document::new(size(1024, 1024), Rgb::WHITE, Settings::default());
    for stroke in 0..260 {
        let y = 20.0 + (stroke % 32) as f32 * 30.0;
        document.begin_stroke(Brush { size: 24.0, ..Brush::default() }, PenSample::mouse(100.0, y, 0.0));
        document.stroke_to(PenSample::mouse(900.0, y + 40.0, 0.0));
        document.end_stroke();
    }
    let mut undone = 0;
    while document.can_undo() {
        document.undo();
        undone += 1;
    }
    assert_eq!(undone, 260);
    assert!(document.canvas().is_blank());
}
