//! Small JSON files in the data folder: what a person chose about the window and expects at the next launch.
//!
//! They are read before the first frame, which is drawn as they say. The file thread writes them, see
//! [`FileTask::KeepChoices`](crate::jobs::FileTask::KeepChoices).

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use serde::de::DeserializeOwned;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// What a file of the data folder holds. Without a folder or a file these are the usual choices; if the file cannot be
/// read they are too, and the second value says why, as one sentence.
pub(super) fn read<T: DeserializeOwned + Default>(folder: Option<&Path>, file: &str) -> (T, Option<String>) {
    let Some(folder) = folder else { return (T::default(), None) };
    let path = folder.join(file);
    let trouble = |reason: &str| {
        let text = format!("{} could not be read: {reason}. The usual choices are in force.", path.display());
        (T::default(), Some(text))
    };
    // Looked at before it is opened: opening a pipe waits.
    match std::fs::metadata(&path) {
        Ok(about) if !about.is_file() => return trouble("it is no file"),
        Ok(about) if about.len() > LONGEST => return trouble("it is far too long"),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return (T::default(), None),
        Err(_) => return trouble("the system refuses it"),
    }
    let mut bytes = Vec::new();
    match File::open(&path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes)) {
        Ok(_) => match serde_json::from_slice(&bytes) {
            Ok(choices) => (choices, None),
            Err(_) => trouble("it is damaged"),
        },
        Err(_) => trouble("the system refuses it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &[u8]) -> (Vec<u8>, Option<String>) {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("a.json"), text).expect("writes");
        read(Some(folder.path()), "a.json")
    }

    #[test]
    fn a_file_that_is_not_there_is_no_trouble() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(read::<Vec<u8>>(Some(folder.path()), "a.json"), (Vec::new(), None));
        assert_eq!(read::<Vec<u8>>(None, "a.json"), (Vec::new(), None));
        assert_eq!(read_text(b"[1, 2]"), (vec![1, 2], None));
    }

    #[test]
    fn a_damaged_file_gives_the_usual_choices_and_one_sentence() {
        for text in [&b""[..], b"[1", b"{}", b"\xff\xfe", &vec![b' '; (LONGEST + 1) as usize]] {
            let (choices, trouble) = read_text(text);
            assert!(choices.is_empty());
            assert!(trouble.expect("a sentence").contains("a.json could not be read"));
        }
        let folder = tempfile::tempdir().expect("folder");
        std::fs::create_dir(folder.path().join("a.json")).expect("makes");
        assert!(read::<Vec<u8>>(Some(folder.path()), "a.json").1.is_some());
    }
}
