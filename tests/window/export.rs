//! Results written as chosen, opened as the round they came from, made again, and shown together.

use std::path::{Path, PathBuf};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::document::TimeLapse;
use underpaint::picture::{open, read_parameters, read_start_image};
use underpaint::ui::{App, CanvasCommand, ExportCommand, FileCommand, ResultCommand, RoundCommand};

use crate::harness::{click_canvas, close, perform, pixels, results, wait, window, window_with};

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(2);
}

/// Makes one result.
fn generate(harness: &mut Harness<'static, App>) {
    harness.state_mut().settings_mut().batch = 1;
    let rounds = harness.state().rounds().count();
    perform(harness, RoundCommand::Generate);
    wait(harness, "a round", |app| !app.is_running() && app.rounds().count() == rounds + 1);
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("entry").path());
    let mut files: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    files.sort();
    files
}

#[test]
fn format_and_names_are_chosen_in_a_dialog_and_hold_at_the_next_launch() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("home");
    let out = folder.path().join("out");
    let mut harness = window_with(&out, 1.0, Some(home.clone()));
    wait(&mut harness, "opening", |app| app.document_path().is_some());
    perform(&mut harness, ExportCommand::ShowSaving);
    assert!(harness.query_by_label_contains("Example: 00001-1234567.png").is_some());
    harness.get_by_label("File name").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("x{promt}".into()));
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("{promt} is not a word of file names").is_some());
    perform(&mut harness, ExportCommand::Close);

    let options = r#"{"encoding": {"kind": "webp"}, "name": "{prompt}-{index}-{size}"}"#;
    let options = serde_json::from_str(options).expect("options");
    perform(&mut harness, ExportCommand::UseOutput(options));
    harness.state_mut().settings_mut().prompt = "a pear: ripe?".into();
    click_canvas(&mut harness, 100.0, 100.0);
    generate(&mut harness);
    wait(&mut harness, "writing", |_| files(&out, "webp").len() == 1);
    let file = &files(&out, "webp")[0];
    assert!(file.ends_with("a pear_ ripe_-1-256x256.webp"), "{}", file.display());
    assert!(read_parameters(file).expect("settings").starts_with("a pear: ripe?\n"));
    close(harness);

    let mut harness = window_with(&out, 1.0, Some(home));
    wait(&mut harness, "opening", |app| app.rounds().count() == 1);
    generate(&mut harness);
    wait(&mut harness, "writing", |_| files(&out, "webp").len() == 2);
    assert!(files(&out, "png").is_empty());
}

#[test]
fn a_saved_result_opens_as_the_round_it_came_from_and_one_undo_takes_it_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, ExportCommand::ShowSaving);
    click(&mut harness, "Save the start image in the file");
    click(&mut harness, "Use from now on");
    perform(&mut harness, CanvasCommand::Example);
    (harness.state_mut().settings_mut().prompt, harness.state_mut().settings_mut().seed) = ("a pear".into(), 77);
    generate(&mut harness);
    let start = pixels(harness.state());
    let made = results(harness.state(), 1).remove(0);
    wait(&mut harness, "writing", |_| files(folder.path(), "png").len() == 1);
    let file = files(folder.path(), "png").remove(0);
    assert!(read_start_image(&file).expect("carried").into_raw() == start);

    perform(&mut harness, CanvasCommand::New(underpaint::ui::Paper::Black));
    click_canvas(&mut harness, 20.0, 20.0);
    let before = pixels(harness.state());
    (harness.state_mut().settings_mut().prompt, harness.state_mut().settings_mut().seed) = ("a plum".into(), 5);
    perform(&mut harness, FileCommand::Open(file));
    wait(&mut harness, "opening", |app| app.status().contains("is on the canvas"));
    click(&mut harness, "Use its settings and start image");
    assert!(pixels(harness.state()) == start, "the start image is on the canvas");
    let settings = harness.state().settings();
    assert_eq!((settings.prompt.as_str(), settings.seed), ("a pear", 77));
    generate(&mut harness);
    assert!(results(harness.state(), 2)[0] == made, "the same picture again");

    perform(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == before, "one undo");
    let settings = harness.state().settings();
    assert_eq!((settings.prompt.as_str(), settings.seed), ("a plum", 5));
}

#[test]
fn a_result_is_run_again_and_found_to_be_the_same() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window_with(folder.path(), 1.0, Some(folder.path().join("home")));
    wait(&mut harness, "opening", |app| app.document_path().is_some());
    perform(&mut harness, CanvasCommand::Example);
    generate(&mut harness);
    wait(&mut harness, "keeping", |app| app.is_kept());
    perform(&mut harness, ResultCommand::RunAgain(1, 0));
    assert!(harness.state().is_running());
    wait(&mut harness, "running again", |app| !app.is_running());
    assert_eq!(harness.state().status(), "The picture comes out the same again, to the last pixel.");
    assert_eq!(harness.state().rounds().count(), 1, "the document does not change");
    assert_eq!(files(folder.path(), "png").len(), 1, "and no file is written");
}

#[test]
fn a_contact_sheet_and_a_time_lapse_are_saved() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window_with(folder.path(), 1.0, Some(folder.path().join("home")));
    wait(&mut harness, "opening", |app| app.document_path().is_some());
    click(&mut harness, "File");
    click(&mut harness, "Contact sheet…");
    assert!(harness.state().status().contains("There are no results"));
    perform(&mut harness, CanvasCommand::Example);
    wait(&mut harness, "keeping", |app| app.is_kept());
    generate(&mut harness);
    perform(&mut harness, ResultCommand::PaintOver(1, 0));
    wait(&mut harness, "keeping", |app| app.is_kept());
    let (sheet, lapse) = (folder.path().join("sheet.jpg"), folder.path().join("lapse.gif"));
    perform(&mut harness, ExportCommand::ContactSheet(1, sheet.clone()));
    wait(&mut harness, "the sheet", |app| app.status().contains("sheet.jpg"));
    assert!(open(&sheet).expect("opens").width() > 256);
    perform(&mut harness, ExportCommand::ShowTimeLapse);
    assert!(harness.query_all_by_label("Length").next().is_some());
    perform(&mut harness, ExportCommand::TimeLapse(TimeLapse { side: 128, ..TimeLapse::default() }, lapse.clone()));
    wait(&mut harness, "the time-lapse", |app| app.status().contains("lapse.gif"));
    assert_eq!(open(&lapse).expect("opens").dimensions(), (128, 128));
}
