//! `underpaint generate --vary`: variations of a result from its file.

use std::path::Path;

use anyhow::{anyhow, bail};

use super::args::GenerateArgs;
use crate::document::random_seed;
use crate::engine::Settings;
use crate::picture::{Parameters, open, read_parameters};

/// The variation strength where none is given.
const STRENGTH: f64 = 0.15;

/// The settings that make variations of a result: those in its file, with options over them.
///
/// # Errors
/// A file that is no picture or does not say how it was made, or a missing start image.
pub(super) fn variation_settings(result: &Path, args: &GenerateArgs) -> anyhow::Result<Settings> {
    let Some(text) = read_parameters(result) else {
        // What is wrong with a file that is no picture is told first.
        open(result)?;
        bail!("{} does not say how it was made, so it cannot be varied.", result.display());
    };
    let parameters = Parameters::read(&text);
    let seed = parameters.seed().filter(|seed| *seed <= u64::from(u32::MAX));
    let seed = seed.ok_or_else(|| anyhow!("{} does not say its seed, so it cannot be varied.", result.display()))?;
    let mut own = Settings { prompt: String::new(), ..Settings::default() };
    // What cannot be taken over is another program's; the seed and the prompt are what counts.
    let _ = parameters.apply_to(&mut own);
    if parameters.field("Denoising strength").is_some() && args.init.is_none() {
        bail!("{} was made from a start image: give that with --init.", result.display());
    }
    let over = args.settings_over(own);
    Ok(Settings {
        seed: args.seed.unwrap_or(seed as i64),
        variation_seed: args.variation_seed.unwrap_or_else(random_seed),
        variation_strength: args.variation_strength.unwrap_or(STRENGTH),
        keep_unpainted: args.mask.is_some(),
        ..over
    })
}
