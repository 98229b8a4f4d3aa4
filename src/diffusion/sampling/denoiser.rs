//! The model as samplers use it: from a noisy latent and its sigma to an estimate of the clean latent.

use candle_core::{Device, Tensor};

use super::extra_input::ExtraInput;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::unet::{Conditions, Residuals, UNet};
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// What the UNet was trained to predict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diffusion) enum Prediction {
    /// The noise.
    Epsilon,
    /// The velocity (Salimans and Ho 2022).
    Velocity,
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
        let conditions = Conditions { timestep: 999.0, states: &states, cfg_scale: 1.0, residuals: None };
        let latent = x.narrow(1, 0, config.out_channels)?;
        let answer = (unet.forward(&x, &conditions, watch)? - latent)?.mean_all()?.to_scalar::<f32>()?;
        Ok(if answer < -1.0 { Self::Velocity } else { Self::Epsilon })
    }
}

/// A control network, evaluated beside the UNet.
pub(in crate::diffusion) trait Control {
    /// What it adds to the UNet for the scaled latent `x` `[batch, c, h, w]` under these conditions, whose
    /// `residuals` are `None`. The first `negatives` rows of the batch are predictions for the negative prompt, or for
    /// nothing at all, from which guidance leads away.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or shapes that do not fit.
    fn residuals(
        &self,
        x: &Tensor,
        conditions: &Conditions<'_>,
        negatives: usize,
        watch: &Watch,
    ) -> Result<Residuals, Error>;
}

/// The UNet under one prompt, with classifier-free guidance (Ho and Salimans 2022).
#[derive(Clone, Copy)]
pub(in crate::diffusion) struct Denoiser<'a> {
    pub unet: &'a UNet,
    pub prediction: Prediction,
    /// `[1, tokens, d]` without guidance, `[2, tokens, d]` (negative prompt first) with it.
    pub states: &'a Tensor,
    pub cfg_scale: f64,
    /// What the model is given besides the noisy latent.
    pub extra: &'a ExtraInput,
    pub control: Option<&'a dyn Control>,
}

impl Denoiser<'_> {
    /// The model's estimate of the clean latent, for a latent `x` `[1, c, h, w]` with noise of standard
    /// deviation `sigma`, which the model is told as `timestep`. Where `guided` is false the estimate
    /// follows the prompt alone. Both halves of guidance go through the UNet in one batch.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks of the UNet, or shapes that do not fit.
    pub fn denoise(&self, x: &Tensor, sigma: f64, timestep: f64, guided: bool, watch: &Watch) -> Result<Tensor, Error> {
        let both = self.states.dim(0)? == 2;
        let guided = guided && both;
        if let (ExtraInput::Edit { image, scale }, true) = (self.extra, guided) {
            return self.denoise_edit(x, (sigma, timestep), (image, *scale), watch);
        }
        let states = if both && !guided { self.states.narrow(0, 1, 1)? } else { self.states.clone() };
        let scaled = (x / (sigma * sigma + 1.0).sqrt())?;
        let input = if guided { Tensor::cat(&[&scaled, &scaled], 0)? } else { scaled };
        let alone = Conditions { timestep, states: &states, cfg_scale: self.cfg_scale, residuals: None };
        let negatives = usize::from(guided);
        let residuals = self.control.map(|control| control.residuals(&input, &alone, negatives, watch)).transpose()?;
        let conditions = Conditions { residuals: residuals.as_ref(), ..alone };
        let output = self.unet.forward(&self.extra.beside(&input)?, &conditions, watch)?;
        if !guided {
            return self.clean(x, &output, sigma);
        }
        let without = self.clean(x, &output.narrow(0, 0, 1)?, sigma)?;
        let with = self.clean(x, &output.narrow(0, 1, 1)?, sigma)?;
        Ok((&without + ((with - &without)? * self.cfg_scale)?)?)
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
