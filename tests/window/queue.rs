//! Rounds that wait: asked for, moved, dropped, paused, skipped, failed, and there again at the next launch.

use std::sync::{Arc, Mutex};

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::document::{Pause, RoundId, State};
use underpaint::engine::ModelChoice;
use underpaint::ui::{
    App, CanvasCommand, DocumentCommand, HistoryCommand, ModelCommand, NotifyWhen, Paper, QueueCommand, RoundCommand,
};

use crate::harness::{click_canvas, close, drag_canvas, perform, release, results, stored, wait};
use crate::script::{Script, window, window_with};

/// Asks for a round with this seed.
fn ask(harness: &mut Harness<'static, App>, seed: i64) {
    harness.state_mut().settings_mut().seed = seed;
    perform(harness, RoundCommand::Generate);
}

fn waiting(app: &App) -> Vec<RoundId> {
    app.document().queue().waiting().iter().map(|job| job.round).collect()
}

fn running(app: &App) -> Option<RoundId> {
    app.document().queue().running().map(|job| job.round)
}

fn wait_until_idle(harness: &mut Harness<'static, App>) {
    wait(harness, "the queue", |app| !app.is_running() && app.document().queue().is_empty());
}

fn wait_for_pictures(harness: &mut Harness<'static, App>, round: RoundId, pictures: usize) {
    wait(harness, "the pictures", |app| results(app, round).len() == pictures);
}

fn key(harness: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

fn text_of_status(harness: &Harness<'static, App>) -> String {
    harness.state().status().to_owned()
}

#[test]
fn rounds_asked_for_while_one_runs_are_made_in_turn_each_with_its_own_canvas_and_settings() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    perform(&mut harness, CanvasCommand::New(Paper::Black));
    click(&mut harness, "Generate");
    assert!(harness.state().is_running());
    perform(&mut harness, CanvasCommand::New(Paper::White));
    harness.state_mut().settings_mut().prompt = "a pear".into();
    ask(&mut harness, 200);
    assert_eq!(waiting(harness.state()), [2]);
    // That it waits is to be seen; that its canvas is blank has to be said.
    assert!(text_of_status(&harness).contains("The canvas is blank"), "{}", text_of_status(&harness));
    click_canvas(&mut harness, 30.0, 30.0);
    harness.state_mut().settings_mut().batch = 1;
    ask(&mut harness, 300);
    assert_eq!((running(harness.state()), waiting(harness.state())), (Some(1), vec![2, 3]));
    harness.state_mut().settings_mut().prompt = "changed afterwards".into();
    script.allow(7);
    wait_until_idle(&mut harness);
    assert_eq!(script.made(), [100, 101, 102, 200, 201, 202, 300]);
    let rounds = harness.state().rounds();
    assert_eq!(rounds.get(2).map(|round| (round.settings.prompt.as_str(), round.settings.batch)), Some(("a pear", 3)));
    wait(&mut harness, "keeping", App::is_kept);
    let path = harness.state().document_path().expect("a file").to_path_buf();
    close(harness);
    let kept = underpaint::document::store::Store::open_read_only(&path).expect("opens");
    let rounds = kept.load().expect("loads").rounds;
    let starts: Vec<_> = rounds.iter().map(|round| round.start.as_ref().map(|start| start.picture)).collect();
    assert!(starts[0] != starts[1] && starts[1] != starts[2], "three canvases: {starts:?}");
}

