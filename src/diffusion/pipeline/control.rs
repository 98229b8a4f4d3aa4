//! The control networks of a job: their hints, encoded once, and what they add at each step.

use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;

use super::inpaint::Repaint;
use super::job::Job;
use crate::diffusion::networks::controlnet::ControlNet;
use crate::diffusion::networks::unet::{Conditions, Residuals, ResidualsNeeded};
use crate::diffusion::sampling::denoiser::Control;
use crate::diffusion::watch::Watch;
use crate::engine::{ControlMode, ControlSettings, Error};
use crate::lines::preprocessed;

/// How much less each residual counts than the next one towards the middle, where not all count alike. The original
/// ControlNet code and the web UI's extension have the same number.
const SOFTER: f64 = 0.825;

/// A control network with its hint.
pub(super) struct PreparedControl {
    network: Arc<ControlNet>,
    /// The encoded hint, `[1, h, w, c]`.
    hint: Tensor,
    settings: ControlSettings,
}

/// Encodes the hints of the networks that are run.
///
/// # Errors
/// A network that was not loaded, or [`Error::Cancelled`].
pub(super) fn prepare_controls(
    job: &Job<'_>,
    repaint: Option<&Repaint>,
    watch: &Watch,
) -> Result<Vec<PreparedControl>, Error> {
    let mut prepared = Vec::new();
    for (index, settings) in job.request.settings.controls.iter().enumerate() {
        if !settings.is_run() {
            continue;
        }
        watch.check()?;
        let network = job.controls.get(index).cloned().flatten();
        let (Some(network), Some(picture)) = (network, job.request.hint(index)) else {
            return Err(Error::Internal("a control was not prepared".into()));
        };
        let lines = preprocessed(picture, settings.preprocessor);
        let lines = repaint.map_or_else(|| lines.clone(), |repaint| repaint.sampled_part(&lines));
        let hint = network.encode_hint(&levels(&lines)?.to_device(&job.model.device.candle)?, watch)?;
        prepared.push(PreparedControl { network, hint, settings: settings.clone() });
    }
    Ok(prepared)
}

/// A picture as `[1, 3, h, w]` in 0..1.
fn levels(picture: &RgbImage) -> candle_core::Result<Tensor> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let values: Vec<f32> = picture.as_raw().iter().map(|level| f32::from(*level) / 255.0).collect();
    Tensor::from_vec(values, (1, height, width, 3), &candle_core::Device::Cpu)?.permute((0, 3, 1, 2))?.contiguous()
}

/// The controls that are run at one step.
pub(super) struct ActiveControls<'a>(Vec<&'a PreparedControl>);

/// Which controls are run at one step, counted from 0, of so many.
pub(super) fn are_active_at(controls: &[PreparedControl], step: usize, steps: usize) -> Vec<bool> {
    controls.iter().map(|control| control.settings.is_active_at(step, steps)).collect()
}

impl<'a> ActiveControls<'a> {
    /// Those of a step, counted from 0, of so many; `None` if there are none.
    pub fn at(controls: &'a [PreparedControl], step: usize, steps: usize) -> Option<Self> {
        let active: Vec<_> = controls.iter().filter(|control| control.settings.is_active_at(step, steps)).collect();
        (!active.is_empty()).then_some(Self(active))
    }
}

impl Control for ActiveControls<'_> {
    fn residuals(
        &self,
        x: &Tensor,
        conditions: &Conditions<'_>,
        negatives: usize,
        needed: ResidualsNeeded,
        watch: &Watch,
    ) -> Result<Residuals, Error> {
        let mut sum: Option<Residuals> = None;
        for control in &self.0 {
            let residuals = control.residuals(x, conditions, negatives, needed, watch)?;
            sum = Some(match sum {
                None => residuals,
                Some(sum) => sum.plus(&residuals)?,
            });
        }
        sum.ok_or_else(|| Error::Internal("no control is active".into()))
    }
}

impl PreparedControl {
    fn residuals(
        &self,
        x: &Tensor,
        conditions: &Conditions<'_>,
        negatives: usize,
        needed: ResidualsNeeded,
        watch: &Watch,
    ) -> Result<Residuals, Error> {
        let weight = self.settings.weight;
        // "Control first" leaves the rows of the negative prompt alone, so the network is not run for them.
        let left_out = if self.settings.mode == ControlMode::Control { negatives } else { 0 };
        let rows = x.dim(0)? - left_out;
        let states = conditions.states.narrow(0, left_out, rows)?;
        let conditions = Conditions { states: &states, ..*conditions };
        let made = self.network.forward(&x.narrow(0, left_out, rows)?, &self.hint, &conditions, needed, watch)?;
        let count = self.network.skips();
        let weight_of = |index: usize| match self.settings.mode {
            ControlMode::Balanced => weight,
            ControlMode::Prompt | ControlMode::Control => weight * SOFTER.powi((count - index) as i32),
        };
        let weighed = |residual: Tensor, weight: f64| -> candle_core::Result<Tensor> {
            let weighed = if weight == 1.0 { residual } else { (residual * weight)? };
            if left_out == 0 {
                return Ok(weighed);
            }
            let (_, h, w, c) = weighed.dims4()?;
            let nothing = Tensor::zeros((left_out, h, w, c), weighed.dtype(), weighed.device())?;
            Tensor::cat(&[&nothing, &weighed], 0)
        };
        let skips = made.skips.into_iter().enumerate().map(|(index, skip)| weighed(skip, weight_of(index)));
        Ok(Residuals {
            skips: skips.collect::<candle_core::Result<_>>()?,
            middle: made.middle.map(|middle| weighed(middle, weight_of(count))).transpose()?,
        })
    }
}
