//! Where a window's work is kept when nobody has chosen a file: `untitled.underpaint` in the data folder, and
//! `untitled-2.underpaint` and so on beside it.
//!
//! A window that starts goes on with the document that was used last. If another window has that, or it cannot
//! be written, it takes the first untitled one that is free. What an older version of the program kept, as
//! `drawing.png` and `drawing.json`, is taken over once and left where it is.

use std::path::{Path, PathBuf};

use super::Kept;
use super::recent;
use super::store::{DOCUMENT_ENDING, DocumentFile, NewDocument, ReadOnlyReason, Store, StoreError, StoredDocument};

/// How many untitled documents are looked at.
const MOST_UNTITLED: usize = 9999;

/// An open document file and what is in it.
pub struct OpenedDocument {
    /// The file.
    pub file: DocumentFile,
    /// What is in it.
    pub content: OpenedContent,
    /// What went wrong on the way, as one sentence.
    pub trouble: Option<String>,
}

/// What was found in a document file.
#[derive(Debug)]
pub enum OpenedContent {
    /// Nothing: there is no file yet.
    New,
    /// A document.
    Stored(Box<StoredDocument>),
    /// A drawing that an older version of the program kept; there is no file yet.
    Imported(Box<Kept>),
}

/// Opens a document file.
///
/// # Errors
/// What is wrong with it, as one sentence.
pub fn open_document(path: &Path) -> Result<OpenedDocument, StoreError> {
    let store = Store::open(path)?;
    let content = OpenedContent::Stored(Box::new(store.load()?));
    Ok(OpenedDocument { file: store.into(), content, trouble: None })
}

/// Opens what a window starts with: the document that is `asked` for, else the one used last, else the first
/// untitled one that is free.
///
/// # Errors
/// If nothing can be written in the folder.
pub fn open_home(folder: &Path, asked: Option<&Path>) -> Result<OpenedDocument, StoreError> {
    let mut trouble = None;
    if let Some(asked) = asked {
        match open_document(asked) {
            Ok(opened) => return Ok(opened),
            Err(error) => trouble = Some(error.to_string()),
        }
    } else if let Some(last) = recent::read(folder).first()
        && let Some(opened) = writable(last, &mut trouble)
    {
        return Ok(OpenedDocument { trouble, ..opened });
    }
    for number in 1..=MOST_UNTITLED {
        let path = numbered(folder, "untitled", DOCUMENT_ENDING, number);
        if path.try_exists().unwrap_or(true) {
            if let Some(opened) = writable(&path, &mut trouble) {
                return Ok(OpenedDocument { trouble, ..opened });
            }
            continue;
        }
        let Some(file) = claim(&path)? else { continue };
        let kept = Kept::read(&numbered(folder, "drawing", "png", number));
        if trouble.is_none() {
            trouble.clone_from(&kept.trouble);
        }
        let is_empty = kept.canvas.is_none() && kept.state.is_none();
        let content = if is_empty { OpenedContent::New } else { OpenedContent::Imported(Box::new(kept)) };
        return Ok(OpenedDocument { file, content, trouble });
    }
    Err(StoreError::Write { path: folder.to_path_buf(), reason: "there are too many untitled documents".into() })
}

/// Takes the name of a new untitled document.
///
/// # Errors
/// If nothing can be written in the folder.
pub fn new_untitled(folder: &Path) -> Result<DocumentFile, StoreError> {
    for number in 1..=MOST_UNTITLED {
        let path = numbered(folder, "untitled", DOCUMENT_ENDING, number);
        if !path.try_exists().unwrap_or(true)
            && let Some(file) = claim(&path)?
        {
            return Ok(file);
        }
    }
    Err(StoreError::Write { path: folder.to_path_buf(), reason: "there are too many untitled documents".into() })
}

/// Opens a document if it can be written; notes what is wrong with it unless another window has it.
fn writable(path: &Path, trouble: &mut Option<String>) -> Option<OpenedDocument> {
    match open_document(path) {
        Ok(opened) => match opened.file.read_only() {
            None => return Some(opened),
            Some(ReadOnlyReason::InUse) => {}
            Some(reason) => *trouble = Some(reason.sentence(path)),
        },
        // A document that was moved or deleted is simply not gone on with.
        Err(_) if !path.try_exists().unwrap_or(true) => {}
        Err(error) => *trouble = Some(error.to_string()),
    }
    None
}

