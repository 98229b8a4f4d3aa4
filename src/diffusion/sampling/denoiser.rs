//! The model as samplers use it: from a noisy latent and its sigma to an estimate of the clean latent.

use candle_core::{Device, Tensor};

use super::deep_features::{DeepFeatures, Row};
use super::extra_input::ExtraInput;
use super::prompt_rows::PromptRows;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::unet::{Conditions, RegionTexts, Residuals, ResidualsNeeded, UNet};
use crate::diffusion::watch::Watch;
use crate::engine::{Error, PredictionType};

/// What the UNet was trained to predict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diffusion) enum Prediction {
    /// The noise.
    Epsilon,
    /// The velocity (Salimans and Ho 2022).
    Velocity,
}

impl From<PredictionType> for Prediction {
    fn from(asked: PredictionType) -> Self {
        match asked {
            PredictionType::Epsilon => Self::Epsilon,
            PredictionType::V => Self::Velocity,
        }
    }
}

impl Prediction {
    /// Its name in diffusers' configs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Epsilon => "epsilon",
            Self::Velocity => "v_prediction",
        }
    }

    pub fn from_name(name: &str) -> Result<Self, Error> {
        match name {
            "epsilon" => Ok(Self::Epsilon),
            "v_prediction" => Ok(Self::Velocity),
            other => Err(Error::Unsupported(format!("it predicts {other}"))),
        }
    }

    /// Finds out by trial, as AUTOMATIC1111 does: at the highest timestep, where nearly all is noise,
    /// a model that predicts velocity answers with about minus the picture.
    pub fn by_trial(unet: &UNet, config: &UNetConfig, device: &Device, watch: &Watch) -> Result<Self, Error> {
        let x = Tensor::full(0.5f32, (1, config.in_channels, 8, 8), device)?;
        let states = Tensor::full(0.5f32, (1, 2, config.cross_attention_dim), device)?;
        let conditions =
            Conditions { timestep: 999.0, states: &states, cfg_scale: 1.0, residuals: None, regions: None };
        let latent = x.narrow(1, 0, config.out_channels)?;
        let answer = (unet.forward(&x, &conditions, watch)? - latent)?.mean_all()?.to_scalar::<f32>()?;
        Ok(if answer < -1.0 { Self::Velocity } else { Self::Epsilon })
    }
}

/// A control network, evaluated beside the UNet.
pub(in crate::diffusion) trait Control {
    /// What it adds to the UNet for the scaled latent `x` `[batch, c, h, w]` under these conditions, whose
    /// `residuals` are `None`. The first `negatives` rows of the batch are predictions for the negative prompt, or for
    /// nothing at all, from which guidance leads away. Where not all residuals are `needed`, no others are computed.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or shapes that do not fit.
    fn residuals(
        &self,
        x: &Tensor,
        conditions: &Conditions<'_>,
        negatives: usize,
        needed: ResidualsNeeded,
        watch: &Watch,
    ) -> Result<Residuals, Error>;
}

/// The UNet under prompts, with classifier-free guidance (Ho and Salimans 2022) towards each of them (composable
/// diffusion, Liu et al. 2022).
#[derive(Clone, Copy)]
pub(in crate::diffusion) struct Denoiser<'a> {
    pub unet: &'a UNet,
    pub prediction: Prediction,
    pub cfg_scale: f64,
    /// What the model is given besides the noisy latent.
    pub extra: &'a ExtraInput,
    pub control: Option<&'a dyn Control>,
}

/// The place of an evaluation on the noise schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::diffusion) struct NoiseLevel {
    /// Standard deviation of the noise in the latent.
    pub sigma: f64,
    /// The timestep that the model is told.
    pub timestep: f64,
}

/// One pass through the UNet.
pub(super) struct Pass<'a> {
    /// The scaled latents, `[rows, c, h, w]`.
    pub latents: &'a Tensor,
    /// What the model takes: the latents with what it is given besides.
    pub input: &'a Tensor,
    pub level: NoiseLevel,
    /// The prompts' hidden states, `[rows, tokens, d]`, and the texts of regions.
    pub texts: (&'a Tensor, Option<&'a RegionTexts>),
    pub rows: &'a [Row],
}

/// How many rows go through the UNet at once: the usual pair of negative prompt and prompt, and as many of further
/// prompts.
const ROWS: usize = 2;

