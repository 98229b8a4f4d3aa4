//! One frame of live painting on the engine's thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;

use super::LiveThreads;
use crate::document::CanvasPart;
use crate::engine::{Cancel, Engine, Error, ModelChoice, Plan, Request, Settings};
use crate::jobs::hints::with_fitted_hints;
use crate::jobs::{JobId, PendingHint};
use crate::picture::{Fit, fit};
use crate::prompts::{self, Wildcards};

/// After this long without another frame, the engine gives back the memory that it keeps between frames.
pub(in crate::jobs) const REST: Duration = Duration::from_secs(2);

/// A frame of live painting for the engine's thread.
#[derive(Clone, Debug)]
pub struct LiveJob {
    /// Repeated in the report about it.
    pub job: JobId,
    /// The model that makes it; loaded first where it is not.
    pub model: ModelChoice,
    /// What to make, with a drawn seed and a batch of one picture.
    pub settings: Settings,
    /// What to make besides, without the pictures that controls follow. A mask has the size in the settings.
    pub plan: Plan,
    /// What the controls follow.
    pub hints: Vec<PendingHint>,
    /// What to start from, of any size. Its pixels are copied on the engine's thread.
    pub start: Option<CanvasPart>,
    /// How a picture of another size that a control follows meets the size in the settings.
    pub fit: Fit,
    /// The paper's colour, around such a picture that shows whole.
    pub paper: [u8; 3],
    /// Stops it.
    pub cancel: Cancel,
    /// Where `__name__` in the prompts is looked up.
    pub wildcards: Wildcards,
}

/// Makes the frame, whose model is loaded. Returns it with the seconds it took.
///
/// # Errors
/// [`Error::Cancelled`], or what went wrong.
pub(in crate::jobs) fn make(
    engine: &mut dyn Engine,
    threads: &LiveThreads,
    job: LiveJob,
) -> Result<(RgbImage, f64), Error> {
    let begun = Instant::now();
    let LiveJob { model, settings, plan, hints, start, fit: how, paper, cancel, wildcards, .. } = job;
    let picture = threads.run(|| {
        cancel.check()?;
        let (width, height) = (settings.width as u32, settings.height as u32);
        // Where only the masked part is sampled, the start image keeps its size.
        let keeps_size = plan.mask.is_some() && settings.samples_masked_part();
        let start = start.map(|part| {
            let picture = part.picture();
            let is_fitted = keeps_size || picture.dimensions() == (width, height);
            Arc::new(if is_fitted { picture } else { fit(&picture, width, height, part.fit, part.paper.0) })
        });
        let hint_size = start.as_ref().filter(|_| keeps_size).map_or((width, height), |start| start.dimensions());
        let plan = Plan { hints: hints.into_iter().map(PendingHint::ready).collect(), ..plan };
        let plan = with_fitted_hints(plan, hint_size, how, paper);
        let request = Request::planned(model, settings, plan, start);
        engine.live_frame(&prompts::with_choices(request, &wildcards), &cancel)
    })?;
    Ok((picture, begun.elapsed().as_secs_f64()))
}