/// Takes a name; `None` if another window has it.
fn claim(path: &Path) -> Result<Option<DocumentFile>, StoreError> {
    match NewDocument::claim(path) {
        Ok(new) => Ok(Some(DocumentFile::New(new))),
        // Whoever took it between the look and the claim has a lock now or a file.
        Err(_) if path.try_exists().unwrap_or(true) || Store::is_taken(path) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `untitled.underpaint`, `untitled-2.underpaint` and so on.
fn numbered(folder: &Path, stem: &str, ending: &str, number: usize) -> PathBuf {
    match number {
        1 => folder.join(format!("{stem}.{ending}")),
        number => folder.join(format!("{stem}-{number}.{ending}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::document::tests::{document, dot, sheet};
    use crate::paint::Rgb;
    use crate::picture::{encode_png, write_atomically};

    fn name(opened: &OpenedDocument) -> String {
        opened.file.path().file_name().expect("a name").to_string_lossy().into_owned()
    }

    fn home(folder: &Path) -> OpenedDocument {
        open_home(folder, None).expect("opens")
    }

    /// Commits a black document, as a window does.
    fn worked_on(opened: &mut OpenedDocument) {
        let mut document = document();
        document.open_picture(sheet(70, 64, Rgb::BLACK), vec![]);
        opened.file.commit(&document.take_changes()).expect("commits");
    }

    #[test]
    fn a_first_start_has_a_name_and_no_file_and_a_later_one_goes_on() {
        let folder = tempfile::tempdir().expect("folder");
        let data = folder.path().join("data");
        let mut first = home(&data);
        assert!(matches!(first.content, OpenedContent::New) && !first.file.path().exists());
        let mut second = home(&data);
        assert_eq!((name(&first), name(&second)), ("untitled.underpaint".into(), "untitled-2.underpaint".into()));
        worked_on(&mut first);
        worked_on(&mut second);
        drop((first, second));
        let again = home(&data);
        assert_eq!(name(&again), "untitled.underpaint");
        let OpenedContent::Stored(stored) = again.content else { panic!("a document") };
        assert_eq!(Document::from_stored(*stored).canvas().color_at(0, 0), Some(Rgb::BLACK));
    }

    #[test]
    fn the_document_used_last_comes_first_unless_another_window_has_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("elsewhere.underpaint");
        let mut document = document();
        drop(Store::create(&path, &document.take_changes()).expect("creates"));
        recent::note(folder.path(), &path);
        let first = home(folder.path());
        assert_eq!(name(&first), "elsewhere.underpaint");
        let second = home(folder.path());
        assert_eq!((name(&second), second.trouble), ("untitled.underpaint".into(), None));
        drop((first, second.file));
        std::fs::remove_file(&path).expect("removes");
        let third = home(folder.path());
        assert_eq!((name(&third), third.trouble), ("untitled.underpaint".into(), None), "it was deleted");
    }

    #[test]
    fn a_damaged_document_is_told_left_alone_and_another_one_is_used() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("untitled.underpaint");
        std::fs::write(&path, "no document").expect("writes");
        let opened = home(folder.path());
        assert_eq!(name(&opened), "untitled-2.underpaint");
        assert!(opened.trouble.is_some_and(|text| text.contains("untitled.underpaint could not be opened")));
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "no document");
        let asked = open_home(folder.path(), Some(&path)).expect("opens another");
        assert!(asked.trouble.is_some_and(|text| text.contains("untitled.underpaint")));
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("writes");
        assert!(open_home(&file, None).is_err(), "not a folder");
    }

    #[test]
    fn a_drawing_of_an_older_version_is_taken_over_once_and_left_where_it_is() {
        let folder = tempfile::tempdir().expect("folder");
        let drawing = folder.path().join("drawing.png");
        let mut before = document();
        dot(&mut before, 30.0, 30.0);
        write_atomically(&drawing, &encode_png(&before.picture(), None).expect("encodes")).expect("writes");
        let json = r#"{"version": 1, "settings": {"prompt": "a pear"}, "ancestry": [4], "next_round": 12}"#;
        std::fs::write(drawing.with_extension("json"), json).expect("writes");
        let mut opened = home(folder.path());
        let OpenedContent::Imported(kept) = opened.content else { panic!("a drawing") };
        let mut after = document();
        after.restore(*kept);
        assert!(after.canvas().to_rgb() == before.canvas().to_rgb());
        assert_eq!((after.settings().prompt.as_str(), after.ancestry()), ("a pear", &[4][..]));
        assert_eq!(after.rounds().next_id(), 12, "numbers go on");
        opened.file.commit(&after.take_changes()).expect("commits");
        drop(opened.file);
        assert!(matches!(home(folder.path()).content, OpenedContent::Stored(_)), "once");
        assert!(drawing.exists());
    }

    #[test]
    fn a_new_document_takes_a_name_that_no_file_has() {
        let folder = tempfile::tempdir().expect("folder");
        let mut first = home(folder.path());
        worked_on(&mut first);
        drop(first);
        let new = new_untitled(folder.path()).expect("claims");
        assert!(new.path().ends_with("untitled-2.underpaint"));
        assert!(new_untitled(folder.path()).expect("claims").path().ends_with("untitled-3.underpaint"));
    }
}
