//! `underpaint generate --estimate`: what a round would take.

use anyhow::bail;

use super::print_line;
use crate::engine::{Engine, ModelChoice, Plan, Recommended, Settings};

/// Prints what a round of this model would take, or one JSON object. `settings_for` makes its settings from what the
/// model's maker suggests.
///
/// # Errors
/// A model that cannot be read, work that cannot be estimated, or settings out of range, as one sentence.
pub(super) fn print_estimate(
    engine: &mut dyn Engine,
    model: &ModelChoice,
    settings_for: impl Fn(Recommended) -> Settings,
    plan: &Plan,
    has_start: bool,
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
    let estimate = estimator.estimate(&settings, plan, has_start);
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
