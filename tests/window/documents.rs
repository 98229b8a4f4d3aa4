//! Documents: what was made is there again, and nothing is lost on the way from one to another.

use std::path::{Path, PathBuf};

use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::diffusion::LocalEngine;
use underpaint::document::ResultId;
use underpaint::document::store::{Store, check};
use underpaint::paint::Rgb;
use underpaint::picture::open;
use underpaint::ui::{App, CanvasCommand, DocumentCommand, FileCommand, Options, Paper, ResultCommand, RoundCommand};

use crate::harness::{
    button, click_canvas, close, drag_canvas, on_screen, options, perform, pixels, release, results, stored, wait,
};

/// A window whose results and documents lie in folders below this one; its settings are those of its document.
fn launched(folder: &Path, document: Option<PathBuf>) -> Harness<'static, App> {
    let options = Options { document, ..options(&folder.join("results"), Some(home(folder))) };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1320.0, 860.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    wait(&mut harness, "opening", |app| app.document_path().is_some() && !app.is_loading());
    harness
}

/// A window with a new document, whose rounds are small and quick.
fn window(folder: &Path) -> Harness<'static, App> {
    let mut harness = launched(folder, None);
    let mut settings = harness.state_mut().settings_mut();
    (settings.batch, settings.steps, settings.width, settings.height) = (2, 2, 128, 128);
    drop(settings);
    harness.run_steps(3);
    harness
}

fn home(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn untitled(folder: &Path) -> PathBuf {
    home(folder).join("untitled.underpaint")
}

fn wait_until_kept(harness: &mut Harness<'static, App>) {
    wait(harness, "keeping", App::is_kept);
}

fn generate(harness: &mut Harness<'static, App>) {
    perform(harness, RoundCommand::Generate);
    wait(harness, "the round", |app| !app.is_running());
}

#[test]
fn painted_generated_closed_and_opened_again_everything_is_there() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    assert!(harness.state().document().canvas().is_blank(), "a first start");
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    perform(&mut harness, ResultCommand::PaintOver(1, 1));
    generate(&mut harness);
    harness.get_by_label("Earlier").click();
    harness.run_steps(2);
    let made = [results(harness.state(), 1), results(harness.state(), 2)];
    // Closed while the brush is down.
    let at = on_screen(harness.state(), 20.0, 20.0);
    harness.event(Event::PointerMoved(at));
    harness.event(button(at, true));
    harness.step();
    let (sketch, ancestry) = (pixels(harness.state()), harness.state().document().ancestry().to_vec());
    let settings = harness.state().settings().clone();
    close(harness);
    assert!(stored(&untitled(folder.path())).canvas().to_rgb() == sketch);
    assert_eq!(check(&untitled(folder.path())).expect("opens").problems, Vec::<String>::new());

    let mut harness = launched(folder.path(), None);
    let app = harness.state();
    assert!(app.status().contains("untitled is open as it was left"), "{}", app.status());
    assert!(pixels(app) == sketch);
    assert_eq!((app.settings(), app.document().ancestry()), (&settings, &ancestry[..]));
    assert_eq!(app.rounds().get(2).and_then(|round| round.parent), Some(ResultId { round: 1, image: 1 }));
    // The round that was shown is shown, and its pixels are read again; the other's once it is looked at.
    wait(&mut harness, "the pictures", |app| results(app, 1).len() == 2);
    assert!(results(harness.state(), 1) == made[0]);
    assert!(results(harness.state(), 2).is_empty(), "not read before somebody looks");
    harness.get_by_label("Later").click();
    wait(&mut harness, "the pictures", |app| results(app, 2).len() == 2);
    assert!(results(harness.state(), 2) == made[1]);
    // Though it is painted over from the file, and the files of the results are gone.
    std::fs::remove_dir_all(folder.path().join("results")).expect("removes");
    perform(&mut harness, ResultCommand::PaintOver(1, 0));
    wait(&mut harness, "painting over", |app| pixels(app) == *made[0][0].as_raw());
    generate(&mut harness);
    assert_eq!(harness.state().rounds().latest().expect("a round").id, 3, "numbers go on");
}

