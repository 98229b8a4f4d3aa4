//! The latent of a picture whose masked part is repainted.

use candle_core::{Device, Tensor};

use super::Repaint;
use crate::diffusion::pipeline::hook::StepInfo;
use crate::diffusion::resample::{Filter, resized};
use crate::diffusion::sampling::noise::Shape;
use crate::engine::{Error, Inpaint, MaskedContent};

/// What the latents of all pictures of a job share.
pub(in crate::diffusion::pipeline) struct MaskedLatent {
    content: MaskedContent,
    /// 1 where a place may change, `[1, 1, h, w]`.
    free: Tensor,
    /// How much each place may change, `0.0..=1.0`, row by row, where that is more than whether it may.
    shares: Option<Vec<f32>>,
    /// The start image's latent, `[1, c, h, w]`.
    kept: Tensor,
}

impl MaskedLatent {
    /// `kept` is the latent of [`Repaint::source`].
    ///
    /// # Errors
    /// A latent of another shape.
    pub fn new(repaint: &Repaint, kept: Tensor, device: &Device) -> Result<Self, Error> {
        let (_, _, height, width) = kept.dims4()?;
        let levels = resized(&repaint.mask, (width as u32, height as u32), Filter::Bicubic).into_raw();
        Self::from_levels(repaint.options, &levels, kept, device)
    }

    /// `levels` has one level of the mask for each place, row by row.
    fn from_levels(options: Inpaint, levels: &[u8], kept: Tensor, device: &Device) -> Result<Self, Error> {
        let (_, _, height, width) = kept.dims4()?;
        let free: Vec<u8> = levels.iter().map(|level| u8::from(*level >= 128)).collect();
        Ok(Self {
            content: options.content,
            free: Tensor::from_vec(free, (1, 1, height, width), device)?,
            shares: options.soft.then(|| levels.iter().map(|level| f32::from(*level) / 255.0).collect()),
            kept,
        })
    }

    /// The latent that one picture starts from, before it is noised. `noise` draws the noise of its seed.
    ///
    /// # Errors
    /// What went wrong with the numbers.
    pub fn start(&self, noise: impl FnOnce(Shape) -> candle_core::Result<Tensor>) -> Result<Tensor, Error> {
        let content = match self.content {
            MaskedContent::Original | MaskedContent::Fill => return Ok(self.kept.clone()),
            MaskedContent::LatentNoise => noise(self.kept.dims4()?)?.to_device(self.kept.device())?,
            MaskedContent::LatentNothing => self.kept.zeros_like()?,
        };
        self.chosen(&self.free, &content, &self.kept)
    }

    /// What keeps one picture that starts with this noise. `before` says whether the sampler's model is shown the kept
    /// part instead of its estimate being changed, as AUTOMATIC1111 does for DDIM and UniPC.
    pub fn of_picture(&self, noise: Tensor, before: bool) -> RepaintedLatent<'_> {
        RepaintedLatent { shared: self, noise, before }
    }

    fn chosen(&self, free: &Tensor, new: &Tensor, kept: &Tensor) -> Result<Tensor, Error> {
        Ok(free.broadcast_as(new.shape())?.contiguous()?.where_cond(new, kept)?)
    }

    /// Where places may change at this point of sampling, of which `done` of `steps` steps are done, by the rule of
    /// differential diffusion (Levin and Fried 2023): a place that may change by the share `m` is held as long as
    /// `1 − m > done/steps`, and let go from then on. One that may not change at all is held to the end.
    fn let_go(&self, shares: &[f32], done: usize, steps: usize) -> Result<Tensor, Error> {
        let passed = done as f64 / steps.max(1) as f64;
        let free: Vec<u8> = shares.iter().map(|m| u8::from(*m > 0.0 && 1.0 - f64::from(*m) <= passed)).collect();
        Ok(Tensor::from_vec(free, self.free.shape(), self.free.device())?)
    }
}

/// Keeps the part of one picture that is not masked.
///
/// Places of the latent either may change or may not. After each estimate of the clean latent those that may not get
/// that of the start image, so `clean' = nmask·clean + mask·kept`; and so does the last latent. For DDIM and UniPC
/// AUTOMATIC1111 shows the model `nmask·x + mask·kept` instead, with `x` at a variance of 1.
///
/// With soft inpainting the levels of the mask say from which step on a place may change: until then it is
/// `kept + sigma·noise` at the end of each step, where `noise` is the one that the picture started with.
pub(in crate::diffusion::pipeline) struct RepaintedLatent<'a> {
    shared: &'a MaskedLatent,
    noise: Tensor,
    before: bool,
}

