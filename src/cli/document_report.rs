//! What `underpaint inspect` says about a document.

use std::path::Path;

use serde::Serialize;

use super::rounds::counted;
use crate::document::store::{DocumentSummary, summary};

/// What a document file is. As JSON it is one flat object, as for pictures: `file`, `kind`, `usable`, `sentence`, and what
/// else is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct DocumentReport {
    file: String,
    kind: &'static str,
    /// Whether it can be opened.
    pub usable: bool,
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rounds: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// What a quick look found wrong, or that it found nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    quick_check: Option<String>,
}

impl DocumentReport {
    /// Reads a document; nothing in it changes.
    pub fn read(path: &Path) -> Self {
        let file = path.to_string_lossy().into_owned();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let blank = Self {
            file,
            kind: "document",
            usable: false,
            sentence: String::new(),
            version: None,
            width: None,
            height: None,
            rounds: None,
            results: None,
            waiting: None,
            bytes: None,
            quick_check: None,
        };
        match summary(path) {
            Err(error) => Self { sentence: error.to_string(), ..blank },
            Ok(DocumentSummary { version, canvas: (width, height), rounds, results, waiting, bytes, problem }) => {
                Self {
                    usable: problem.is_none(),
                    sentence: format!(
                        "{name} is an underpaint document with a canvas of {width} by {height} pixels, {} and {}.",
                        counted(rounds, "round"),
                        counted(results, "result")
                    ),
                    version: Some(version),
                    width: Some(width),
                    height: Some(height),
                    rounds: Some(rounds),
                    results: Some(results),
                    waiting: Some(waiting),
                    bytes: Some(bytes),
                    quick_check: Some(problem.unwrap_or_else(|| "ok".into())),
                    ..blank
                }
            }
        }
    }

    /// The report for people: the sentence, and below it what else is known.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.sentence.clone()];
        lines.extend(self.version.map(|version| format!("  version of the file: {version}")));
        lines.extend(self.bytes.map(|bytes| format!("  size: {}", in_words(bytes))));
        lines.extend(
            self.waiting
                .filter(|waiting| *waiting > 0)
                .map(|waiting| format!("  {} in the queue", counted(waiting, "waiting round"))),
        );
        lines.extend(self.quick_check.as_ref().map(|found| match found.as_str() {
            "ok" => "  quick check: nothing is wrong; underpaint check reads all of it".into(),
            problem => format!("  quick check: {problem}"),
        }));
        lines
    }
}

/// A size as people say it.
fn in_words(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} bytes"),
        10_240..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
