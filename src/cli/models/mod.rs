//! `underpaint models`: the models on this machine and on the hub.

mod fetch;
mod fetch_progress;

use clap::Subcommand;

use fetch::FetchArgs;

/// What `underpaint models` does.
#[derive(Subcommand, Debug)]
pub enum ModelsCommand {
    /// Fetch models from the Hugging Face hub into its cache, or files from links, and print where they are
    Fetch(FetchArgs),
}

/// Runs one of the commands about models and returns whether all went well.
///
/// # Errors
/// One sentence, where the command could not do anything.
pub fn models(command: &ModelsCommand) -> anyhow::Result<bool> {
    match command {
        ModelsCommand::Fetch(args) => fetch::fetch(args),
    }
}
