//! Pictures on their way into the window and out of it.

use std::path::Path;
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Color32, ColorImage, Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::{Rgb, RgbImage};
use underpaint::diffusion::LocalEngine;
use underpaint::engine::Mask;
use underpaint::paint::Rgb as Color;
use underpaint::picture::{Attached, Encoding, encode_png, encode_with, open};
use underpaint::ui::{App, CanvasCommand, FileCommand, Paper, RoundCommand, SettingsCommand};

use crate::harness::{canvas_size, click_canvas, options, perform, pixels, results, wait, window};

/// A wide picture with a red left and a blue right end.
fn wide() -> RgbImage {
    RgbImage::from_fn(640, 256, |x, _| match x {
        0..40 => Rgb([200, 0, 0]),
        600.. => Rgb([0, 0, 200]),
        _ => Rgb([0, 160, 0]),
    })
}

fn save(picture: &RgbImage, path: &Path) {
    std::fs::write(path, encode_png(picture, None).expect("encodes")).expect("writes");
}

fn colors(app: &App) -> (bool, bool) {
    let rgb = pixels(app);
    (rgb.chunks(3).any(|p| p == [200, 0, 0]), rgb.chunks(3).any(|p| p == [0, 0, 200]))
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(2);
}

#[test]
fn a_picture_of_another_shape_is_never_cropped_unasked() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("wide.png");
    save(&wide(), &path);
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    click_canvas(&mut harness, 128.0, 128.0);
    let before = pixels(harness.state());
    perform(&mut harness, FileCommand::Open(path));
    wait(&mut harness, "opening", |app| app.status().contains("wide.png"));
    assert_eq!(canvas_size(harness.state()), (256, 256));
    assert_eq!(colors(harness.state()), (true, true), "both ends show");
    assert_eq!(harness.state().document().canvas().color_at(128, 2), Some(Color::BLACK), "paper fills the rest");

    click(&mut harness, "Fill the canvas");
    wait(&mut harness, "filling", |app| app.status().contains("without"));
    assert!(harness.state().status().contains("wide.png is on the canvas without 384 of its pixel columns"));
    assert_eq!(colors(harness.state()), (false, false), "both ends are cut off, as asked");

    click(&mut harness, "Resize the canvas to 640 × 256");
    wait(&mut harness, "resizing", |app| canvas_size(app) == (640, 256));
    assert!(pixels(harness.state()) == wide().into_raw(), "every pixel is there");
    let settings = harness.state().settings();
    assert_eq!((settings.width, settings.height), (640, 256), "the results follow the canvas");

    perform(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == before, "one undo brings the old canvas back");
    let settings = harness.state().settings();
    assert_eq!((settings.width, settings.height), (256, 256), "and its size");
    assert!(harness.query_by_label("Fill the canvas").is_none(), "the bar is gone");
}

#[test]
fn a_canvas_and_results_of_different_sizes_are_asked_about_and_never_cropped() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    let sketch = pixels(harness.state());
    harness.state_mut().settings_mut().width = 384;
    harness.run_steps(3);
    assert_eq!(canvas_size(harness.state()), (256, 256), "a painted canvas is left alone");
    harness.get_by_label("The canvas has 256 × 256 pixels, the results will have 384 × 256.");
    click(&mut harness, "Fit the canvas in");
    wait(&mut harness, "fitting", |app| canvas_size(app) == (384, 256));
    let canvas = harness.state().document().canvas();
    let middle: Vec<u8> = (0..256).flat_map(|y| &canvas.row(y)[64..320]).flat_map(|p| [p[0], p[1], p[2]]).collect();
    assert!(middle == sketch, "the sketch is whole");
    perform(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == sketch);
    assert_eq!(harness.state().settings().width, 384, "the chosen size stays, and the bar asks again");
    harness.run_steps(1);
    click(&mut harness, "Make results as large as the canvas");
    assert_eq!(harness.state().settings().width, 256);
}

