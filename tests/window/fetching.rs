//! Fetching models in their window: asked for, watched, stopped, failed and found, from a hub that this test plays.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui::{Key, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::engine::ModelChoice;
use underpaint::hub::Environment;
use underpaint::jobs::ModelSearch;
use underpaint::models::{
    Catalogue, FoundKind, InspectedFile, Inspector, KeptDownloads, ModelPreferences, Surroundings,
};
use underpaint::ui::{App, FetchCommand, ModelPanelCommand, ModelSection, Options, RoundCommand};

use crate::fake_hub::{FakeHub, noise, sha256};
use crate::harness::{close, options, perform, wait};
use crate::script::{Script, engine};

const FETCH: &str = "Fetch Plum, 3 MB";
const ACCEPT: &str = "Accept the licence and fetch Plum";

/// Takes every file for a model that can be used.
struct Anything;

impl Inspector for Anything {
    fn inspect(&self, _: &Path) -> InspectedFile {
        InspectedFile { kind: FoundKind::Model, usable: true, ..InspectedFile::default() }
    }
}

/// A catalogue of one model in the hub that the test plays.
fn catalogue(bytes: &[u8]) -> Catalogue {
    serde_json::from_value(serde_json::json!({ "models": [{
        "id": "plum", "name": "Plum", "kind": "model", "purpose": "Makes plums.", "repository": "a/b",
        "files": [{ "path": "model.safetensors", "sha256": sha256(bytes) }],
        "about_mb": 3, "base": "sd1",
        "licence": { "name": "Orchard Licence", "link": "https://example.org/orchard" },
        "memory_mb": { "bf16": 0, "f32": 0 }, "unconfirmed": [],
    }]}))
    .expect("a catalogue")
}

/// A window with the section of the catalogue open, which keeps its files below the folder.
fn window(folder: &Path, environment: Environment, bytes: &[u8], size: Vec2) -> Harness<'static, App> {
    let own = folder.join("own");
    let around = Surroundings { hub_cache: Some(environment.cache.clone()), ..Surroundings::only(Some(own)) };
    let models = Some(ModelSearch { inspector: Arc::new(Anything), around: Arc::new(around) });
    let options = Options { models, hub: Ok(environment), ..options(&folder.join("results"), None) };
    let (script, catalogue) = (Script::default(), catalogue(bytes));
    script.allow(100);
    let mut harness = Harness::builder()
        .with_size(size)
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, move || engine(&script)).with_catalogue(catalogue));
    wait(&mut harness, "searching", |app| app.found_models() == Some(0) && !app.is_loading());
    perform(&mut harness, ModelPanelCommand::Open);
    perform(&mut harness, ModelPanelCommand::Show(ModelSection::Catalogue));
    harness.run_steps(2);
    harness
}

fn usual(folder: &Path, hub: &FakeHub, bytes: &[u8]) -> Harness<'static, App> {
    window(folder, hub.environment(), bytes, egui::vec2(1320.0, 860.0))
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).hover();
    harness.run_steps(2);
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

fn shows(harness: &Harness<'static, App>, text: &str) -> bool {
    harness.query_all_by_label_contains(text).next().is_some()
}

/// Types what is to be fetched.
fn enter(harness: &mut Harness<'static, App>, text: &str) {
    harness.get_by_label("Fetch owner/name or a link").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text(text.into()));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
}

/// Lets the window live until it shows a text.
fn until_shown(harness: &mut Harness<'static, App>, text: &str) {
    let begun = Instant::now();
    while !shows(harness, text) {
        assert!(begun.elapsed().as_secs() < 120, "{text} is never shown; {}", harness.state().status());
        std::thread::sleep(Duration::from_millis(10));
        harness.step();
    }
    harness.run_steps(2);
}

/// Lets the hub send the first half of a large file, and the rest only once the gate is open.
fn with_gate(hub: &FakeHub) -> Arc<AtomicBool> {
    let gate = Arc::<AtomicBool>::default();
    let is_open = Arc::clone(&gate);
    hub.on_content(move |_, seen, reply, bytes| {
        if is_open.load(Ordering::SeqCst) || bytes.len() < 1 << 20 {
            return false;
        }
        let range = seen.range(bytes.len()).unwrap_or(0..bytes.len());
        let named = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
        reply.begin(206, &[("ETag", "\"s\""), ("Content-Range", &named)], Some(range.len()));
        let half = range.start + range.len() / 2;
        reply.body(&bytes[range.start..half]);
        while !is_open.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        reply.body(&bytes[half..range.end]);
        true
    });
    gate
}

