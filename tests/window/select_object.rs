//! Select by click, on a network with made-up weights, and without one.

use std::path::Path;
use std::sync::Arc;

use egui::{Event, Key, Modifiers, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::RgbImage;
use underpaint::diffusion::{HeaderInspector, LocalEngine};
use underpaint::engine::Cancel;
use underpaint::jobs::{ModelSearch, ObjectPrompt, PromptBox, PromptPoint};
use underpaint::models::{InspectedFile, Inspector, NamedFolders, Surroundings};
use underpaint::ui::{App, Options, SelectCommand};
use underpaint::vision::Segmenter;

use crate::harness::{canvas_size, click_canvas, drag_canvas, on_screen, options, perform, pixels, release, wait};
use crate::segmenter_file;

/// Inspects files, and says nothing about times.
struct Headers;

impl Inspector for Headers {
    fn inspect(&self, path: &Path) -> InspectedFile {
        HeaderInspector.inspect(path)
    }
}

/// A window that searches `disk` inside the folder.
fn window(folder: &Path) -> Harness<'static, App> {
    let (own, disk) = (folder.join("own"), folder.join("disk"));
    std::fs::create_dir_all(&disk).expect("folder");
    let mut named = NamedFolders::default();
    named.add(&disk);
    named.keep(&own).expect("writes");
    let around = Arc::new(Surroundings::only(Some(own)));
    let models = Some(ModelSearch { inspector: Arc::new(Headers), around });
    let options = Options { models, ..options(&folder.join("results"), None) };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1320.0, 1200.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    wait(&mut harness, "searching", |app| app.found_models().is_some() && !app.is_loading());
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height) = (256, 256);
    drop(settings);
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::W);
    harness.run_steps(2);
    harness
}

fn click_with(harness: &mut Harness<'static, App>, modifiers: Modifiers, at: (f32, f32)) {
    let pos = on_screen(harness.state(), at.0, at.1);
    let button = |pressed| Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers };
    harness.event_modifiers(Event::PointerMoved(pos), modifiers);
    harness.event_modifiers(button(true), modifiers);
    harness.event_modifiers(button(false), modifiers);
    harness.run_steps(2);
}

fn levels(harness: &Harness<'static, App>) -> Option<Vec<u8>> {
    harness.state().document().selection().map(|selection| selection.levels())
}

/// In how many pixels two selections differ, and by how much at most.
fn unlike(one: Option<Vec<u8>>, other: Option<Vec<u8>>) -> (usize, u8) {
    let (one, other) = (one.expect("a selection"), other.expect("an answer"));
    assert_eq!(one.len(), other.len());
    let apart: Vec<u8> = one.iter().zip(&other).map(|(a, b)| a.abs_diff(*b)).filter(|apart| *apart > 0).collect();
    (apart.len(), apart.iter().copied().max().unwrap_or(0))
}

fn point(x: f32, y: f32, is_inside: bool) -> PromptPoint {
    PromptPoint { x, y, is_inside }
}

#[test]
fn clicks_select_an_object_change_it_and_are_steps_of_undo() {
    let folder = tempfile::tempdir().expect("folder");
    let model = folder.path().join("disk/mobile_sam.safetensors");
    std::fs::create_dir_all(folder.path().join("disk")).expect("folder");
    segmenter_file::write(&model);
    let mut harness = window(folder.path());
    let (width, height) = canvas_size(harness.state());
    let picture = RgbImage::from_raw(width as u32, height as u32, pixels(harness.state())).expect("the canvas");
    let network = Segmenter::load(&model, &Cancel::default()).expect("loads");
    let embedding = network.embed(&picture, &Cancel::default()).expect("embeds");
    let answer = |points: &[PromptPoint], area: Option<PromptBox>| {
        let prompt = ObjectPrompt { points: points.to_vec(), area };
        Some(network.select(&embedding, &prompt, &Cancel::default()).expect("selects").into_raw())
    };
    let (one, two) = (point(60.0, 70.0, true), point(180.0, 190.0, false));
    click_canvas(&mut harness, 60.0, 70.0);
    wait(&mut harness, "selecting", |app| app.document().selection().is_some());
    assert_eq!(unlike(levels(&harness), answer(&[one], None)), (0, 0), "the object at the click");
    click_with(&mut harness, Modifiers::COMMAND, (180.0, 190.0));
    let with_two = answer(&[one, two], None);
    wait(&mut harness, "taking away", |app| app.document().selection().map(|s| s.levels()) == with_two);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert!(levels(&harness) == answer(&[one], None), "one click is undone");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(levels(&harness), None);
    // A box, which Enter keeps and Esc leaves.
    drag_canvas(&mut harness, (40.0, 30.0), (199.0, 219.0));
    release(&mut harness);
    let area = PromptBox { left: 40.0, top: 30.0, right: 199.0, bottom: 219.0 };
    wait(&mut harness, "selecting in a box", |app| app.document().selection().is_some());
    assert!(levels(&harness) == answer(&[], Some(area)), "the object in the box");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    let kept = levels(&harness);
    click_with(&mut harness, Modifiers::SHIFT, (60.0, 70.0));
    let of_one = answer(&[one], None).expect("an answer");
    let both = kept.as_ref().map(|kept| kept.iter().zip(&of_one).map(|(a, b)| *a.max(b)).collect::<Vec<u8>>());
    wait(&mut harness, "adding", |app| app.document().selection().map(|s| s.levels()) == both);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(levels(&harness) == kept, "left");
    assert!(!harness.state().status().contains("crashed"), "{}", harness.state().status());
}

#[test]
fn without_a_network_nothing_happens_and_the_panel_leads_to_the_catalogue() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    click_canvas(&mut harness, 60.0, 70.0);
    harness.run_steps(2);
    assert_eq!(levels(&harness), None);
    assert!(harness.state().status().contains("Fetch MobileSAM"), "{}", harness.state().status());
    harness.get_by_label("Show MobileSAM in the catalogue").click_accesskit();
    harness.run_steps(3);
    assert!(harness.query_all_by_label_contains("finds the object at a click").next().is_some());
    perform(&mut harness, SelectCommand::All);
    assert!(levels(&harness).is_some(), "the other tools go on");
}
