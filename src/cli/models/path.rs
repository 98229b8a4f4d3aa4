//! `underpaint models path`: where a model is.

use std::io::IsTerminal;

use super::super::{harmless_line, print_line};
use super::here::models_here;
use crate::models::{FoundKind, named_model};

/// Which model `underpaint models path` looks for.
#[derive(clap::Args, Debug)]
pub struct PathArgs {
    /// A name from underpaint models list, owner/name of the hub, or a hash
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Prints the path of a model, LoRA, autoencoder or ControlNet.
///
/// # Errors
/// If it is not here, with the command that fetches it.
pub(super) fn path(args: &PathArgs) -> anyhow::Result<bool> {
    let found = models_here()?;
    let path = named_model(&args.name, &found.list, &FoundKind::ALL)?.path.display().to_string();
    // A script gets the path as it is.
    let is_terminal = std::io::stdout().is_terminal();
    print_line(&if is_terminal { harmless_line(&path) } else { path });
    Ok(true)
}
