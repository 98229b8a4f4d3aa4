//! `underpaint models fetch`: the models that places name, for now those that are in the hub's cache already.

use super::super::{print_error_line, print_line};
use crate::hub::cache::Cache;
use crate::hub::{Environment, HubError, Place};

/// What `underpaint models fetch` looks for.
#[derive(clap::Args, Debug)]
pub struct FetchArgs {
    /// Models of the Hugging Face hub: owner/name, owner/name@revision, owner/name:path/of/a.file, or a link; or names
    /// from the catalogue, as in underpaint models list
    #[arg(required = true, value_name = "PLACE", value_parser = super::named::place_of_catalogue)]
    pub places: Vec<String>,
}

/// Prints the path of every place that is in the cache; returns whether all are.
///
/// # Errors
/// Where the environment does not say where the cache is.
pub(super) fn fetch(args: &FetchArgs) -> anyhow::Result<bool> {
    let environment = Environment::of_this_process()?;
    let cache = Cache::new(environment.cache);
    let mut all = true;
    for text in &args.places {
        let path = Place::from_text(text, &environment.endpoint).and_then(|place| {
            let found = match &place {
                Place::Repository(repository) => cache.snapshot(repository),
                Place::File { repository, file } => cache.path_of(repository, file),
                Place::Link(_) => None,
            };
            found.ok_or_else(|| HubError::Offline { what: place.to_string() })
        });
        match path {
            Ok(path) => print_line(&path.display().to_string()),
            Err(error) => {
                print_error_line(&format!("underpaint: {error}"));
                all = false;
            }
        }
    }
    Ok(all)
}
