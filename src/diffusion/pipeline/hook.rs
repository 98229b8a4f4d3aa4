//! What can change a picture while it is sampled.

use candle_core::Tensor;

use crate::engine::Error;

/// Where sampling stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::diffusion) struct StepInfo {
    /// The picture's place in the batch, from 0.
    pub image: usize,
    /// The step, from 0.
    pub step: usize,
    /// Steps that the picture takes in all.
    pub steps: usize,
    /// Standard deviation of the noise in the latent at the start of the step.
    pub sigma: f64,
    /// Standard deviation of the noise at the end of the step; 0 after the last step of most schedules.
    pub next: f64,
}

/// Changes the latent as it is sampled, as inpainting does. Latents are `[1, c, h, w]`, written as
/// `clean + sigma·noise`. Both methods change nothing unless they are implemented.
pub(in crate::diffusion) trait StepHook {
    /// Changes the model's estimate of the clean latent. Samplers that ask the model more than once in a
    /// step call it each time.
    ///
    /// # Errors
    /// What went wrong; it ends the job.
    fn change_clean(&self, _: &StepInfo, clean: Tensor) -> Result<Tensor, Error> {
        Ok(clean)
    }

    /// Changes the latent at the end of a step, which is `clean + next·noise`.
    ///
    /// # Errors
    /// What went wrong; it ends the job.
    fn change_latent(&self, _: &StepInfo, latent: Tensor) -> Result<Tensor, Error> {
        Ok(latent)
    }
}

/// Changes nothing.
pub(in crate::diffusion) struct NoHook;

impl StepHook for NoHook {}
