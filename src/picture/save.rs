//! Writing files so that a reader never sees half of one and a power cut never leaves an empty one:
//! under a temporary name beside the final one, handed to the disk, then renamed.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use image::RgbImage;
use tempfile::{NamedTempFile, PersistError};

use super::encode::{Attached, Encoding, FileKind, SaveTarget, encode_with};
use super::reason::plain_reason;
use super::{NamePattern, NameWords};

/// Why a picture could not be saved, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The file system refused.
    #[error("{} could not be written: {reason}.", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Nothing can be written in the folder for results.
    #[error("Nothing can be written in the folder {}: {reason}. Choose another folder for the results.", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The encoder refused.
    #[error("The picture could not be written as {}: {reason}.", kind.label())]
    Encode {
        /// As what it should have been written.
        kind: FileKind,
        /// Why.
        reason: String,
    },
    /// The name asks for a kind of file that is not written.
    #[error("Pictures are not written as .{ending} files: choose a name that ends in .png, .jpg or .webp.")]
    Kind {
        /// The ending in lower case, without its dot.
        ending: String,
    },
}

impl SaveError {
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::File { path: path.to_path_buf(), reason: plain_reason(error) }
    }
}

/// Writes a picture under the name that a person typed, as the kind that the name says, with what is attached
/// to it. `jpeg_quality` counts for a JPEG, see [`Encoding`]. Gives the path that it was written to.
///
/// A file of this very name is replaced: dialogs ask about that. When the name has no ending and gets
/// one (see [`SaveTarget`]), nobody was asked, so a file that is already there stays and the new one gets a
/// number: `apple.png`, `apple-2.png`.
///
/// # Errors
/// A name that asks for another kind of picture, or what the file system reports; an old file is then
/// untouched.
pub fn save_as(
    typed: &Path,
    picture: &RgbImage,
    jpeg_quality: u8,
    attached: Attached<'_>,
) -> Result<PathBuf, SaveError> {
    let target = SaveTarget::of(typed)?;
    let bytes = encode_with(picture, Encoding { kind: target.kind, jpeg_quality }, attached)?;
    if !target.completed {
        write_atomically(&target.path, &bytes)?;
        return Ok(target.path);
    }
    let numbered = |number: u64| match number {
        1 => target.path.clone(),
        number => {
            let mut name = typed.as_os_str().to_owned();
            name.push(format!("-{number}.png"));
            name.into()
        }
    };
    write_new(folder_of(&target.path), &bytes, 1, numbered)
}

/// Replaces a file: writes a new one beside it, hands it to the disk and renames it.
///
/// # Errors
/// What the file system reports; the old file, if any, is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), SaveError> {
    replace(path, bytes, &sync)
}

/// Writes a file that must not be there yet: under a temporary name, handed to the disk, then renamed.
///
/// # Errors
/// If there is a file of this name, which then stays as it is, or what the file system reports.
pub fn write_new_file(path: &Path, bytes: &[u8]) -> Result<(), SaveError> {
    let fail = |error: io::Error| SaveError::file(path, &error);
    let folder = folder_of(path);
    let file = temporary(folder, bytes).map_err(fail)?;
    sync(file.path(), file.as_file()).map_err(fail)?;
    let claimed = file.persist_noclobber(path).or_else(|e| match e.error.kind() {
        io::ErrorKind::AlreadyExists => Err(e),
        // Not every file system can rename without replacing.
        _ => reserve_and_rename(e.file, path),
    });
    claimed.map_err(|e| fail(e.error))?;
    sync_folder(folder, &sync);
    Ok(())
}

/// Writes `bytes` into `folder`, made when missing, under the name that the pattern makes, with this ending.
/// Never overwrites a file, whoever else writes there at the same time: `{number}` counts up, and another name
/// that is taken gets a number, as in `apple-2.png`.
///
/// # Errors
/// What the file system reports.
pub fn save_named(
    folder: &Path,
    pattern: &NamePattern,
    words: &NameWords,
    ending: &str,
    bytes: &[u8],
) -> Result<PathBuf, SaveError> {
    std::fs::create_dir_all(folder).map_err(|e| SaveError::file(folder, &e))?;
    // A long name may be cut before its number.
    let counts = pattern.name(words, 1) != pattern.name(words, 2);
    let first = match (counts, pattern.starts_with_number()) {
        (false, _) => 1,
        (true, is_leading) => next_number(folder, is_leading).map_err(|e| SaveError::file(folder, &e))?,
    };
    write_new(folder, bytes, first, |number| {
        let name = pattern.name(words, number);
        folder.join(match number {
            2.. if !counts => format!("{name}-{number}.{ending}"),
            _ => format!("{name}.{ending}"),
        })
    })
}

