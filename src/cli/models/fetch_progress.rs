//! Progress of fetching: a bar on a terminal, plain lines elsewhere, or JSON.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::super::{harmless, print_error_line, print_line};
use crate::hub::{FetchEvent, FetchStage, HubError, Listing, Place, Progress, RepositoryFile, total_size};

/// How often a line is printed where there is no bar.
const PLAIN_INTERVAL: Duration = Duration::from_secs(5);
/// How often a JSON line is printed.
const JSON_INTERVAL: Duration = Duration::from_millis(500);

/// Tells how far one place is.
pub(super) struct FetchProgress {
    name: String,
    is_json: bool,
    bar: Option<ProgressBar>,
    last: Option<(Instant, FetchStage)>,
}

impl FetchProgress {
    pub fn new(place: &Place, is_json: bool) -> Self {
        let bar = (!is_json && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{prefix} {bar:32} {decimal_bytes}/{decimal_total_bytes} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.with_prefix(place.to_string())
        });
        Self { name: place.to_string(), is_json, bar, last: None }
    }

    pub fn show(&mut self, event: FetchEvent) {
        match event {
            FetchEvent::Listed { listing, files } => self.begin(&files, &listing),
            FetchEvent::Progress(progress) => self.progress(progress),
        }
    }

    /// What will be fetched.
    fn begin(&self, files: &[RepositoryFile], listing: &Listing) {
        if self.is_json {
            let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            print_line(
                &json!({"event": "files", "place": self.name, "files": paths, "bytes": total_size(files), "license": listing.license, "commit": listing.commit})
                    .to_string(),
            );
            return;
        }
        let license = listing.license.as_ref().map(|name| format!(", licence {name}")).unwrap_or_default();
        self.line(&format!("{}: {}, {}{license}", self.name, counted(files.len()), size(total_size(files))));
    }

    fn progress(&mut self, progress: Progress) {
        if let Some(bar) = &self.bar {
            bar.set_length(progress.total.unwrap_or(0));
            bar.set_position(progress.bytes);
            bar.set_message(state(&progress));
            return;
        }
        let interval = if self.is_json { JSON_INTERVAL } else { PLAIN_INTERVAL };
        if self.last.is_some_and(|(time, stage)| stage == progress.stage && time.elapsed() < interval) {
            return;
        }
        self.last = Some((Instant::now(), progress.stage));
        if self.is_json {
            print_line(
                &json!({
                    "event": "progress",
                    "place": self.name,
                    "stage": stage_name(progress.stage),
                    "bytes": progress.bytes,
                    "total": progress.total,
                    "bytes_per_second": progress.bytes_per_second,
                    "seconds_left": progress.seconds_left,
                })
                .to_string(),
            );
        } else {
            let of = progress.total.map(|total| format!(" of {}", size(total))).unwrap_or_default();
            print_error_line(&format!("{}: {}{of} {}", self.name, size(progress.bytes), state(&progress)));
        }
    }

    /// The end: the path on standard output, or the reason on standard error.
    pub fn finish(self, result: Result<PathBuf, HubError>) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        match result {
            Ok(path) if self.is_json => {
                print_line(&json!({"event": "done", "place": self.name, "path": path.to_string_lossy()}).to_string());
            }
            Ok(path) => print_line(&path.display().to_string()),
            Err(error) if self.is_json => {
                print_line(&json!({"event": "failed", "place": self.name, "sentence": sentence(&error)}).to_string());
            }
            Err(error) => print_error_line(&format!("underpaint: {}", sentence(&error))),
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(harmless(text)),
            None => print_error_line(text),
        }
    }
}

fn sentence(error: &HubError) -> String {
    match error {
        HubError::Cancelled => "Cancelled; the same command goes on where this one stopped.".into(),
        error => error.to_string(),
    }
}

fn stage_name(stage: FetchStage) -> &'static str {
    match stage {
        FetchStage::Waiting => "waiting",
        FetchStage::Fetching => "fetching",
        FetchStage::Paused => "paused",
        FetchStage::Checking => "checking",
    }
}

/// What is being done, how fast, and how long it will take.
fn state(progress: &Progress) -> String {
    let what = match progress.stage {
        FetchStage::Waiting => return "waiting for another program that fetches it".into(),
        FetchStage::Paused => return "paused".into(),
        FetchStage::Fetching => "",
        FetchStage::Checking => "checking, ",
    };
    let speed = progress.bytes_per_second.map(|speed| format!("{}/s", size(speed))).unwrap_or_default();
    let left = progress.seconds_left.map(|seconds| format!(", {} left", duration(seconds))).unwrap_or_default();
    format!("{what}{speed}{left}").trim_end_matches(", ").to_owned()
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

fn size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".into() } else { format!("{files} files") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_reads_as_a_line() {
        let progress = |stage, speed, left| Progress {
            stage,
            bytes: 5,
            total: Some(10),
            bytes_per_second: speed,
            seconds_left: left,
        };
        assert_eq!(state(&progress(FetchStage::Fetching, Some(2_000_000), Some(90))), "2.00 MB/s, 90 s left");
        assert_eq!(state(&progress(FetchStage::Checking, None, None)), "checking");
        assert_eq!(state(&progress(FetchStage::Fetching, None, None)), "");
        assert_eq!((duration(119), duration(121), duration(7200)), ("119 s".into(), "3 min".into(), "2 h".into()));
    }
}
