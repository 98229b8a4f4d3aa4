//! One job: a request to a batch of pictures (SDEdit, Meng et al. 2022, where there is a start image).

use std::path::Path;
use std::sync::Arc;

use super::hook::StepHook;
use super::image::make_image;
use super::prepare::prepare;
use super::step_unets::StepUNets;
use crate::diffusion::model::Model;
use crate::diffusion::networks::control_network::ControlNetwork;
use crate::diffusion::networks::vae::Vae;
use crate::diffusion::watch::Watch;
use crate::engine::{DepthMaps, Error, Event, Request, TiledVae};

/// A request with everything it is worked on with.
pub(in crate::diffusion) struct Job<'a> {
    /// The loaded model.
    pub model: &'a Model,
    /// What to make.
    pub request: &'a Request,
    /// The request's prompt without its LoRA tags.
    pub prompt: &'a str,
    /// The folder of textual inversions.
    pub embeddings: Option<&'a Path>,
    /// What draws the estimate at each step.
    pub previews: Previews<'a>,
    /// Whether the autoencoder works in tiles.
    pub tiled_vae: TiledVae,
    /// The network of each control in the request's settings; `None` for those that are not run.
    pub controls: &'a [Option<Arc<ControlNetwork>>],
    /// What makes pictures of depth for controls; `None` where nothing does.
    pub depth: Option<&'a dyn DepthMaps>,
    /// The UNets of steps in which not all of the prompt's LoRAs count.
    pub unets: &'a StepUNets,
    /// What may change the latent as it is sampled.
    pub hook: &'a dyn StepHook,
}

/// What draws the model's estimate of the picture at each step.
#[derive(Clone, Copy)]
pub(in crate::diffusion) enum Previews<'a> {
    /// Nothing, and no step is reported.
    Off,
    /// The linear map of the model.
    Linear,
    /// A small autoencoder.
    Autoencoder(&'a Vae),
}

/// Makes every picture of a job but those that are left out.
///
/// # Errors
/// [`Error::Cancelled`] soon after the flag of `watch` is set (finished pictures have been reported
/// already), or what went wrong.
pub(in crate::diffusion) fn run(job: &Job<'_>, watch: &Watch, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
    let prepared = prepare(job, watch, on_event)?;
    for image in 0..job.request.images() {
        watch.check()?;
        if watch.is_left_out(image) {
            continue;
        }
        match make_image(job, &prepared, image, &watch.of_image(image), on_event) {
            Ok(finished) => on_event(Event::Finished(finished)),
            Err(Error::Cancelled) if watch.is_left_out(image) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
