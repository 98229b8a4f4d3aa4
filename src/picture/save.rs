//! Writing PNGs: to a temporary name first, so that a reader never sees half a file.

use std::io::Write;
use std::path::{Path, PathBuf};

use image::RgbImage;

/// Why a picture could not be saved, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The file system refused.
    #[error("{} could not be written: {source}.", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The encoder refused.
    #[error("The picture could not be encoded as PNG: {0}.")]
    Encode(#[from] png::EncodingError),
}

/// PNG bytes, with a `parameters` text where one is given.
///
/// # Errors
/// Only what the encoder reports.
pub fn encode_png(picture: &RgbImage, parameters: Option<&str>) -> Result<Vec<u8>, SaveError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    if let Some(text) = parameters {
        // tEXt holds Latin-1 only; everything else goes to iTXt.
        if text.chars().all(|c| u32::from(c) < 256) {
            encoder.add_text_chunk("parameters".into(), text.into())?;
        } else {
            encoder.add_itxt_chunk("parameters".into(), text.into())?;
        }
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture.as_raw())?;
    writer.finish()?;
    Ok(bytes)
}

/// Writes a file under a temporary name beside it and renames it into place.
///
/// # Errors
/// What the file system reports; the old file, if any, is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), SaveError> {
    let fail = |source| SaveError::File { path: path.to_path_buf(), source };
    let mut file = temporary(folder_of(path), bytes)?;
    file.flush().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// Writes `bytes` into `folder` (made when missing) as the next free `00001-seed.png`.
///
/// # Errors
/// What the file system reports.
pub fn save_numbered(folder: &Path, seed: u64, bytes: &[u8]) -> Result<PathBuf, SaveError> {
    let fail = |source| SaveError::File { path: folder.to_path_buf(), source };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut number = highest_number(folder).map_err(fail)? + 1;
    let mut file = temporary(folder, bytes)?;
    loop {
        let path = folder.join(format!("{number:05}-{seed}.png"));
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => {
                file = e.file;
                number += 1;
            }
            Err(e) => return Err(SaveError::File { path, source: e.error }),
        }
    }
}

fn temporary(folder: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, SaveError> {
    let fail = |source| SaveError::File { path: folder.to_path_buf(), source };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".underpaint-").suffix(".part");
    #[cfg(unix)]
    {
        // Temporary files are private by default; a saved picture has the usual permissions.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn highest_number(folder: &Path) -> std::io::Result<u64> {
    let mut highest = 0;
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_string_lossy().split('-').next().and_then(|n| n.parse::<u64>().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{open, read_parameters};

    #[test]
    fn a_saved_picture_is_read_back_with_its_text() {
        let folder = tempfile::tempdir().expect("folder");
        let picture = RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8, y as u8, 200]));
        for text in ["plain, Latin: é\nSteps: 1", "苹果 🍏\nSteps: 1"] {
            let bytes = encode_png(&picture, Some(text)).expect("encodes");
            let path = save_numbered(folder.path(), 5, &bytes).expect("saves");
            assert_eq!(open(&path).expect("opens"), picture);
            assert_eq!(read_parameters(&path).as_deref(), Some(text));
        }
    }

    #[test]
    fn numbers_go_on_and_nothing_temporary_stays() {
        let folder = tempfile::tempdir().expect("folder");
        let out = folder.path().join("new/deep");
        let names: Vec<_> = (0..3)
            .map(|i| save_numbered(&out, 10 + i, b"x").expect("saves").file_name().map(|n| n.to_owned()))
            .collect();
        assert_eq!(names, ["00001-10.png", "00002-11.png", "00003-12.png"].map(|n| Some(n.into())));
        assert_eq!(std::fs::read_dir(&out).expect("list").count(), 3);
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
}
