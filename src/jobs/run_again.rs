//! Makes one result again on the engine's thread and compares it.

use std::sync::Arc;

use super::hints::with_fitted_hints;
use super::{EngineReport, Reporter, RunAgainJob};
use crate::engine::{Engine, Error, Event, Plan, Request, Settings};
use crate::picture::Reproduction;

/// Makes the result again, whose model is loaded, and reports whether it is the same.
pub(super) fn run_again(engine: &mut dyn Engine, again: RunAgainJob, reporter: &Reporter) -> Result<(), Error> {
    let RunAgainJob { job, model, picture, recipe, start, mask, hints, hint_fit, regions, cancel } = again;
    let made_with = engine.made_with(&model);
    let seed = i64::try_from(recipe.seed).unwrap_or(-1);
    let settings = Settings { seed, batch: 1, ..recipe.settings.clone() };
    // Where only the masked part was sampled, or a second pass enlarged it, the start image keeps its size.
    let keeps_size = mask.is_some() && settings.samples_masked_part() || settings.second_pass.is_some();
    let size = match start.as_ref().filter(|_| keeps_size) {
        Some(start) => start.dimensions(),
        None => (settings.width as u32, settings.height as u32),
    };
    let plan = with_fitted_hints(Plan { mask, hints, regions, ..Plan::default() }, size, hint_fit.0, hint_fit.1);
    let request = Request::planned(model, settings, plan, start);
    let mut made = None;
    engine.generate(&request, &cancel, &mut |event| match event {
        Event::Notice(text) => reporter.send(EngineReport::Notice { job, text }),
        Event::Stage(stage) => reporter.send(EngineReport::Stage { job, stage }),
        Event::Step { image, step, steps, preview } => {
            reporter.send(EngineReport::Step { job, image, step, steps, preview: Arc::new(preview) });
        }
        Event::Finished(finished) => made = Some(finished.picture),
    })?;
    let made = made.ok_or_else(|| Error::Internal("it finished without a picture".into()))?;
    let outcome = Reproduction::compare((&picture, &recipe.made_with), (&made, &made_with), false);
    reporter.send(EngineReport::RanAgain { job, outcome });
    Ok(())
}
