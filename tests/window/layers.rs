//! Layers in the window: by pointer and by keyboard, through the names that screen readers get.

use std::path::Path;
use std::sync::Arc;

use egui::{Color32, ColorImage, Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::paint::{BlendMode, LayerId, LayerStack, Rgb};
use underpaint::ui::{App, LayerCommand, LayerSwitch, ResultCommand, RoundCommand};

use crate::harness::{
    button, click_canvas, close, on_screen, perform, pixels, stored, wait, window_of_size, window_with,
};

/// A window that is high enough for the whole list of layers.
fn window(folder: &Path) -> Harness<'static, App> {
    window_of_size(folder, egui::vec2(1320.0, 1500.0), 1.0, None)
}

fn layers(harness: &Harness<'static, App>) -> LayerStack {
    harness.state().document().layers().clone()
}

/// The names of the outermost layers from top to bottom.
fn names(harness: &Harness<'static, App>) -> Vec<String> {
    layers(harness).layers().iter().rev().map(|layer| layer.properties.name.clone()).collect()
}

fn current(harness: &Harness<'static, App>) -> String {
    let layers = layers(harness);
    layers.get(layers.current()).expect("there is one").properties.name.clone()
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(2);
}

fn press(harness: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(2);
}

#[test]
fn layers_are_added_painted_on_hidden_and_locked_by_pointer() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let blank = pixels(harness.state());
    click(&mut harness, "Add a layer");
    assert_eq!((names(&harness), current(&harness)), (vec!["Layer 2".into(), "Layer 1".into()], "Layer 2".into()));
    click_canvas(&mut harness, 60.0, 60.0);
    let painted = pixels(harness.state());
    assert!(painted != blank);
    click(&mut harness, "Show Layer 2");
    assert!(pixels(harness.state()) == blank, "hidden");
    click_canvas(&mut harness, 120.0, 60.0);
    harness.run_steps(2);
    assert!(harness.state().status().contains("“Layer 2” is hidden"), "{}", harness.state().status());
    click(&mut harness, "Show Layer 2");
    assert!(pixels(harness.state()) == painted, "nothing was painted while it was hidden");
    click(&mut harness, "Lock Layer 2");
    click_canvas(&mut harness, 120.0, 60.0);
    harness.run_steps(2);
    assert!(pixels(harness.state()) == painted && harness.state().status().contains("locked"));
    click(&mut harness, "Layer 1");
    assert_eq!(current(&harness), "Layer 1");
    click_canvas(&mut harness, 120.0, 60.0);
    assert!(pixels(harness.state()) != painted);
    click(&mut harness, "Delete the layer");
    assert_eq!(names(&harness), ["Layer 2"]);
    assert!(harness.get_by_label("Delete the layer").accesskit_node().is_disabled(), "it is the last one");
    click(&mut harness, "Undo");
    assert_eq!(names(&harness), ["Layer 2", "Layer 1"]);
}

#[test]
fn everything_about_layers_has_a_key() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let (ctrl, shift, alt) = (Modifiers::COMMAND, Modifiers::SHIFT, Modifiers::ALT);
    click_canvas(&mut harness, 60.0, 60.0);
    press(&mut harness, Modifiers::NONE, Key::Insert);
    click_canvas(&mut harness, 150.0, 150.0);
    press(&mut harness, ctrl, Key::J);
    assert_eq!(names(&harness), ["Layer 2 copy", "Layer 2", "Layer 1"]);
    press(&mut harness, alt, Key::PageDown);
    press(&mut harness, alt, Key::PageDown);
    assert_eq!(current(&harness), "Layer 1");
    press(&mut harness, ctrl, Key::PageUp);
    assert_eq!(names(&harness), ["Layer 2 copy", "Layer 1", "Layer 2"]);
    press(&mut harness, ctrl, Key::PageDown);
    press(&mut harness, alt, Key::PageUp);
    assert_eq!(current(&harness), "Layer 2");

    press(&mut harness, shift, Key::F2);
    harness.event(Event::Text("Shadows".into()));
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(current(&harness), "Shadows");
    press(&mut harness, shift, Key::F2);
    harness.event(Event::Text("Something else".into()));
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(current(&harness), "Shadows", "Escape keeps the name");

    press(&mut harness, ctrl, Key::G);
    assert_eq!(names(&harness), ["Layer 2 copy", "Group 1", "Layer 1"]);
    press(&mut harness, ctrl.plus(alt), Key::G);
    assert_eq!(names(&harness), ["Layer 2 copy", "Shadows", "Layer 1"]);
    let seen = pixels(harness.state());
    press(&mut harness, ctrl, Key::E);
    assert_eq!(names(&harness).len(), 2);
    assert!(pixels(harness.state()) == seen, "merging changes nothing that is seen");
    press(&mut harness, ctrl.plus(shift), Key::E);
    assert_eq!(names(&harness), ["Picture"]);
    assert!(pixels(harness.state()) == seen);
    press(&mut harness, ctrl, Key::Z);
    press(&mut harness, shift, Key::Delete);
    assert_eq!(names(&harness).len(), 1);
    for _ in 0..12 {
        press(&mut harness, ctrl, Key::Z);
    }
    assert_eq!(names(&harness), ["Layer 1"]);
}

