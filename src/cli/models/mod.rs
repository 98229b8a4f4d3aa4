//! `underpaint models`: the models on this machine and on the hub.

mod fetch;

use clap::Subcommand;

use fetch::FetchArgs;

/// What `underpaint models` does.
#[derive(Subcommand, Debug)]
pub enum ModelsCommand {
    /// Say where a model from the hub lies on this machine
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
