//! What is being fetched, and whether anything may be.

use std::path::PathBuf;
use std::sync::Arc;

use super::fetch_queue::FetchQueue;
use crate::hub::{Environment, Hub};
use crate::models::{DownloadsFile, KeptDownloads, ModelPreferences, PreferenceChange};

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
    /// The program's data folder.
    data: Option<PathBuf>,
    /// The file that keeps the downloads for the next launch, and what it says; `None` until it is read, or where
    /// nothing is kept.
    kept: Option<(Arc<DownloadsFile>, KeptDownloads)>,
    /// `None` until it is read.
    preferences: Option<ModelPreferences>,
    /// What is typed to be fetched.
    pub typed: String,
    /// The licence that is shown to be accepted.
    pub question: Option<LicenceQuestion>,
    /// Whether the starter finished a round since the window opened.
    pub starter_was_used: bool,
    /// What is fetched, and in which order.
    pub queue: FetchQueue,
}

impl Default for Fetches {
    fn default() -> Self {
        Self::new(Err("This window fetches nothing.".into()), None)
    }
}

impl Fetches {
    /// Fetches from this hub, or says why it cannot. Files from links go to a folder in the program's data folder.
    pub fn new(hub: Result<Environment, String>, data: Option<PathBuf>) -> Self {
        let hub = hub.and_then(|environment| Hub::new(environment).map_err(|error| error.to_string()));
        Self {
            hub: hub.map(Arc::new),
            data,
            kept: None,
            preferences: None,
            typed: String::new(),
            question: None,
            starter_was_used: false,
            queue: FetchQueue::default(),
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

    /// The hub's address; `None` where nothing can be fetched in this window.
    pub fn endpoint(&self) -> Option<String> {
        self.hub.as_ref().ok().map(|hub| hub.environment().endpoint.clone())
    }

    /// The folder for files from links; `None` where the system names none.
    pub fn folder(&self) -> Option<PathBuf> {
        self.data.as_ref().map(|data| data.join("models"))
    }

    /// These downloads were read from this file, and are in the queue now.
    pub fn take_kept(&mut self, file: Arc<DownloadsFile>, kept: KeptDownloads) {
        self.kept = Some((file, kept));
    }

    /// The file that keeps the downloads and what it is to say of them, if it says something else; then it counts as
    /// said.
    pub(super) fn unkept(&mut self) -> Option<(Arc<DownloadsFile>, KeptDownloads)> {
        let now = self.queue.kept();
        // Before the file is read it is not known what it would lose.
        let (file, kept) = self.kept.as_mut().filter(|(_, kept)| *kept != now)?;
        kept.clone_from(&now);
        Some((Arc::clone(file), now))
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
    pub fn is_offline(&self) -> bool {
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
        self.queue.version += 1;
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
