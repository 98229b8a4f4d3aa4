//! What the thread that fetches models is asked, and what it reports.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::JobId;
use crate::hub::{Control, FetchEvent, FileRequest, Hub, Place};

/// Something to fetch. Jobs are done one after the other; one that is paused holds up those behind it, so the window
/// hands over one at a time.
pub struct FetchJob {
    /// Repeated in every report about it.
    pub job: JobId,
    /// The hub, which also says whether the network may be used.
    pub hub: Arc<Hub>,
    /// What to fetch.
    pub target: FetchTarget,
    /// Pauses, resumes and cancels it, also while it waits for its turn.
    pub control: Control,
}

/// What to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchTarget {
    /// What a person typed or pasted.
    Place {
        /// The place.
        place: Place,
        /// The folder for a file from elsewhere than the hub.
        folder: PathBuf,
    },
    /// Files whose contents are known, as of an entry of the catalogue.
    Files(Vec<FileRequest>),
}

/// A report of the thread that fetches models. Each job ends with exactly one [`FetchReport::Done`],
/// [`FetchReport::Cancelled`], [`FetchReport::Unreachable`] or [`FetchReport::Failed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchReport {
    /// What happens; progress comes at most five times a second, and at the beginning of each stage.
    Event {
        /// The job.
        job: JobId,
        /// What happens.
        event: FetchEvent,
    },
    /// It is here.
    Done {
        /// The job.
        job: JobId,
        /// The file or folder; the first one of several files.
        path: PathBuf,
    },
    /// It was cancelled. Asking again goes on where it stopped.
    Cancelled(JobId),
    /// The server did not answer, or stopped answering. Asking again goes on where it stopped.
    Unreachable {
        /// The job.
        job: JobId,
        /// What happened, as one sentence.
        reason: String,
        /// How long the server asks to wait, where it says so.
        wait: Option<Duration>,
    },
    /// It failed.
    Failed {
        /// The job.
        job: JobId,
        /// Why, as one sentence.
        reason: String,
        /// The page where access is granted, if that is what is missing.
        page: Option<String>,
    },
}
