//! `underpaint check`: whether a document file is whole, and what can be saved of one that is not.

use std::path::PathBuf;

use super::print_line;
use super::rounds::counted;
use crate::document::store;

/// What `underpaint check` looks at.
#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    /// A document (.underpaint)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write what can still be read into this new document
    #[arg(long, value_name = "NEW")]
    pub salvage: Option<PathBuf>,
}

/// Prints what is wrong with a document file; with `--salvage` writes what can be read into a new one. Gives
/// whether all is well, or with `--salvage`, which has written a good file, true.
///
/// # Errors
/// If the file cannot be opened, or the new one cannot be written.
pub fn check(args: &CheckArgs) -> anyhow::Result<bool> {
    let file = args.file.display();
    match store::check(&args.file) {
        Ok(report) => {
            for problem in &report.problems {
                print_line(problem);
            }
            let holds = format!(
                "{file} holds {}, {} and {}",
                counted(report.rounds, "round"),
                counted(report.results, "result"),
                counted(report.pictures, "picture")
            );
            match report.problems.len() {
                0 => print_line(&format!("{holds}; nothing is wrong.")),
                count => print_line(&format!("{holds}; {} found.", counted(count, "problem"))),
            }
            if args.salvage.is_none() {
                return Ok(report.problems.is_empty());
            }
        }
        // What cannot be opened for a check may still be read in part.
        Err(error) if args.salvage.is_some() => print_line(&error.to_string()),
        Err(error) => return Err(error.into()),
    }
    if let Some(new) = &args.salvage {
        let saved = store::salvage(&args.file, new)?;
        for loss in &saved.losses {
            print_line(loss);
        }
        print_line(&format!(
            "{} holds {}, {} and {} of {} tiles of the canvas.",
            new.display(),
            counted(saved.rounds, "round"),
            counted(saved.results, "result"),
            saved.tiles,
            saved.all_tiles
        ));
    }
    Ok(true)
}
