//! The whole window without a display: pointer and key events in, the real threads, files out.

mod brushes;
mod color;
mod compare;
mod control;
#[path = "../support/control_file.rs"]
mod control_file;
mod describe;
mod documents;
mod export;
#[allow(dead_code)]
#[path = "../hub/fake_hub.rs"]
mod fake_hub;
mod fetching;
mod files;
mod fonts;
mod frame;
mod harness;
mod history;
mod inpaint;
mod key_cursor;
mod keyboard;
mod large_canvas;
mod layer_files;
mod layers;
mod layout;
mod live;
mod model_panel;
mod models;
mod notices;
mod panels;
mod picking;
mod prompting;
mod queue;
mod quick;
mod refine;
mod remote;
mod reshape;
mod script;
#[path = "../support/segmenter_file.rs"]
mod segmenter_file;
mod select;
mod select_object;
#[allow(dead_code)]
#[path = "../hub/server.rs"]
mod server;
mod shortcuts;
mod survives;
mod undo_list;
mod upscale_estimate;
mod view;

use std::time::Duration;

use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use harness::{button, click_canvas, on_screen, perform, results, wait, window, window_at, window_with};
use underpaint::engine::{ModelChoice, Sampler, Settings};
use underpaint::picture::{encode_png, open, read_parameters};
use underpaint::ui::{
    App, AutoencoderUse, CanvasCommand, FileCommand, ModelCommand, Paper, ResultCommand, RoundCommand,
};

#[test]
fn draw_generate_paint_over_generate_again_save_and_read_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());

    // A whole drag within one frame, as a slow machine or a fast hand sends it.
    let (from, to) = (on_screen(harness.state(), 75.0, 100.0), on_screen(harness.state(), 175.0, 160.0));
    let events = &mut harness.input_mut().events;
    events.extend([Event::PointerMoved(from), button(from, true)]);
    events.extend((1..=20).map(|i| Event::PointerMoved(from + (to - from) * (i as f32 / 20.0))));
    events.push(button(to, false));
    harness.step();
    let brush_color = harness.state().document().canvas().color_at(125, 130);
    assert_ne!(brush_color, Some(underpaint::paint::Rgb::WHITE), "the stroke passes here");
    let sketch = harness.state().document().canvas().to_rgb();

    harness.get_by_label("Generate").click();
    harness.step();
    wait(&mut harness, "the first round", |app| !app.is_running() && app.rounds().iter().count() == 1);
    let first: Vec<_> = results(harness.state(), 1);
    assert_eq!(first.len(), 4);
    assert!(first.windows(2).all(|pair| pair[0] != pair[1]), "four different pictures");
    assert!(harness.state().document().canvas().to_rgb() == sketch, "the canvas is as it was");
    wait(&mut harness, "writing", |_| std::fs::read_dir(folder.path()).is_ok_and(|d| d.count() == 4));

    // Result 2 on the canvas with its key; undo and redo treat it like a stroke.
    harness.key_press(Key::Num2);
    harness.run_steps(2);
    assert!(harness.state().document().canvas().to_rgb() == *first[1].as_raw());
    harness.get_by_label("Undo").click();
    harness.run_steps(2);
    assert!(harness.state().document().canvas().to_rgb() == sketch);
    harness.get_by_label("Redo").click();
    harness.run_steps(2);
    assert!(harness.state().document().canvas().to_rgb() == *first[1].as_raw());

    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.step();
    wait(&mut harness, "the second round", |app| !app.is_running() && app.rounds().iter().count() == 2);
    assert_eq!(results(harness.state(), 2).len(), 4);
    assert_eq!(results(harness.state(), 1).len(), 4, "the first round is still there");

    let path = folder.path().join("chosen.png");
    perform(&mut harness, ResultCommand::Save(2, 3, path.clone()));
    wait(&mut harness, "saving", |app| app.status().starts_with("Saved as"));
    assert!(open(&path).expect("a picture") == results(harness.state(), 2)[3]);
    assert!(read_parameters(&path).expect("parameters").contains("Sampler: Euler, "));
}

