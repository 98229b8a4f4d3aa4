//! The program without a window: the same engine behind a command line.

mod args;
mod bench;
mod generate;
mod licenses;
mod progress;

pub use args::{Args, BenchArgs, Command, GenerateArgs};
pub use bench::bench;
pub use generate::generate;
pub use licenses::licenses;

use std::io::Write;

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

/// Where the LoRAs that prompts name are looked for unless told otherwise.
pub fn default_lora_folder() -> std::path::PathBuf {
    dirs::data_dir().or_else(dirs::home_dir).unwrap_or_default().join("underpaint").join("loras")
}

/// Where textual inversions are looked for unless told otherwise.
pub fn default_embedding_folder() -> std::path::PathBuf {
    dirs::data_dir().or_else(dirs::home_dir).unwrap_or_default().join("underpaint").join("embeddings")
}

/// Where the window keeps the drawing from start to start.
pub fn default_drawing() -> Option<std::path::PathBuf> {
    Some(dirs::data_dir()?.join("underpaint").join("drawing.png"))
}

/// A closed pipe is no reason to stop making pictures.
fn print_line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
