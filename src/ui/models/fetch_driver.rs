//! Hands what is to be fetched to its thread, one after the other, and keeps the list of it for the next launch.

use std::time::Instant;

use super::fetches::Fetches;
use crate::jobs::{FetchJob, FileTask};
use crate::ui::commands::Services;

/// Looks once a frame what is to be fetched now.
pub(super) fn advance(fetches: &mut Fetches, services: &Services) {
    let now = Instant::now();
    match fetches.hub() {
        Ok(hub) => {
            fetches.queue.make_way(now);
            if let Some(next) = fetches.queue.next(now) {
                services.jobs.fetch(FetchJob { job: next.job, hub, target: next.target, control: next.control });
                services.ctx.request_repaint();
            }
            if let Some(wait) = fetches.queue.next_try(now) {
                services.ctx.request_repaint_after(wait);
            }
        }
        // What is under way goes on when something may be fetched again.
        Err(_) => fetches.queue.stop(),
    }
    if let Some((file, downloads)) = fetches.unkept() {
        services.jobs.files(FileTask::KeepDownloads(downloads, file));
    }
}
