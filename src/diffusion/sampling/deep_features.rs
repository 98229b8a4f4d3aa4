//! Deep features of the UNet that several evaluations share (DeepCache, Ma et al. 2023, "DeepCache: Accelerating
//! Diffusion Models for Free"): they change little from one evaluation to the next, and nearly all of the work is in them.

use candle_core::TensorId;

use crate::diffusion::networks::unet::DeepFeature;
use crate::engine::Error;

/// What a row of a batch predicts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diffusion) enum Row {
    /// Neither prompt nor picture, in models that edit pictures.
    Nothing,
    /// The negative prompt.
    Negative,
    /// A prompt, counted from 0.
    Prompt(usize),
}

impl Row {
    /// Whether it predicts what guidance leads to, and not what it leads away from.
    pub fn is_prompt(self) -> bool {
        matches!(self, Self::Prompt(_))
    }
}

/// What deep features depend on besides the latent and its noise level.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct FeatureBasis {
    /// The prompts' hidden states.
    pub states: TensorId,
    /// Which control networks are active.
    pub controls: Vec<bool>,
    /// Which LoRAs change the UNet; empty if all do.
    pub loras: Vec<bool>,
}

/// The deep features of the latest evaluation that ran the whole UNet for one picture.
///
/// Evaluations of the model are counted, not steps: a sampler with two evaluations a step, such as Heun's method, uses
/// the features of the first for the second when the interval is 2.
#[derive(Debug)]
pub(in crate::diffusion) struct DeepFeatures {
    interval: usize,
    basis: Option<FeatureBasis>,
    kept: Vec<(Row, DeepFeature)>,
    is_due: bool,
}

impl DeepFeatures {
    /// None yet. Every `interval`-th evaluation runs the whole UNet; 1 is every one, and nothing is kept.
    pub fn new(interval: usize) -> Self {
        Self { interval, basis: None, kept: Vec::new(), is_due: true }
    }

    /// Begins an evaluation, counted from 0. The whole UNet runs when its turn comes, and when prompts, control
    /// networks or LoRAs are not those of the kept features.
    pub fn begin(&mut self, evaluation: usize, basis: FeatureBasis) {
        self.is_due =
            self.interval <= 1 || evaluation.is_multiple_of(self.interval) || self.basis.as_ref() != Some(&basis);
        self.basis = Some(basis);
    }

    /// Whether the evaluation that was begun reuses features for these rows. If not, the kept ones are dropped.
    pub(super) fn are_reused_for(&mut self, rows: &[Row]) -> bool {
        let reuses = !self.is_due && rows.iter().all(|row| self.kept_for(*row).is_some());
        if !reuses {
            self.kept.clear();
        }
        reuses
    }

    /// Whether features are worth keeping.
    pub(super) fn are_kept(&self) -> bool {
        self.interval > 1
    }

    /// Keeps the features of a batch of these rows.
    pub(super) fn keep(&mut self, rows: &[Row], batch: &DeepFeature) -> Result<(), Error> {
        for (index, row) in rows.iter().enumerate() {
            self.kept.push((*row, batch.row(index)?));
        }
        Ok(())
    }

    /// The features of a batch of these rows.
    pub(super) fn batch(&self, rows: &[Row]) -> Result<DeepFeature, Error> {
        let kept: Vec<&DeepFeature> = rows.iter().filter_map(|row| self.kept_for(*row)).collect();
        if kept.len() != rows.len() {
            return Err(Error::Internal("the features of a row were not kept".into()));
        }
        Ok(DeepFeature::batch(&kept)?)
    }

    fn kept_for(&self, row: Row) -> Option<&DeepFeature> {
        self.kept.iter().find(|(kept, _)| *kept == row).map(|(_, feature)| feature)
    }
}