/// Makes sure that files can be written in a folder, by making it when it is missing and by writing and
/// deleting a small file in it. Ask before anything slow begins, whose result would be lost.
///
/// # Errors
/// [`SaveError::Folder`] with the reason.
pub fn check_folder(folder: &Path) -> Result<(), SaveError> {
    let fail = |error: io::Error| SaveError::Folder { path: folder.to_path_buf(), reason: plain_reason(&error) };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let probe = temporary(folder, b"This file tells whether results can be written here.\n").map_err(fail)?;
    probe.close().map_err(fail)
}

/// Hands what was written to a file or a folder to the disk.
fn sync(path: &Path, file: &File) -> io::Result<()> {
    tracing::trace!(path = %path.display(), "syncing");
    file.sync_all()
}

/// What [`sync`] does; tests look at it.
type Handing<'a> = &'a dyn Fn(&Path, &File) -> io::Result<()>;

fn replace(path: &Path, bytes: &[u8], sync: Handing) -> Result<(), SaveError> {
    let fail = |error: io::Error| SaveError::file(path, &error);
    let folder = folder_of(path);
    let file = temporary(folder, bytes).map_err(fail)?;
    // Before the rename: else a power cut may leave the new name with nothing behind it.
    sync(file.path(), file.as_file()).map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    sync_folder(folder, sync);
    Ok(())
}

/// Writes a file under the first name that is free, beginning with number `number`.
fn write_new(
    folder: &Path,
    bytes: &[u8],
    mut number: u64,
    name: impl Fn(u64) -> PathBuf,
) -> Result<PathBuf, SaveError> {
    let fail = |error: io::Error| SaveError::file(&name(number), &error);
    let mut file = temporary(folder, bytes).map_err(fail)?;
    sync(file.path(), file.as_file()).map_err(fail)?;
    loop {
        let path = name(number);
        let claimed = file.persist_noclobber(&path).or_else(|e| match e.error.kind() {
            io::ErrorKind::AlreadyExists => Err(e),
            // Not every file system can rename without replacing.
            _ => reserve_and_rename(e.file, &path),
        });
        match claimed {
            Ok(_) => {
                sync_folder(folder, &sync);
                return Ok(path);
            }
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => {
                file = e.file;
                number = number.saturating_add(1);
            }
            Err(e) => return Err(SaveError::file(&path, &e.error)),
        }
    }
}

/// Takes a free name with an empty file, which fails when there is one, and renames over that.
fn reserve_and_rename(file: NamedTempFile, path: &Path) -> Result<File, PersistError> {
    match File::create_new(path) {
        Ok(_) => file.persist(path),
        Err(error) => Err(PersistError { error, file }),
    }
}

/// A rename is only safe from a power cut once the folder is on the disk. The file is there all the same
/// when this fails, and some file systems cannot do it, so that is no error.
fn sync_folder(folder: &Path, sync: Handing) {
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|opened| sync(folder, &opened))
    {
        tracing::debug!(folder = %folder.display(), %error, "the folder was not synced");
    }
}