#[test]
fn waiting_rounds_are_moved_and_dropped_through_the_names_of_their_buttons() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().batch = 1;
    (1..=4).for_each(|round| ask(&mut harness, 100 * round));
    assert_eq!(waiting(harness.state()), [2, 3, 4]);
    assert!(harness.query_by_label("Drop round 2").is_none(), "the list is hidden at first");
    key(&mut harness, Modifiers::NONE, Key::Q);
    click(&mut harness, "Make round 4 earlier");
    click(&mut harness, "Make round 2 later");
    assert_eq!(waiting(harness.state()), [4, 2, 3]);
    click(&mut harness, "Drop round 2");
    assert_eq!(waiting(harness.state()), [4, 3]);
    // Numbers never change: the others keep theirs in the list, the gallery, captions and files.
    for label in ["Drop round 3", "Drop round 4"] {
        harness.get_by_label(label);
    }
    assert!(harness.query_by_label("Drop round 2").is_none());
    click(&mut harness, "Hide the queue");
    assert!(harness.query_by_label("Drop round 3").is_none());
    script.allow(3);
    wait_until_idle(&mut harness);
    assert_eq!(script.made(), [100, 400, 300]);
    assert_eq!(harness.state().rounds().iter().map(|round| round.id).collect::<Vec<_>>(), [1, 3, 4]);
    perform(&mut harness, HistoryCommand::ShowRound(3));
    harness.run_steps(3);
    harness.get_by_label("Round 3 of 4");
    harness.get_by_label("Round 4, from a drawing");
    perform(&mut harness, HistoryCommand::DeleteRound(3));
    assert_eq!(text_of_status(&harness), "Deleted round 3.");
}

#[test]
fn a_fixed_seed_that_makes_the_same_pictures_again_is_told_and_nothing_else_is() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().batch = 1;
    let told = |harness: &Harness<'static, App>| text_of_status(harness).contains("makes the same pictures as round");
    ask(&mut harness, 100);
    assert!(!told(&harness));
    for round in 1..=5 {
        ask(&mut harness, 100);
        let expected = format!("same pictures as round {round}");
        assert!(text_of_status(&harness).contains(&expected), "{}", text_of_status(&harness));
    }
    click_canvas(&mut harness, 30.0, 30.0);
    ask(&mut harness, 100);
    assert!(!told(&harness), "the canvas is another one: {}", text_of_status(&harness));
    harness.state_mut().settings_mut().steps += 1;
    ask(&mut harness, 100);
    assert!(!told(&harness));
    ask(&mut harness, -1);
    ask(&mut harness, -1);
    assert!(!told(&harness), "each round draws a seed");
}

#[test]
fn after_cancelling_the_finished_picture_is_on_show_and_not_the_empty_place() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    ask(&mut harness, 100);
    script.allow(2);
    wait_for_pictures(&mut harness, 1, 2);
    key(&mut harness, Modifiers::NONE, Key::Escape);
    wait_until_idle(&mut harness);
    harness.run_steps(3);
    assert_eq!((harness.state().document().shown_round(), harness.state().document().view().result), (Some(1), 1));
    let slots = &harness.state().rounds().get(1).expect("kept").slots;
    assert!(matches!(slots[2].state, State::Dropped) && slots[1].result().is_some());
}

#[test]
fn a_failed_round_that_was_deleted_says_why_it_is_not_tried_again_and_redo_says_why_it_waits() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().prompt = "panic later".into();
    ask(&mut harness, 100);
    script.allow(1);
    wait_until_idle(&mut harness);
    wait(&mut harness, "failing", |app| app.document().queue().failed().len() == 1);
    assert_eq!(results(harness.state(), 1).len(), 1);
    perform(&mut harness, HistoryCommand::DeleteRound(1));
    key(&mut harness, Modifiers::NONE, Key::Q);
    click(&mut harness, "Try the failed round again");
    assert_eq!(text_of_status(&harness), "Round 1 was deleted. Undo that, then try again.");
    assert!(!harness.state().is_running());
    perform(&mut harness, CanvasCommand::Undo);
    click(&mut harness, "Try the failed round again");
    perform(&mut harness, CanvasCommand::Redo);
    assert!(text_of_status(&harness).contains("This round is being made"), "{}", text_of_status(&harness));
    assert!(harness.state().rounds().get(1).is_some());
}

