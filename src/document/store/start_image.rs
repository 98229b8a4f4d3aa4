//! The start image of a round, from its document's file.

use super::{Store, StoreError, read};
use crate::document::{RoundId, StartImage};
use crate::picture;

impl Store {
    /// Reads the start image of a round in the size that the canvas had; `None` if there is no such round or it
    /// started from noise alone.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn start_image(&self, round: RoundId) -> Result<Option<StartImage>, StoreError> {
        let start = read::round_start(&self.connection, round).map_err(|error| error.in_file(&self.path))?;
        let Some(start) = start else { return Ok(None) };
        let picture = picture::read(&self.picture(start.picture)?, "The start image")
            .map_err(|error| StoreError::damaged(&self.path, error.to_string().trim_end_matches('.')))?;
        Ok(Some(StartImage { picture: picture.into(), fit: start.fit, paper: start.paper }))
    }
}

#[cfg(test)]
mod tests {
    use crate::document::store::tests::{created, place, worked_on};
    use crate::picture::Fit;

    #[test]
    fn the_start_image_of_a_round_is_read_with_how_it_was_fitted() {
        let (_folder, path) = place();
        let mut document = worked_on();
        document.settings_mut().strength = 1.0;
        let from_noise = crate::document::tests::make_round(&mut document, 5);
        let store = created(&path, &mut document);
        let start = store.start_image(1).expect("reads").expect("it started from the canvas");
        assert_eq!(start.picture.get_pixel(140, 80).0, [10, 200, 30]);
        assert_ne!(start.fit, Fit::Fill);
        assert!(store.start_image(from_noise.round).expect("reads").is_none());
        assert!(store.start_image(99).expect("reads").is_none());
    }
}
