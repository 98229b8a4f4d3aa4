//! What is being fetched, and whether anything may be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::hub::{Control, Environment, FetchEvent, Hub, Progress};
use crate::jobs::JobId;
use crate::models::{ModelPreferences, PreferenceChange};

/// What is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) enum FetchSubject {
    /// The entry of the catalogue with this id.
    Entry(String),
    /// What the person typed: a repository or a link.
    Place(String),
}

/// How far something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FetchState {
    /// Something else is fetched first, or nothing was heard of it yet.
    Queued,
    /// It is being fetched or checked.
    Working(Progress),
    /// It failed.
    Failed {
        /// Why, as one sentence.
        reason: String,
        /// The page where access is granted, if that is what is missing.
        page: Option<String>,
    },
    /// It is here; the search that finds it goes on.
    Done,
}

/// Something that is fetched.
pub(super) struct Fetch {
    pub subject: FetchSubject,
    pub job: JobId,
    pub control: Control,
    pub state: FetchState,
    /// The licence that the repository's page names, once that is known.
    pub licence: Option<String>,
}

/// The question whether a licence is accepted.
pub(in crate::ui) struct LicenceQuestion {
    /// The id of the catalogue's entry.
    pub entry: String,
    /// Whether the question is new, so that it gets the keyboard.
    pub is_new: bool,
}

/// What is being fetched, and what the person decided about fetching.
pub(in crate::ui) struct Fetches {
    /// The hub, or why nothing can be fetched.
    hub: Result<Arc<Hub>, String>,
    /// The folder for files from links.
    folder: Option<PathBuf>,
    /// `None` until it is read.
    preferences: Option<ModelPreferences>,
    /// What is typed to be fetched.
    pub typed: String,
    /// The licence that is shown to be accepted.
    pub question: Option<LicenceQuestion>,
    /// Whether the starter finished a round since the window opened.
    pub starter_was_used: bool,
    list: Vec<Fetch>,
    /// Counts what changes rows.
    pub(super) version: u64,
}

impl Default for Fetches {
    fn default() -> Self {
        Self::new(Err("This window fetches nothing.".into()), None)
    }
}

impl Fetches {
    /// Fetches from this hub, or says why it cannot; files from links go to `folder`.
    pub fn new(hub: Result<Environment, String>, folder: Option<PathBuf>) -> Self {
        let hub = hub.and_then(|environment| Hub::new(environment).map_err(|error| error.to_string()));
        Self {
            hub: hub.map(Arc::new),
            folder,
            preferences: None,
            typed: String::new(),
            question: None,
            starter_was_used: false,
            list: Vec::new(),
            version: 0,
        }
    }

    /// The hub.
    ///
    /// # Errors
    /// Why nothing can be fetched now, as one sentence.
    pub fn hub(&self) -> Result<Arc<Hub>, String> {
        match self.why_not() {
            Some(reason) => Err(reason),
            None => self.hub.clone(),
        }
    }

    /// The folder for files from links; `None` where the system names none.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Why nothing can be fetched now, as one sentence.
    pub(super) fn why_not(&self) -> Option<String> {
        if let Err(reason) = &self.hub {
            return Some(reason.clone());
        }
        if self.is_offline_fixed() {
            return Some("HF_HUB_OFFLINE is set, so nothing is fetched; start the program without it.".into());
        }
        self.is_offline().then(|| "Nothing is fetched while Offline is on; turn it off to fetch models.".into())
    }

    /// Whether nothing may be fetched.
    pub(super) fn is_offline(&self) -> bool {
        self.is_offline_fixed() || self.preferences.as_ref().is_some_and(|preferences| preferences.offline)
    }

    /// Whether the environment forbids to fetch, which the window cannot change.
    pub(super) fn is_offline_fixed(&self) -> bool {
        self.hub.as_ref().is_ok_and(|hub| hub.environment().offline)
    }

    /// Whether the licence of this entry of the catalogue was accepted.
    pub fn is_accepted(&self, id: &str) -> bool {
        self.preferences.as_ref().is_some_and(|preferences| preferences.accepted.contains(id))
    }

    /// Whether the line about the starter is to be shown.
    pub(super) fn tells_of_starter(&self) -> bool {
        self.starter_was_used && self.preferences.as_ref().is_some_and(|preferences| !preferences.starter_told)
    }

    pub(super) fn take_preferences(&mut self, preferences: ModelPreferences) {
        self.preferences = Some(preferences);
        self.tell_hub();
    }

    /// Follows a decision of the person.
    pub fn change(&mut self, change: &PreferenceChange) {
        self.preferences.get_or_insert_default().change(change);
        self.tell_hub();
    }

    fn tell_hub(&mut self) {
        let is_offline = self.is_offline();
        if let Ok(hub) = &self.hub {
            hub.set_offline(is_offline);
        }
        self.version += 1;
    }