#[test]
fn an_autoencoder_that_cannot_be_read_is_named_and_the_models_own_still_works() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let text = folder.path().join("notes.safetensors");
    std::fs::write(&text, "not an autoencoder").expect("writes");
    perform(&mut harness, ModelCommand::UseAutoencoder(AutoencoderUse::Results, Some(text)));
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the refusal", |app| !app.is_running());
    assert!(harness.state().status().contains("notes.safetensors"), "{}", harness.state().status());
    assert_eq!(harness.state().rounds().iter().count(), 0, "a round of nothing is not kept");
    perform(&mut harness, ModelCommand::UseAutoencoder(AutoencoderUse::Results, None));
    harness.state_mut().settings_mut().batch = 1;
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && app.rounds().iter().count() == 1);
}

#[test]
fn loras_and_words_in_their_folders_are_a_click_away() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::create_dir(folder.path().join("loras")).expect("folder");
    for name in ["Ink Wash.safetensors", "read me.txt"] {
        std::fs::write(folder.path().join("loras").join(name), "").expect("writes");
    }
    let mut harness = window(folder.path());
    harness.state_mut().settings_mut().prompt = "an apple".into();
    perform(&mut harness, FileCommand::ListExtras);
    std::thread::sleep(Duration::from_millis(300));
    harness.run_steps(3);
    harness.get_by_label("Add…").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("read me").is_none());
    harness.get_by_label("Ink Wash").click();
    harness.run_steps(2);
    assert_eq!(harness.state().settings().prompt, "an apple <lora:Ink Wash:1>");
}

#[test]
fn a_sampler_with_timesteps_of_its_own_offers_no_schedule() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    const NOTE: &str = "DDIM has its own schedule of evenly spaced timesteps.";
    assert!(harness.query_by_label(NOTE).is_none());
    harness.state_mut().settings_mut().sampler = Sampler::Ddim;
    harness.run_steps(2);
    harness.get_by_label(NOTE);
}

#[test]
fn cancel_keeps_finished_pictures_and_painting_goes_on_meanwhile() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.state_mut().settings_mut().steps = 12;
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the first picture", |app| !results(app, 1).is_empty());
    assert!(harness.state().is_running());
    let before = harness.state().document().canvas_revision();
    click_canvas(&mut harness, 20.0, 20.0);
    assert!(harness.state().document().canvas_revision() > before, "a dot while it works");
    harness.key_press(Key::Escape);
    harness.step();
    wait(&mut harness, "cancelling", |app| !app.is_running());
    let kept = results(harness.state(), 1).len();
    assert!((1..4).contains(&kept), "{kept} kept");
    assert!(harness.state().status().contains("Cancelled"));
}

#[test]
fn a_fixed_seed_moves_on_when_its_own_result_is_painted_over() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.state_mut().settings_mut().seed = 100;
    harness.state_mut().settings_mut().batch = 2;
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "round 1", |app| !app.is_running());
    perform(&mut harness, ResultCommand::PaintOver(1, 1));
    perform(&mut harness, RoundCommand::Generate);
    assert_eq!(harness.state().settings().seed, 102);
    assert!(harness.state().status().contains("102"), "{}", harness.state().status());
    wait(&mut harness, "round 2", |app| !app.is_running());
}