#[test]
fn a_model_is_fetched_watched_found_and_used() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(3 << 20, 1);
    let hub = FakeHub::with_model(&bytes);
    let gate = with_gate(&hub);
    let mut harness = usual(folder.path(), &hub, &bytes);
    assert!(shows(&harness, "not here"));
    click(&mut harness, FETCH);
    assert_eq!(hub.hub.count(), 0, "nothing is fetched before the licence is accepted");
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Fetching: 50 %");
    click(&mut harness, "Pause fetching Plum");
    until_shown(&mut harness, "Paused: 50 %");
    assert!(harness.query_by_label("Pause fetching Plum").is_none());
    click(&mut harness, "Resume fetching Plum");
    until_shown(&mut harness, "Fetching: 50 %");
    gate.store(true, Ordering::SeqCst);
    wait(&mut harness, "finding", |app| app.found_models() == Some(1));
    assert!(!shows(&harness, "not here") && harness.query_by_label(FETCH).is_none());
    let path = hub.environment().cache.join("models--a--b/snapshots");
    assert!(harness.state().status().starts_with(&format!("Fetched: {}", path.display())));
    click(&mut harness, "Use the model b");
    let ModelChoice::Path(used) = harness.state().chosen_model().clone() else { panic!("it is in use") };
    assert_eq!(std::fs::read(used).expect("reads"), bytes);
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert!(shows(&harness, "in use"));
}

#[test]
fn a_failure_is_told_in_the_row_and_tried_again_without_another_question() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(1 << 20, 2);
    let hub = FakeHub::with_model(&bytes);
    hub.on_hub(|number, _, reply, _| {
        if number == 0 {
            reply.send(401, &[("X-Error-Code", "GatedRepo")], b"");
        }
        number == 0
    });
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Try again to fetch Plum");
    let reason = harness.state().status().to_owned();
    assert!(reason.contains("a/b") && shows(&harness, &reason), "{reason}");
    assert!(harness.query_by_label("Ask for access").is_some());
    click(&mut harness, "Dismiss the failure of Plum");
    assert!(harness.query_by_label("Try again to fetch Plum").is_none());
    hub.on_hub(|_, _, _, _| false);
    click(&mut harness, FETCH);
    assert!(harness.query_by_label(ACCEPT).is_none(), "the licence was accepted");
    wait(&mut harness, "finding", |app| app.found_models() == Some(1));
}

#[test]
fn trying_again_fetches_what_failed() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(1 << 20, 3);
    let hub = FakeHub::with_model(&bytes);
    hub.on_hub(|_, _, reply, _| {
        reply.send(404, &[("X-Error-Code", "EntryNotFound")], b"");
        true
    });
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Try again to fetch Plum");
    hub.on_hub(|_, _, _, _| false);
    click(&mut harness, "Try again to fetch Plum");
    wait(&mut harness, "finding", |app| app.found_models() == Some(1));
}

#[test]
fn cancelling_leaves_the_row_as_it_was() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(1 << 20, 4);
    let hub = FakeHub::with_model(&bytes);
    let gate = with_gate(&hub);
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Fetching: 50 %");
    click(&mut harness, "Cancel fetching Plum");
    assert!(harness.query_by_label(FETCH).is_some() && !shows(&harness, "Fetching:"));
    gate.store(true, Ordering::SeqCst);
    // What was fetched is kept; asking again goes on there.
    click(&mut harness, FETCH);
    wait(&mut harness, "finding", |app| app.found_models() == Some(1));
}

const SECOND: &str = "a/b:second.safetensors";
const THIRD: &str = "a/b:third.safetensors";

/// A hub with a large model and two small files.
fn hub_with_three(bytes: &[u8]) -> FakeHub {
    let hub = FakeHub::with_model(bytes);
    hub.put("second.safetensors", &noise(100_000, 21), true);
    hub.put("third.safetensors", &noise(100_000, 22), true);
    hub
}

