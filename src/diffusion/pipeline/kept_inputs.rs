//! What jobs with the same prompt or start image need not compute again: the latest conditioning and the latest latent.
//!
//! Both are the very numbers that would be computed again, so pictures do not change. A start image that differs in one
//! pixel is encoded as a whole: the encoder's group norms take mean and variance over the whole picture, so a change in one
//! place changes the latent everywhere.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::Tensor;
use image::RgbImage;

use crate::diffusion::text::conditioning::EncodedTexts;
use crate::engine::{Emphasis, Error};

/// For how many jobs the encoded texts are kept. Rounds and live painting take turns, with different texts.
const MOST: usize = 4;

/// The latest inputs of one model.
#[derive(Default)]
pub(in crate::diffusion) struct KeptInputs {
    conditioning: Mutex<Vec<(ConditioningKey, Arc<EncodedTexts>)>>,
    latent: Mutex<Option<(Arc<RgbImage>, Tensor)>>,
}

/// All that the conditioning of a model depends on, where no textual inversion is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConditioningKey {
    /// All texts of the job.
    texts: Vec<String>,
    /// How many of the text encoder's last layers are left out.
    skip: usize,
    emphasis: Emphasis,
}

impl ConditioningKey {
    pub(super) fn new(texts: &[&str], skip: usize, emphasis: Emphasis) -> Self {
        Self { texts: texts.iter().map(|text| (*text).to_owned()).collect(), skip, emphasis }
    }
}

impl KeptInputs {
    /// The states of these texts, encoded by `encode` unless they are kept.
    ///
    /// # Errors
    /// Those of `encode`; nothing is kept then.
    pub(super) fn conditioning(
        &self,
        key: ConditioningKey,
        encode: impl FnOnce() -> Result<EncodedTexts, Error>,
    ) -> Result<Arc<EncodedTexts>, Error> {
        if let Some((_, states)) = lock(&self.conditioning).iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(states));
        }
        let states = Arc::new(encode()?);
        let mut kept = lock(&self.conditioning);
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push((key, Arc::clone(&states)));
        Ok(states)
    }

    /// The latent of a start image, encoded by `encode` unless it is kept.
    ///
    /// # Errors
    /// Those of `encode`; nothing is kept then.
    pub(super) fn latent(
        &self,
        picture: &Arc<RgbImage>,
        encode: impl FnOnce() -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        if let Some((known, latent)) = &*lock(&self.latent)
            && (Arc::ptr_eq(known, picture) || known == picture)
        {
            return Ok(latent.clone());
        }
        let latent = encode()?;
        *lock(&self.latent) = Some((Arc::clone(picture), latent.clone()));
        Ok(latent)
    }
}

/// Nothing that runs under the locks can panic, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use candle_core::Device;

    use super::*;

    #[test]
    fn what_is_asked_for_again_is_not_computed_again_and_anything_else_is() {
        let kept = KeptInputs::default();
        let count = Cell::new(0_u32);
        let texts = |text: &str, skip| {
            let before = count.get();
            let encode = || {
                count.set(count.get() + 1);
                Ok(EncodedTexts::default())
            };
            kept.conditioning(ConditioningKey::new(&[text], skip, Emphasis::Original), encode).expect("encodes");
            count.get() > before
        };
        let computed = [("a", 0), ("b", 0), ("a", 1), ("a", 0), ("b", 0)].map(|(text, skip)| texts(text, skip));
        assert_eq!(computed, [true, true, true, false, false]);
        assert!((0..MOST).all(|at| texts(&at.to_string(), 0)));
        assert!(texts("a", 0), "the oldest is gone");

        count.set(0);
        let latent = |shade| {
            let encode = || {
                count.set(count.get() + 1);
                Ok(Tensor::new(count.get(), &Device::Cpu)?)
            };
            let picture = Arc::new(RgbImage::from_pixel(8, 8, image::Rgb([shade; 3])));
            kept.latent(&picture, encode).expect("encodes").to_scalar::<u32>().expect("a number")
        };
        assert_eq!([latent(1), latent(1), latent(2), latent(1)], [1, 1, 2, 3]);
        let failed = kept.latent(&Arc::new(RgbImage::new(4, 4)), || Err(Error::Cancelled));
        assert!(matches!(failed, Err(Error::Cancelled)));
        assert_eq!(latent(1), 3, "a failure leaves what is kept");
    }
}
