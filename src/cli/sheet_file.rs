//! The labelled picture of a sheet, while its pictures are made.

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::engine::Sheet;
use crate::picture::{Attached, SaveError, SheetPicture, save_as};

/// A sheet that is written to a file once it is finished.
pub(super) struct SheetFile {
    path: PathBuf,
    picture: SheetPicture,
    jpeg_quality: u8,
}

impl SheetFile {
    /// A sheet whose pictures have `size` pixels. `jpeg_quality`, `1..=100`, counts for a JPEG.
    pub fn new(path: &Path, sheet: Sheet, size: (u32, u32), jpeg_quality: u8) -> Self {
        Self { path: path.to_path_buf(), picture: SheetPicture::new(sheet, size), jpeg_quality }
    }

    /// Puts a picture in its place.
    pub fn put(&mut self, place: usize, picture: &RgbImage) {
        self.picture.put(place, picture);
    }

    /// Writes the file. Returns its name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(self) -> Result<PathBuf, SaveError> {
        save_as(&self.path, &self.picture.finish(), self.jpeg_quality, Attached::default())
    }
}