#[test]
fn several_wait_for_their_turn_and_are_cancelled_and_moved_one_by_one() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(3 << 20, 11);
    let hub = hub_with_three(&bytes);
    let gate = with_gate(&hub);
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Fetching: 50 %");
    enter(&mut harness, SECOND);
    enter(&mut harness, THIRD);
    assert!(shows(&harness, "Waiting for its turn, after 1 other") && shows(&harness, "after 2 others"));
    assert!(shows(&harness, "3 downloads, fetching 50 %"), "the settings say it too");
    click(&mut harness, "Downloads (3)");
    let top = |harness: &Harness<'static, App>, place: &str| {
        harness.get_by_label(&format!("Cancel fetching {place}")).rect().top()
    };
    assert!(top(&harness, "Plum") < top(&harness, SECOND) && top(&harness, SECOND) < top(&harness, THIRD));
    assert!(harness.query_by_label(&format!("Fetch {SECOND} next")).is_none(), "it is the next one");
    click(&mut harness, &format!("Fetch {THIRD} next"));
    assert!(top(&harness, "Plum") < top(&harness, THIRD) && top(&harness, THIRD) < top(&harness, SECOND));
    click(&mut harness, &format!("Cancel fetching {SECOND}"));
    assert!(harness.query_by_label("Downloads (2)").is_some() && shows(&harness, "Fetching: 50 %"));
    gate.store(true, Ordering::SeqCst);
    wait(&mut harness, "finding", |app| app.found_models() == Some(2));
    harness.run_steps(3);
    assert!(shows(&harness, "Nothing is being fetched.") && !shows(&harness, "download, "));
    assert_eq!(hub.blobs().len(), 2, "{:?}", hub.blobs());
}

#[test]
fn a_paused_download_lets_the_others_go_first() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(3 << 20, 12);
    let hub = hub_with_three(&bytes);
    let gate = with_gate(&hub);
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Fetching: 50 %");
    enter(&mut harness, SECOND);
    click(&mut harness, "Pause fetching Plum");
    wait(&mut harness, "finding the second", |app| app.found_models() == Some(1));
    assert!(shows(&harness, "Paused: 50 %") && shows(&harness, "1 download, paused"));
    gate.store(true, Ordering::SeqCst);
    click(&mut harness, "Downloads (1)");
    click(&mut harness, "Resume all");
    wait(&mut harness, "finding", |app| app.found_models() == Some(2));
}

#[test]
fn after_a_restart_downloads_wait_until_the_person_goes_on_and_then_go_on_where_they_stopped() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(3 << 20, 13);
    let hub = hub_with_three(&bytes);
    let gate = with_gate(&hub);
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Fetching: 50 %");
    enter(&mut harness, SECOND);
    click(&mut harness, &format!("Pause fetching {SECOND}"));
    close(harness);

    let (go_on, ranges) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<String>>>::default());
    let (may_go_on, seen_ranges) = (Arc::clone(&go_on), Arc::clone(&ranges));
    hub.on_content(move |_, seen, _, _| {
        while !may_go_on.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        seen_ranges.lock().expect("free").push(seen.header("range").unwrap_or_default().to_owned());
        false
    });
    let asked = hub.hub.count();
    let harness = usual(folder.path(), &hub, &bytes);
    assert!(shows(&harness, "2 downloads, paused") && shows(&harness, "1 download was not finished last time."));
    assert!(shows(&harness, "Not finished last time; waits until you go on"));
    // An answer that is put off is asked for again.
    close(harness);
    let mut harness = usual(folder.path(), &hub, &bytes);
    assert!(shows(&harness, "1 download was not finished last time."));
    assert_eq!(hub.hub.count(), asked, "nothing is fetched unasked");
    click(&mut harness, "Go on fetching Plum");
    assert!(!shows(&harness, "not finished last time"));
    go_on.store(true, Ordering::SeqCst);
    wait(&mut harness, "finding", |app| app.found_models() == Some(1));
    let half = bytes.len() / 2;
    assert!(ranges.lock().expect("free")[0].starts_with(&format!("bytes={half}-")), "{ranges:?}");
    click(&mut harness, "Downloads (1)");
    click(&mut harness, &format!("Resume fetching {SECOND}"));
    wait(&mut harness, "finding", |app| app.found_models() == Some(2));
    harness.run_steps(3);
    close(harness);
    // The first window's connection ends.
    gate.store(true, Ordering::SeqCst);
    assert_eq!(KeptDownloads::read(Some(&folder.path().join("own"))), KeptDownloads::default());
}