#[test]
fn a_paused_queue_stops_after_the_image_and_goes_on_with_the_next_one() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    ask(&mut harness, 100);
    ask(&mut harness, 200);
    script.allow(1);
    wait_for_pictures(&mut harness, 1, 1);
    key(&mut harness, Modifiers::NONE, Key::P);
    script.allow(5);
    wait(&mut harness, "the pause", |app| !app.is_running());
    assert_eq!(script.made(), [100, 101], "the present image was finished");
    assert_eq!(waiting(harness.state()), [1, 2]);
    assert_eq!(harness.state().document().missing_images(1), [2]);
    ask(&mut harness, 300);
    assert!(text_of_status(&harness).contains("paused"), "{}", text_of_status(&harness));
    assert!(!harness.state().is_running());
    script.allow(3);
    click(&mut harness, "Resume");
    wait_until_idle(&mut harness);
    assert_eq!(script.made(), [100, 101, 102, 200, 201, 202, 300, 301, 302]);
    assert_eq!(results(harness.state(), 1).len(), 3);
}

#[test]
fn a_pause_that_is_taken_back_in_time_changes_nothing() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    ask(&mut harness, 100);
    perform(&mut harness, QueueCommand::TogglePause);
    perform(&mut harness, QueueCommand::TogglePause);
    script.allow(3);
    wait_until_idle(&mut harness);
    assert_eq!(script.made(), [100, 101, 102]);
}

#[test]
fn a_skipped_image_is_not_made_and_the_round_goes_on() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    ask(&mut harness, 100);
    script.allow(1);
    wait_for_pictures(&mut harness, 1, 1);
    key(&mut harness, Modifiers::NONE, Key::K);
    assert!(text_of_status(&harness).contains("Image 2"), "{}", text_of_status(&harness));
    script.allow(1);
    wait_until_idle(&mut harness);
    assert_eq!(script.made(), [100, 102]);
    let slot = harness.state().rounds().slot(1, 1).expect("a place");
    assert!(matches!(slot.state, State::Dropped));
}

#[test]
fn cancelling_a_round_goes_on_with_the_next_and_cancelling_all_with_none() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    (1..=4).for_each(|round| ask(&mut harness, 100 * round));
    script.allow(1);
    wait_for_pictures(&mut harness, 1, 1);
    key(&mut harness, Modifiers::NONE, Key::Escape);
    wait(&mut harness, "the next round", |app| running(app) == Some(2));
    assert_eq!(results(harness.state(), 1).len(), 1, "what was finished stays");
    key(&mut harness, Modifiers::SHIFT, Key::Escape);
    wait_until_idle(&mut harness);
    assert_eq!(script.made(), [100]);
    assert_eq!(harness.state().rounds().iter().map(|round| round.id).collect::<Vec<_>>(), [1]);
}

#[test]
fn rounds_are_made_for_ever_with_the_next_seed_until_that_is_stopped() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    key(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    wait(&mut harness, "the first round", |app| running(app) == Some(1));
    // A round that was asked for comes before the next endless one.
    ask(&mut harness, 500);
    script.allow(9);
    wait(&mut harness, "the fourth round", |app| running(app) == Some(4));
    assert_eq!(script.made(), [100, 101, 102, 500, 501, 502, 503, 504, 505]);
    click(&mut harness, "For ever");
    script.allow(9);
    wait_until_idle(&mut harness);
    assert_eq!(script.made()[9..], [506, 507, 508], "the running round is the last one");

    // Nobody's stroke is ended by a round that begins by itself; cancelling stops it too.
    drag_canvas(&mut harness, (10.0, 10.0), (40.0, 40.0));
    perform(&mut harness, QueueCommand::ToggleForever);
    harness.run_steps(5);
    assert!(harness.state().document().is_stroking() && !harness.state().is_running());
    release(&mut harness);
    wait(&mut harness, "the next round", App::is_running);
    perform(&mut harness, RoundCommand::Cancel);
    wait_until_idle(&mut harness);
    harness.run_steps(5);
    assert!(!harness.state().is_running());
}