#[test]
fn a_stroke_is_in_the_file_within_a_second_though_the_brush_is_down() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    wait_until_kept(&mut harness);
    drag_canvas(&mut harness, (20.0, 20.0), (90.0, 60.0));
    let half = pixels(harness.state());
    // The window's clock runs with its frames.
    wait_until_kept(&mut harness);
    assert!(harness.state().document().can_undo());
    assert!(stored(&untitled(folder.path())).canvas().to_rgb() == half);
    release(&mut harness);
}

#[test]
fn a_new_document_leaves_the_old_one_as_it_is_and_both_can_be_opened() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    let sketch = pixels(harness.state());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    wait(&mut harness, "the new document", |app| {
        app.document_path().is_some_and(|p| p.ends_with("untitled-2.underpaint"))
    });
    let app = harness.state();
    assert!(app.document().canvas().is_blank() && app.rounds().count() == 0 && !app.document().can_undo());
    click_canvas(&mut harness, 30.0, 30.0);
    let dot = pixels(harness.state());
    // At once: what was painted goes into its own file first.
    perform(&mut harness, FileCommand::Open(untitled(folder.path())));
    wait(&mut harness, "the old document", |app| app.rounds().count() == 1);
    assert!(pixels(harness.state()) == sketch);
    wait(&mut harness, "the pictures", |app| results(app, 1).len() == 2);
    assert!(stored(&home(folder.path()).join("untitled-2.underpaint")).canvas().to_rgb() == dot);
    // The next launch goes on with the one used last, and the list of documents has both.
    wait_until_kept(&mut harness);
    close(harness);
    let mut harness = launched(folder.path(), None);
    assert!(pixels(harness.state()) == sketch);
    harness.get_by_label("File").click();
    harness.run_steps(3);
    harness.get_by_label("Open recent").click();
    harness.run_steps(3);
    harness.get_by_label("untitled-2.underpaint").click();
    wait(&mut harness, "the other document", |app| pixels(app) == dot);
}

#[test]
fn a_document_is_saved_under_another_name_and_goes_on_there() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    wait_until_kept(&mut harness);
    let apple = folder.path().join("apple.underpaint");
    perform(&mut harness, DocumentCommand::SaveAs(apple.clone()));
    wait(&mut harness, "saving", |app| app.document_path() == Some(&apple));
    let before = pixels(harness.state());
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    wait_until_kept(&mut harness);
    close(harness);
    assert_eq!(stored(&apple).canvas().color_at(0, 0), Some(Rgb::BLACK));
    assert_eq!(stored(&apple).rounds().count(), 1);
    assert!(stored(&untitled(folder.path())).canvas().to_rgb() == before, "the old file is as it was");
    let harness = launched(folder.path(), None);
    assert_eq!(harness.state().document_path(), Some(apple.as_path()), "the next launch goes on with it");
}

#[test]
fn two_windows_never_write_to_one_file() {
    let folder = tempfile::tempdir().expect("folder");
    let mut first = window(folder.path());
    perform(&mut first, CanvasCommand::Example);
    wait_until_kept(&mut first);
    let sketch = pixels(first.state());
    let mut second = window(folder.path());
    assert!(second.state().document_path().is_some_and(|path| path.ends_with("untitled-2.underpaint")));
    assert!(second.state().document().canvas().is_blank());
    // The first window's document can be looked at, and what is painted on it goes into a copy.
    perform(&mut second, DocumentCommand::Open(untitled(folder.path())));
    wait(&mut second, "looking", |app| pixels(app) == sketch);
    assert!(second.state().status().contains("open in another window"), "{}", second.state().status());
    click_canvas(&mut second, 100.0, 100.0);
    wait(&mut second, "the copy", |app| app.document_path().is_some_and(|p| p.ends_with("untitled-3.underpaint")));
    wait_until_kept(&mut second);
    let changed = pixels(second.state());
    assert!(changed != sketch);
    assert!(stored(&home(folder.path()).join("untitled-3.underpaint")).canvas().to_rgb() == changed);
    assert!(stored(&untitled(folder.path())).canvas().to_rgb() == sketch);
}