#[test]
fn the_question_about_the_downloads_of_last_time_answers_for_all() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(3 << 20, 16);
    let hub = hub_with_three(&bytes);
    let gate = with_gate(&hub);
    let begin = |harness: &mut Harness<'static, App>| {
        click(harness, FETCH);
        if harness.query_by_label(ACCEPT).is_some() {
            click(harness, ACCEPT);
        }
        until_shown(harness, "Fetching: 50 %");
        enter(harness, SECOND);
    };
    let mut harness = usual(folder.path(), &hub, &bytes);
    begin(&mut harness);
    close(harness);
    let mut harness = usual(folder.path(), &hub, &bytes);
    assert!(shows(&harness, "2 downloads were not finished last time."));
    perform(&mut harness, ModelPanelCommand::Close);
    click(&mut harness, "Remove the downloads of last time");
    assert!(!shows(&harness, "not finished last time") && !shows(&harness, "2 downloads"));
    perform(&mut harness, ModelPanelCommand::Open);
    begin(&mut harness);
    close(harness);
    let mut harness = usual(folder.path(), &hub, &bytes);
    perform(&mut harness, ModelPanelCommand::Close);
    gate.store(true, Ordering::SeqCst);
    click(&mut harness, "Go on with the downloads of last time");
    wait(&mut harness, "finding", |app| app.found_models() == Some(2));
}

#[test]
fn two_windows_neither_lose_nor_double_downloads() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(3 << 20, 17);
    let hub = hub_with_three(&bytes);
    // Large enough to be held up, or it would be here before everything is paused.
    hub.put("third.safetensors", &noise(2 << 20, 22), true);
    let gate = with_gate(&hub);
    let mut first = usual(folder.path(), &hub, &bytes);
    click(&mut first, FETCH);
    click(&mut first, ACCEPT);
    until_shown(&mut first, "Fetching: 50 %");
    enter(&mut first, SECOND);
    let mut second = usual(folder.path(), &hub, &bytes);
    assert!(!shows(&second, "not finished last time") && second.query_by_label("Downloads").is_some());
    enter(&mut second, THIRD);
    perform(&mut second, FetchCommand::PauseAll);
    second.run_steps(2);
    close(first);
    close(second);
    let mut next = usual(folder.path(), &hub, &bytes);
    assert!(next.query_by_label("Downloads (3)").is_some());
    gate.store(true, Ordering::SeqCst);
    click(&mut next, "Downloads (3)");
    click(&mut next, "Resume all");
    wait(&mut next, "finding", |app| app.found_models() == Some(3));
    close(next);
    let kept = KeptDownloads::read(Some(&folder.path().join("own")));
    assert_eq!(kept, KeptDownloads::default());
}

#[test]
fn a_lost_connection_holds_nothing_up_and_is_tried_again() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(1 << 20, 14);
    let hub = hub_with_three(&bytes);
    // Too long to wait for in one turn.
    hub.on_hub(|_, seen, reply, _| {
        let is_plum = seen.path.contains("/model.safetensors");
        if is_plum {
            reply.send(503, &[("Retry-After", "3600")], b"");
        }
        is_plum
    });
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "It is tried again by itself.");
    assert!(shows(&harness, "1 download, no connection"));
    enter(&mut harness, SECOND);
    wait(&mut harness, "finding the second", |app| app.found_models() == Some(1));
    hub.on_hub(|_, _, _, _| false);
    click(&mut harness, "Try now to fetch Plum");
    wait(&mut harness, "finding", |app| app.found_models() == Some(2));
}

#[test]
fn offline_stops_what_is_fetched_and_goes_on_when_it_is_turned_off() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(3 << 20, 15);
    let hub = hub_with_three(&bytes);
    let gate = with_gate(&hub);
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Fetching: 50 %");
    click(&mut harness, "Offline");
    until_shown(&mut harness, "Waiting until Offline is turned off");
    gate.store(true, Ordering::SeqCst);
    click(&mut harness, "Offline");
    wait(&mut harness, "finding", |app| app.found_models() == Some(1));
}

