//! A canvas so large that another thread computes what is done to all of it.

use std::path::{Path, PathBuf};

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use underpaint::document::EditKind;
use underpaint::paint::{PixelRect, Placement, Rgb, Selection};
use underpaint::ui::{App, CanvasCommand, FileCommand, LayerCommand, MaskCommand, RoundCommand, SelectCommand, Tool};

use crate::harness::{
    canvas_size, click_canvas, close, drag_canvas, perform, pixels, release, stored, wait, window_with,
};

/// A window with a canvas of 2048 by 1024 pixels.
fn window(folder: &Path, home: Option<PathBuf>) -> Harness<'static, App> {
    let mut harness = window_with(folder, 1.0, home);
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height) = (2048, 1024);
    drop(settings);
    harness.run_steps(2);
    assert_eq!(canvas_size(harness.state()), (2048, 1024));
    harness
}

/// Waits for what another thread does to the canvas.
fn finish(harness: &mut Harness<'static, App>) {
    wait(harness, "an edit of a large canvas", |app| app.canvas_work().is_none());
}

fn do_it(harness: &mut Harness<'static, App>, command: impl Into<underpaint::ui::UserCommand>) {
    harness.state_mut().perform(command);
    finish(harness);
}

fn color(harness: &Harness<'static, App>, x: usize, y: usize) -> Rgb {
    harness.state().document().canvas().color_at(x, y).expect("inside")
}

fn bounds(harness: &Harness<'static, App>) -> Option<PixelRect> {
    harness.state().document().selection().and_then(Selection::bounds)
}

#[test]
fn a_fill_is_computed_elsewhere_and_what_is_asked_for_meanwhile_is_done_after_it() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), None);
    let painted = harness.state().color();
    perform(&mut harness, CanvasCommand::UseTool(Tool::Fill));
    click_canvas(&mut harness, 900.0, 500.0);
    assert_eq!(harness.state().canvas_work(), Some("Filling…"));
    assert!(harness.state().document().canvas().is_blank(), "the window goes on without waiting");
    // Commands wait in the order in which they came.
    harness.state_mut().perform(LayerCommand::Add);
    harness.state_mut().perform(SelectCommand::Rectangle(PixelRect { x0: 10, y0: 20, x1: 300, y1: 400 }));
    harness.state_mut().perform(SelectCommand::FillBackground);
    harness.state_mut().perform(CanvasCommand::Undo);
    finish(&mut harness);
    let document = harness.state().document();
    let steps: Vec<_> = (0..document.step_count()).filter_map(|at| document.step(at)).collect();
    let wanted = [EditKind::Fill, EditKind::AddLayer, EditKind::Select, EditKind::Fill];
    // The canvas has taken the size of the results by now.
    assert!(steps.ends_with(&wanted), "{steps:?}");
    assert_eq!(document.undo_count(), steps.len() - 1);
    assert_eq!(bounds(&harness), Some(PixelRect { x0: 10, y0: 20, x1: 300, y1: 400 }));
    assert_eq!((color(&harness, 900, 500), color(&harness, 0, 0)), (painted, painted));
    do_it(&mut harness, CanvasCommand::Redo);
    assert_eq!(color(&harness, 50, 50), harness.state().background_color());
    assert_eq!(color(&harness, 900, 500), painted);

    // By the list of steps back to the blank canvas and forward again.
    let (all, first) = (harness.state().document().undo_count(), harness.state().document().undo_count() - 4);
    do_it(&mut harness, CanvasCommand::GoToStep(first));
    assert!(harness.state().document().canvas().is_blank() && bounds(&harness).is_none());
    do_it(&mut harness, CanvasCommand::GoToStep(all));
    assert_eq!((color(&harness, 50, 50), color(&harness, 900, 500)), (harness.state().background_color(), painted));
}

