//! `underpaint rounds`: what is in a document file, as a tree.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{harmless, print_line};
use crate::document::store::{Store, StoredDocument, StoredResult, StoredRound};
use crate::document::{ResultId, RoundId};
use crate::engine::Settings;

/// Which document `underpaint rounds` lists.
#[derive(clap::Args, Debug)]
pub struct RoundsArgs {
    /// A document (.underpaint)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// How far a line is moved to the right for each round before it, at most so many times.
const DEEPEST: usize = 12;

/// Prints the rounds of a document file, each below the round that its start image came from, or as one JSON
/// object.
///
/// # Errors
/// If the file cannot be read, as one sentence.
pub fn rounds(args: &RoundsArgs) -> anyhow::Result<()> {
    let stored = Store::open_read_only(&args.file)?.load()?;
    if args.json {
        print_line(&document_json(&args.file, &stored).to_string());
        return Ok(());
    }
    lines(&args.file, &stored).iter().for_each(|line| print_line(&harmless(line)));
    Ok(())
}

/// Everything in a document file but pixels.
pub(super) fn document_json(file: &Path, stored: &StoredDocument) -> Value {
    let state = &stored.state;
    json!({
        "document": file.to_string_lossy(),
        "canvas": {
            "width": state.size.width(), "height": state.size.height(), "paper": state.paper.hex(),
            "ancestry": state.ancestry, "origin": state.origin, "frame": state.frame.map(|frame| frame_json((frame.x, frame.y), (frame.size.width(), frame.size.height()))),
        },
        "settings": settings_json(&state.settings),
        "model": state.model,
        "next_round": state.next_round,
        "shown_round": state.shown_round,
        "rounds": stored.rounds.iter().map(round_json).collect::<Vec<_>>(),
    })
}

fn round_json(round: &StoredRound) -> Value {
    let start = round
        .start
        .as_ref()
        .map(|start| json!({"picture": start.picture.to_string(), "fit": start.fit.id(), "paper": start.paper.hex()}));
    json!({
        "round": round.id, "begun": round.begun, "parent": round.parent, "ancestry": round.ancestry,
        "model": round.model, "settings": settings_json(&round.settings), "start": start,
        "frame": round.place.map(|frame| frame_json((frame.x, frame.y), (frame.size.width(), frame.size.height()))), "deleted": round.deleted,
        "results": round.results.iter().map(result_json).collect::<Vec<_>>(),
    })
}

fn result_json(result: &StoredResult) -> Value {
    json!({
        "image": result.id.image, "seed": result.recipe.seed, "finished": result.finished,
        "picture": result.picture.to_string(), "file": result.file.as_ref().map(|file| file.to_string_lossy()),
        "starred": result.starred, "note": result.note, "deleted": result.deleted,
    })
}

/// A part of the canvas, in its pixels.
fn frame_json((x, y): (i64, i64), (width, height): (usize, usize)) -> Value {
    json!({"x": x, "y": y, "width": width, "height": height})
}

fn settings_json(settings: &Settings) -> Value {
    // A path that is not UTF-8 cannot be written as JSON; the file holds none.
    serde_json::to_value(settings).unwrap_or_default()
}

fn lines(file: &Path, stored: &StoredDocument) -> Vec<String> {
    let results: usize = stored.rounds.iter().map(|round| round.results.len()).sum();
    let size = stored.state.size;
    let mut lines = vec![format!(
        "{}: a canvas of {} by {} pixels, {}, {}",
        file.display(),
        size.width(),
        size.height(),
        counted(stored.rounds.len(), "round"),
        counted(results, "result")
    )];
    if let Some(origin) = stored.state.origin {
        lines.push(format!("  the canvas came from {}", name_of(origin)));
    }
    // The tree: a parent always has a lower number, so that nothing can go round in circles.
    let known: HashMap<RoundId, usize> = stored.rounds.iter().enumerate().map(|(at, round)| (round.id, at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); stored.rounds.len()];
    let mut waiting: Vec<(usize, usize)> = Vec::new();
    for (at, round) in stored.rounds.iter().enumerate() {
        let parent = round.parent.filter(|parent| parent.round < round.id);
        match parent.and_then(|parent| known.get(&parent.round)) {
            Some(parent) => children[*parent].push(at),
            None => waiting.push((at, 0)),
        }
    }
    waiting.reverse();
    while let Some((at, depth)) = waiting.pop() {
        round_lines(&stored.rounds[at], "  ".repeat(depth.min(DEEPEST)), &mut lines);
        waiting.extend(children[at].iter().rev().map(|child| (*child, depth + 1)));
    }
    lines
}

fn round_lines(round: &StoredRound, indent: String, lines: &mut Vec<String>) {
    let s = &round.settings;
    let from = match (&round.start, round.parent) {
        (None, _) => "from noise alone".to_owned(),
        (Some(_), None) => "from a drawing".to_owned(),
        (Some(_), Some(parent)) => format!("from {}", name_of(parent)),
    };
    let deleted = if round.deleted { ", deleted" } else { "" };
    lines.push(format!("{indent}round {} {from}{deleted}: {}", round.id, one_line(&s.prompt)));
    if !s.negative.is_empty() {
        lines.push(format!("{indent}  negative prompt: {}", one_line(&s.negative)));
    }
    lines.push(format!(
        "{indent}  steps {}, {} {}, CFG scale {}, strength {}, seed {}, {} by {}, model {}",
        s.steps,
        s.sampler.label(),
        s.schedule.label(),
        s.cfg_scale,
        s.strength,
        s.seed,
        s.width,
        s.height,
        round.model
    ));
    if round.results.is_empty() {
        lines.push(format!("{indent}  no results"));
    }
    for result in &round.results {
        let mut line = format!("{indent}  result {}: seed {}", result.id.image + 1, result.recipe.seed);
        if result.starred {
            line += ", starred";
        }
        if result.deleted {
            line += ", deleted";
        }
        if let Some(file) = &result.file {
            line += &format!(", saved as {}", file.display());
        }
        if !result.note.is_empty() {
            line += &format!(", note: {}", one_line(&result.note));
        }
        lines.push(line);
    }
}

fn name_of(ResultId { round, image }: ResultId) -> String {
    format!("result {} of round {round}", image + 1)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
