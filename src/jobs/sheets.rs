//! Writes a sheet as one labelled picture.

use std::path::{Path, PathBuf};

use crate::document::ResultImage;
use crate::document::store::Store;
use crate::engine::Sheet;
use crate::picture::{Attached, SheetPicture, save_as};

/// Writes the finished pictures of a sheet, each with its place from 0, as one picture with labels. A place without
/// a picture stays grey.
///
/// # Errors
/// A picture that cannot be read, or a file that cannot be written, as one sentence.
pub(super) fn save_sheet(
    store: Option<&Store>,
    sheet: Sheet,
    pictures: &[(usize, ResultImage)],
    jpeg_quality: u8,
    path: &Path,
) -> Result<PathBuf, String> {
    let mut whole: Option<SheetPicture> = None;
    for (place, picture) in pictures {
        let picture = picture.decode(store).map_err(|error| error.to_string())?;
        whole.get_or_insert_with(|| SheetPicture::new(sheet.clone(), picture.dimensions())).put(*place, &picture);
    }
    let whole = whole.ok_or("No picture of this sheet is finished, so there is nothing to save.")?;
    save_as(path, &whole.finish(), jpeg_quality, Attached::default()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::RgbImage;

    use super::*;

    #[test]
    fn a_sheet_is_written_with_what_is_finished_and_not_without_anything() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("sheet.png");
        let text = save_sheet(None, Sheet::strength_ladder(), &[], 90, &path).expect_err("nothing to save");
        assert!(text.contains("No picture of this sheet is finished") && !path.exists(), "{text}");
        let blue = RgbImage::from_pixel(80, 60, image::Rgb([0, 0, 200]));
        let pictures = [(2, ResultImage::Pixels(Arc::new(blue)))];
        let saved = save_sheet(None, Sheet::strength_ladder(), &pictures, 90, &path).expect("saves");
        let whole = crate::picture::open(&saved).expect("a picture");
        assert_eq!(whole.pixels().filter(|pixel| pixel.0 == [0, 0, 200]).count(), 80 * 60);
    }
}