impl Denoiser<'_> {
    /// The model's estimate of the clean latent for a latent `x` `[1, c, h, w]`:
    /// `negative + Σ weightᵢ·scale·(promptᵢ − negative)`. Where there is no negative prompt the first prompt stands in
    /// its place, at scale 1. The negative prompt and the first prompt go through the UNet in one batch, further
    /// prompts two at a time. With `features` that are kept and not due, only the outermost layers run.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks of the UNet, or shapes that do not fit.
    pub fn denoise(
        &self,
        x: &Tensor,
        level: NoiseLevel,
        prompts: &PromptRows,
        features: &mut DeepFeatures,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        if let (ExtraInput::Edit { image, scale }, true) = (self.extra, prompts.with_negative) {
            return self.denoise_edit(x, level, prompts, (image, *scale), features, watch);
        }
        let scaled = (x / (level.sigma * level.sigma + 1.0).sqrt())?;
        let mut clean = Vec::new();
        let mut rows: Vec<Row> = (0..prompts.weights.len()).map(Row::Prompt).collect();
        if prompts.with_negative {
            rows.insert(0, Row::Negative);
        }
        let reuses = features.are_reused_for(&rows);
        for (from, rows) in (0..).step_by(ROWS).zip(rows.chunks(ROWS)) {
            let count = rows.len();
            let states = prompts.states.narrow(0, from, count)?;
            let input = Tensor::cat(&vec![&scaled; count], 0)?;
            let negatives = rows.iter().filter(|row| !row.is_prompt()).count();
            let regions = prompts.regions.as_ref();
            let regions = regions.map(|regions| regions.texts(from, count, negatives)).transpose()?;
            let input_beside = self.extra.beside(&input)?;
            let texts = (&states, regions.as_ref());
            let pass = Pass { latents: &input, input: &input_beside, level, texts, rows };
            let output = self.evaluate(&pass, features, reuses, watch)?;
            for row in 0..count {
                clean.push(self.clean(x, &output.narrow(0, row, 1)?, level.sigma)?);
            }
        }
        let Some(base) = clean.first().cloned() else { return Err(Error::Internal("there is no prompt".into())) };
        let scale = if prompts.with_negative { self.cfg_scale } else { 1.0 };
        let followed = if prompts.with_negative { &clean[1..] } else { &clean[..] };
        if let ([only], false) = (followed, prompts.with_negative) {
            return Ok(only.clone());
        }
        towards(&base, &base, followed, &prompts.weights, scale)
    }

    /// One pass through the UNet, which reuses the kept `features` or keeps new ones.
    pub(super) fn evaluate(
        &self,
        pass: &Pass<'_>,
        features: &mut DeepFeatures,
        reuses: bool,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let Pass { latents, input, level, texts: (states, regions), rows } = *pass;
        let negatives = rows.iter().filter(|row| !row.is_prompt()).count();
        let (timestep, cfg_scale) = (level.timestep, self.cfg_scale);
        let alone = Conditions { timestep, states, cfg_scale, residuals: None, regions };
        // What a control network adds to the deep blocks is in the kept features.
        let needed = if reuses { self.unet.residuals_of_reusing() } else { ResidualsNeeded::All };
        let residuals = self.control.map(|control| control.residuals(latents, &alone, negatives, needed, watch));
        let residuals = residuals.transpose()?;
        let conditions = Conditions { residuals: residuals.as_ref(), ..alone };
        if reuses {
            return self.unet.forward_reusing(input, &features.batch(rows)?, &conditions, watch);
        }
        if !features.are_kept() {
            return self.unet.forward(input, &conditions, watch);
        }
        let (output, deep) = self.unet.forward_keeping(input, &conditions, watch)?;
        features.keep(rows, &deep)?;
        Ok(output)
    }

    /// The estimate of the clean latent that a prediction means.
    pub(super) fn clean(&self, x: &Tensor, output: &Tensor, sigma: f64) -> Result<Tensor, Error> {
        let variance = sigma * sigma + 1.0;
        Ok(match self.prediction {
            Prediction::Epsilon => (x - (output * sigma)?)?,
            Prediction::Velocity => ((x / variance)? - (output * (sigma / variance.sqrt()))?)?,
        })
    }
}

/// `start + Σ weightᵢ·scale·(promptᵢ − base)`, in the order of the prompts.
pub(super) fn towards(
    start: &Tensor,
    base: &Tensor,
    prompts: &[Tensor],
    weights: &[f64],
    scale: f64,
) -> Result<Tensor, Error> {
    let mut sum = start.clone();
    for (prompt, weight) in prompts.iter().zip(weights) {
        sum = (sum + ((prompt - base)? * (weight * scale))?)?;
    }
    Ok(sum)
}
