//! Whatever is done, committed, refused and opened again: the file holds the document in memory.

use super::tests::{assert_same, place};
use super::*;
use crate::document::property_tests::{Numbers, change};
use crate::document::tests::document;
use crate::document::{Autosave, Document, FileState};

#[test]
fn any_sequence_of_changes_commits_and_reopenings_gives_the_document_in_memory() {
    for seed in 1..=25_u64 {
        let mut numbers = Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (_folder, path) = place();
        let mut document = document();
        document.settings_mut().batch = 1;
        let mut store = Store::create(&path, &document.take_changes()).expect("creates");
        let mut autosave = Autosave::new(true);
        autosave.use_file(FileState::Writable);
        for _ in 0..40 {
            match numbers.below(10) {
                0 => document.undo(),
                1 => document.redo(),
                2 => document.settings_mut().prompt = format!("prompt {}", numbers.below(1000)),
                3 => {
                    document.abandon_stroke();
                    let latest = document.rounds().latest().map(|round| round.id);
                    if let Some(round) = latest {
                        document
                            .rounds_mut()
                            .star(crate::document::ResultId { round, image: 0 }, numbers.below(2) == 0);
                        document.note_shown_round(round);
                    }
                }
                4 => {
                    let rounds: Vec<usize> = document.rounds().iter().map(|round| round.id).collect();
                    if let Some(round) = rounds.get(numbers.below(rounds.len().max(1) as u64) as usize) {
                        document.delete(crate::document::Deletable::Round(*round)).expect("it is there");
                    }
                }
                5 => {
                    if let Some(round) = document.rounds().latest().map(|round| round.id) {
                        let start = document.rounds().get(round).and_then(|round| round.start);
                        document.go_back(
                            round,
                            start.map(|_| crate::document::tests::sheet(70, 40, crate::paint::Rgb::BLACK)),
                        );
                    }
                }
                _ => change(&mut document, &mut numbers),
            }
            match numbers.below(6) {
                // A commit that fails: its changes are among the next ones.
                0 if autosave.now(&mut document).is_some() => {
                    autosave.failed(&mut document);
                }
                // One that succeeds without anybody knowing.
                1 => {
                    if let Some(changes) = autosave.now(&mut document) {
                        store.commit(&changes).expect("commits");
                        autosave.lost(&mut document);
                    }
                }
                2..=3 => {
                    if let Some(changes) = autosave.now(&mut document) {
                        let committed = store.commit(&changes).expect("commits");
                        autosave.committed(&mut document, &committed);
                    }
                    assert!(autosave.is_settled(&document));
                    let read = Store::open_read_only(&path).expect("opens").load().expect("loads");
                    assert_same(&document, &Document::from_stored(read));
                }
                // The window is closed and opened again.
                4 if numbers.below(4) == 0 => {
                    document.end_stroke();
                    if let Some(changes) = autosave.now(&mut document) {
                        store.commit(&changes).expect("commits");
                    }
                    drop(store);
                    store = Store::open(&path).expect("opens");
                    let again = Document::from_stored(store.load().expect("loads"));
                    assert_same(&document, &again);
                    document = again;
                    autosave.use_file(FileState::Writable);
                }
                _ => {}
            }
        }
        drop(store);
        assert_eq!(check(&path).expect("opens").problems, Vec::<String>::new(), "sequence {seed}");
    }
}
