//! Killed at any moment, a document keeps every result that was reported.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use underpaint::document::ResultId;
use underpaint::document::store::{Store, check};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

/// How many times the program is killed, by hand with `UNDERPAINT_KILLS`; else 50 times, or as often as a slow or busy
/// machine can in two minutes.
fn kills() -> (usize, Duration) {
    match std::env::var("UNDERPAINT_KILLS").ok().and_then(|n| n.parse().ok()) {
        Some(kills) => (kills, Duration::MAX),
        None => (50, Duration::from_secs(120)),
    }
}

/// What one run reported before it ended: each line on standard output, and whether it came to its end.
fn run(file: &Path, life: Option<Duration>, more: &[&str]) -> (Vec<String>, bool, Duration) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_underpaint"))
        .args(["generate", "--threads", "1", "--batch", "4", "--document"])
        .arg(file)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let output = child.stdout.take().expect("piped");
    let reader = std::thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).collect::<Vec<_>>());
    if let Some(life) = life {
        std::thread::sleep(life);
        // SIGKILL: the program gets no chance to finish anything.
        let _ = child.kill();
    }
    let ended = child.wait().expect("ends").success();
    (reader.join().expect("reads"), ended, begun.elapsed())
}

#[test]
fn killed_at_any_moment_a_document_is_whole_and_keeps_every_reported_result() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("work.underpaint");
    let small = ["--init", EXAMPLE, "--prompt", "an apple", "--width", "128", "--height", "128", "--steps", "2"];
    let (lines, ended, whole) = run(&file, None, &small);
    assert!(ended && lines.len() == 4, "{lines:?}");
    let mut reported = lines;
    let (mut killed, mut completed) = (0, 0);
    let ((kills, patience), begun) = (kills(), Instant::now());
    for attempt in 0..kills {
        if begun.elapsed() > patience && attempt >= 10 {
            break;
        }
        killed += 1;
        // Moments spread over the whole run, the same in every test.
        let share = (attempt as f64 * 0.618_034).fract() * 1.05;
        let (lines, ended, _) = run(&file, Some(whole.mul_f64(share)), &[]);
        completed += usize::from(ended);
        reported.extend(lines);
        let report = check(&file).expect("opens");
        assert_eq!(report.problems, Vec::<String>::new(), "after {attempt} kills");
        assert!(report.results >= reported.len(), "{} of {} results", report.results, reported.len());
    }
    // Every line names its result: `FILE: result 2 of round 7`.
    let store = Store::open(&file).expect("the lock is free");
    assert_eq!(store.read_only(), None);
    let stored = store.load().expect("loads");
    let kept: Vec<ResultId> = stored.rounds.iter().flat_map(|round| &round.results).map(|result| result.id).collect();
    for line in &reported {
        let numbers: Vec<usize> = line.rsplit(' ').filter_map(|word| word.parse().ok()).collect();
        let id = ResultId { round: numbers[0], image: numbers[1] - 1 };
        assert!(kept.contains(&id), "{line} is missing");
    }
    println!(
        "{killed} kills, {completed} came too late; {} rounds, {} results, {} reported",
        stored.rounds.len(),
        kept.len(),
        reported.len()
    );
}
