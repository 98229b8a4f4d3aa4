//! Rounds that explore what another one began.

use std::path::Path;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::engine::Sheet;
use underpaint::ui::{App, CanvasCommand, HistoryCommand, Paper, RefineCommand, ResultCommand, RoundCommand};

use crate::harness::{self, perform, pixels, results, wait};

/// A window whose rounds are as small as can be, with the example on its canvas.
fn window(folder: &Path) -> Harness<'static, App> {
    let mut harness = harness::window(folder);
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height, settings.batch) = (64, 64, 2);
    drop(settings);
    harness.run_steps(2);
    perform(&mut harness, CanvasCommand::Example);
    // Its recommended settings come with the model.
    wait(&mut harness, "the model", |app| !app.is_loading());
    harness
}

/// Waits until so many rounds are there and none is running.
fn wait_for_round(harness: &mut Harness<'static, App>, count: usize) {
    wait(harness, "the round", |app| !app.is_running() && app.rounds().count() == count);
}

#[test]
fn the_strength_ladder_is_one_round_whose_results_differ_in_strength_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label("Ladder").click();
    harness.step();
    wait_for_round(&mut harness, 1);
    let round = harness.state().rounds().latest().expect("a round").clone();
    assert_eq!(round.plan.sheet, Some(Sheet::strength_ladder()));
    let recipes: Vec<_> = round.slots.iter().map(|slot| slot.result().expect("finished").recipe.clone()).collect();
    let strengths: Vec<f64> = recipes.iter().map(|recipe| recipe.settings.strength).collect();
    assert_eq!(strengths, [0.45, 0.6, 0.75, 0.9]);
    assert!(recipes.windows(2).all(|pair| pair[0].seed == pair[1].seed));
    assert!(recipes[1].infotext().contains("Denoising strength: 0.6, "), "{}", recipes[1].infotext());
    // The one in the middle again, alone.
    let mut settings = harness.state_mut().settings_mut();
    (settings.strength, settings.seed, settings.batch) = (0.6, recipes[1].seed as i64, 1);
    drop(settings);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.step();
    wait_for_round(&mut harness, 2);
    assert!(results(harness.state(), 2)[0] == results(harness.state(), 1)[1]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.step();
    wait_for_round(&mut harness, 3);
    assert_eq!(results(harness.state(), 3).len(), 4, "the key makes one too");
}

#[test]
fn a_sheet_is_typed_made_and_saved_and_any_cell_is_put_on_the_canvas() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label("Sheet…").click();
    harness.run_steps(3);
    harness.get_by_label("12 pictures");
    let columns = harness.get_by_role_and_label(Role::TextInput, "Columns: values");
    columns.focus();
    harness.step();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text("0.4; 0,9".into()));
    harness.run_steps(2);
    harness.get_by_label("6 pictures");
    harness.get_by_label("Make sheet").click();
    harness.step();
    wait_for_round(&mut harness, 1);
    let round = harness.state().rounds().latest().expect("a round").clone();
    let recipe = round.slots[3].result().expect("finished").recipe.clone();
    assert_eq!((recipe.settings.strength, recipe.settings.cfg_scale), (0.9, 8.0));
    assert!(harness.query_by_label("Make sheet").is_none(), "the question is closed");
    harness.key_press(Key::Num4);
    harness.run_steps(2);
    assert!(pixels(harness.state()) == *results(harness.state(), 1)[3].as_raw());

    let path = folder.path().join("sheet.png");
    perform(&mut harness, RefineCommand::SaveSheet(1, path.clone()));
    wait(&mut harness, "saving", |app| app.status().starts_with("Saved as"));
    let whole = underpaint::picture::open(&path).expect("a picture");
    assert!(whole.width() >= 2 * 64 && whole.height() >= 3 * 64, "{:?}", whole.dimensions());
}

#[test]
fn a_sheet_that_cannot_be_made_says_why_and_escape_closes_the_question() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Rows: values").focus();
    harness.step();
    harness.event(Event::Text("x".into()));
    harness.run_steps(2);
    assert!(harness.get_all_by_role(Role::Label).any(|label| {
        label.accesskit_node().value().is_some_and(|text| text.contains("is not a value of CFG scale"))
    }));
    harness.get_by_label("Make sheet").click();
    harness.run_steps(2);
    assert_eq!(harness.state().rounds().count(), 0);
    for _ in 0..2 {
        harness.key_press(Key::Escape);
        harness.run_steps(3);
    }
    assert!(harness.query_by_label("Make sheet").is_none());
}