#[test]
fn a_panic_or_too_little_memory_fails_its_round_and_the_others_are_made() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().batch = 1;
    for (seed, prompt) in [(1, "a pear"), (2, "panic"), (3, "a pear"), (4, "memory"), (5, "panic"), (6, "a pear")] {
        harness.state_mut().settings_mut().prompt = prompt.into();
        ask(&mut harness, seed);
    }
    script.allow(9);
    wait(&mut harness, "the pause", |app| app.document().queue().paused().is_some());
    assert_eq!(script.made(), [1, 3], "the third failure is the second in a row");
    let app = harness.state();
    let reasons: Vec<&str> = app.document().queue().failed().iter().map(|failed| failed.reason.as_str()).collect();
    assert!(reasons[0].contains("the script says so") && reasons[1].contains("9000 MB"), "{reasons:?}");
    assert!(matches!(app.document().queue().paused(), Some(Pause::Failures(reason)) if reason == reasons[2]));
    assert_eq!(waiting(app), [6]);
    harness.get_by_label_contains("Two rounds failed in a row");
    click(&mut harness, "Resume the queue");
    wait(&mut harness, "the last round", |app| !app.is_running());
    assert_eq!(script.made(), [1, 3, 6]);

    // One of them is tried again, the others are forgotten.
    perform(&mut harness, QueueCommand::ToggleList);
    perform(&mut harness, QueueCommand::Retry(4));
    wait(&mut harness, "failing again", |app| app.document().queue().failed().len() == 3);
    for round in [2, 4, 5] {
        perform(&mut harness, QueueCommand::Dismiss(round));
    }
    assert!(harness.state().document().queue().failed().is_empty());
    assert_eq!(harness.state().rounds().count(), 3);
}

#[test]
fn waiting_rounds_are_there_at_the_next_launch_and_the_interrupted_one_lacks_only_what_was_not_made() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    (1..=3).for_each(|round| ask(&mut harness, 100 * round));
    perform(&mut harness, QueueCommand::MoveEarlier(3));
    script.allow(1);
    wait_for_pictures(&mut harness, 1, 1);
    wait(&mut harness, "keeping", App::is_kept);
    let path = harness.state().document_path().expect("a file").to_path_buf();
    // As it lies there while the program works: what a crash would leave.
    let crashed = stored(&path);
    assert_eq!(
        crashed.queue().waiting().iter().map(|job| (job.round, job.is_begun)).collect::<Vec<_>>(),
        [(1, true), (3, false), (2, false)]
    );
    close(harness);

    let mut harness = window(folder.path(), &script, None);
    script.allow(99);
    harness.run_steps(10);
    assert!(!harness.state().is_running(), "nothing is made unasked");
    assert_eq!(waiting(harness.state()), [1, 3, 2]);
    harness.get_by_label_contains(
        "3 rounds were waiting when this document was closed; round 1 had begun, and 2 pictures are missing.",
    );
    click(&mut harness, "Resume the queue");
    wait_until_idle(&mut harness);
    assert_eq!(script.made(), [100, 101, 102, 300, 301, 302, 200, 201, 202]);
    assert_eq!(harness.state().rounds().count(), 3);
    wait(&mut harness, "keeping", App::is_kept);
    close(harness);
    assert!(stored(&path).queue().is_empty());
}

#[test]
fn restored_rounds_can_be_dropped_and_a_second_window_leaves_them_to_the_first() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut first = window(folder.path(), &script, None);
    ask(&mut first, 100);
    ask(&mut first, 200);
    wait(&mut first, "keeping", App::is_kept);
    let path = first.state().document_path().expect("a file").to_path_buf();
    let second = window(folder.path(), &script, Some(path.clone()));
    assert!(second.state().document().queue().is_empty());
    assert!(second.query_by_label("Resume the queue").is_none());
    close(second);
    close(first);

    let mut harness = window(folder.path(), &script, None);
    click(&mut harness, "Drop them");
    assert!(harness.state().document().queue().is_empty() && harness.query_by_label("Resume the queue").is_none());
    wait(&mut harness, "keeping", App::is_kept);
    close(harness);
    assert!(stored(&path).queue().is_empty());
}

