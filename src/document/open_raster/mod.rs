//! OpenRaster files (`.ora`): layers that other paint programs open, and theirs.
//!
//! The format is a ZIP archive with a list of the layers and a PNG for each. [`open`] reads one, [`save`] writes one;
//! [`OpenRaster`] is what is in it.
//!
//! - `archive.rs` reads files of the archive and trusts nothing in it; `stack.rs` reads the list of layers.
//! - `decode.rs` makes layers of both, `encode.rs` writes layers.
//! - `composite_op.rs` and `attribute.rs` hold the names of the format and of its extensions.
//! - `listing.rs` lists the layers for people.

mod archive;
mod attribute;
mod composite_op;
mod decode;
mod encode;
mod error;
mod listing;
mod opened;
mod stack;

pub use error::OpenRasterError;
pub use listing::LayerLine;
pub use opened::{ComposedLayers, OpenRaster};

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use crate::picture::write_atomically;

/// The ending of these files.
pub const OPEN_RASTER_ENDING: &str = "ora";

/// Where the type stands in a file that begins with it, as the format wants it.
const TYPE_AT: usize = 30;

/// Whether a file is an OpenRaster picture, told by its first bytes, or by its name where it is some other ZIP archive.
pub fn is_open_raster(path: &Path) -> bool {
    let mut start = [0; 64];
    let mut read = || -> std::io::Result<usize> {
        // Opening a pipe could take for ever.
        if !path.metadata()?.is_file() {
            return Ok(0);
        }
        let mut file = File::open(path)?;
        let mut length = 0;
        loop {
            match file.read(&mut start[length..])? {
                0 => return Ok(length),
                more => length += more,
            }
        }
    };
    if read().is_err() || !start.starts_with(b"PK\x03\x04") {
        return false;
    }
    let is_named = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(OPEN_RASTER_ENDING));
    is_named || start[TYPE_AT..].starts_with(format!("mimetype{}", archive::MIME_TYPE).as_bytes())
}

/// Opens an OpenRaster file.
///
/// # Errors
/// A file that cannot be read, is damaged or is no OpenRaster picture, or one that is larger or has more layers than
/// a document can have.
pub fn open(path: &Path) -> Result<OpenRaster, OpenRasterError> {
    let fail = |error: std::io::Error| OpenRasterError::file(path, &error);
    let file = File::open(path).map_err(fail)?;
    let about = file.metadata().map_err(fail)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    if !about.is_file() {
        let reason = "it is a folder, a pipe or a device and not a file".to_owned();
        return Err(OpenRasterError::File { path: path.to_path_buf(), reason });
    }
    read(BufReader::new(file), &name)
}

/// Reads an OpenRaster file from anywhere; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn read(reader: impl Read + Seek, name: &str) -> Result<OpenRaster, OpenRasterError> {
    decode::decode(reader).map_err(|trouble| trouble.of(name))
}

/// Writes layers as an OpenRaster file; one of this name is replaced. A layer for reference is hidden in it, so that
/// other programs show the same picture.
///
/// # Errors
/// What the file system reports; an old file is then untouched.
pub fn save(path: &Path, picture: &OpenRaster) -> Result<(), OpenRasterError> {
    Ok(write_atomically(path, &encode::encode(picture)?)?)
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
