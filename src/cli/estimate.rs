//! `underpaint generate --estimate`: what a round would take.

use anyhow::bail;

use std::sync::Arc;

use super::print_line;
use crate::engine::{Engine, Estimator, ModelChoice, Plan, Recommended, RoundFiles, SecondPass, Settings};

/// Prints what a round of this model would take, or one JSON object. `settings_for` makes its settings from what the
/// model's maker suggests; `start` is the size of the start image, if there is one.
///
/// # Errors
/// A model that cannot be read, work that cannot be estimated, or settings out of range, as one sentence.
pub(super) fn print_estimate(
    engine: &mut dyn Engine,
    model: &ModelChoice,
    settings_for: impl Fn(Recommended) -> Settings,
    plan: &Plan,
    start: Option<(u32, u32)>,
    json: bool,
) -> anyhow::Result<()> {
    let Some(estimator) = engine.estimator(model) else {
        bail!(
            "What {} would take cannot be estimated: its files cannot be read, or it would run on a graphics card; underpaint inspect says what is known of a file.",
            model.name()
        );
    };
    let settings = settings_for(estimator.recommended());
    plan.check(&settings)?;
    let estimator = knowing_files(estimator, &settings);
    if let (Some(pass), Some(start)) = (&settings.second_pass, start) {
        pass.check_size(start)?;
        print_second_pass(&*estimator, pass, &settings, start, json)?;
        return Ok(());
    }
    let estimate = estimator.estimate(&settings, plan, start.is_some());
    if json {
        print_line(&serde_json::to_string(&estimate)?);
        return Ok(());
    }
    print_line(&estimate.summary());
    let pictures = plan.images(&settings);
    print_line(&format!(
        "{} evaluations of the model for each of {pictures} pictures, which are made one after the other",
        estimate.evaluations
    ));
    if estimate.tiled {
        print_line("encoded and decoded in tiles");
    }
    if let Some(obstacle) = estimate.obstacle {
        print_line(&obstacle);
    }
    Ok(())
}

/// The estimator that knows the files of controls and upscalers in the settings.
pub(super) fn knowing_files(estimator: Arc<dyn Estimator>, settings: &Settings) -> Arc<dyn Estimator> {
    let files = RoundFiles::of(settings);
    if files.is_empty() { estimator } else { estimator.knowing(&files).unwrap_or(estimator) }
}

/// Prints what a second pass over a picture of this size would take, or one JSON object.
///
/// # Errors
/// An estimate that is no JSON.
pub(super) fn print_second_pass(
    estimator: &dyn Estimator,
    pass: &SecondPass,
    settings: &Settings,
    start: (u32, u32),
    json: bool,
) -> anyhow::Result<()> {
    let estimate = pass.estimate(estimator, settings, start);
    if json {
        print_line(&serde_json::to_string(&estimate)?);
        return Ok(());
    }
    print_line(&estimate.summary());
    let (width, height) = pass.result_size(start);
    let grid = pass.grid(settings, start);
    let (tile_width, tile_height) = grid.tile_size();
    print_line(&format!("{width} by {height} pixels in {} tiles of {tile_width} by {tile_height}", grid.len()));
    if let Some(obstacle) = estimate.obstacle {
        print_line(&obstacle);
    }
    Ok(())
}
