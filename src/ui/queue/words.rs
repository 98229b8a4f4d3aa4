//! What the list of jobs says.

use chrono::Local;

use super::pace::{self, Pace};
use crate::document::{Document, Pause, QueuedJob, Round};
use crate::ui::progress::Progress;

/// How many rounds there are, and when they will be done: `4 rounds, done about 14:32`.
pub(super) fn summary(document: &Document, pace: &Pace, running: Option<&Progress>, is_forever: bool) -> String {
    let queue = document.queue();
    let count = queue.waiting().len() + usize::from(queue.running().is_some());
    let jobs = if count == 1 { "1 round".to_owned() } else { format!("{count} rounds") };
    if count == 0 {
        return if is_forever { "for ever".into() } else { String::new() };
    }
    match pace.time_left(document, running) {
        _ if queue.paused().is_some() => format!("{jobs}, paused"),
        _ if is_forever => format!("{jobs}, for ever"),
        Some(left) => format!("{jobs}, done about {}", pace::time_of_day(Local::now(), left)),
        None => jobs,
    }
}

/// What a job is: `Round 5 from result 2 of round 3 · 4 pictures, 512 × 512 · a green apple`.
pub(super) fn job(document: &Document, job: &QueuedJob, round: &Round) -> String {
    let from = match (round.parent, &job.start) {
        (Some(parent), Some(_)) => {
            format!(" from result {} of round {}", parent.image + 1, parent.round)
        }
        (None, Some(_)) => " from the canvas".to_owned(),
        (_, None) => " from the prompt alone".to_owned(),
    };
    let settings = &round.settings;
    let pictures = match (round.plan.images(settings), document.missing_images(round.id).len()) {
        (1, _) => "1 picture".to_owned(),
        (all, missing) if missing < all => format!("{missing} of {all} pictures left"),
        (all, _) => format!("{all} pictures"),
    };
    let (width, height) = (settings.width, settings.height);
    let prompt = settings.prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("Round {}{from} · {pictures}, {width} × {height} · {prompt}", round.id)
}

/// Why the queue does not go on, and what to do; `None` where a button says enough.
pub(super) fn pause(document: &Document) -> Option<String> {
    let queue = document.queue();
    match queue.paused()? {
        Pause::Person => None,
        Pause::Failures(reason) => Some(format!("Two rounds failed in a row, so the queue is paused. {reason}")),
        Pause::Restored => {
            let jobs = match queue.waiting().len() {
                1 => "1 round was waiting".to_owned(),
                many => format!("{many} rounds were waiting"),
            };
            let begun = queue.waiting().iter().find(|job| job.is_begun).map(|job| {
                let missing = document.missing_images(job.round).len();
                let missing = if missing == 1 { "1 picture is".into() } else { format!("{missing} pictures are") };
                format!("; round {} had begun, and {missing} missing", job.round)
            });
            Some(format!("{jobs} when this document was closed{}.", begun.unwrap_or_default()))
        }
    }
}