#[test]
fn an_empty_canvas_takes_the_size_of_the_results() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.state_mut().settings_mut().height = 128;
    harness.run_steps(3);
    assert_eq!(canvas_size(harness.state()), (256, 128));
    assert!(harness.state().document().canvas().is_blank());
}

#[test]
fn a_restored_canvas_sets_the_size_of_the_results() {
    let folder = tempfile::tempdir().expect("folder");
    // As an older version of the program kept it.
    save(&wide(), &folder.path().join("drawing.png"));
    let options = options(&folder.path().join("results"), Some(folder.path().to_path_buf()));
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1320.0, 860.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    wait(&mut harness, "the drawing", |app| canvas_size(app) == (640, 256));
    let settings = harness.state().settings();
    assert_eq!((settings.width, settings.height), (640, 256));
}

#[test]
fn results_that_cannot_be_written_stay_in_the_window_and_are_saved_elsewhere() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("a file");
    std::fs::write(&file, "not a folder").expect("writes");
    let mut harness = window(&file.join("results"));
    harness.state_mut().settings_mut().batch = 2;
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running());
    let told = "2 results are not saved and only in this window.";
    for _ in 0..200 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        harness.step();
        if harness.query_by_label_contains(told).is_some() {
            break;
        }
    }
    assert!(harness.query_by_label_contains(told).is_some());
    harness.get_by_label("Save in another folder…");
    assert_eq!(results(harness.state(), 1).len(), 2, "the pictures are there");

    let elsewhere = folder.path().join("elsewhere");
    perform(&mut harness, FileCommand::UseResultsFolder(elsewhere.clone()));
    wait(&mut harness, "writing", |_| std::fs::read_dir(&elsewhere).is_ok_and(|d| d.count() == 2));
    assert!(harness.query_by_label_contains("not saved").is_none(), "the notice is gone");
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the second round", |app| !app.is_running());
    wait(&mut harness, "writing", |_| std::fs::read_dir(&elsewhere).is_ok_and(|d| d.count() == 4));
}

#[test]
fn a_results_folder_chosen_while_a_round_runs_takes_what_the_other_does_not() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("a file");
    std::fs::write(&file, "not a folder").expect("writes");
    let mut harness = window(&file.join("results"));
    harness.state_mut().settings_mut().batch = 2;
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    let elsewhere = folder.path().join("elsewhere");
    perform(&mut harness, FileCommand::UseResultsFolder(elsewhere.clone()));
    wait(&mut harness, "the round", |app| !app.is_running());
    wait(&mut harness, "writing", |_| std::fs::read_dir(&elsewhere).is_ok_and(|d| d.count() == 2));
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("not saved").is_none(), "there is nothing to ask");
}

#[test]
fn a_file_is_replaced_only_after_asking() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("drawing.png");
    std::fs::write(&path, "precious").expect("writes");
    let mut harness = window(folder.path());
    let question = || FileCommand::AskToReplace(path.clone(), Box::new(FileCommand::SaveCanvas(path.clone()).into()));
    perform(&mut harness, question());
    harness.get_by_label("drawing.png exists already.");
    click(&mut harness, "Cancel");
    assert!(harness.query_by_label("drawing.png exists already.").is_none());
    assert_eq!(std::fs::read(&path).expect("reads"), b"precious");
    perform(&mut harness, question());
    click(&mut harness, "Replace it");
    wait(&mut harness, "saving", |app| app.status().starts_with("Saved as"));
    assert_eq!(open(&path).expect("a picture").dimensions(), (256, 256));
}

#[test]
fn a_picture_is_pasted_onto_the_canvas() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let pasted = ColorImage::filled([256, 256], Color32::from_rgb(10, 20, 30));
    harness.event(Event::PasteImage(Arc::new(pasted)));
    harness.step();
    wait(&mut harness, "pasting", |app| app.status().contains("The pasted picture is on the canvas"));
    assert!(pixels(harness.state()).chunks(3).all(|p| p == [10, 20, 30]));
    perform(&mut harness, CanvasCommand::Undo);
    assert!(harness.state().document().canvas().color_at(0, 0) == Some(Color::WHITE));
}

