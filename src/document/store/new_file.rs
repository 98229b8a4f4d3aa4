//! Writes whole document files: under a temporary name, handed to the disk, then renamed.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use tempfile::TempPath;

use super::{Changes, Committed, StoreError, schema, write};

/// Makes a document file. There must be none of this name.
pub(super) fn create(path: &Path, changes: &Changes) -> Result<Committed, StoreError> {
    let fail = |error: rusqlite::Error| StoreError::write(path, &error);
    let mut memory = Connection::open_in_memory().map_err(fail)?;
    schema::migrate(&mut memory).map_err(fail)?;
    let committed = write::commit(&mut memory, path, changes, &HashMap::new())?;
    persist(&memory, path, false)?;
    Ok(committed)
}

/// Copies an open document file. A file of that name is replaced.
pub(super) fn copy(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    persist(connection, path, true)
}

/// Writes a database to a file of this name.
pub(super) fn persist(from: &Connection, path: &Path, replaces: bool) -> Result<(), StoreError> {
    let fail_io = |error: &std::io::Error| StoreError::write_io(path, error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let temporary = temporary(folder).map_err(|error| fail_io(&error))?;
    pages(from, &temporary).map_err(|error| StoreError::write(path, &error))?;
    // Before the rename: else a power cut may leave the new name with nothing behind it.
    File::options().write(true).open(&temporary).and_then(|file| file.sync_all()).map_err(|error| fail_io(&error))?;
    if replaces {
        // The log of the file that is replaced would be taken for that of the new one.
        for ending in ["-wal", "-shm", "-journal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            match std::fs::remove_file(PathBuf::from(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail_io(&error)),
                _ => {}
            }
        }
        temporary.persist(path).map_err(|error| fail_io(&error.error))?;
    } else {
        temporary.persist_noclobber(path).map_err(|error| fail_io(&error.error))?;
    }
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|opened| opened.sync_all())
    {
        // The file is there all the same, and some file systems cannot do it.
        tracing::debug!(folder = %folder.display(), %error, "the folder was not synced");
    }
    Ok(())
}

fn temporary(folder: &Path) -> std::io::Result<TempPath> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".underpaint-").suffix(".part");
    #[cfg(unix)]
    {
        // Temporary files are private by default; a document has the usual permissions.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    Ok(builder.tempfile_in(folder)?.into_temp_path())
}

/// Copies every page of a database as it is at one moment.
fn pages(from: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut target = Connection::open(to)?;
    // It is synced as a whole before anybody sees it.
    target.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    target.pragma_update(None, "synchronous", "OFF")?;
    let done = Backup::new(from, &mut target)?.step(-1)?;
    match done {
        StepResult::Done => target.close().map_err(|(_, error)| error),
        _ => Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)),
    }
}
