//! `--model` with a name instead of a path.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::here::models_here;
use crate::cli::EngineOptions;
use crate::engine::{Error, ModelChoice};
use crate::models::{Catalogue, CatalogueEntry, FoundKind, first_usable, model_of_picture, named_model};

/// Replaces a model's name in the options with its path: that of an entry of the catalogue, `owner/name` of the hub, or
/// the name or hash of a file that `underpaint models list` shows. A path stays as it is.
///
/// # Errors
/// If a name is not here, with the command that fetches it.
pub fn find_model(engine: &mut EngineOptions) -> anyhow::Result<()> {
    let Some(given) = engine.model.as_deref() else { return Ok(()) };
    let Some(name) = given.to_str().filter(|name| !name.trim().eq_ignore_ascii_case("starter")) else { return Ok(()) };
    if given.exists() || !is_name(given) {
        return Ok(());
    }
    let found = models_here()?;
    engine.model = Some(named_model(name, &found.list, &[FoundKind::Model])?.path.clone());
    Ok(())
}

/// The file of a ControlNet by its name, as `--model` takes names.
///
/// # Errors
/// If it is not here, with the command that fetches it where that is known.
pub(in crate::cli) fn named_control(name: &str) -> anyhow::Result<PathBuf> {
    Ok(named_model(name, &models_here()?.list, &[FoundKind::ControlNet])?.path.clone())
}

/// The network that describes pictures: at a path, by its name, or the one that is on this machine.
///
/// # Errors
/// If it is not here, with the command that fetches it.
pub(in crate::cli) fn caption_model(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    match given {
        Some(path) if path.exists() || !is_name(path) => Ok(path.to_path_buf()),
        Some(name) => {
            Ok(named_model(&name.to_string_lossy(), &models_here()?.list, &[FoundKind::Captioner])?.path.clone())
        }
        None => Ok(first_usable(&models_here()?.list, FoundKind::Captioner)?.path.clone()),
    }
}

/// The network that estimates depth on this machine.
///
/// # Errors
/// If there is none, with the command that fetches it.
pub fn depth_model() -> Result<PathBuf, Error> {
    let found = models_here().map_err(|error| Error::File(error.to_string()))?;
    Ok(first_usable(&found.list, FoundKind::DepthEstimator)?.path.clone())
}

/// The file of an upscaler by its name.
///
/// # Errors
/// If it is not here.
pub(in crate::cli) fn named_upscaler(name: &str) -> anyhow::Result<PathBuf> {
    Ok(named_model(name, &models_here()?.list, &[FoundKind::Upscaler])?.path.clone())
}

/// The file of the network that selects objects: at a path, by its name, or the first usable one on this machine.
///
/// # Errors
/// If it is not here, with the command that fetches it.
pub(in crate::cli) fn selection_model(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    match given {
        Some(path) if path.exists() || !is_name(path) => Ok(path.to_path_buf()),
        Some(name) => {
            Ok(named_model(&name.to_string_lossy(), &models_here()?.list, &[FoundKind::Segmenter])?.path.clone())
        }
        None => {
            let found = models_here()?.list;
            let usable = found.into_iter().find(|model| model.kind == FoundKind::Segmenter && model.usable);
            usable.map(|model| model.path).ok_or_else(|| {
                anyhow!("No network that selects objects is on this machine. Fetch one with: underpaint models fetch mobile-sam")
            })
        }
    }
}

/// The model that made a picture, by the name and the `Model hash` in its settings; `None` if it is not here.
///
/// # Errors
/// If the folders cannot be searched.
pub(in crate::cli) fn find_model_of_picture(
    name: Option<&str>,
    hash: Option<&str>,
) -> anyhow::Result<Option<ModelChoice>> {
    let found = models_here()?;
    Ok(model_of_picture(name, hash, &found.list).map(|model| ModelChoice::Path(model.path.clone())))
}

/// The place on the hub that the name of an entry of the catalogue stands for; any other text stays as it is.
///
/// # Errors
/// Never.
pub(super) fn place_of_catalogue(text: &str) -> Result<String, Infallible> {
    Ok(Catalogue::built_in().entry(text).map_or_else(|| text.to_owned(), CatalogueEntry::place))
}

/// Whether a path that does not exist can be meant as a name: it begins like one, and has at most one slash.
pub(super) fn is_name(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let begins_like_a_path = text.starts_with(['.', '/', '\\', '~']) || text.contains(":\\") || text.contains(":/");
    !text.trim().is_empty()
        && !begins_like_a_path
        && text.split(':').next().unwrap_or_default().matches('/').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_path_is_none_of_the_names() {
        for (text, is) in [
            ("dreamshaper-8", true),
            ("Lykon/DreamShaper", true),
            ("a/b:c/d.safetensors", true),
            ("dream.safetensors", true),
            ("./dream", false),
            ("/models/dream", false),
            ("~/dream", false),
            ("C:\\dream", false),
            ("a/b/c", false),
            ("", false),
        ] {
            assert_eq!(is_name(Path::new(text)), is, "{text}");
        }
    }
}