#[test]
fn a_copied_picture_file_is_pasted_and_text_goes_where_text_is_typed() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("wide.png");
    save(&wide(), &path);
    let mut harness = window(folder.path());
    harness.event(Event::Paste(path.display().to_string()));
    harness.step();
    wait(&mut harness, "pasting", |app| app.status().contains("wide.png is on the canvas"));

    harness.event(Event::Paste("a red apple".into()));
    harness.run_steps(2);
    assert!(harness.state().status().contains("holds text"), "{}", harness.state().status());

    harness.get_by_role_and_label(Role::MultilineTextInput, "Prompt").click();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    harness.event(Event::Paste(path.display().to_string()));
    harness.run_steps(2);
    assert_eq!(harness.state().settings().prompt, path.display().to_string());
}

#[test]
fn the_paste_button_asks_the_system_for_its_clipboard() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label("Paste").click();
    let mut asked = false;
    for _ in 0..3 {
        harness.step();
        let viewport = &harness.output().viewport_output[&egui::ViewportId::ROOT];
        asked |= viewport.commands.contains(&egui::ViewportCommand::RequestPaste);
    }
    assert!(asked);
}

#[test]
fn a_window_that_cannot_take_dropped_files_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    for (drops, says) in [(true, "Dropping the file on the window does the same"), (false, "cannot take dropped files")]
    {
        let options = options(folder.path(), None);
        let mut harness = Harness::builder().with_size(egui::vec2(1320.0, 860.0)).build_eframe(move |cc| {
            App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())).with_drops(drops)
        });
        harness.run_steps(3);
        harness.get_by_label("Open…").hover();
        harness.run_steps(60);
        assert!(harness.query_by_label_contains(says).is_some(), "{says}");
    }
}

#[test]
fn a_picture_brings_its_regions_as_hidden_layers() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let text =
        "still life\nSteps: 6, Sampler: Euler, Seed: 3, Size: 256x256, Region 1: \"a pear, ripe\", Region 2: a plum";
    let regions = [Mask::from_fn(256, 256, |x, _| x < 50), Mask::from_fn(256, 256, |_, y| y > 150)];
    let picture = RgbImage::from_pixel(256, 256, Rgb([9, 90, 200]));
    let path = folder.path().join("regions.png");
    let attached = Attached { settings: Some(text), start: Some(&picture), regions: &regions };
    std::fs::write(&path, encode_with(&picture, Encoding::default(), attached).expect("encodes")).expect("writes");
    for command in [SettingsCommand::UseOffered, SettingsCommand::UseOfferedRound] {
        perform(&mut harness, FileCommand::Open(path.clone()));
        wait(&mut harness, "opening", |app| app.status().contains("regions.png"));
        let before = harness.state().document().layers().all().count();
        perform(&mut harness, command);
        wait(&mut harness, "taking over", |app| app.status().contains("next round"));
        let document = harness.state().document();
        let (prompts, masks) = document.regions_at_result_size();
        let prompts: Vec<&str> = prompts.iter().map(|region| region.prompt.as_str()).collect();
        let status = harness.state().status();
        assert_eq!((prompts, &masks[..]), (vec!["a pear, ripe", "a plum"], &regions[..]), "{command:?}: {status}");
        assert!(document.picture() == picture, "they are not seen");
        assert!(!harness.state().status().contains("Region"), "{}", harness.state().status());
        // Undo takes them away, and what is left of their prompts has no effect.
        (0..2).for_each(|_| perform(&mut harness, CanvasCommand::Undo));
        assert!(harness.state().document().regions_at_result_size().0.is_empty());
        assert!(harness.state().document().layers().all().count() <= before);
    }
}