#[test]
fn selections_masks_and_layers_change_as_on_a_small_canvas() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), None);
    perform(&mut harness, CanvasCommand::UseTool(Tool::Select));
    drag_canvas(&mut harness, (200.0, 200.0), (600.0, 500.0));
    release(&mut harness);
    finish(&mut harness);
    let dragged = bounds(&harness).expect("selected");
    do_it(&mut harness, SelectCommand::Grow);
    let grown = bounds(&harness).expect("selected");
    assert!(grown.x0 < dragged.x0 && grown.y1 > dragged.y1);
    do_it(&mut harness, MaskCommand::FromSelection);
    do_it(&mut harness, MaskCommand::Invert);
    let mask = harness.state().document().mask().expect("masked").clone();
    assert_eq!((mask.level(400, 300), mask.level(1000, 900)), (0, 255));
    assert_eq!(harness.state().status(), "The mask is inverted.");

    do_it(&mut harness, SelectCommand::FillForeground);
    do_it(&mut harness, LayerCommand::Add);
    do_it(&mut harness, LayerCommand::MergeDown);
    assert_eq!(harness.state().document().layers().all().count(), 1);
    let id = harness.state().document().layers().current();
    let before = pixels(harness.state());
    // A slider sends many values; only some of them are drawn, the last one among them, and all are one step.
    let steps = harness.state().document().undo_count();
    for percent in (0..100).rev() {
        harness.state_mut().perform(LayerCommand::SetOpacity(id, percent as f32 / 100.0));
    }
    finish(&mut harness);
    assert_eq!(harness.state().document().undo_count(), steps + 1);
    assert_eq!(harness.state().document().layers().get(id).expect("there").properties.opacity, 0.0);
    assert_eq!(color(&harness, 400, 300), Rgb::WHITE);
    do_it(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == before);

    do_it(&mut harness, SelectCommand::None);
    do_it(&mut harness, SelectCommand::Shrink);
    assert_eq!(harness.state().status(), "Nothing is selected. Select a part of the canvas first.");
}

#[test]
fn what_is_lifted_is_moved_put_down_and_taken_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), None);
    let painted = harness.state().color();
    do_it(&mut harness, SelectCommand::Rectangle(PixelRect { x0: 100, y0: 100, x1: 300, y1: 300 }));
    do_it(&mut harness, SelectCommand::FillForeground);
    let before = pixels(harness.state());
    do_it(&mut harness, SelectCommand::BeginTransform);
    assert!(harness.state().document().is_transforming());
    drag_canvas(&mut harness, (200.0, 200.0), (700.0, 600.0));
    release(&mut harness);
    finish(&mut harness);
    let offset = harness.state().document().placement().expect("lifted").offset;
    assert!((offset.0 - 500.0).abs() < 4.0 && (offset.1 - 400.0).abs() < 4.0, "{offset:?}");
    assert_eq!((color(&harness, 200, 200), color(&harness, 700, 600)), (Rgb::WHITE, painted));
    // Anything else puts it down first.
    do_it(&mut harness, SelectCommand::Invert);
    assert!(!harness.state().document().is_transforming());
    assert_eq!(harness.state().document().next_undo(), Some(EditKind::Select));
    do_it(&mut harness, CanvasCommand::Undo);
    assert_eq!(harness.state().document().next_undo(), Some(EditKind::Transform));
    do_it(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == before);

    do_it(&mut harness, SelectCommand::Nudge(10, 0));
    assert_eq!((color(&harness, 105, 150), color(&harness, 305, 150)), (Rgb::WHITE, painted));
    do_it(&mut harness, SelectCommand::Place(Placement { offset: (0.0, 500.0), ..Placement::STAY }));
    assert_eq!(color(&harness, 200, 700), painted);
    do_it(&mut harness, SelectCommand::Leave);
    assert!(pixels(harness.state()) == before);
}

