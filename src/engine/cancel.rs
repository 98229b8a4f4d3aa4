//! The flags that stop a running job, or single images of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Error;

/// Shared flags: cheap to clone, set from any thread.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    flags: Arc<Flags>,
    /// The place in the batch that counts as the first one.
    first: usize,
}

#[derive(Debug, Default)]
struct Flags {
    /// Whether the whole job stops.
    all: AtomicBool,
    /// One bit for each of the first 64 places of the batch.
    left_out: AtomicU64,
}

impl Cancel {
    /// Ask the job to stop.
    pub fn cancel(&self) {
        self.flags.all.store(true, Ordering::Relaxed);
    }

    /// Whether stopping was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.flags.all.load(Ordering::Relaxed)
    }

    /// [`Error::Cancelled`] once stopping was asked for.
    ///
    /// # Errors
    /// Only that one.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Ask the job to leave out one image, by its place in the batch, from 0. An image that is being made is
    /// stopped; the job goes on with the next one. Places from 64 on cannot be left out.
    pub fn leave_out(&self, image: usize) {
        self.flags.left_out.fetch_or(self.bit(image), Ordering::Relaxed);
    }

    /// Take [`Cancel::leave_out`] back. An image whose turn has passed is not made any more.
    pub fn include(&self, image: usize) {
        self.flags.left_out.fetch_and(!self.bit(image), Ordering::Relaxed);
    }

    /// Whether this image, by its place in the batch, is to be left out.
    pub fn is_left_out(&self, image: usize) -> bool {
        self.flags.left_out.load(Ordering::Relaxed) & self.bit(image) != 0
    }

    /// The same flags for a job that makes the images from this place on: its image 0 is the one at this place.
    #[must_use]
    pub fn of_image(&self, image: usize) -> Self {
        Self { flags: Arc::clone(&self.flags), first: self.first.saturating_add(image) }
    }

    /// The bit of a place in the batch; none beyond the last bit.
    fn bit(&self, image: usize) -> u64 {
        let place = u32::try_from(self.first.saturating_add(image)).ok();
        place.and_then(|place| 1_u64.checked_shl(place)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_left_out_one_by_one_and_the_job_goes_on() {
        let cancel = Cancel::default();
        let shared = cancel.clone();
        for image in [0, 63, 64, usize::MAX] {
            shared.leave_out(image);
        }
        let left_out: Vec<usize> = (0..130).filter(|image| cancel.is_left_out(*image)).collect();
        assert_eq!(left_out, [0, 63], "there is no bit for the others");
        assert!(cancel.check().is_ok());
        let second = cancel.of_image(63);
        assert!(second.is_left_out(0) && !second.is_left_out(1));
        cancel.include(0);
        cancel.include(500);
        assert!(!shared.is_left_out(0) && shared.is_left_out(63));
    }
}