#[test]
fn what_cannot_be_written_is_told_kept_and_written_later() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    wait_until_kept(&mut harness);
    // The folder is gone, and something else has its name.
    std::fs::rename(home(folder.path()), folder.path().join("moved")).expect("moves");
    std::fs::write(home(folder.path()), "in the way").expect("writes");
    generate(&mut harness);
    const TOLD: &str = "Your latest work is only in this window";
    for _ in 0..500 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        harness.step();
        if harness.query_by_label_contains(TOLD).is_some() {
            break;
        }
    }
    assert!(harness.query_by_label_contains(TOLD).is_some());
    harness.get_by_label("Save the document elsewhere…");
    assert!(!harness.state().is_kept());
    // Another document is not opened before this one is in a file.
    let made = results(harness.state(), 1);
    assert_eq!(made.len(), 2, "the pictures are in memory");
    let elsewhere = folder.path().join("elsewhere.underpaint");
    perform(&mut harness, DocumentCommand::SaveAs(elsewhere.clone()));
    wait(&mut harness, "keeping", |app| app.document_path() == Some(&elsewhere) && app.is_kept());
    harness.run_steps(2);
    assert!(harness.query_by_label_contains(TOLD).is_none(), "the notice is gone");
    close(harness);
    assert_eq!(stored(&elsewhere).rounds().count(), 1);
    assert_eq!(check(&elsewhere).expect("opens").problems, Vec::<String>::new());
}

#[test]
fn a_bad_document_is_one_sentence_and_a_running_round_is_not_left() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    let sketch = pixels(harness.state());
    let bad = folder.path().join("list.underpaint");
    std::fs::write(&bad, "eggs, milk").expect("writes");
    perform(&mut harness, FileCommand::Open(bad.clone()));
    wait(&mut harness, "the refusal", |app| app.status().contains("not an underpaint document"));
    assert!(pixels(harness.state()) == sketch);
    assert_eq!(std::fs::read_to_string(&bad).expect("reads"), "eggs, milk");
    harness.state_mut().settings_mut().steps = 50;
    perform(&mut harness, RoundCommand::Generate);
    perform(&mut harness, DocumentCommand::New);
    assert!(harness.state().status().contains("A round is being made"), "{}", harness.state().status());
    assert!(harness.state().is_running());
    perform(&mut harness, RoundCommand::Cancel);
    wait(&mut harness, "cancelling", |app| !app.is_running());
    perform(&mut harness, CanvasCommand::Undo);
    wait_until_kept(&mut harness);
    close(harness);

    // At the next launch the damaged one is told, left alone, and another is used.
    std::fs::write(untitled(folder.path()), "no document").expect("writes");
    let harness = window(folder.path());
    assert!(
        harness.state().status().contains("untitled.underpaint could not be opened"),
        "{}",
        harness.state().status()
    );
    assert!(harness.state().document_path().is_some_and(|path| path.ends_with("untitled-2.underpaint")));
    assert_eq!(std::fs::read_to_string(untitled(folder.path())).expect("reads"), "no document");
}

#[test]
fn a_drawing_of_an_older_version_is_taken_over_once() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::create_dir_all(home(folder.path())).expect("makes");
    let drawing = home(folder.path()).join("drawing.png");
    image::RgbImage::from_pixel(192, 128, image::Rgb([10, 90, 200])).save(&drawing).expect("saves");
    let mut harness = launched(folder.path(), None);
    assert_eq!(harness.state().document().canvas().color_at(5, 5), Some(Rgb([10, 90, 200])));
    wait_until_kept(&mut harness);
    close(harness);
    assert_eq!(stored(&untitled(folder.path())).canvas().color_at(5, 5), Some(Rgb([10, 90, 200])));
    assert_eq!(open(&drawing).expect("left in place").dimensions(), (192, 128));
}

#[test]
fn a_document_named_on_the_command_line_is_opened() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, CanvasCommand::Example);
    wait_until_kept(&mut harness);
    let sketch = pixels(harness.state());
    close(harness);
    let path = folder.path().join("mine.underpaint");
    std::fs::rename(untitled(folder.path()), &path).expect("moves");
    let harness = launched(folder.path(), Some(path.clone()));
    assert!(pixels(harness.state()) == sketch && harness.state().document_path() == Some(&path));
    assert!(Store::open(&path).expect("opens").read_only().is_some(), "the window holds it");
}