fn temporary(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".underpaint-").suffix(".part");
    #[cfg(unix)]
    {
        // Temporary files are private by default; a saved picture has the usual permissions.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The number after the highest of the files that look like results, whose names begin with their numbers.
/// Longer numbers are somebody else's. Where names do not begin with them, the number of files tells enough.
fn next_number(folder: &Path, is_leading: bool) -> io::Result<u64> {
    const LONGEST: usize = 12;
    const DIGITS: usize = 5;
    let mut highest = 0;
    for entry in std::fs::read_dir(folder)? {
        if !is_leading {
            highest += 1;
            continue;
        }
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let (number, rest) = name.split_at(name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len()));
        // `20260314.jpg` is a camera's, `00007.png` may be ours.
        if number.len() <= LONGEST && (!rest.starts_with('.') || number.len() == DIGITS) {
            highest = highest.max(number.parse().unwrap_or(0));
        }
    }
    Ok(highest + 1)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::picture::{encode_png, open, read_parameters};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("list")
            .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn numbered(folder: &Path, seed: u64, bytes: &[u8]) -> Result<PathBuf, SaveError> {
        save_named(folder, &NamePattern::default(), &NameWords { seed, ..NameWords::example() }, "png", bytes)
    }

    #[test]
    fn a_taken_name_gets_a_number_and_a_number_inside_counts_up() {
        let folder = tempfile::tempdir().expect("folder");
        let save = |pattern: &str| {
            let pattern = NamePattern::new(pattern).expect("a pattern");
            let path = save_named(folder.path(), &pattern, &NameWords::example(), "jpg", b"x").expect("saves");
            path.file_name().expect("a name").to_string_lossy().into_owned()
        };
        assert_eq!(["{seed}"; 3].map(save), ["1234567.jpg", "1234567-2.jpg", "1234567-3.jpg"]);
        assert_eq!(save("a {number}"), "a 00004.jpg", "after the three that are there");
        assert_eq!(save("a {number}"), "a 00005.jpg");
        std::fs::write(folder.path().join("20260314.jpg"), "a camera's").expect("writes");
        std::fs::remove_file(folder.path().join("1234567-2.jpg")).expect("removes");
        std::fs::remove_file(folder.path().join("1234567-3.jpg")).expect("removes");
        assert_eq!(["{number}"; 2].map(save), ["00001.jpg", "00002.jpg"]);
    }

    #[test]
    fn a_saved_picture_is_read_back_with_its_text() {
        let folder = tempfile::tempdir().expect("folder");
        let picture = RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8, y as u8, 200]));
        for text in ["plain, Latin: é\nSteps: 1", "苹果 🍏\nSteps: 1"] {
            let bytes = encode_png(&picture, Some(text)).expect("encodes");
            let path = numbered(folder.path(), 5, &bytes).expect("saves");
            assert_eq!(open(&path).expect("opens"), picture);
            assert_eq!(read_parameters(&path).as_deref(), Some(text));
        }
    }

    #[test]
    fn numbers_go_on_and_nothing_temporary_stays() {
        let folder = tempfile::tempdir().expect("folder");
        let out = folder.path().join("new/deep");
        let saved: Vec<_> =
            (0..3).map(|i| numbered(&out, 10 + i, b"x").expect("saves").file_name().map(|n| n.to_owned())).collect();
        assert_eq!(saved, ["00001-10.png", "00002-11.png", "00003-12.png"].map(|n| Some(n.into())));
        assert_eq!(names(&out).len(), 3);
    }

    #[test]
    fn numbers_of_other_peoples_files_do_not_overflow() {
        let folder = tempfile::tempdir().expect("folder");
        for name in ["18446744073709551615-1.png", "99999999999999999999999-1.png", "999999999999-1.png", "7.png"] {
            std::fs::write(folder.path().join(name), "theirs").expect("writes");
        }
        let path = numbered(folder.path(), 3, b"x").expect("saves");
        assert!(path.ends_with("1000000000000-3.png"), "{}", path.display());
        let again = numbered(folder.path(), 4, b"x").expect("saves");
        assert_ne!(path, again);
        assert_eq!(names(folder.path()).len(), 6);
    }

    #[test]
    fn numbered_files_written_at_the_same_time_never_overwrite_each_other() {
        let folder = tempfile::tempdir().expect("folder");
        let out = folder.path();
        let save = |text: u8| move || numbered(out, 1, &[text; 100]).expect("saves");
        let paths: Vec<PathBuf> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|text| scope.spawn(save(text))).collect();
            threads.into_iter().map(|thread| thread.join().expect("runs")).collect()
        });
        for (text, path) in paths.iter().enumerate() {
            assert_eq!(std::fs::read(path).expect("reads"), [text as u8; 100]);
        }
        assert_eq!(names(out).len(), 8);
    }

    #[test]
    fn a_reserved_name_is_never_taken_from_another_file() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.png");
        reserve_and_rename(temporary(folder.path(), b"first").expect("writes"), &path).expect("is free");
        let second = reserve_and_rename(temporary(folder.path(), b"second").expect("writes"), &path);
        assert_eq!(second.expect_err("taken").error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).expect("reads"), b"first");
        assert_eq!(names(folder.path()), ["a.png"]);
    }

    #[test]
    fn a_new_file_never_replaces_another() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.png");
        write_new_file(&path, b"first").expect("writes");
        let text = write_new_file(&path, b"second").expect_err("taken").to_string();
        assert!(text.contains("there is something of this name already"), "{text}");
        assert_eq!(std::fs::read(&path).expect("reads"), b"first");
        assert_eq!(names(folder.path()), ["a.png"]);
    }

    #[test]
    fn a_refused_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.png");
        write_atomically(&path, b"old").expect("writes");
        assert!(write_atomically(&folder.path().join("missing/a.png"), b"new").is_err());
        write_atomically(&path, b"newer").expect("overwrites");
        assert_eq!(std::fs::read(&path).expect("reads"), b"newer");
    }

    #[test]
    fn a_file_is_on_the_disk_before_it_gets_its_name_and_the_folder_after() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.png");
        std::fs::write(&path, b"old").expect("writes");
        let synced = RefCell::new(Vec::new());
        let sync = |what: &Path, _: &File| {
            synced.borrow_mut().push((what.to_path_buf(), std::fs::read(&path)?));
            Ok(())
        };
        replace(&path, b"new", &sync).expect("writes");
        let synced = synced.into_inner();
        let parts: Vec<&[u8]> = synced.iter().map(|(_, content)| content.as_slice()).collect();
        if cfg!(unix) {
            assert_eq!(parts, [b"old", b"new"], "the file before the rename, the folder after it");
            assert_eq!(synced[1].0, folder.path());
        } else {
            assert_eq!(parts, [b"old"]);
        }
        assert_eq!(synced[0].0.extension().and_then(|e| e.to_str()), Some("part"));
    }

    #[test]
    fn a_file_that_does_not_reach_the_disk_does_not_replace_the_old_one() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.png");
        std::fs::write(&path, b"old").expect("writes");
        let full = |_: &Path, _: &File| Err(io::Error::from(io::ErrorKind::StorageFull));
        let text = replace(&path, b"new", &full).expect_err("fails").to_string();
        assert_eq!(text, format!("{} could not be written: the disk is full.", path.display()));
        assert_eq!(std::fs::read(&path).expect("reads"), b"old");
        assert_eq!(names(folder.path()), ["a.png"]);
    }

    #[test]
    fn a_name_without_an_ending_never_overwrites() {
        let folder = tempfile::tempdir().expect("folder");
        let picture = RgbImage::new(8, 8);
        let saved = |path: &Path| save_as(path, &picture, 95, Attached::default());
        let typed = folder.path().join("apple");
        std::fs::write(folder.path().join("apple.png"), b"precious").expect("writes");
        assert!(saved(&typed).expect("saves").ends_with("apple-2.png"));
        assert!(saved(&typed).expect("saves").ends_with("apple-3.png"));
        assert_eq!(std::fs::read(folder.path().join("apple.png")).expect("reads"), b"precious");
        // The full name was asked about, so it is replaced.
        let full = folder.path().join("apple.png");
        assert_eq!(saved(&full).expect("saves"), full);
        assert_eq!(open(&full).expect("opens"), picture);
        assert_eq!(names(folder.path()), ["apple-2.png", "apple-3.png", "apple.png"]);
    }

    #[test]
    fn a_folder_is_checked_without_leaving_anything() {
        let folder = tempfile::tempdir().expect("folder");
        let new = folder.path().join("new/deep");
        check_folder(&new).expect("writable");
        assert!(names(&new).is_empty());
        let file = folder.path().join("file");
        std::fs::write(&file, "x").expect("writes");
        for bad in [file.clone(), file.join("below")] {
            let text = check_folder(&bad).expect_err("refused").to_string();
            let path = bad.display().to_string();
            assert!(text.starts_with(&format!("Nothing can be written in the folder {path}: ")), "{text}");
            assert_eq!(text.matches(&path).count(), 1, "{text}");
            assert!(!text.contains("os error") && text.ends_with('.'), "{text}");
        }
    }

    /// A folder that is there and takes no file, even for an administrator.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_that_takes_no_files_is_refused() {
        let text = check_folder(Path::new("/proc/self")).expect_err("refused").to_string();
        assert_eq!(text.matches("/proc/self").count(), 1, "{text}");
    }

    /// A pattern may be so long that its number is cut off.
    #[test]
    fn a_name_that_is_cut_before_its_number_never_overwrites_and_ends() {
        let folder = tempfile::tempdir().expect("folder");
        let pattern = NamePattern::new(&format!("{}{{number}}", "x".repeat(200))).expect("a pattern");
        let words = NameWords::example();
        let paths: Vec<PathBuf> =
            (0..3).map(|i| save_named(folder.path(), &pattern, &words, "png", &[i]).expect("saves")).collect();
        for (i, path) in paths.iter().enumerate() {
            assert_eq!(std::fs::read(path).expect("reads"), [i as u8]);
        }
    }
}
