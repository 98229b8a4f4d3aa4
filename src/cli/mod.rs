//! The program without a window: the same engine behind a command line.

mod args;
mod generate;
mod progress;

pub use args::{Args, Command, GenerateArgs};
pub use generate::generate;

use anyhow::Context;

/// Limits all arithmetic to so many threads; call once, before anything runs.
///
/// # Errors
/// When the threads cannot be started, or already run.
pub fn use_threads(threads: Option<usize>) -> anyhow::Result<()> {
    if let Some(threads) = threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .with_context(|| format!("{threads} threads could not be started"))?;
    }
    Ok(())
}

/// Where the window keeps results unless told otherwise: `underpaint` in the pictures folder.
pub fn default_folder() -> std::path::PathBuf {
    dirs::picture_dir().or_else(dirs::home_dir).unwrap_or_default().join("underpaint")
}
