//! Jobs, their rounds and the document's file, told as stories.

use std::path::Path;
use std::sync::Arc;

use image::RgbImage;

use super::store::{Store, check};
use super::tests::{document, dot};
use super::*;
use crate::engine::{ModelChoice, Plan, Recipe, Sheet};

/// Asks for a round of three pictures.
fn ask(document: &mut Document, seed: i64) -> RoundId {
    document.settings_mut().batch = 3;
    let (round, start) = document.begin_round(seed, "m".into());
    document.queue_mut().add(QueuedJob::new(round, ModelChoice::Path("/models/m".into()), start));
    round
}

fn finish(document: &mut Document, round: RoundId, image: usize) {
    let settings = document.settings().clone();
    let recipe = Recipe { settings, seed: image as u64, model: "m".into(), from_picture: true, ..Recipe::default() };
    let id = ResultId { round, image };
    document.rounds_mut().finished(id, Arc::new(RgbImage::new(64, 64)), Arc::new(recipe));
}

fn waiting(document: &Document) -> Vec<RoundId> {
    document.queue().waiting().iter().map(|job| job.round).collect()
}

fn reopened(path: &Path) -> Document {
    Document::from_stored(Store::open(path).expect("opens").load().expect("loads"))
}

fn commit(store: &mut Store, document: &mut Document) {
    let committed = store.commit(&document.take_changes()).expect("commits");
    document.committed(&committed);
}

#[test]
fn a_round_that_waits_starts_from_the_canvas_it_was_asked_with() {
    let mut document = document();
    dot(&mut document, 9.0, 9.0);
    let before = document.picture();
    let round = ask(&mut document, 1);
    dot(&mut document, 40.0, 40.0);
    let job = document.begin_job().expect("begins");
    assert!(matches!(job.start.map(|start| start.picture), Some(StartPicture::Pixels(pixels)) if *pixels == before));
    assert_eq!(job.round, round);
}

#[test]
fn a_skipped_picture_is_dropped_whatever_arrives_late_and_the_next_one_is_made() {
    let mut document = document();
    let round = ask(&mut document, 1);
    assert_eq!(document.skip_image(), None, "nothing is being made");
    document.begin_job();
    finish(&mut document, round, 0);
    assert_eq!(document.skip_image(), Some(1));
    document.rounds_mut().step(ResultId { round, image: 1 }, 1, 4, Arc::new(RgbImage::new(8, 8)));
    assert!(document.rounds().slot(round, 1).is_some_and(|slot| matches!(slot.state, State::Dropped)));
    assert_eq!(document.missing_images(round), [2]);
    // A picture that was finished in that moment is not thrown away.
    finish(&mut document, round, 1);
    assert!(document.rounds().result(ResultId { round, image: 1 }).is_some());
}

#[test]
fn a_job_that_is_put_back_lacks_what_is_not_finished_and_not_skipped() {
    let mut document = document();
    let (first, second) = (ask(&mut document, 1), ask(&mut document, 2));
    document.begin_job();
    document.skip_image();
    finish(&mut document, first, 1);
    document.rounds_mut().step(ResultId { round: first, image: 2 }, 1, 4, Arc::new(RgbImage::new(8, 8)));
    document.put_back_job();
    assert_eq!(waiting(&document), [first, second]);
    assert_eq!(document.missing_images(first), [2]);
    assert!(document.rounds().slot(first, 2).is_some_and(|slot| matches!(slot.state, State::Waiting)));
}

#[test]
fn a_dropped_job_leaves_what_was_finished_and_nothing_else() {
    let mut document = document();
    let (first, second) = (ask(&mut document, 1), ask(&mut document, 2));
    document.begin_job();
    finish(&mut document, first, 0);
    document.put_back_job();
    document.drop_all_jobs();
    assert!(document.queue().is_empty());
    assert_eq!(document.rounds().iter().map(|round| round.id).collect::<Vec<_>>(), [first]);
    assert!(document.missing_images(first).is_empty() && document.rounds().get(second).is_none());
    assert_eq!(ask(&mut document, 3), 3, "numbers are not used again");
}