#[test]
fn the_pixel_under_the_pointer_is_painted_at_every_display_scale() {
    for scale in [1.0, 1.25, 1.5, 2.0] {
        let folder = tempfile::tempdir().expect("folder");
        let mut harness = window_at(folder.path(), scale);
        for target in [(0.0, 0.0), (511.0, 0.0), (100.0, 411.0), (511.0, 511.0)] {
            perform(&mut harness, CanvasCommand::New(Paper::White));
            // A new sheet has the size of the settings.
            let factor = harness.state().document().canvas().width() as f32 / 512.0;
            let (x, y) = ((target.0 * factor).floor(), (target.1 * factor).floor());
            click_canvas(&mut harness, x, y);
            let painted = centre_of_paint(harness.state());
            assert!(
                (painted.0 - x).abs() <= 13.0 && (painted.1 - y).abs() <= 13.0,
                "{painted:?} for {x}, {y} at {scale}"
            );
            let hit = harness.state().document().canvas().color_at(x as usize, y as usize);
            assert_ne!(hit, Some(underpaint::paint::Rgb::WHITE), "at {scale}");
        }
    }
}

/// Mean place of everything that is not white.
fn centre_of_paint(app: &App) -> (f32, f32) {
    let canvas = app.document().canvas();
    let (mut x_sum, mut y_sum, mut n) = (0.0, 0.0, 0.0);
    for y in 0..canvas.height() {
        for (x, pixel) in canvas.row(y).iter().enumerate() {
            if pixel[0] != 255 {
                (x_sum, y_sum, n) = (x_sum + x as f32, y_sum + y as f32, n + 1.0);
            }
        }
    }
    (x_sum / n, y_sum / n)
}

#[test]
fn bad_files_and_models_are_told_in_the_window_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("folder");
    let rubbish = folder.path().join("rubbish.png");
    std::fs::write(&rubbish, "no picture").expect("writes");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    let before = harness.state().document().canvas().to_rgb();
    perform(&mut harness, FileCommand::Open(rubbish));
    wait(&mut harness, "opening", |app| app.status().contains("could not be opened"));
    perform(&mut harness, ModelCommand::Use(ModelChoice::Path("/no/such/model".into())));
    wait(&mut harness, "loading", |app| app.status().contains("/no/such/model"));
    assert!(harness.state().document().canvas().to_rgb() == before);
    harness.state_mut().settings_mut().batch = 1;
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "a round on the model before", |app| !app.is_running());
    assert_eq!(results(harness.state(), 1).len(), 1);
}

#[test]
fn assistive_technology_finds_every_control_by_its_name() {
    let folder = tempfile::tempdir().expect("folder");
    let harness = window(folder.path());
    for name in [
        "Brush",
        "Eraser",
        "Fill",
        "Eyedropper",
        "File",
        "Help",
        "Open…",
        "Paste",
        "Save…",
        "Example sketch",
        "Undo",
        "Redo",
        "Generate",
        "Canvas",
        "Random",
        "Last seed",
        "Correct colours",
        "Apple green (#58a62e)",
    ] {
        assert!(harness.query_all_by_label(name).next().is_some(), "{name}");
    }
    for (name, value) in [("Steps", "4"), ("Batch size", "4"), ("Seed", "-1")] {
        assert!(reads(&harness, name, value), "{name} reads {value}");
    }
}

/// Whether a widget of this name shows this value.
fn reads(harness: &Harness<'static, App>, name: &str, value: &str) -> bool {
    harness.query_all_by_label(name).any(|node| node.value().is_some_and(|v| v.starts_with(value)))
}

#[test]
fn a_fresh_start_takes_what_the_model_recommends_and_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    wait(&mut harness, "loading", |app| !app.is_loading());
    let recommended = harness.state().recommended();
    // These tests take fewer steps than any model suggests.
    harness.state_mut().settings_mut().steps = recommended.steps.expect("says so");
    harness.run_steps(2);
    assert!(recommended.is_followed_by(harness.state().settings()));
    let (strength, sampler) = (recommended.strength.expect("says so"), recommended.sampler.expect("says so").0);
    assert!(harness.query_by_label("Settings as recommended").is_some());
    assert!(reads(&harness, "Sampler", sampler.label()));
    let take = "Use the recommended settings";
    assert!(harness.query_by_label(take).is_none(), "nothing to take over yet");
    assert!(harness.query_all_by_label("14/75").next().is_some(), "the default prompt's tokens");
    harness.state_mut().settings_mut().strength = 0.31;
    harness.run_steps(2);
    harness.get_by_label(take).click();
    harness.run_steps(2);
    assert_eq!(harness.state().settings().strength, strength);
}

