//! Small files, written whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::HubError;

/// Writes a file under a temporary name, hands it to the disk and gives it its name; missing folders are made.
///
/// # Errors
/// [`HubError::Storage`]; what was there before is then still there.
pub(super) fn whole(path: &Path, bytes: &[u8]) -> Result<(), HubError> {
    let failed = |error: &std::io::Error| HubError::written(path, error);
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    make_folder(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".underpaint-").suffix(".tmp");
    #[cfg(unix)]
    {
        // Temporary files are private by default; other programs of the cache's group read these.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(|error| failed(&error))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Makes a folder and those above it.
///
/// # Errors
/// [`HubError::Storage`] where that is not possible.
pub(super) fn make_folder(folder: &Path) -> Result<(), HubError> {
    std::fs::create_dir_all(folder).map_err(|error| HubError::written(folder, &error))
}

/// Hands a new name to the disk, where the system can do that.
pub(super) fn sync_folder_of(path: &Path) {
    if cfg!(unix)
        && let Some(folder) = path.parent()
        && let Err(error) = File::open(folder).and_then(|opened| opened.sync_all())
    {
        // The file is there all the same, and some file systems cannot do it.
        tracing::debug!(folder = %folder.display(), %error, "the folder was not synced");
    }
}