#[test]
fn another_document_is_not_shown_while_rounds_wait_and_a_paused_queue_stays_with_its_document() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    ask(&mut harness, 100);
    ask(&mut harness, 200);
    perform(&mut harness, DocumentCommand::New);
    assert!(text_of_status(&harness).contains("A round is being made"), "{}", text_of_status(&harness));
    perform(&mut harness, QueueCommand::TogglePause);
    script.allow(1);
    wait(&mut harness, "the pause", |app| !app.is_running());
    let old = harness.state().document_path().expect("a file").to_path_buf();
    perform(&mut harness, DocumentCommand::New);
    wait(&mut harness, "the new document", |app| app.rounds().count() == 0);
    assert!(harness.state().document().queue().is_empty());
    ask(&mut harness, 700);
    script.allow(3);
    wait_until_idle(&mut harness);
    perform(&mut harness, DocumentCommand::Open(old));
    wait(&mut harness, "the old document", |app| waiting(app) == [1, 2]);
    assert_eq!(script.made(), [100, 700, 701, 702]);
}

#[test]
fn models_are_loaded_once_for_each_stretch_of_rounds_and_the_order_stays() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let mut harness = window(folder.path(), &script, None);
    harness.state_mut().settings_mut().batch = 1;
    let other = ModelChoice::Path("/models/other".into());
    ask(&mut harness, 1);
    ask(&mut harness, 2);
    perform(&mut harness, ModelCommand::Use(other.clone()));
    assert!(text_of_status(&harness).contains("after the rounds that wait"), "{}", text_of_status(&harness));
    ask(&mut harness, 3);
    ask(&mut harness, 4);
    perform(&mut harness, ModelCommand::Use(ModelChoice::Starter));
    ask(&mut harness, 5);
    script.allow(9);
    wait_until_idle(&mut harness);
    assert_eq!(script.made(), [1, 2, 3, 4, 5]);
    assert_eq!(script.loads(), ["starter", "other", "starter"]);
    // A model that was chosen while others were needed is loaded at the end.
    ask(&mut harness, 6);
    ask(&mut harness, 7);
    perform(&mut harness, ModelCommand::Use(other));
    wait_until_idle(&mut harness);
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert_eq!(script.loads(), ["starter", "other", "starter", "other"]);
}

#[test]
fn the_end_of_the_queue_is_notified_only_while_the_window_is_not_looked_at() {
    let (folder, script) = (tempfile::tempdir().expect("folder"), Script::default());
    let told = Arc::new(Mutex::new(Vec::new()));
    let told_by_window = Arc::clone(&told);
    let mut harness = window_with(folder.path(), &script, None, move |app| {
        app.with_notifier(move |text| told_by_window.lock().expect("not poisoned").push(text))
    });
    let told = || told.lock().expect("not poisoned").clone();
    let round = |harness: &mut Harness<'static, App>, focused: bool, when: NotifyWhen| {
        harness.input_mut().focused = focused;
        perform(harness, QueueCommand::NotifyWhen(when));
        ask(harness, -1);
        ask(harness, -1);
        script.allow(6);
        wait_until_idle(harness);
    };
    round(&mut harness, false, NotifyWhen::Long);
    round(&mut harness, true, NotifyWhen::Always);
    round(&mut harness, false, NotifyWhen::Never);
    assert!(told().is_empty(), "{:?}", told());
    round(&mut harness, false, NotifyWhen::Always);
    assert_eq!(told(), ["6 pictures are ready."], "once, for both rounds");
}
