//! The models on this machine, for the commands that need them.

use crate::diffusion::HeaderInspector;
use crate::engine::Cancel;
use crate::models::{FoundModels, NamedFolders, Remembered, Surroundings, places, search};

/// Searches every folder that is known. Headers of files that did not change since the last search are not read.
///
/// # Errors
/// None but a search that was cancelled, which nobody does here.
pub(in crate::cli) fn models_here() -> anyhow::Result<FoundModels> {
    let around = Surroundings::of_this_system(super::super::default_home());
    let named = NamedFolders::read(around.own.as_deref());
    let mut remembered = Remembered::open(around.own.as_deref());
    let places = places(&around, named.list());
    let found = search(&places, &HeaderInspector, &mut remembered, &Cancel::default(), &mut |_| {})?;
    keep(&mut remembered);
    Ok(found)
}

/// Keeps what was learned; what is not kept is found out again next time.
pub(super) fn keep(remembered: &mut Remembered) {
    if let Err(error) = remembered.save() {
        tracing::warn!("what was learned of models was not kept: {error}");
    }
}
