//! The control networks of a job: their hints, encoded once, and what they add at each step.

use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;

use super::inpaint::Repaint;
use super::job::Job;
use crate::diffusion::networks::control_network::ControlNetwork;
use crate::diffusion::networks::unet::{Conditions, Residuals, ResidualsNeeded};
use crate::diffusion::sampling::denoiser::Control;
use crate::diffusion::watch::Watch;
use crate::engine::{ControlMode, ControlSettings, Error, Preprocessor};
use crate::lines::preprocessed;

/// How much less each residual counts than the next one towards the middle, where not all count alike. The original
/// ControlNet code and the web UI's extension have the same number.
const SOFTER: f64 = 0.825;

/// What an adapter's features are multiplied by from the top level down where not all count alike, as in the web UI's
/// extension.
const SOFTER_LEVELS: [f64; 4] = [0.25, 0.62, 0.825, 1.0];

/// A control network with what it has made of its hint.
pub(super) struct PreparedControl {
    network: Arc<ControlNetwork>,
    /// For a ControlNet the encoded hint, `[1, h, w, c]`; for an adapter the features of each level, likewise.
    encoded: Vec<Tensor>,
    settings: ControlSettings,
}

/// Encodes the hints of the networks that are run.
///
/// # Errors
/// A network that was not loaded, a picture of depth that cannot be made, or [`Error::Cancelled`].
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
        let lines = match settings.preprocessor {
            Preprocessor::Depth => depth_of(picture, job, watch)?,
            preprocessor => preprocessed(picture, preprocessor),
        };
        let lines = repaint.map_or_else(|| lines.clone(), |repaint| repaint.sampled_part(&lines));
        let lines = levels(&lines)?.to_device(&job.model.device.candle)?;
        let encoded = match &*network {
            ControlNetwork::Net(network) => vec![network.encode_hint(&lines, watch)?],
            ControlNetwork::Adapter(adapter) => adapter.features(&lines, watch)?,
        };
        prepared.push(PreparedControl { network, encoded, settings: settings.clone() });
    }
    Ok(prepared)
}

/// The picture of depth that a control follows.
fn depth_of(picture: &RgbImage, job: &Job<'_>, watch: &Watch) -> Result<RgbImage, Error> {
    let Some(depth) = job.depth else {
        return Err(Error::Unsupported("this engine makes no pictures of depth; choose another preprocessor".into()));
    };
    let map = depth.depth_map(picture, watch.cancel())?;
    if map.dimensions() == picture.dimensions() {
        Ok(map)
    } else {
        Err(Error::Internal("a picture of depth has another size".into()))
    }
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
        let all = x.dim(0)?;
        let rows = all - left_out;
        let network = match &*self.network {
            ControlNetwork::Net(network) => network,
            ControlNetwork::Adapter(_) => return self.features(all, left_out),
        };
        let states = conditions.states.narrow(0, left_out, rows)?;
        let conditions = Conditions { states: &states, ..*conditions };
        let hint = self.encoded.first().ok_or_else(|| Error::Internal("a hint was not encoded".into()))?;
        let made = network.forward(&x.narrow(0, left_out, rows)?, hint, &conditions, needed, watch)?;
        let count = network.skips();
        let weight_of = |index: usize| match self.settings.mode {
            ControlMode::Balanced => weight,
            ControlMode::Prompt | ControlMode::Control => weight * SOFTER.powi((count - index) as i32),
        };
        let skips = made.skips.into_iter().enumerate();
        let skips = skips.map(|(index, skip)| after_negatives(weighed(skip, weight_of(index))?, left_out));
        let middle = made.middle.map(|middle| after_negatives(weighed(middle, weight_of(count))?, left_out));
        Ok(Residuals {
            skips: skips.collect::<candle_core::Result<_>>()?,
            middle: middle.transpose()?,
            levels: Vec::new(),
        })
    }

    /// An adapter's features for a batch of `rows`, of which the first `left_out` get nothing.
    fn features(&self, rows: usize, left_out: usize) -> Result<Residuals, Error> {
        let weight_of = |level: usize| match self.settings.mode {
            ControlMode::Balanced => self.settings.weight,
            ControlMode::Prompt | ControlMode::Control => {
                self.settings.weight * SOFTER_LEVELS.get(level).copied().unwrap_or(1.0)
            }
        };
        let of_level = |(level, features): (usize, &Tensor)| {
            let weighed = weighed(features.clone(), weight_of(level))?;
            after_negatives(Tensor::cat(&vec![&weighed; rows - left_out], 0)?, left_out)
        };
        let levels = self.encoded.iter().enumerate().map(of_level).collect::<candle_core::Result<_>>()?;
        Ok(Residuals { levels, ..Residuals::default() })
    }
}

fn weighed(residual: Tensor, weight: f64) -> candle_core::Result<Tensor> {
    if weight == 1.0 { Ok(residual) } else { residual * weight }
}

/// A residual with rows of zeros before it, for the negative prompts.
fn after_negatives(residual: Tensor, negatives: usize) -> candle_core::Result<Tensor> {
    if negatives == 0 {
        return Ok(residual);
    }
    let (_, h, w, c) = residual.dims4()?;
    let nothing = Tensor::zeros((negatives, h, w, c), residual.dtype(), residual.device())?;
    Tensor::cat(&[&nothing, &residual], 0)
}