#[test]
fn large_pictures_are_cut_and_pasted_in_the_order_in_which_that_was_asked_for() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), None);
    let painted = harness.state().color();
    do_it(&mut harness, SelectCommand::All);
    do_it(&mut harness, SelectCommand::FillForeground);
    harness.state_mut().perform(SelectCommand::Cut);
    assert_eq!(harness.state().canvas_work(), Some("Copying…"));
    harness.state_mut().perform(SelectCommand::PasteInPlace);
    harness.state_mut().perform(CanvasCommand::Undo);
    finish(&mut harness);
    assert_eq!(harness.state().document().layers().all().count(), 1, "the paste was undone");
    assert_eq!(color(&harness, 900, 500), Rgb::WHITE, "the cut was not");
    // What comes back from the system's clipboard is compared with what was copied, and lies where it was.
    let [r, g, b] = painted.0;
    let picture = egui::ColorImage::filled([2048, 1024], egui::Color32::from_rgb(r, g, b));
    harness.state_mut().perform(FileCommand::PastePicture(picture.into()));
    assert_eq!(harness.state().canvas_work(), Some("Pasting…"));
    finish(&mut harness);
    assert_eq!(harness.state().document().layers().all().count(), 2);
    assert_eq!(color(&harness, 900, 500), painted);
    // Any other picture takes the canvas.
    let picture = egui::ColorImage::filled([1200, 1200], egui::Color32::from_rgb(9, 90, 200));
    harness.state_mut().perform(FileCommand::PastePicture(picture.into()));
    wait(&mut harness, "the picture", |app| app.status().contains("The pasted picture is on the canvas"));
    finish(&mut harness);
    let (width, height) = canvas_size(harness.state());
    assert_eq!(color(&harness, width / 2, height / 2), Rgb([9, 90, 200]));
}

#[test]
fn a_round_begins_with_the_canvas_as_it_was_when_it_was_asked_for() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), None);
    wait(&mut harness, "loading", |app| !app.is_loading());
    do_it(&mut harness, SelectCommand::FillForeground);
    let mut settings = harness.state_mut().settings_mut();
    settings.prompt = "a pear".into();
    (settings.width, settings.height) = (256, 128);
    drop(settings);
    let start = pixels(harness.state());
    harness.state_mut().perform(RoundCommand::Generate);
    assert_eq!(harness.state().canvas_work(), Some("Preparing the round…"));
    // What is typed and done meanwhile belongs to the next one.
    harness.state_mut().settings_mut().prompt = "a plum".into();
    harness.state_mut().perform(SelectCommand::Clear);
    finish(&mut harness);
    assert!(pixels(harness.state()) != start, "cleared after the round was prepared");
    assert_eq!(harness.state().settings().prompt, "a plum");
    let round = harness.state().rounds().latest().expect("asked for").clone();
    assert_eq!(round.settings.prompt, "a pear");
    harness.state_mut().perform(RoundCommand::Cancel);
    wait(&mut harness, "cancelling", |app| !app.is_running());
}

#[test]
fn a_window_that_closes_waits_for_the_edit_and_keeps_it() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("home");
    let mut harness = window(folder.path(), Some(home));
    wait(&mut harness, "a document", |app| app.document_path().is_some());
    let path = harness.state().document_path().expect("known").to_path_buf();
    let painted = harness.state().color();
    harness.state_mut().perform(SelectCommand::FillForeground);
    harness.state_mut().perform(SelectCommand::Rectangle(PixelRect { x0: 8, y0: 8, x1: 90, y1: 90 }));
    assert!(harness.state().canvas_work().is_some());
    close(harness);
    let kept = stored(&path);
    assert_eq!(kept.canvas().color_at(2000, 1000), Some(painted));
    assert!(kept.selection().is_some_and(|selection| selection.level(20, 20) == 255));
}

#[test]
fn escape_and_keys_of_tools_still_work_while_nothing_is_computed() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), None);
    perform(&mut harness, CanvasCommand::UseTool(Tool::Wand));
    click_canvas(&mut harness, 1000.0, 500.0);
    finish(&mut harness);
    assert!(harness.state().document().selection().is_some_and(Selection::is_all));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    finish(&mut harness);
    assert!(harness.state().document().selection().is_none());
}
