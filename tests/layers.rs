//! The arrows of the map in ARCHITECTURE.md, read off the sources: what each room may use.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A room under `src/` and what its files may use.
struct Room {
    name: &'static str,
    /// The rooms of this crate it may use, besides itself.
    may_use: &'static [&'static str],
    /// Crates it must not know.
    forbidden: &'static [&'static str],
}

const WINDOW: &[&str] = &["egui", "eframe", "rfd"];
const TENSORS: &[&str] = &["candle_core", "candle_nn", "candle_transformers"];
const WINDOW_AND_TENSORS: &[&str] = &["egui", "eframe", "rfd", "candle_core", "candle_nn", "candle_transformers"];

/// Every room whose arrows are checked.
const ROOMS: &[Room] = &[
    Room { name: "kernels", may_use: &[], forbidden: WINDOW_AND_TENSORS },
    Room { name: "paint", may_use: &[], forbidden: WINDOW_AND_TENSORS },
    Room { name: "engine", may_use: &[], forbidden: WINDOW_AND_TENSORS },
    Room { name: "hub", may_use: &["engine"], forbidden: WINDOW_AND_TENSORS },
    Room { name: "models", may_use: &["engine", "hub"], forbidden: WINDOW_AND_TENSORS },
    Room { name: "picture", may_use: &["engine"], forbidden: WINDOW_AND_TENSORS },
    // Prompts are files in the data folder, written as pictures are: whole, under a temporary name.
    Room { name: "prompts", may_use: &["engine", "picture"], forbidden: WINDOW_AND_TENSORS },
    // Palettes are files in the data folder too; their colours are those that are painted with.
    Room { name: "palettes", may_use: &["paint", "picture"], forbidden: WINDOW_AND_TENSORS },
    Room { name: "document", may_use: &["paint", "engine", "picture"], forbidden: WINDOW_AND_TENSORS },
    Room { name: "lines", may_use: &["engine"], forbidden: WINDOW_AND_TENSORS },
    Room { name: "diffusion", may_use: &["engine", "models", "kernels", "lines"], forbidden: WINDOW },
    // Files of weights are read, and pickles refused, in one place.
    Room { name: "vision", may_use: &["diffusion", "engine", "kernels"], forbidden: WINDOW },
    Room {
        name: "jobs",
        may_use: &[
            "document", "engine", "hub", "lines", "models", "paint", "palettes", "picture", "prompts", "remote",
            "vision",
        ],
        forbidden: WINDOW_AND_TENSORS,
    },
    Room {
        name: "ui",
        // The window shows how far fetching is, reads what is typed to be fetched, and forbids the network.
        may_use: &[
            "document", "engine", "example", "hub", "jobs", "licenses", "models", "paint", "palettes", "picture",
            "prompts", "remote",
        ],
        forbidden: TENSORS,
    },
    Room { name: "remote", may_use: &["engine", "lines", "picture"], forbidden: WINDOW_AND_TENSORS },
    Room { name: "server", may_use: &["engine", "models", "picture", "prompts"], forbidden: WINDOW_AND_TENSORS },
    // `bench` and `inspect` are about this machine's engine and its files, so they know it.
    Room {
        name: "cli",
        may_use: &[
            "diffusion",
            "document",
            "engine",
            "hub",
            "kernels",
            "licenses",
            "models",
            "picture",
            "prompts",
            "remote",
            "server",
            "vision",
        ],
        forbidden: WINDOW_AND_TENSORS,
    },
];

#[test]
fn rooms_use_only_what_they_may() {
    let mut wrong = Vec::new();
    for room in ROOMS {
        let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room.name));
        assert!(!files.is_empty(), "src/{} has no files", room.name);
        for file in files {
            let text = std::fs::read_to_string(&file).expect("reads");
            let code = without_comments(&text);
            for used in rooms_used(&code) {
                if used != room.name && !room.may_use.contains(&used.as_str()) {
                    wrong.push(format!("{} uses crate::{used}", file.display()));
                }
            }
            for name in room.forbidden {
                if mentions(&code, name) {
                    wrong.push(format!("{} mentions {name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The database is an affair of the document's file.
#[test]
fn only_the_document_store_knows_sqlite() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let store = src.join("document").join("store");
    let knows = |file: &PathBuf| {
        let code = without_comments(&std::fs::read_to_string(file).expect("reads"));
        mentions(&code, "rusqlite") || mentions(&code, "libsqlite3_sys")
    };
    let (inside, outside): (Vec<PathBuf>, Vec<PathBuf>) =
        sources(&src).into_iter().filter(knows).partition(|file| file.starts_with(&store));
    assert!(!inside.is_empty() && outside.is_empty(), "{outside:?}");
}

/// Whatever leaves this machine goes through two rooms, and a third one answers what comes to it.
#[test]
fn only_three_rooms_know_the_network() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let knows = |file: &PathBuf| {
        let code = without_comments(&std::fs::read_to_string(file).expect("reads"));
        ["ureq", "rustls", "hyper_util", "tokio", "TcpStream", "TcpListener", "UdpSocket"]
            .iter()
            .any(|name| mentions(&code, name))
    };
    let rooms = ["hub", "remote", "server"].map(|room| src.join(room));
    let (inside, outside): (Vec<PathBuf>, Vec<PathBuf>) =
        sources(&src).into_iter().filter(knows).partition(|file| rooms.iter().any(|room| file.starts_with(room)));
    assert!(!inside.is_empty() && outside.is_empty(), "{outside:?}");
}

/// Every `.rs` file in a folder and its subfolders.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("entry").path()) {
        if entry.is_dir() {
            files.extend(sources(&entry));
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            files.push(entry);
        }
    }
    files
}

/// The text without line comments, which may name any room.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.find("//").map_or(line, |at| &line[..at])).collect::<Vec<_>>().join("\n")
}

/// The first name after each `crate::`, also in groups such as `crate::{a::B, c}`.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => used.extend(name_at(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut is_first = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => is_first = true,
                        c if is_first && !c.is_whitespace() => {
                            used.extend(name_at(&group[at..]));
                            is_first = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    used
}

fn name_at(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// Whether a name stands in the code as a whole word.
fn mentions(code: &str, name: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(name)
        .any(|(at, _)| !is_part(code[..at].chars().next_back()) && !is_part(code[at + name.len()..].chars().next()))
}

#[test]
fn the_reader_finds_every_way_to_name_a_room() {
    let code = without_comments(
        "use crate::{ui::App, paint::{Rgb, Canvas},\n    jobs};\nlet x = crate::engine::Settings; // crate::kernels\nmycrate::nothing; ",
    );
    let used: Vec<String> = rooms_used(&code).into_iter().collect();
    assert_eq!(used, ["engine", "jobs", "paint", "ui"]);
    assert!(mentions("use egui::Context;", "egui") && !mentions("use egui_extras::X;", "egui"));
}
