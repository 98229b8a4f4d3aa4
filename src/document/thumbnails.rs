//! Small copies of results.

use image::RgbImage;

use super::store::{self, Store};
use super::{DecodeError, ResultId, ResultImage};
use crate::picture;

/// The thumbnail of a result, at most 160 pixels wide and high: the one in the document's file, or a new one of a
/// result that is not there yet. Takes about a millisecond, or as long as decoding the whole picture, so not for the
/// window's thread.
///
/// # Errors
/// If neither the thumbnail nor the picture can be read.
pub fn read_thumbnail(id: ResultId, image: &ResultImage, store: Option<&Store>) -> Result<RgbImage, DecodeError> {
    if let Some(png) = store.map(|store| store.thumbnail(id)).transpose()?.flatten()
        && let Ok(thumbnail) = picture::read(&png, "The thumbnail")
    {
        return Ok(thumbnail);
    }
    Ok(store::thumbnail(&*image.decode(store)?))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::store::Store;
    use crate::document::tests::{document, make_round};

    #[test]
    fn a_thumbnail_comes_from_the_file_or_is_made_of_the_pixels() {
        let folder = tempfile::tempdir().expect("folder");
        let mut document = document();
        document.settings_mut().batch = 1;
        let id = make_round(&mut document, 1);
        let store = Store::create(&folder.path().join("a.underpaint"), &document.take_changes()).expect("creates");
        let gone = ResultImage::Saved("gone.png".into());
        assert_eq!(read_thumbnail(id, &gone, Some(&store)).expect("stored").dimensions(), (64, 64));
        let large = ResultImage::Pixels(Arc::new(RgbImage::from_pixel(640, 320, image::Rgb([9; 3]))));
        let other = ResultId { round: 9, image: 0 };
        let small = read_thumbnail(other, &large, Some(&store)).expect("made");
        assert_eq!((small.dimensions(), small.get_pixel(80, 40).0), ((160, 80), [9; 3]));
        read_thumbnail(other, &gone, None).expect_err("there is nothing to read");
    }
}
