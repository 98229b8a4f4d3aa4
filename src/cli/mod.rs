//! The program without a window: the same engine behind a command line.

mod args;
mod bench;
mod check;
mod control_args;
mod describe;
mod document_report;
mod document_round;
mod estimate;
mod export;
mod export_summary;
mod extended_start;
mod flatten;
mod generate;
mod generate_args;
mod inpaint_args;
mod inspect;
mod licenses;
mod mask_file;
mod models;
mod open_raster_report;
mod option_values;
mod options;
mod output_args;
mod picture_round;
mod preset_option;
mod progress;
mod region_args;
mod remote_args;
mod reproduce;
mod rounds;
mod sampler_args;
mod select;
mod serve;
mod sheet_file;
mod styles;
mod upscale;
mod upscale_args;
mod variation;

pub use args::{Args, Command};
pub use bench::{BenchArgs, bench};
pub use check::{CheckArgs, check};
pub use control_args::ControlArg;
pub use describe::{DescribeArgs, describe};
pub use export::{ExportArgs, export};
pub use export_summary::SummaryArgs;
pub use flatten::{FlattenArgs, flatten};
pub use generate::generate;
pub use generate_args::GenerateArgs;
pub use inpaint_args::InpaintArgs;
pub use inspect::{InspectArgs, inspect};
pub use licenses::licenses;
pub use models::{ModelsCommand, depth_model, find_model, models, with_named_models};
pub use options::{EngineOptions, FolderOptions};
pub use output_args::OutputArgs;
pub use region_args::RegionArg;
pub use remote_args::{EngineName, RemoteArgs, model_on_servers, remote_engine, servers_of};
pub use reproduce::{ReproduceArgs, reproduce};
pub use rounds::{RoundsArgs, rounds};
pub use select::{SelectArgs, select};
pub use serve::{ServeArgs, serve};
pub use styles::{StylesArgs, styles};
pub use upscale::upscale;
pub use upscale_args::UpscaleArgs;

use rounds::counted;
use std::io::{ErrorKind, Write};
use std::sync::OnceLock;

use crate::picture::plain_reason;

/// Why standard output could not be written, of the first line that could not.
static OUTPUT_ERROR: OnceLock<String> = OnceLock::new();

/// Sets how many threads compute; call it once, before anything runs. Without a number all cores are
/// used.
///
/// # Errors
/// When the threads cannot be started, or already run.
pub fn use_threads(threads: Option<usize>) -> anyhow::Result<()> {
    if let Some(threads) = threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|error| anyhow::anyhow!("{threads} threads could not be started: {error}."))?;
    }
    Ok(())
}

/// The default folder for the window's results: `underpaint` in the pictures folder.
pub fn default_folder() -> std::path::PathBuf {
    dirs::picture_dir().or_else(dirs::home_dir).unwrap_or_default().join("underpaint")
}

/// The default folder of LoRAs: `underpaint/loras` in the user's data folder.
pub fn default_lora_folder() -> std::path::PathBuf {
    dirs::data_dir().or_else(dirs::home_dir).unwrap_or_default().join("underpaint").join("loras")
}

/// The default folder of textual inversions: `underpaint/embeddings` in the user's data folder.
pub fn default_embedding_folder() -> std::path::PathBuf {
    dirs::data_dir().or_else(dirs::home_dir).unwrap_or_default().join("underpaint").join("embeddings")
}

/// The default folder of model files from links: `underpaint/models` in the user's data folder.
pub fn default_model_folder() -> std::path::PathBuf {
    dirs::data_dir().or_else(dirs::home_dir).unwrap_or_default().join("underpaint").join("models")
}

/// The folder of documents without a name; `None` where the system names no data folder.
pub fn default_home() -> Option<std::path::PathBuf> {
    Some(dirs::data_dir()?.join("underpaint"))
}

/// Prints a line on standard output. Where it cannot be written the work goes on, and [`output_error`] tells of it.
fn print_line(text: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{text}") {
        // A closed pipe is how `head` says that it has enough.
        if error.kind() != ErrorKind::BrokenPipe {
            OUTPUT_ERROR.get_or_init(|| plain_reason(&error));
        }
    }
}

/// Why something that was printed did not reach standard output, as one sentence; `None` if all did, or its reader wanted
/// no more. Ask when the work is done.
pub fn output_error() -> Option<String> {
    if let Err(error) = std::io::stdout().flush()
        && error.kind() != ErrorKind::BrokenPipe
    {
        OUTPUT_ERROR.get_or_init(|| plain_reason(&error));
    }
    OUTPUT_ERROR.get().map(|reason| format!("Standard output could not be written: {reason}."))
}

/// Prints a line on standard error; unlike `eprintln!` it does not panic where that is closed. What the
/// text quotes from a file cannot command the terminal.
pub fn print_error_line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", harmless(text));
}

/// Text for one line that quotes strangers: [`harmless`], and without line ends.
fn harmless_line(text: &str) -> String {
    harmless(text).replace('\n', "\u{fffd}")
}

/// Text that quotes strangers, without the characters that command a terminal or turn the direction of
/// writing.
fn harmless(text: &str) -> String {
    let commands = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    let isolates = |c: char| ('\u{2066}'..='\u{2069}').contains(&c);
    text.chars().map(|c| if commands(c) || isolates(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
