//! The model as samplers see it: noisy latent and sigma in, clean latent out.

use candle_core::{Device, Tensor};

use crate::diffusion::networks::unet::UNet;
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
    pub fn from_name(name: &str) -> Result<Self, Error> {
        match name {
            "epsilon" => Ok(Self::Epsilon),
            "v_prediction" => Ok(Self::Velocity),
            other => Err(Error::Unsupported(format!("it predicts {other}"))),
        }
    }

    /// Finds out by trial, as AUTOMATIC1111 does: at the highest timestep, where nearly all is noise,
    /// a model that predicts velocity answers with about minus the picture.
    pub fn by_trial(unet: &UNet, channels: usize, width: usize, device: &Device) -> Result<Self, Error> {
        let x = Tensor::full(0.5f32, (1, channels, 8, 8), device)?;
        let states = Tensor::full(0.5f32, (1, 2, width), device)?;
        let answer = (unet.forward(&x, 999.0, &states, 1.0)? - x)?.mean_all()?.to_scalar::<f32>()?;
        Ok(if answer < -1.0 { Self::Velocity } else { Self::Epsilon })
    }
}

/// The UNet under one prompt, with classifier-free guidance (Ho and Salimans 2022).
pub(in crate::diffusion) struct Denoiser<'a> {
    pub unet: &'a UNet,
    pub prediction: Prediction,
    /// `[1, tokens, d]` without guidance, `[2, tokens, d]` (negative first) with it.
    pub states: Tensor,
    pub cfg_scale: f64,
}

impl Denoiser<'_> {
    /// `x` `[1, c, h, w]` holding noise of standard deviation `sigma`, which the model is told as
    /// `timestep`, to the clean latent that guidance points to, or, where it is not to be `guided`, the
    /// prompt alone. Both halves of guidance go through the UNet in one batch.
    pub fn denoise(&self, x: &Tensor, sigma: f64, timestep: f64, guided: bool) -> Result<Tensor, Error> {
        let both = self.states.dim(0)? == 2;
        let guided = guided && both;
        let states = if both && !guided { self.states.narrow(0, 1, 1)? } else { self.states.clone() };
        let scaled = (x / (sigma * sigma + 1.0).sqrt())?;
        let input = if guided { Tensor::cat(&[&scaled, &scaled], 0)? } else { scaled };
        let output = self.unet.forward(&input, timestep, &states, self.cfg_scale)?;
        if !guided {
            return self.clean(x, &output, sigma);
        }
        let without = self.clean(x, &output.narrow(0, 0, 1)?, sigma)?;
        let with = self.clean(x, &output.narrow(0, 1, 1)?, sigma)?;
        Ok((&without + ((with - &without)? * self.cfg_scale)?)?)
    }

    fn clean(&self, x: &Tensor, output: &Tensor, sigma: f64) -> Result<Tensor, Error> {
        let variance = sigma * sigma + 1.0;
        Ok(match self.prediction {
            Prediction::Epsilon => (x - (output * sigma)?)?,
            Prediction::Velocity => ((x / variance)? - (output * (sigma / variance.sqrt()))?)?,
        })
    }
}