#[test]
fn more_like_this_makes_variations_from_the_results_own_start_image_also_after_reopening() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("home");
    let mut harness = harness::window_with(folder.path(), 1.0, Some(home.clone()));
    wait(&mut harness, "opening", |app| app.document_path().is_some());
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height, settings.batch, settings.seed) = (64, 64, 2, 30);
    drop(settings);
    harness.run_steps(2);
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait_for_round(&mut harness, 1);
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    harness.key_press(Key::M);
    harness.step();
    wait_for_round(&mut harness, 2);
    let round = harness.state().rounds().latest().expect("a round").clone();
    let varied = round.slots[0].result().expect("finished").recipe.clone();
    assert_eq!((varied.seed, varied.settings.variation_strength), (31, 0.15), "of the last result that was made");
    let seed = round.settings.variation_seed;
    wait(&mut harness, "committing", App::is_kept);
    harness::close(harness);

    let mut harness = harness::window_with(folder.path(), 1.0, Some(home));
    wait(&mut harness, "opening", |app| app.rounds().count() == 2);
    perform(&mut harness, RefineCommand::Vary(1, 1));
    wait_for_round(&mut harness, 3);
    let again = harness.state().rounds().latest().expect("a round").clone();
    let recipe = again.slots[0].result().expect("finished").recipe.clone();
    assert_eq!((recipe.seed, recipe.from_picture, again.parent), (31, true, None));
    assert_ne!(again.settings.variation_seed, seed, "other variations");
}

#[test]
fn what_was_not_painted_is_kept_pixel_by_pixel_and_nothing_painted_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, RoundCommand::Generate);
    wait_for_round(&mut harness, 1);
    harness.key_press(Key::Num1);
    harness.run_steps(2);
    // It may lie below the visible part of the panel.
    harness.get_by_label("Keep what I did not paint").click_accesskit();
    harness.run_steps(2);
    assert!(harness.state().settings().keep_unpainted);
    perform(&mut harness, RoundCommand::Generate);
    assert!(harness.state().status().contains("Nothing was painted"), "{}", harness.state().status());
    let parent = pixels(harness.state());
    harness::click_canvas(&mut harness, 16.0, 16.0);
    harness.state_mut().settings_mut().feather = 4;
    let sketch = pixels(harness.state());
    assert!(sketch != parent);
    perform(&mut harness, RoundCommand::Generate);
    wait_for_round(&mut harness, 2);
    let result = results(harness.state(), 2)[0].clone();
    let round = harness.state().rounds().latest().expect("a round").clone();
    let weights = round.plan.mask.as_ref().expect("a mask").weights(4);
    assert!(weights.contains(&1.0) && weights.contains(&0.0));
    for ((new, old), weight) in result.as_raw().chunks(3).zip(parent.chunks(3)).zip(&weights) {
        assert!(*weight > 0.0 || new == old);
    }
    // The number is computed on the file thread; only the soft edge drifts.
    wait(&mut harness, "the scores", |app| app.scores(2, 0).is_some() && app.scores(2, 1).is_some());
    let scores = harness.state().scores(2, 0).expect("scores");
    assert!(scores.drift.is_some_and(|drift| drift < 10.0) && scores.outline.is_some(), "{scores:?}");
    harness.run_steps(2);
    harness.get_by_label("Drift").click();
    harness.run_steps(3);
    harness.get_by_label("By outline").click();
    harness.run_steps(3);
}

#[test]
fn a_ladder_and_variations_wait_their_turn_while_another_round_is_made() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, RoundCommand::Generate);
    wait_for_round(&mut harness, 1);
    perform(&mut harness, RoundCommand::Generate);
    perform(&mut harness, RefineCommand::StrengthLadder);
    perform(&mut harness, RefineCommand::Vary(1, 0));
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    wait(&mut harness, "the queue", |app| {
        let is_made = |id| app.rounds().get(id).is_some_and(|round| !round.is_being_made() && round.has_results());
        !app.is_running() && (2..=4).all(is_made)
    });
    let of = |id| harness.state().rounds().get(id).expect("made").results().map(|(_, result)| result.recipe.clone());
    let strengths: Vec<f64> = of(3).map(|recipe| recipe.settings.strength).collect();
    assert_eq!(strengths, [0.45, 0.6, 0.75, 0.9]);
    let varied: Vec<u64> = of(4).filter(|recipe| recipe.settings.variation_strength > 0.0).map(|r| r.seed).collect();
    let first = of(1).next().expect("a result").seed;
    assert_eq!(varied, [first, first]);
}

