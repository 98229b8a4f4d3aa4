//! What is being fetched, in `downloads.json` in the program's data folder, so that it goes on at the next launch.

use std::path::Path;

use serde_json::{Value, json};

use super::kept_json;
use crate::engine::Error;

/// The file in the data folder.
const FILE: &str = "downloads.json";
/// How many downloads are kept.
const MOST: usize = 200;
/// The longest text of a download that is kept, in bytes.
const LONGEST: usize = 4000;

/// What is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FetchSubject {
    /// The entry of the catalogue with this id.
    Entry(String),
    /// What the person typed: a repository or a link.
    Place(String),
}

/// Something that was asked for and is not here yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDownload {
    /// What is fetched.
    pub subject: FetchSubject,
    /// Whether the person paused it.
    pub is_paused: bool,
}

/// Everything that was asked for and is not here yet, in the order in which it is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptDownloads(pub Vec<KeptDownload>);

impl KeptDownloads {
    /// Reads the list from the data folder. What cannot be understood, or is there twice, is left out.
    pub fn read(data: Option<&Path>) -> Self {
        let value = data.and_then(|data| kept_json::read(&data.join(FILE))).unwrap_or_default();
        let mut list: Vec<KeptDownload> = Vec::new();
        for download in value["downloads"].as_array().into_iter().flatten().filter_map(download).take(MOST) {
            if !list.iter().any(|known| known.subject == download.subject) {
                list.push(download);
            }
        }
        Self(list)
    }

    /// Keeps the list for the next launch.
    ///
    /// # Errors
    /// What the file system reports, as one sentence.
    pub fn keep(&self, data: &Path) -> Result<(), Error> {
        let object = |download: &KeptDownload| match &download.subject {
            FetchSubject::Entry(id) => json!({ "entry": id, "paused": download.is_paused }),
            FetchSubject::Place(place) => json!({ "place": place, "paused": download.is_paused }),
        };
        let list: Vec<Value> = self.0.iter().take(MOST).map(object).collect();
        kept_json::write(&data.join(FILE), &json!({ "downloads": list }))
    }
}

fn download(value: &Value) -> Option<KeptDownload> {
    let text = |key: &str| value[key].as_str().filter(|text| text.len() <= LONGEST).map(str::to_owned);
    let subject = text("entry").map(FetchSubject::Entry).or_else(|| text("place").map(FetchSubject::Place))?;
    Some(KeptDownload { subject, is_paused: value["paused"].as_bool().unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, is_paused: bool) -> KeptDownload {
        KeptDownload { subject: FetchSubject::Entry(id.into()), is_paused }
    }

    #[test]
    fn downloads_are_there_at_the_next_launch_in_their_order() {
        let data = tempfile::tempdir().expect("folder");
        assert_eq!(KeptDownloads::read(Some(data.path())), KeptDownloads::default());
        let place = KeptDownload { subject: FetchSubject::Place("a/b".into()), is_paused: false };
        let list = KeptDownloads(vec![entry("sd15", true), place, entry("taesd", false)]);
        list.keep(&data.path().join("new")).expect("writes");
        assert_eq!(KeptDownloads::read(Some(&data.path().join("new"))), list);
    }

    #[test]
    fn what_cannot_be_understood_is_left_out() {
        let data = tempfile::tempdir().expect("folder");
        let read = |text: &str| {
            std::fs::write(data.path().join(FILE), text).expect("writes");
            KeptDownloads::read(Some(data.path())).0
        };
        for text in ["", "[]", r#"{"downloads": 3}"#, r#"{"downloads": [3, {}, {"entry": 4}]}"#] {
            assert_eq!(read(text), [], "{text}");
        }
        let long = "x".repeat(LONGEST + 1);
        let text =
            json!({"downloads": [{"place": long}, {"entry": "a", "paused": "yes"}, {"entry": "a", "paused": true}]});
        assert_eq!(read(&text.to_string()), [entry("a", false)]);
    }
}
