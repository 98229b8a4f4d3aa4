//! Layers in files of other programs, for the file thread.

use std::path::Path;

use image::RgbaImage;

use super::FileReport;
use super::file_thread::refuse_endless;
use crate::document::open_raster::{self, OpenRaster, is_open_raster};
use crate::picture::open_with_alpha;

/// Reads the layers of an OpenRaster file; `None` if it is another file.
pub(super) fn opened(path: &Path) -> Option<FileReport> {
    if !is_open_raster(path) {
        return None;
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Some(match open_raster::open(path) {
        Ok(picture) => FileReport::LayersOpened(name, Box::new(picture.into())),
        Err(error) => FileReport::Failed(error.to_string()),
    })
}

/// Writes layers as an OpenRaster file.
pub(super) fn saved(picture: &OpenRaster, path: &Path) -> FileReport {
    match open_raster::save(path, picture) {
        Ok(()) => FileReport::Saved(path.to_path_buf()),
        Err(error) => FileReport::Failed(error.to_string()),
    }
}

/// The pixels of a picture file with their alpha; of an OpenRaster file, those of all layers together.
///
/// # Errors
/// One sentence if the file cannot be read.
pub(super) fn pixels(path: &Path) -> Result<RgbaImage, String> {
    if is_open_raster(path) {
        return open_raster::open(path).map(|picture| picture.flattened()).map_err(|error| error.to_string());
    }
    refuse_endless(path).and_then(|()| open_with_alpha(path)).map_err(|error| error.to_string())
}