#[test]
fn a_failed_job_can_be_tried_again_as_it_was_asked_for() {
    let mut document = document();
    dot(&mut document, 9.0, 9.0);
    let round = ask(&mut document, 77);
    document.begin_job();
    document.skip_image();
    document.fail_job("There is too little memory.", false);
    assert_eq!(document.rounds().count(), 0, "a round of nothing is not shown");
    assert_eq!(document.queue().failed()[0].reason, "There is too little memory.");
    dot(&mut document, 40.0, 40.0);
    let later = ask(&mut document, 5);
    document.retry_job(round);
    document.retry_job(round);
    assert_eq!((waiting(&document), document.queue().failed().len()), (vec![later, round], 0));
    assert_eq!(document.missing_images(round), [1, 2], "what was skipped stays skipped");
    assert_eq!(document.rounds().get(round).map(|round| round.settings.seed), Some(77));
    assert_eq!(document.rounds().iter().map(|round| round.id).collect::<Vec<_>>(), [round, later]);
}

#[test]
fn a_round_that_is_tried_again_is_not_deleted_by_redo_and_a_deleted_one_is_not_tried_again() {
    let mut document = document();
    let round = ask(&mut document, 1);
    document.begin_job();
    finish(&mut document, round, 0);
    document.fail_job("There is too little memory.", false);
    document.delete(Deletable::Round(round)).expect("deletes");
    assert!(!document.retry_job(round), "it must come back first");
    assert_eq!((waiting(&document).len(), document.queue().failed().len()), (0, 1), "and can still be tried again");

    document.undo();
    assert_eq!(document.redo_refusal(), None);
    assert!(document.retry_job(round));
    assert_eq!(document.redo_refusal(), Some(DeleteError::Waiting));
    document.redo();
    assert!(document.rounds().get(round).is_some() && document.can_redo(), "nothing has happened");
    document.begin_job();
    assert_eq!(document.redo_refusal(), Some(DeleteError::BeingMade));
    document.end_job();
    assert_eq!(document.redo_refusal(), None);
    document.redo();
    assert!(document.rounds().get(round).is_none());
}

#[test]
fn waiting_rounds_come_back_paused_and_one_that_had_begun_lacks_what_was_not_finished() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.underpaint");
    let mut document = document();
    dot(&mut document, 9.0, 9.0);
    let sketch = document.picture();
    let mut store = Store::create(&path, &document.take_changes()).expect("creates");
    let (first, second, third) = (ask(&mut document, 1), ask(&mut document, 2), ask(&mut document, 3));
    document.queue_mut().move_to(third, 1);
    document.begin_job();
    document.skip_image();
    finish(&mut document, first, 1);
    commit(&mut store, &mut document);
    // The pixels of those that are not next are in the file only.
    let starts: Vec<bool> = document.queue().waiting().iter().map(|job| job.missing_start().is_some()).collect();
    assert_eq!(starts, [false, true]);
    drop(store);

    // The program was killed while the first was being made.
    let mut again = reopened(&path);
    assert_eq!((waiting(&again), again.queue().paused()), (vec![first, third, second], Some(&Pause::Restored)));
    assert!(again.begin_job().is_none(), "nothing is made unasked");
    assert_eq!(again.missing_images(first), [2]);
    assert_eq!(again.missing_images(third), [0, 1, 2]);
    let begun: Vec<bool> = again.queue().waiting().iter().map(|job| job.is_begun).collect();
    assert_eq!(begun, [true, false, false]);
    let job = &again.queue().waiting()[1];
    assert_eq!(job.model, ModelChoice::Path("/models/m".into()));
    let store = Store::open(&path).expect("opens");
    let png = store.picture(job.missing_start().expect("in the file")).expect("kept");
    assert!(crate::picture::read(&png, "it").expect("a picture") == sketch);
    drop(store);
    assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new());

    // Finished after all: nothing waits at the next opening.
    again.queue_mut().resume();
    let mut store = Store::open(&path).expect("opens");
    while let Some(job) = again.begin_job() {
        for image in again.missing_images(job.round) {
            finish(&mut again, job.round, image);
        }
        again.end_job();
    }
    commit(&mut store, &mut again);
    drop(store);
    let last = reopened(&path);
    assert!(last.queue().is_empty() && last.queue().paused().is_none());
    assert_eq!(last.rounds().count(), 3);
}

