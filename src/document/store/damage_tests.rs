//! Damaged files: one sentence or a good document, never a crash, and what is left can be saved.

use std::path::Path;

use super::tests::{created, place, worked_on};
use super::*;
use crate::document::Document;

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// Opens, reads, checks and saves what is left of a file; nothing may panic, and the file stays as it is.
fn survive(bytes: &[u8], folder: &Path) -> (bool, bool, bool) {
    let (path, new) = (folder.join("damaged.underpaint"), folder.join("saved.underpaint"));
    std::fs::write(&path, bytes).expect("writes");
    let is_sentence = |error: &StoreError| {
        let text = error.to_string();
        assert!(text.ends_with('.') && !text.contains('\n'), "{text}");
    };
    let loaded = Store::open(&path).and_then(|store| {
        let stored = store.load()?;
        let hashes: Vec<_> = stored.rounds.iter().flat_map(|round| &round.results).map(|r| r.picture).collect();
        let bad = hashes.into_iter().filter(|hash| store.picture(*hash).is_err()).count();
        Ok((Document::from_stored(stored), bad))
    });
    loaded.as_ref().err().map(is_sentence);
    let checked = check(&path);
    checked.as_ref().err().map(is_sentence);
    let is_found = !checked.is_ok_and(|report| report.problems.is_empty());
    let saved = salvage(&path, &new);
    saved.as_ref().err().map(is_sentence);
    if saved.is_ok() {
        assert_eq!(check(&new).expect("opens").problems, Vec::<String>::new());
        std::fs::remove_file(&new).expect("removes");
    }
    assert!(std::fs::read(&path).expect("reads") == bytes, "a damaged file is not written over");
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("damaged.underpaint{ending}")));
    }
    (loaded.is_ok(), is_found, saved.is_ok())
}

/// How many damaged files are tried; more by hand with `UNDERPAINT_DAMAGED_FILES`.
fn tries() -> usize {
    std::env::var("UNDERPAINT_DAMAGED_FILES").ok().and_then(|n| n.parse().ok()).unwrap_or(300)
}

#[test]
fn random_damage_is_survived() {
    let (folder, path) = place();
    drop(created(&path, &mut worked_on()));
    let good = std::fs::read(&path).expect("reads");
    assert_eq!(survive(&good, folder.path()), (true, false, true));
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let (mut loaded, mut found, mut saved) = (0, 0, 0);
    for _ in 0..tries() {
        let mut bytes = good.clone();
        match numbers.below(4) {
            0 => bytes.truncate(numbers.below(good.len())),
            1 => {
                // A block of zeros, as a failing disk leaves.
                let at = numbers.below(good.len());
                let end = (at + 512 + numbers.below(4096)).min(good.len());
                bytes[at..end].fill(0);
            }
            _ => {
                for _ in 0..=numbers.below(20) {
                    let at = numbers.below(good.len());
                    bytes[at] = numbers.below(256) as u8;
                }
            }
        }
        let (loads, is_found, saves) = survive(&bytes, folder.path());
        loaded += usize::from(loads);
        found += usize::from(is_found);
        saved += usize::from(saves);
    }
    println!("of {}: {loaded} loaded, {found} found damaged, {saved} saved in part or whole", tries());
    assert!(found > tries() / 4 && saved > tries() / 4, "{found} found, {saved} saved");
}

