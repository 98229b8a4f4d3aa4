//! Asks how far the server is while it makes a picture.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};
use image::RgbImage;
use serde_json::Value;

use super::client::Client;
use super::picture_answer::preview_of;
use super::trouble::Trouble;

/// What the server says of its progress.
pub(super) enum Progress {
    /// A step is done.
    Step { step: usize, steps: usize, preview: Option<RgbImage> },
    /// The server does not tell how far it is.
    Unknown,
    /// The server has not answered for this long.
    Silent(Duration),
}

/// Asks on a thread of its own until it is dropped.
pub(super) struct Watch {
    pub reports: Receiver<Progress>,
    is_over: Arc<AtomicBool>,
}

impl Watch {
    /// Begins to ask. Previews have sides of up to `most_side` pixels.
    pub fn start(client: Client, most_side: u32) -> Result<Self, Trouble> {
        let is_over = Arc::new(AtomicBool::new(false));
        let (sender, reports) = unbounded();
        let ends = Arc::clone(&is_over);
        let work = move || {
            let mut answered = Instant::now();
            let mut last = None;
            while !ends.load(Ordering::Relaxed) {
                std::thread::sleep(client.patience.interval);
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let report = match client.get("progress") {
                    Ok(progress) => {
                        answered = Instant::now();
                        step_of(&progress, most_side, &mut last)
                    }
                    Err(trouble) if trouble.is_missing() => {
                        let _ = sender.send(Progress::Unknown);
                        return;
                    }
                    Err(_) => Some(Progress::Silent(answered.elapsed())),
                };
                if report.is_some_and(|report| sender.send(report).is_err()) {
                    return;
                }
            }
        };
        let started = std::thread::Builder::new().name("remote progress".into()).spawn(work);
        started.map_err(|error| Trouble::Connection(crate::picture::plain_reason(&error)))?;
        Ok(Self { reports, is_over })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// A step, if another one is done than at the last look. `state` is missing in some programs, which tell the share only.
fn step_of(progress: &Value, most_side: u32, last: &mut Option<(u64, u64)>) -> Option<Progress> {
    const HUNDREDTHS: u64 = 100;
    let state = &progress["state"];
    let number = |name: &str| state[name].as_u64().filter(|number| *number < 100_000);
    let (step, steps) = match (number("sampling_step"), number("sampling_steps")) {
        (Some(step), Some(steps)) if steps > 0 => (step.min(steps), steps),
        _ => ((progress["progress"].as_f64().unwrap_or(0.0).clamp(0.0, 1.0) * HUNDREDTHS as f64) as u64, HUNDREDTHS),
    };
    if step == 0 || *last == Some((step, steps)) {
        return None;
    }
    *last = Some((step, steps));
    let preview = preview_of(progress, most_side);
    Some(Progress::Step { step: usize::try_from(step).ok()?, steps: usize::try_from(steps).ok()?, preview })
}
