//! `underpaint models fetch`: fetches what places name and prints where it is.

use std::path::PathBuf;

use super::super::default_model_folder;
use super::fetch_progress::FetchProgress;
use crate::hub::{Control, Environment, Hub, HubError, Place};

/// What `underpaint models fetch` fetches.
#[derive(clap::Args, Debug)]
pub struct FetchArgs {
    /// What to fetch: owner/name of a repository on the Hugging Face hub, owner/name@revision,
    /// owner/name:path/of/a.file, a link, or a name from the catalogue, as in underpaint models list. Of a repository
    /// only what makes a model is fetched
    #[arg(required = true, value_name = "PLACE", value_parser = super::named::place_of_catalogue)]
    pub places: Vec<String>,
    /// Fetch only this file of the repository; may be repeated
    #[arg(long = "file", value_name = "PATH")]
    pub files: Vec<String>,
    /// Folder for files from links that do not lead to the hub [default: underpaint/models in your data folder]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Fetch nothing: print where it is if it is on this machine
    #[arg(long)]
    pub offline: bool,
    /// Print one JSON object a line: progress, then done or failed
    #[arg(long)]
    pub json: bool,
}

/// Fetches each place; returns whether all are here now. After Ctrl+C the rest is left.
///
/// # Errors
/// Where the environment makes no sense, or `--file` meets something that is no repository.
pub(super) fn fetch(args: &FetchArgs) -> anyhow::Result<bool> {
    let hub = Hub::new(Environment::of_this_process()?)?;
    if args.offline {
        hub.set_offline(true);
    }
    let mut places = Vec::new();
    for text in &args.places {
        for place in with_files(Place::from_text(text, &hub.environment().endpoint)?, &args.files)? {
            // Two ways to say one place.
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let folder = args.to.clone().unwrap_or_else(default_model_folder);
    let control = cancelled_by_interrupt();
    let mut all = true;
    for place in &places {
        let mut progress = FetchProgress::new(place, args.json);
        let result = hub.fetch_place(place, &folder, &control, &mut |event| progress.show(event));
        all &= result.is_ok();
        let is_cancelled = result == Err(HubError::Cancelled);
        progress.finish(result);
        if is_cancelled {
            break;
        }
    }
    Ok(all)
}

/// The place, or the files of it that are asked for.
fn with_files(place: Place, files: &[String]) -> Result<Vec<Place>, HubError> {
    match place {
        place if files.is_empty() => Ok(vec![place]),
        Place::Repository(repository) => {
            let of = |file: &String| Place::file(repository.clone(), file);
            files.iter().map(of).collect()
        }
        place => Err(HubError::Place(format!("--file needs a repository, and {place} is a file already."))),
    }
}

/// Flags that Ctrl+C sets; what was fetched is kept. A second one ends the program.
fn cancelled_by_interrupt() -> Control {
    let control = Control::default();
    let flags = control.clone();
    let handler = move || {
        if flags.is_cancelled() {
            std::process::exit(1);
        }
        flags.cancel();
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!(%error, "Ctrl+C ends the program at once");
    }
    control
}
