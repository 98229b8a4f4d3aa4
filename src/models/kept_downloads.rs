//! What is being fetched, in `downloads.json` in the program's data folder, so that the next launch can go on with it.
//!
//! Each window has a list that no other window reads or writes while it is open: the first has `downloads.json`, the
//! second `downloads-2.json`. An empty file beside it, `downloads.lock`, is locked for as long as the window lives; the
//! operating system gives the lock up also after a crash. A window takes over the lists that no window has any more.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::kept_json;
use crate::engine::Error;

/// How many windows can have a list at the same time.
const MOST_WINDOWS: usize = 32;
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
    /// Reads the list of the first window from the data folder. What cannot be understood, or is there twice, is left
    /// out.
    pub fn read(data: Option<&Path>) -> Self {
        data.map(|data| Self::read_from(&list_path(data, 1))).unwrap_or_default()
    }

    fn read_from(path: &Path) -> Self {
        let value = kept_json::read(path).unwrap_or_default();
        let mut read = Self::default();
        read.append(value["downloads"].as_array().into_iter().flatten().filter_map(download).take(MOST));
        read
    }

    /// Adds what is not in the list yet at its end.
    fn append(&mut self, downloads: impl IntoIterator<Item = KeptDownload>) {
        for download in downloads {
            if !self.0.iter().any(|known| known.subject == download.subject) {
                self.0.push(download);
            }
        }
    }
}

/// The file with the list of one window, until it is dropped.
#[derive(Debug)]
pub struct DownloadsFile {
    path: PathBuf,
    /// Locked for as long as it is open; `None` where the file system knows no locks or the folder cannot be written.
    _lock: Option<File>,
}

impl DownloadsFile {
    /// Takes a list in the data folder that no other window has, and adds to it the lists of windows that are gone. The
    /// file is `None` when too many windows are open.
    pub fn claim(data: &Path) -> (Option<Self>, KeptDownloads) {
        let first_free = (1..=MOST_WINDOWS).find_map(|number| Some((number, Self::lock(data, number)?)));
        let Some((number, file)) = first_free else { return Default::default() };
        let mut downloads = KeptDownloads::read_from(&file.path);
        let is_left = |other: &usize| *other != number && list_path(data, *other).is_file();
        let left: Vec<Self> = (1..=MOST_WINDOWS).filter(is_left).filter_map(|other| Self::lock(data, other)).collect();
        for other in &left {
            downloads.append(KeptDownloads::read_from(&other.path).0);
        }
        if !left.is_empty() {
            match file.keep(&downloads) {
                // After a crash between the two a download is in both lists, and is taken once.
                Ok(()) => left.iter().for_each(Self::remove),
                Err(error) => tracing::warn!("the downloads of another window stay where they are: {error}"),
            }
        }
        (Some(file), downloads)
    }

    /// Takes the list with this number, from 1; `None` if another window has it.
    fn lock(data: &Path, number: usize) -> Option<Self> {
        let path = list_path(data, number);
        let lock_path = path.with_extension("lock");
        let opened = std::fs::create_dir_all(data)
            .and_then(|()| OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path));
        let unlocked = |error: std::io::Error| {
            tracing::warn!("{} could not be locked: {error}", lock_path.display());
            None
        };
        let lock = match opened {
            Ok(file) => match file.try_lock() {
                Ok(()) => Some(file),
                Err(TryLockError::WouldBlock) => return None,
                Err(TryLockError::Error(error)) => unlocked(error),
            },
            Err(error) => unlocked(error),
        };
        Some(Self { path, _lock: lock })
    }

    /// Keeps the list for the next launch.
    ///
    /// # Errors
    /// What the file system reports, as one sentence.
    pub fn keep(&self, downloads: &KeptDownloads) -> Result<(), Error> {
        let object = |download: &KeptDownload| match &download.subject {
            FetchSubject::Entry(id) => json!({ "entry": id, "paused": download.is_paused }),
            FetchSubject::Place(place) => json!({ "place": place, "paused": download.is_paused }),
        };
        let list: Vec<Value> = downloads.0.iter().take(MOST).map(object).collect();
        kept_json::write(&self.path, &json!({ "downloads": list }))
    }

    /// Removes a list that was added to another one.
    fn remove(&self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!("{} was not removed: {error}", self.path.display());
        }
    }
}

/// The file with the list of the window with this number, from 1.
fn list_path(data: &Path, number: usize) -> PathBuf {
    data.join(if number == 1 { "downloads.json".into() } else { format!("downloads-{number}.json") })
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
        let new = data.path().join("new");
        claim(&new).0.keep(&list).expect("writes");
        assert_eq!(KeptDownloads::read(Some(&new)), list);
        assert_eq!(claim(&new).1, list);
    }

    fn claim(data: &Path) -> (DownloadsFile, KeptDownloads) {
        let (file, downloads) = DownloadsFile::claim(data);
        (file.expect("a free list"), downloads)
    }

    #[test]
    fn two_windows_have_a_list_each_and_the_next_launch_has_both() {
        let data = tempfile::tempdir().expect("folder");
        let (first, _) = claim(data.path());
        first.keep(&KeptDownloads(vec![entry("sd15", false), entry("taesd", false)])).expect("writes");
        let (second, downloads) = claim(data.path());
        assert_eq!(downloads, KeptDownloads::default(), "they are the first window's");
        second.keep(&KeptDownloads(vec![entry("taesd", true), entry("lcm", true)])).expect("writes");
        first.keep(&KeptDownloads(vec![entry("taesd", false)])).expect("writes");
        // The first window is gone; a third one has its list while the second is still open.
        drop(first);
        let (third, downloads) = claim(data.path());
        assert_eq!(downloads.0, [entry("taesd", false)]);
        drop((second, third));
        let both = [entry("taesd", false), entry("lcm", true)];
        let (file, downloads) = claim(data.path());
        assert_eq!(downloads.0, both);
        assert!(!list_path(data.path(), 2).exists());
        drop(file);
        assert_eq!(claim(data.path()).1.0, both);
    }

    #[test]
    fn a_list_in_a_folder_that_cannot_be_written_is_read() {
        let folder = tempfile::tempdir().expect("folder");
        let data = folder.path().join("a file");
        std::fs::write(&data, "").expect("writes");
        let (file, downloads) = claim(&data);
        assert_eq!(downloads, KeptDownloads::default());
        assert!(file.keep(&KeptDownloads(vec![entry("lcm", true)])).is_err());
    }

    #[test]
    fn what_cannot_be_understood_is_left_out() {
        let data = tempfile::tempdir().expect("folder");
        let read = |text: &str| {
            std::fs::write(list_path(data.path(), 1), text).expect("writes");
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
