//! Fetching models.

use crate::jobs::JobId;

/// Commands that fetch models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchCommand {
    /// Fetch the entry of the catalogue with this id; its licence is asked about before the first time.
    Entry(String),
    /// Fetch what was typed: `owner/name`, a file of a repository, a link, or a name of the catalogue.
    Place(String),
    /// Accept the licence that is shown, and fetch what it belongs to.
    Accept,
    /// Do not accept the licence that is shown.
    Decline,
    /// Pause this job; what waits for its turn is fetched meanwhile.
    Pause(JobId),
    /// Go on with this job.
    Resume(JobId),
    /// Cancel this job, or take away what is said of its failure. What was fetched is kept for the next try.
    Cancel(JobId),
    /// Fetch this job next, after what is being fetched.
    MoveUp(JobId),
    /// Pause everything.
    PauseAll,
    /// Go on with everything.
    ResumeAll,
    /// Cancel everything, and take away what is said of failures.
    CancelAll,
    /// Go on with everything that was not finished when the program ended last time.
    GoOnWithKept,
    /// Cancel everything that was not finished when the program ended last time.
    RemoveKept,
    /// Fetch again what this job failed to fetch, or lost its connection to.
    TryAgain(JobId),
    /// Show what is being fetched.
    ShowDownloads,
    /// Whether nothing may be fetched, also after the next launch.
    SetOffline(bool),
    /// Show the catalogue, and never again the line about the starter.
    SeeModels,
    /// Never show the line about the starter again.
    DismissStarterLine,
}