    /// What is fetched or failed, in the order in which it was asked for.
    pub(super) fn list(&self) -> &[Fetch] {
        &self.list
    }

    /// What is known of fetching this.
    pub(super) fn of(&self, subject: &FetchSubject) -> Option<&Fetch> {
        self.list.iter().find(|fetch| fetch.subject == *subject)
    }

    /// What this job fetches.
    pub fn subject(&self, job: JobId) -> Option<&FetchSubject> {
        self.list.iter().find(|fetch| fetch.job == job).map(|fetch| &fetch.subject)
    }

    /// Whether this is being fetched and did not fail.
    pub fn is_under_way(&self, subject: &FetchSubject) -> bool {
        self.of(subject).is_some_and(|fetch| !matches!(fetch.state, FetchState::Failed { .. } | FetchState::Done))
    }

    /// A job that fetches this has begun. Gives the flags that control it.
    pub fn begin(&mut self, subject: FetchSubject, job: JobId) -> Control {
        let control = Control::default();
        let fetch = Fetch { subject, job, control: control.clone(), state: FetchState::Queued, licence: None };
        match self.list.iter_mut().find(|known| known.subject == fetch.subject) {
            Some(known) => *known = fetch,
            None => self.list.push(fetch),
        }
        self.version += 1;
        control
    }

    /// This failed before there was a job for the thread.
    pub fn refuse(&mut self, subject: FetchSubject, job: JobId, reason: String) {
        self.begin(subject, job);
        self.failed(job, reason, None);
    }

    /// Pauses a job, or goes on with it.
    pub fn pause(&mut self, job: JobId, is_paused: bool) {
        self.version += 1;
        if let Some(fetch) = self.list.iter().find(|fetch| fetch.job == job) {
            if is_paused { fetch.control.pause() } else { fetch.control.resume() }
        }
    }

    /// Cancels a job, or forgets that it failed.
    pub fn cancel(&mut self, job: JobId) {
        self.list.iter().filter(|fetch| fetch.job == job).for_each(|fetch| fetch.control.cancel());
        self.remove(job);
    }

    pub(super) fn event(&mut self, job: JobId, event: FetchEvent) {
        self.version += 1;
        let Some(fetch) = self.list.iter_mut().find(|fetch| fetch.job == job) else { return };
        match event {
            FetchEvent::Listed { listing, .. } => fetch.licence = listing.license,
            FetchEvent::Progress(progress) => fetch.state = FetchState::Working(progress),
        }
    }

    pub(super) fn failed(&mut self, job: JobId, reason: String, page: Option<String>) {
        self.version += 1;
        if let Some(fetch) = self.list.iter_mut().find(|fetch| fetch.job == job) {
            fetch.state = FetchState::Failed { reason, page };
        }
    }

    /// It is here.
    pub(super) fn done(&mut self, job: JobId) {
        self.version += 1;
        if let Some(fetch) = self.list.iter_mut().find(|fetch| fetch.job == job) {
            fetch.state = FetchState::Done;
        }
    }

    pub(super) fn remove(&mut self, job: JobId) {
        self.list.retain(|fetch| fetch.job != job);
        self.version += 1;
    }

    /// A search has ended: what was fetched is among the models that were found.
    pub(super) fn searched(&mut self) {
        self.list.retain(|fetch| fetch.state != FetchState::Done);
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::Proxies;

    fn fetches(offline: bool) -> Fetches {
        let environment = Environment {
            endpoint: "http://127.0.0.1:9".into(),
            cache: "/no/such/cache".into(),
            token: None,
            offline,
            proxies: Proxies::default(),
        };
        Fetches::new(Ok(environment), None)
    }

    #[test]
    fn offline_is_a_choice_unless_the_environment_makes_it() {
        let mut choice = fetches(false);
        assert!(choice.hub().is_ok() && !choice.is_offline());
        choice.change(&PreferenceChange::Offline(true));
        assert!(choice.hub().is_err_and(|reason| reason.contains("turn it off")));
        choice.change(&PreferenceChange::Offline(false));
        assert!(choice.hub().is_ok_and(|hub| !hub.is_offline()));
        let mut fixed = fetches(true);
        fixed.change(&PreferenceChange::Offline(false));
        assert!(fixed.is_offline() && fixed.hub().is_err_and(|reason| reason.contains("HF_HUB_OFFLINE")));
        assert!(Fetches::default().hub().is_err());
    }

    #[test]
    fn the_starter_is_told_of_only_while_it_is_known_that_it_was_not() {
        let mut fetches = fetches(false);
        fetches.starter_was_used = true;
        assert!(!fetches.tells_of_starter(), "the preferences are not read yet");
        fetches.take_preferences(ModelPreferences::default());
        assert!(fetches.tells_of_starter());
        fetches.change(&PreferenceChange::StarterTold);
        assert!(!fetches.tells_of_starter());
    }
}