impl RepaintedLatent<'_> {
    /// What the model is shown instead of the noisy latent.
    ///
    /// # Errors
    /// What went wrong with the numbers.
    pub fn shown(&self, x: &Tensor, sigma: f64) -> Result<Tensor, Error> {
        if !self.before || self.shared.shares.is_some() {
            return Ok(x.clone());
        }
        let kept = (&self.shared.kept * (1.0 + sigma * sigma).sqrt())?;
        self.shared.chosen(&self.shared.free, x, &kept)
    }

    /// The estimate of the clean latent, for a noisy latent `x` in whose place the model was `shown` another.
    ///
    /// # Errors
    /// What went wrong with the numbers.
    pub fn clean(&self, clean: Tensor, x: &Tensor, shown: &Tensor) -> Result<Tensor, Error> {
        if self.shared.shares.is_some() {
            return Ok(clean);
        }
        if self.before {
            // The noise that the model sees is taken from the latent that there is.
            return Ok((clean + (x - shown)?)?);
        }
        self.shared.chosen(&self.shared.free, &clean, &self.shared.kept)
    }

    /// The latent at the end of a step.
    ///
    /// # Errors
    /// What went wrong with the numbers.
    pub fn stepped(&self, step: &StepInfo, latent: Tensor) -> Result<Tensor, Error> {
        let Some(shares) = &self.shared.shares else { return Ok(latent) };
        let free = self.shared.let_go(shares, step.step + 1, step.steps)?;
        let held = (&self.shared.kept + (&self.noise * step.next)?)?;
        self.shared.chosen(&free, &latent, &held)
    }

    /// The last latent.
    ///
    /// # Errors
    /// What went wrong with the numbers.
    pub fn ended(&self, latent: Tensor) -> Result<Tensor, Error> {
        if self.shared.shares.is_some() {
            return Ok(latent);
        }
        self.shared.chosen(&self.shared.free, &latent, &self.shared.kept)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::DType;

    use super::*;

    /// A mask of eight by eight places that rises from column to column.
    fn latent(options: Inpaint) -> MaskedLatent {
        let levels = [0, 40, 80, 120, 136, 176, 216, 255].repeat(8);
        MaskedLatent::from_levels(options, &levels, full(2.0), &Device::Cpu).expect("a latent")
    }

    /// The first row of the first channel.
    fn row(latent: &Tensor) -> Vec<f32> {
        latent.narrow(1, 0, 1).and_then(|t| t.narrow(2, 0, 1)?.flatten_all()?.to_vec1()).expect("numbers")
    }

    fn full(value: f32) -> Tensor {
        Tensor::full(value, (1, 4, 8, 8), &Device::Cpu).expect("a tensor")
    }

    #[test]
    fn places_that_are_not_half_masked_keep_the_start_image_at_each_estimate_and_in_the_end() {
        let latent = latent(Inpaint::default());
        let picture = latent.of_picture(full(1.0), false);
        let kept = [2.0, 2.0, 2.0, 2.0, 7.0, 7.0, 7.0, 7.0];
        assert_eq!(row(&picture.clean(full(7.0), &full(0.0), &full(0.0)).expect("changes")), kept);
        assert_eq!(row(&picture.ended(full(7.0)).expect("changes")), kept);
        let step = StepInfo { image: 0, step: 0, steps: 4, sigma: 3.0, next: 0.5 };
        assert_eq!(row(&picture.stepped(&step, full(7.0)).expect("changes")), [7.0; 8]);
        assert_eq!(row(&picture.shown(&full(9.0), 3.0).expect("shows")), [9.0; 8]);
    }

    #[test]
    fn ddim_is_shown_the_start_image_at_a_variance_of_one() {
        let latent = latent(Inpaint::default());
        let picture = latent.of_picture(full(1.0), true);
        let shown = picture.shown(&full(9.0), 3f64.sqrt()).expect("shows");
        assert_eq!(row(&shown), [4.0, 4.0, 4.0, 4.0, 9.0, 9.0, 9.0, 9.0]);
        let clean = picture.clean(full(7.0), &full(9.0), &shown).expect("changes");
        assert_eq!(row(&clean), [12.0, 12.0, 12.0, 12.0, 7.0, 7.0, 7.0, 7.0]);
    }

    #[test]
    fn masked_places_start_with_what_was_asked_for() {
        let start = |content| {
            let latent = latent(Inpaint { content, ..Inpaint::default() });
            row(&latent.start(|shape| Tensor::full(5.0f32, shape, &Device::Cpu)).expect("a start"))
        };
        assert_eq!(start(MaskedContent::Original), [2.0; 8]);
        assert_eq!(start(MaskedContent::Fill), [2.0; 8]);
        assert_eq!(start(MaskedContent::LatentNoise), [2.0, 2.0, 2.0, 2.0, 5.0, 5.0, 5.0, 5.0]);
        assert_eq!(start(MaskedContent::LatentNothing), [2.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn with_soft_inpainting_a_place_is_let_go_the_earlier_the_more_it_is_masked() {
        let latent = latent(Inpaint { soft: true, ..Inpaint::default() });
        assert_eq!(latent.free.dtype(), DType::U8);
        let picture = latent.of_picture(full(4.0), false);
        let held = |step: usize, next: f64| {
            let step = StepInfo { image: 0, step, steps: 4, sigma: 3.0, next };
            row(&picture.stepped(&step, full(7.0)).expect("changes"))
        };
        // 1 − m is 1, 0.84, 0.69, 0.53, 0.47, 0.31, 0.15 and 0.
        assert_eq!(held(0, 0.5), [4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 7.0, 7.0]);
        assert_eq!(held(1, 0.5), [4.0, 4.0, 4.0, 4.0, 7.0, 7.0, 7.0, 7.0]);
        assert_eq!(held(2, 0.5), [4.0, 4.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0]);
        assert_eq!(held(3, 0.0), [2.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0]);
        assert_eq!(row(&picture.ended(full(7.0)).expect("changes")), [7.0; 8]);
        assert_eq!(row(&picture.clean(full(7.0), &full(0.0), &full(0.0)).expect("changes")), [7.0; 8]);
    }
}