#[test]
fn a_sheet_that_waits_keeps_what_varies_its_mask_and_a_place_for_each_picture() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.underpaint");
    let mut document = document();
    dot(&mut document, 9.0, 9.0);
    *document.settings_mut() =
        Settings { batch: 1, width: 64, height: 64, keep_unpainted: true, ..Settings::default() };
    let mut store = Store::create(&path, &document.take_changes()).expect("creates");
    let plan = Plan { sheet: Some(Sheet::strength_ladder()), ..Plan::default() };
    let (round, start) = document.begin_planned(1, plan, "m".into());
    document.queue_mut().add(QueuedJob::new(round, ModelChoice::Starter, start));
    document.begin_job();
    finish(&mut document, round, 0);
    assert_eq!(document.skip_image(), Some(1));
    commit(&mut store, &mut document);
    drop(store);

    let mut again = reopened(&path);
    let plan = |document: &Document| document.rounds().get(round).map(|round| Plan::clone(&round.plan));
    assert!(plan(&again).is_some_and(|plan| plan.sheet.is_some() && plan.mask.is_some()));
    assert_eq!(plan(&again), plan(&document));
    assert_eq!((waiting(&again), again.missing_images(round)), (vec![round], vec![2, 3]));
    again.queue_mut().resume();
    again.begin_job();
    again.fail_job("There is too little memory.", false);
    again.retry_job(round);
    assert_eq!((plan(&again), again.missing_images(round)), (plan(&document), vec![2, 3]));
}

#[test]
fn what_could_not_be_committed_is_in_the_next_commit_and_what_did_not_change_in_none() {
    let mut document = document();
    ask(&mut document, 1);
    let changes = document.take_changes();
    assert_eq!(changes.queue.as_ref().map(Vec::len), Some(1));
    assert!(document.take_changes().queue.is_none());
    document.return_changes(&changes);
    assert_eq!(document.take_changes().queue, changes.queue);
    document.queue_mut().pause();
    assert!(!document.has_changes(), "a pause is not kept");
    let last = waiting(&document)[0];
    document.drop_job(last);
    assert_eq!(document.take_changes().queue, Some(Vec::new()));
}

#[test]
fn a_job_of_a_round_that_is_complete_or_deleted_is_not_restored() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.underpaint");
    let mut document = document();
    let complete = ask(&mut document, 1);
    document.begin_job();
    (0..3).for_each(|image| finish(&mut document, complete, image));
    drop(Store::create(&path, &document.take_changes()).expect("creates"));
    let again = reopened(&path);
    assert!(again.queue().is_empty());
    assert_eq!(again.rounds().count(), 1);
}

#[test]
fn a_document_that_is_only_looked_at_leaves_its_jobs_to_others() {
    let mut document = document();
    let (first, _) = (ask(&mut document, 1), ask(&mut document, 2));
    document.begin_job();
    finish(&mut document, first, 0);
    document.put_back_job();
    document.take_changes();
    document.leave_queue_to_others();
    assert!(document.queue().is_empty() && !document.has_unsaved_work());
    assert_eq!(document.take_changes().queue, Some(Vec::new()), "a copy has none of them");
    assert_eq!(document.rounds().count(), 1);
}