#[test]
fn a_result_of_which_a_part_was_kept_is_run_again_the_same_and_made_again_after_going_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = harness::window_with(folder.path(), 1.0, Some(folder.path().join("home")));
    wait(&mut harness, "opening", |app| app.document_path().is_some());
    wait(&mut harness, "the model", |app| !app.is_loading());
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height, settings.batch, settings.keep_unpainted) = (64, 64, 1, true);
    drop(settings);
    harness.run_steps(2);
    perform(&mut harness, CanvasCommand::Example);
    harness::click_canvas(&mut harness, 16.0, 16.0);
    perform(&mut harness, RoundCommand::Generate);
    wait_for_round(&mut harness, 1);
    assert!(harness.state().rounds().get(1).is_some_and(|round| round.plan.mask.is_some()));
    wait(&mut harness, "keeping", App::is_kept);
    perform(&mut harness, ResultCommand::RunAgain(1, 0));
    assert!(harness.state().is_running());
    wait(&mut harness, "running again", |app| !app.is_running());
    assert_eq!(harness.state().status(), "The picture comes out the same again, to the last pixel.");

    perform(&mut harness, CanvasCommand::New(Paper::Black));
    perform(&mut harness, HistoryCommand::GoBack(1));
    wait(&mut harness, "going back", |app| app.status().contains("began with them"));
    perform(&mut harness, RoundCommand::Generate);
    wait_for_round(&mut harness, 2);
    assert!(results(harness.state(), 2)[0] == results(harness.state(), 1)[0]);
}

#[test]
fn a_result_is_made_larger_by_a_round_of_the_queue_and_painted_over_in_its_size() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = harness::window_with(folder.path(), 1.0, Some(folder.path().join("home")));
    wait(&mut harness, "opening", |app| app.document_path().is_some());
    {
        let mut settings = harness.state_mut().settings_mut();
        (settings.width, settings.height, settings.batch, settings.seed) = (64, 64, 1, 30);
    }
    harness.run_steps(2);
    perform(&mut harness, CanvasCommand::Example);
    wait(&mut harness, "the model", |app| !app.is_loading());
    perform(&mut harness, RoundCommand::Generate);
    wait_for_round(&mut harness, 1);
    let parent = results(harness.state(), 1)[0].clone();
    perform(&mut harness, RefineCommand::AskForUpscale(1, 0));
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Slider, "Strength");
    let says = |harness: &Harness<'static, App>, text: &str| {
        harness
            .get_all_by_role(Role::Label)
            .any(|label| label.accesskit_node().value().is_some_and(|value| value.contains(text)))
    };
    assert!(says(&harness, "128 × 128 pixels, 9 tiles"), "what becomes of it is said");
    harness.get_by_role_and_label(Role::Button, "Upscale").click();
    harness.step();
    wait_for_round(&mut harness, 2);
    assert!(harness.query_by_label("Overlap").is_none(), "the question is closed");
    let round = harness.state().rounds().get(2).expect("a round").clone();
    assert_eq!(round.parent.map(|parent| (parent.round, parent.image)), Some((1, 0)));
    let large = results(harness.state(), 2)[0].clone();
    assert_eq!((parent.dimensions(), large.dimensions()), ((64, 64), (128, 128)));
    let text = round.slots[0].result().expect("finished").recipe.infotext();
    assert!(text.contains("SD upscale overlap: 32, SD upscale upscaler: Lanczos"), "{text}");
    // The next round is a usual one, and the canvas takes the size of what is painted over.
    assert!(harness.state_mut().settings_mut().second_pass.is_none());
    perform(&mut harness, ResultCommand::PaintOver(2, 0));
    harness.run_steps(3);
    assert_eq!(pixels(harness.state()), *large.as_raw());
    perform(&mut harness, CanvasCommand::Undo);
    harness.run_steps(3);
    assert_eq!(pixels(harness.state()).len(), 64 * 64 * 3);
    // The same again, to the bit, from the start image in the document.
    wait(&mut harness, "committing", App::is_kept);
    perform(&mut harness, ResultCommand::RunAgain(2, 0));
    wait(&mut harness, "the comparison", |app| !app.is_running() && app.status().contains("same"));
}

#[test]
fn upscaling_is_asked_for_with_a_key_can_be_cancelled_and_says_its_tile() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    perform(&mut harness, RoundCommand::Generate);
    wait_for_round(&mut harness, 1);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::U);
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Upscale").click();
    harness.step();
    wait(&mut harness, "a tile", |app| {
        !app.is_running() || app.progress().is_some_and(|text| text.starts_with("Tile "))
    });
    perform(&mut harness, RoundCommand::Cancel);
    wait(&mut harness, "the end", |app| !app.is_running());
    assert!(harness.state().rounds().count() <= 2);
}