/// Text in every place where a row holds text or a number.
#[test]
fn wrong_values_in_rows_are_named() {
    for (sql, words) in [
        ("UPDATE document SET width = 70000", "70000 by 90"),
        ("UPDATE document SET height = -1", "150 by -1"),
        ("UPDATE document SET paper = 'mauve'", "paper cannot be \"mauve\""),
        ("UPDATE document SET ancestry = '{}'", "ancestry"),
        ("UPDATE document SET settings = '[]'", "settings"),
        ("UPDATE document SET next_round = 0", "0 is not the number of a round"),
        ("UPDATE document SET origin_image = 99999999", "99999999"),
        ("DELETE FROM document", "it holds no canvas"),
        ("DELETE FROM tile WHERE x = 1", "tile 1, 0"),
        ("UPDATE tile SET pixels = x'00'", "tile 0, 0"),
        ("UPDATE round SET start_fit = 'x'", "start_fit"),
        ("UPDATE round SET start = 'no hash'", "picture"),
        ("UPDATE result SET image = 4000", "4000"),
        ("UPDATE result SET picture = upper(picture)", "picture"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM round", "round 1, which is missing"),
        ("CREATE VIEW v AS SELECT 1", "its tables are not those of a document"),
        ("CREATE TRIGGER t AFTER INSERT ON tile BEGIN DELETE FROM tile; END", "its tables are not"),
        ("ALTER TABLE tile RENAME COLUMN pixels TO colours", "its tables are not"),
        ("DROP TABLE result", "its tables are not"),
    ] {
        let (folder, path) = place();
        drop(created(&path, &mut worked_on()));
        let connection = rusqlite::Connection::open(&path).expect("opens");
        connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).expect(sql);
        drop(connection);
        let text = Store::open(&path).and_then(|store| store.load().map(|_| ())).expect_err(sql).to_string();
        assert!(text.contains(words) && text.contains("--salvage"), "{sql}: {text}");
        let new = folder.path().join("saved.underpaint");
        let report = salvage(&path, &new).expect(sql);
        assert_eq!(check(&new).expect("opens").problems, Vec::<String>::new(), "{sql}");
        assert!(
            report.results == 2 || !report.losses.is_empty() || sql.contains("DELETE FROM round"),
            "{sql}: {report:?}"
        );
    }
}

#[test]
fn what_is_missing_is_found() {
    for (sql, words) in [
        (
            "DELETE FROM blob WHERE hash IN (SELECT picture FROM result)",
            "The picture of result 1 of round 1 is missing.",
        ),
        ("DELETE FROM blob WHERE hash IN (SELECT start FROM round)", "The start image of round 1 is missing."),
        ("UPDATE blob SET bytes = x'00'", "is not what was written"),
        ("UPDATE blob SET hash = 'x' || hash", "no valid hash"),
        (
            "UPDATE round SET parent_round = 77 WHERE id = 2",
            "Round 2 came from result 1 of round 77, which is missing.",
        ),
        ("UPDATE document SET origin_round = 78", "The canvas came from result 1 of round 78, which is missing."),
        ("UPDATE document SET next_round = 1", "number of the next round is used already"),
    ] {
        let (folder, path) = place();
        drop(created(&path, &mut worked_on()));
        let connection = rusqlite::Connection::open(&path).expect("opens");
        connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).expect(sql);
        drop(connection);
        let problems = check(&path).expect("opens").problems;
        assert!(problems.iter().any(|problem| problem.contains(words)), "{sql}: {problems:?}");
        let new = folder.path().join("saved.underpaint");
        salvage(&path, &new).expect(sql);
        assert_eq!(check(&new).expect("opens").problems, Vec::<String>::new(), "{sql}");
        assert!(salvage(&path, &new).is_err(), "nothing is written over");
    }
}

#[test]
fn a_result_without_its_round_is_saved_with_a_new_one() {
    let (folder, path) = place();
    drop(created(&path, &mut worked_on()));
    let connection = rusqlite::Connection::open(&path).expect("opens");
    connection.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM round; DELETE FROM document").expect("deletes");
    drop(connection);
    let new = folder.path().join("saved.underpaint");
    let report = salvage(&path, &new).expect("saves");
    assert_eq!((report.rounds, report.results), (2, 2));
    let document = Document::from_stored(Store::open(&new).expect("opens").load().expect("loads"));
    assert_eq!(document.rounds().count(), 2);
    assert_eq!(document.rounds().next_id(), 3);
}