#[test]
fn the_licence_is_shown_once_and_declining_fetches_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(1 << 20, 5);
    let hub = FakeHub::with_model(&bytes);
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    assert!(harness.query_by_label("Orchard Licence").is_some() && shows(&harness, "https://example.org/orchard"));
    click(&mut harness, "Cancel");
    assert!(harness.query_by_label(ACCEPT).is_none());
    click(&mut harness, FETCH);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label(ACCEPT).is_none());
    assert_eq!(hub.hub.count(), 0);
    let own = folder.path().join("own");
    assert!(ModelPreferences::read(Some(&own)).accepted.is_empty());
    drop(harness);

    hub.on_hub(|_, _, reply, _| {
        reply.send(404, &[("X-Error-Code", "EntryNotFound")], b"");
        true
    });
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    click(&mut harness, ACCEPT);
    until_shown(&mut harness, "Try again to fetch Plum");
    assert!(ModelPreferences::read(Some(&own)).accepted.iter().eq(["plum"]));
    drop(harness);

    hub.on_hub(|_, _, _, _| false);
    let mut harness = usual(folder.path(), &hub, &bytes);
    click(&mut harness, FETCH);
    wait(&mut harness, "finding", |app| app.found_models() == Some(1));
}

#[test]
fn what_is_typed_is_fetched_or_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(1 << 20, 6);
    let hub = FakeHub::with_model(&bytes);
    let mut harness = window(folder.path(), hub.environment(), &bytes, egui::vec2(900.0, 600.0));
    enter(&mut harness, "ftp://example.org/x");
    assert!(shows(&harness, "links begin with https://"));
    click(&mut harness, "Dismiss the failure of ftp://example.org/x");
    assert!(harness.query_by_label("Try again to fetch ftp://example.org/x").is_none());
    enter(&mut harness, "a/b:model.safetensors");
    wait(&mut harness, "finding", |app| app.found_models() == Some(1));
    harness.run_steps(3);
    assert!(harness.query_by_label("Pause fetching a/b:model.safetensors").is_none());
    assert!(harness.query_by_label("Use the model b").is_some(), "it is the one of the catalogue");
}

#[test]
fn nothing_is_fetched_while_offline() {
    let folder = tempfile::tempdir().expect("folder");
    let bytes = noise(1 << 20, 7);
    let hub = FakeHub::with_model(&bytes);
    let mut harness = usual(folder.path(), &hub, &bytes);
    let is_disabled =
        |harness: &Harness<'static, App>, label: &str| harness.get_by_label(label).accesskit_node().is_disabled();
    click(&mut harness, "Offline");
    assert!(is_disabled(&harness, FETCH) && shows(&harness, "Nothing is fetched while Offline is on"));
    perform(&mut harness, FetchCommand::Entry("plum".into()));
    assert!(harness.state().status().contains("Offline") && harness.query_by_label(ACCEPT).is_none());
    drop(harness);

    // It is kept, and can be turned off.
    let mut harness = usual(folder.path(), &hub, &bytes);
    until_shown(&mut harness, "Nothing is fetched while Offline is on");
    click(&mut harness, "Offline");
    assert!(!is_disabled(&harness, FETCH));
    drop(harness);

    let environment = Environment { offline: true, ..hub.environment() };
    let harness = window(folder.path(), environment, &bytes, egui::vec2(1320.0, 860.0));
    assert!(
        is_disabled(&harness, FETCH) && is_disabled(&harness, "Offline") && shows(&harness, "HF_HUB_OFFLINE is set")
    );
    assert_eq!(hub.hub.count(), 0);
}

#[test]
fn after_the_starters_first_round_one_line_leads_to_the_models_until_it_is_used() {
    let folder = tempfile::tempdir().expect("folder");
    let hub = FakeHub::new();
    let mut harness = usual(folder.path(), &hub, b"");
    perform(&mut harness, ModelPanelCommand::Close);
    let see = "See the models…";
    assert!(harness.query_by_label(see).is_none());
    let round = |harness: &mut Harness<'static, App>, number: usize| {
        let mut settings = harness.state_mut().settings_mut();
        (settings.batch, settings.width, settings.height) = (1, 64, 64);
        drop(settings);
        perform(harness, RoundCommand::Generate);
        wait(harness, "the round", |app| !app.is_running() && app.rounds().iter().count() == number);
        harness.run_steps(3);
    };
    round(&mut harness, 1);
    assert!(shows(&harness, "made by the starter"));
    click(&mut harness, see);
    assert!(harness.query_by_label(FETCH).is_some(), "the catalogue is open");
    perform(&mut harness, ModelPanelCommand::Close);
    round(&mut harness, 2);
    assert!(harness.query_by_label(see).is_none());
    drop(harness);
    let mut harness = usual(folder.path(), &hub, b"");
    perform(&mut harness, ModelPanelCommand::Close);
    round(&mut harness, 1);
    assert!(harness.query_by_label(see).is_none(), "it never comes back");
}
