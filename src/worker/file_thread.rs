//! The thread that reads and writes files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use image::RgbImage;

use super::{Command, Event, Extras, Reporter};
use crate::diffusion::WORD_ENDINGS;
use crate::picture::{
    OpenError, Parameters, Recipe, SaveError, encode_png, fit, open, read_parameters, save_numbered, write_atomically,
};
use crate::rounds::RoundId;

/// What this thread does: commands of the window, keeping what the engine made, and telling when it has come so far.
pub(super) enum Task {
    Command(Command),
    Keep { round: RoundId, image: usize, picture: Arc<RgbImage>, recipe: Arc<Recipe>, folder: PathBuf },
    Tell(Sender<()>),
}

pub(super) fn run(tasks: &Receiver<Task>, reporter: &Reporter) {
    for task in tasks {
        let event = match task {
            Task::Keep { round, image, picture, recipe, folder } => {
                Some(kept(round, image, &picture, &recipe, &folder))
            }
            Task::Command(command) => serve(command),
            Task::Tell(done) => {
                // Whoever asked may have lost patience.
                let _ = done.send(());
                None
            }
        };
        if let Some(event) = event {
            reporter.send(event);
        }
    }
}

fn kept(round: RoundId, image: usize, picture: &RgbImage, recipe: &Recipe, folder: &Path) -> Event {
    match keep(picture, recipe, folder) {
        Ok(path) => Event::Kept { round, image, path },
        Err(error) => Event::NotKept { round, image, reason: error.to_string() },
    }
}

fn keep(picture: &RgbImage, recipe: &Recipe, folder: &Path) -> Result<PathBuf, SaveError> {
    let bytes = encode_png(picture, Some(&recipe.infotext()))?;
    save_numbered(folder, recipe.seed, &bytes)
}

fn keep_drawing(picture: &RgbImage, path: &Path) -> Result<(), SaveError> {
    let bytes = encode_png(picture, None)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| SaveError::File { path: folder.to_path_buf(), source })?;
    }
    write_atomically(path, &bytes)
}

fn serve(command: Command) -> Option<Event> {
    match command {
        Command::Open(path) => Some(match opened(&path) {
            Ok((name, picture, parameters)) => Event::Opened { name, picture: Arc::new(picture), parameters },
            Err(error) => Event::Failed(error.to_string()),
        }),
        Command::Fit { original, fit: how, size, paper } => {
            let picture = fit(&original, size.0, size.1, how, paper);
            Some(Event::Fitted { original, picture })
        }
        Command::SaveResult { round, image, picture, recipe, folder } => {
            Some(kept(round, image, &picture, &recipe, &folder))
        }
        Command::SaveAs { picture, infotext, path } => {
            let saved = encode_png(&picture, infotext.as_deref()).and_then(|bytes| write_atomically(&path, &bytes));
            Some(match saved {
                Ok(()) => Event::Saved(path),
                Err(error) => Event::Failed(error.to_string()),
            })
        }
        Command::Keep { picture, path } => keep_drawing(&picture, &path).err().map(|e| Event::Failed(e.to_string())),
        // A first start finds none.
        Command::Restore(path) if !path.exists() => None,
        Command::Restore(path) => Some(match open(&path) {
            Ok(picture) => Event::Restored(picture),
            Err(error) => Event::Failed(error.to_string()),
        }),
        Command::ShowFolder(folder) => {
            let shown = std::fs::create_dir_all(&folder)
                .map_err(|e| e.to_string())
                .and_then(|()| opener::open(&folder).map_err(|e| e.to_string()));
            shown
                .err()
                .map(|reason| Event::Failed(format!("The folder {} could not be shown: {reason}.", folder.display())))
        }
        Command::ListExtras { loras, embeddings } => Some(Event::Extras(Extras {
            loras: names_in(&loras, &["safetensors"]),
            words: names_in(&embeddings, &WORD_ENDINGS),
            lora_folder: loras,
            word_folder: embeddings,
        })),
        Command::Load(_) | Command::Generate { .. } => {
            tracing::error!("an engine command reached the file thread");
            None
        }
    }
}

/// The files of these kinds in a folder, without their endings, in order; none where there is no folder.
fn names_in(folder: &Path, endings: &[&str]) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let ending = path.extension()?.to_str()?.to_ascii_lowercase();
            let named = endings.contains(&ending.as_str()) && path.is_file();
            named.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))?
        })
        .collect();
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup();
    names
}

/// A picture's name, its pixels, and what made it if it says so.
fn opened(path: &Path) -> Result<(String, RgbImage, Option<Parameters>), OpenError> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let parameters = read_parameters(path).map(|text| Parameters::read(&text));
    Ok((name, open(path)?, parameters))
}