#[test]
fn blend_mode_opacity_and_switches_belong_to_the_current_layer() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    click(&mut harness, "Add a layer");
    click(&mut harness, "Blend mode");
    click(&mut harness, "Multiply");
    click(&mut harness, "Clip to the layer below");
    click(&mut harness, "Lock transparency");
    let id = layers(&harness).current();
    perform(&mut harness, LayerCommand::SetOpacity(id, 0.5));
    let of = layers(&harness).get(id).expect("there").properties.clone();
    assert_eq!((of.blend, of.opacity, of.clipped, of.alpha_locked), (BlendMode::Multiply, 0.5, true, true));
    harness.get_by_label("Layer 2, 50 %, Multiply, clipped, alpha locked");
    press(&mut harness, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::G);
    harness.get_by_label("Layer 2, 50 %, Multiply, alpha locked");
    // A layer that is clipped to an empty one is not seen; now it is, and kept for reference it is no part of the canvas.
    perform(&mut harness, LayerCommand::SwitchCurrent(LayerSwitch::AlphaLocked));
    click_canvas(&mut harness, 60.0, 60.0);
    assert!(!harness.state().document().canvas().is_blank());
    click(&mut harness, "Only for reference");
    let document = harness.state().document();
    assert!(document.canvas().is_blank() && !document.screen().is_blank());
}

#[test]
fn a_row_is_dragged_to_another_place() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    click(&mut harness, "Add a layer");
    click(&mut harness, "Add a layer");
    assert_eq!(names(&harness), ["Layer 3", "Layer 2", "Layer 1"]);
    drag(&mut harness, "Layer 1", "Layer 3", 0.1);
    assert_eq!(names(&harness), ["Layer 1", "Layer 3", "Layer 2"]);
    drag(&mut harness, "Layer 1", "Layer 2", 0.9);
    assert_eq!(names(&harness), ["Layer 3", "Layer 2", "Layer 1"]);
    click(&mut harness, "Layer 3");
    click(&mut harness, "Group the layer");
    drag(&mut harness, "Layer 1", "Group 1", 0.5);
    assert_eq!(names(&harness), ["Group 1", "Layer 2"]);
    assert_eq!(layers(&harness).layers()[1].children().len(), 2);
    click(&mut harness, "Unfold Group 1");
    assert!(harness.query_by_label("Layer 1").is_none(), "it is folded");
    drag(&mut harness, "Layer 2", "Layer 2", 0.5);
    assert_eq!(names(&harness), ["Group 1", "Layer 2"], "nothing was dropped on itself");
}

fn drag(harness: &mut Harness<'static, App>, from: &str, to: &str, height: f32) {
    let from = harness.get_by_label(from).rect().center();
    let to = harness.get_by_label(to).rect();
    let to = egui::pos2(to.center().x, to.top() + to.height() * height);
    harness.event(Event::PointerMoved(from));
    harness.event(button(from, true));
    harness.step();
    for share in [0.2, 0.6, 1.0] {
        harness.event(Event::PointerMoved(from + (to - from) * share));
        harness.step();
    }
    harness.event(button(to, false));
    harness.run_steps(3);
}

