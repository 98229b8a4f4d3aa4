//! `underpaint models`: the models on this machine and on the hub.

mod fetch;
mod fetch_progress;
mod here;
mod list;
mod loras;
mod named;
mod named_engine;
mod path;
mod remove;
mod search_here;
mod verify;

use clap::Subcommand;

use fetch::FetchArgs;
pub(super) use here::models_here;
use list::ListArgs;
pub(super) use loras::{preset_files_here, runtime_with_loras};
pub(super) use named::{caption_model, find_model_of_picture, named_control, named_upscaler, selection_model};
pub use named::{depth_model, find_model};
pub use named_engine::with_named_models;
use path::PathArgs;
use remove::RemoveArgs;
use search_here::SearchHereArgs;
use verify::VerifyArgs;

/// What `underpaint models` does.
#[derive(Subcommand, Debug)]
pub enum ModelsCommand {
    /// Fetch models from the Hugging Face hub into its cache, or files from links, and print where they are
    Fetch(FetchArgs),
    /// List the models on this machine, and the catalogue of those that are worth fetching
    List(ListArgs),
    /// Search these folders for models from now on
    SearchHere(SearchHereArgs),
    /// Read whole files and compare their hashes with the catalogue's: exit status 0 if none differs, else 1
    Verify(VerifyArgs),
    /// Print where a model is
    Path(PathArgs),
    /// Delete a model from the hub's cache or the program's own folder
    Remove(RemoveArgs),
}

/// Runs one of the commands about models and returns whether all went well.
///
/// # Errors
/// One sentence, where the command could not do anything.
pub fn models(command: &ModelsCommand) -> anyhow::Result<bool> {
    match command {
        ModelsCommand::Fetch(args) => fetch::fetch(args),
        ModelsCommand::List(args) => list::list(args),
        ModelsCommand::SearchHere(args) => search_here::search_here(args),
        ModelsCommand::Verify(args) => verify::verify(args),
        ModelsCommand::Path(args) => path::path(args),
        ModelsCommand::Remove(args) => remove::remove(args),
    }
}
