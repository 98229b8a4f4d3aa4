//! What the person decided about fetching, in `models.json` in the program's data folder, beside the named folders.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value};

use super::folders::FILE;
use super::kept_json;
use crate::engine::Error;

/// How many accepted licences are kept.
const MOST: usize = 1000;

/// What the person decided about fetching models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelPreferences {
    /// The ids of the catalogue's entries whose licences were accepted.
    pub accepted: BTreeSet<String>,
    /// Whether nothing may be fetched.
    pub offline: bool,
    /// Whether the line about the starter was dismissed or used.
    pub starter_told: bool,
}

/// A change of [`ModelPreferences`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreferenceChange {
    /// The licence of the catalogue's entry with this id is accepted.
    AcceptLicence(String),
    /// Whether nothing may be fetched.
    Offline(bool),
    /// The line about the starter was dismissed or used.
    StarterTold,
}

impl ModelPreferences {
    /// Reads the preferences from the data folder. What is missing or cannot be understood has its default.
    pub fn read(data: Option<&Path>) -> Self {
        let value = data.and_then(|data| kept_json::read(&data.join(FILE))).unwrap_or_default();
        let texts = value["accepted_licences"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Self {
            accepted: texts.take(MOST).map(str::to_owned).collect(),
            offline: value["offline"].as_bool().unwrap_or_default(),
            starter_told: value["starter_told"].as_bool().unwrap_or_default(),
        }
    }

    /// Makes a change; `false` if nothing is different.
    pub fn change(&mut self, change: &PreferenceChange) -> bool {
        match change {
            PreferenceChange::AcceptLicence(id) => self.accepted.len() < MOST && self.accepted.insert(id.clone()),
            PreferenceChange::Offline(offline) => std::mem::replace(&mut self.offline, *offline) != *offline,
            PreferenceChange::StarterTold => !std::mem::replace(&mut self.starter_told, true),
        }
    }

    /// Keeps the preferences for the next launch. Other fields of the file stay.
    ///
    /// # Errors
    /// What the file system reports, as one sentence.
    pub fn keep(&self, data: &Path) -> Result<(), Error> {
        let file = data.join(FILE);
        let mut fields = match kept_json::read(&file) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let accepted = self.accepted.iter().map(|id| id.as_str().into()).collect();
        fields.insert("accepted_licences".into(), Value::Array(accepted));
        fields.insert("offline".into(), self.offline.into());
        fields.insert("starter_told".into(), self.starter_told.into());
        kept_json::write(&file, &Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::NamedFolders;

    #[test]
    fn decisions_are_there_at_the_next_launch_and_the_named_folders_stay() {
        let data = tempfile::tempdir().expect("folder");
        let mut folders = NamedFolders::default();
        folders.add(data.path());
        folders.keep(data.path()).expect("writes");
        let mut preferences = ModelPreferences::read(Some(data.path()));
        assert_eq!(preferences, ModelPreferences::default());
        for change in [
            PreferenceChange::AcceptLicence("sd15".into()),
            PreferenceChange::Offline(true),
            PreferenceChange::StarterTold,
        ] {
            assert!(preferences.change(&change) && !preferences.change(&change), "{change:?}");
        }
        preferences.keep(data.path()).expect("writes");
        assert_eq!(ModelPreferences::read(Some(data.path())), preferences);
        assert!(preferences.accepted.contains("sd15") && preferences.offline && preferences.starter_told);
        assert_eq!(NamedFolders::read(Some(data.path())), folders);
        folders.keep(data.path()).expect("writes");
        assert_eq!(ModelPreferences::read(Some(data.path())), preferences);
    }

    #[test]
    fn what_cannot_be_understood_has_its_default() {
        let data = tempfile::tempdir().expect("folder");
        for text in ["", "[]", r#"{"accepted_licences": 3, "offline": "yes", "starter_told": null}"#] {
            std::fs::write(data.path().join(FILE), text).expect("writes");
            assert_eq!(ModelPreferences::read(Some(data.path())), ModelPreferences::default(), "{text}");
        }
        std::fs::write(data.path().join(FILE), r#"{"accepted_licences": [1, "a"], "offline": true}"#).expect("writes");
        let read = ModelPreferences::read(Some(data.path()));
        assert!(read.offline && read.accepted.into_iter().eq(["a"]));
        assert_eq!(ModelPreferences::read(None), ModelPreferences::default());
    }
}