#[test]
fn an_opened_picture_offers_the_settings_that_made_it() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("theirs.png");
    let text = "a blue pear\nNegative prompt: dull\nSteps: 31, Sampler: Euler a, CFG scale: 6.5, Seed: 77, Size: 320x256, Denoising strength: 0.4, Version: v1.10.1";
    let picture = image::RgbImage::from_pixel(320, 256, image::Rgb([10, 90, 200]));
    std::fs::write(&path, encode_png(&picture, Some(text)).expect("encodes")).expect("writes");

    let mut harness = window(folder.path());
    wait(&mut harness, "loading", |app| !app.is_loading());
    perform(&mut harness, FileCommand::Open(path));
    wait(&mut harness, "opening", |app| app.status().contains("theirs.png"));
    harness.get_by_label("Use its settings").click();
    harness.run_steps(2);
    let settings = harness.state().settings();
    assert_eq!((settings.prompt.as_str(), settings.negative.as_str()), ("a blue pear", "dull"));
    assert_eq!((settings.steps, settings.cfg_scale, settings.strength, settings.seed), (31, 6.5, 0.4, 77));
    assert_eq!((settings.sampler, settings.width, settings.height), (Sampler::EulerA, 320, 256));
    assert!(harness.query_all_by_label("Use its settings").next().is_none(), "the offer is gone");
    wait(&mut harness, "the canvas", |app| harness::canvas_size(app) == (320, 256));
    assert!(harness::pixels(harness.state()) == picture.into_raw(), "nothing is lost or enlarged");
}

#[test]
fn prompt_settings_and_seeds_come_back_at_the_next_launch_whatever_is_recommended() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("kept");
    let mut harness = window_with(folder.path(), 1.0, Some(home.clone()));
    wait(&mut harness, "loading", |app| !app.is_loading());
    let mut settings = harness.state_mut().settings_mut();
    (settings.prompt, settings.negative) = ("a blue pear".into(), "dull".into());
    // A value that is not what the model's maker recommends, but what a program without one would use.
    (settings.cfg_scale, settings.seed, settings.batch) = (Settings::default().cfg_scale, 100, 1);
    drop(settings);
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running());
    perform(&mut harness, ResultCommand::PaintOver(1, 0));
    let settings = harness.state().settings().clone();
    assert_eq!(harness.state().document().ancestry(), [100]);
    harness::close(harness);

    let harness = &mut window_with(folder.path(), 1.0, Some(home));
    wait(harness, "the drawing", |app| !app.document().canvas().is_blank() && !app.is_loading());
    assert_eq!(*harness.state().settings(), settings);
    assert_eq!(harness.state().document().ancestry(), [100]);
    perform(harness, RoundCommand::Generate);
    assert_eq!(harness.state().settings().seed, 101, "100 is in the canvas");
    assert_eq!(harness.state().rounds().latest().expect("a round").id, 2, "numbers go on");
    wait(harness, "the round", |app| !app.is_running());
}

#[test]
fn undo_brings_the_paper_and_the_size_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    perform(&mut harness, CanvasCommand::Undo);
    assert_eq!(harness.state().document().paper(), underpaint::paint::Rgb::WHITE);
    let tall = folder.path().join("tall.png");
    let picture = image::RgbImage::from_pixel(256, 512, image::Rgb([10, 90, 200]));
    std::fs::write(&tall, encode_png(&picture, None).expect("encodes")).expect("writes");
    let before = (harness.state().settings().width, harness.state().settings().height);
    perform(&mut harness, FileCommand::Open(tall));
    wait(&mut harness, "opening", |app| app.status().contains("tall.png"));
    perform(&mut harness, CanvasCommand::Undo);
    assert_eq!((harness.state().settings().width, harness.state().settings().height), before);
}