#[test]
fn the_paper_has_a_colour_of_its_own_and_undo_brings_the_old_one_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    click_canvas(&mut harness, 60.0, 60.0);
    let before = pixels(harness.state());
    harness.get_by_label("Paper");
    perform(&mut harness, LayerCommand::SetPaper(Rgb([20, 40, 90])));
    assert_eq!(harness.state().document().canvas().color_at(200, 200), Some(Rgb([20, 40, 90])));
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert!(pixels(harness.state()) == before);
}

#[test]
fn a_picture_is_pasted_as_a_layer_with_its_alpha() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let mut picture = ColorImage::filled([20, 10], Color32::from_rgb(200, 0, 0));
    picture.pixels[0] = Color32::TRANSPARENT;
    press(&mut harness, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::V);
    harness.event(Event::PasteImage(Arc::new(picture.clone())));
    harness.step();
    wait(&mut harness, "the layer", |app| app.document().layers().all().count() == 2);
    assert_eq!(names(&harness), ["Pasted picture", "Layer 1"]);
    let layers = layers(&harness);
    let surface = layers.layers()[1].surface().expect("pixels");
    assert_eq!((surface.pixel(118, 123), surface.pixel(119, 123)), (Some([0; 4]), Some([200, 0, 0, 255])));
    // The next paste replaces the canvas, as ever.
    harness.event(Event::PasteImage(Arc::new(picture)));
    harness.step();
    wait(&mut harness, "the picture", |app| app.status().contains("is on the canvas"));
    assert_eq!(names(&harness), ["Picture"]);
}

#[test]
fn a_result_becomes_a_layer_and_painting_over_it_stays_separate() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("home");
    let mut harness = window_with(folder.path(), 1.0, Some(home.clone()));
    wait(&mut harness, "the document", |app| app.is_kept() || app.document_path().is_some());
    click_canvas(&mut harness, 60.0, 60.0);
    harness.state_mut().settings_mut().batch = 1;
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && app.rounds().iter().count() == 1);
    perform(&mut harness, ResultCommand::AddAsLayer(1, 0));
    assert_eq!(names(&harness), ["Round 1, result 1", "Layer 1"]);
    perform(&mut harness, ResultCommand::PaintOver(1, 0));
    assert_eq!(names(&harness), ["Layer 1", "Round 1, result 1"]);
    let result = pixels(harness.state());
    let at = on_screen(harness.state(), 60.0, 60.0);
    harness.event(Event::PointerMoved(at));
    click_canvas(&mut harness, 60.0, 60.0);
    assert!(pixels(harness.state()) != result);
    perform(&mut harness, LayerCommand::Switch(LayerId(2), LayerSwitch::Visible));
    assert!(pixels(harness.state()) == result, "the result is below, as it was");
    let path = harness.state().document_path().expect("it has a file").to_path_buf();
    wait(&mut harness, "saving", App::is_kept);
    close(harness);
    let document = stored(&path);
    let kept: Vec<_> = document.layers().layers().iter().map(|layer| layer.properties.name.as_str()).collect();
    assert_eq!(kept, ["Round 1, result 1", "Layer 1"]);
    assert!(!document.layers().layers()[1].properties.visible);
}

#[test]
fn a_layer_with_a_prompt_is_a_region_of_the_next_round_and_of_the_document() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let layer = layers(&harness).current();
    harness.get_by_label("Region prompt").click();
    harness.run_steps(3);
    harness.get_by_label("Prompt of the region").focus();
    harness.step();
    harness.event(Event::Text("a pear".into()));
    harness.run_steps(3);
    assert_eq!(harness.state_mut().settings_mut().regions[0].prompt, "a pear");
    {
        let mut settings = harness.state_mut().settings_mut();
        (settings.width, settings.height, settings.batch) = (64, 64, 1);
    }
    harness.run_steps(3);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && app.rounds().count() == 1);
    let round = harness.state().rounds().latest().expect("a round").clone();
    assert_eq!((round.settings.regions[0].layer, round.plan.regions.len()), (Some(layer.0), 1));
    assert!(round.slots[0].result().expect("finished").recipe.infotext().contains("Region 1: a pear"));
    perform(&mut harness, LayerCommand::SetRegionPrompt(layer, String::new()));
    assert!(harness.state_mut().settings_mut().regions.is_empty());
}
