//! Small JSON files in the program's data folder.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use crate::engine::Error;

/// The longest file that is read.
const LONGEST: u64 = 64 << 20;

/// The value in a file; `None` if there is no file, or it cannot be read, is damaged or far too long.
pub(super) fn read(path: &Path) -> Option<Value> {
    // Looked at before it is opened: opening a pipe waits.
    std::fs::metadata(path).ok().filter(|about| about.is_file() && about.len() <= LONGEST)?;
    let file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Writes a value under a temporary name, hands it to the disk and renames it. The folder is made when missing.
///
/// # Errors
/// What the file system reports, as one sentence.
pub(super) fn write(path: &Path, value: &Value) -> Result<(), Error> {
    let fail = |error: std::io::Error| {
        let text = error.to_string();
        let reason = text.split(" (os error").next().unwrap_or(&text).to_owned();
        Error::File(format!(
            "{} could not be written: {reason}. Check the folder's permissions and free space.",
            path.display()
        ))
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut file = tempfile::Builder::new().prefix(".models-").tempfile_in(folder).map_err(fail)?;
    file.write_all(value.to_string().as_bytes()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
