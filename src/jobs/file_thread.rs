//! The thread that reads and writes files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::Receiver;
use image::RgbImage;

use super::documents::Documents;
use super::sheets::save_sheet;
use super::supervise::supervised;
use super::{Extras, FileReport, FileTask, Report, Reporter, WorkerThread};
use crate::engine::Recipe;
use crate::models::{EMBEDDING_ENDINGS, LORA_ENDINGS, names_in_folder};
use crate::picture::{
    OpenError, Parameters, SaveError, difference, encode_png, fit, open, read_parameters, save_as, save_numbered,
};

pub(super) fn run(tasks: &Receiver<FileTask>, reporter: &Reporter) {
    let mut documents = Documents::default();
    run_with(tasks, reporter, |task| perform(&mut documents, task, reporter));
}

/// Tests choose what performs the tasks.
pub(super) fn run_with(
    tasks: &Receiver<FileTask>,
    reporter: &Reporter,
    mut perform: impl FnMut(FileTask) -> Option<FileReport>,
) {
    for task in tasks {
        let failed = if_it_crashes(&task);
        match supervised(|| perform(task)) {
            Ok(Some(report)) => reporter.send(report),
            Ok(None) => {}
            Err(reason) => {
                tracing::error!("a file task crashed: {reason}");
                if let Some(report) = failed {
                    reporter.send(report);
                }
                reporter.send(Report::Restarted { thread: WorkerThread::Files, reason });
            }
        }
    }
}

/// What to report of a task that crashed, where the window waits for its outcome.
fn if_it_crashes(task: &FileTask) -> Option<FileReport> {
    match task {
        FileTask::KeepResult { job, image, folder, .. } => Some(FileReport::ResultNotKept {
            job: *job,
            image: *image,
            folder: folder.clone(),
            reason: "The program failed while it wrote a result.".into(),
        }),
        FileTask::DecodeResult(document, id, _) => Some(FileReport::ResultNotDecoded {
            document: *document,
            id: *id,
            reason: "The program failed while it read the result again.".into(),
        }),
        FileTask::ReadStart(document, _) => Some(FileReport::StartNotRead {
            document: *document,
            reason: "The program failed while it read the start image.".into(),
        }),
        FileTask::Commit(document, _) => Some(FileReport::NotCommitted {
            document: *document,
            reason: "The program failed while it wrote the document.".into(),
        }),
        _ => None,
    }
}

fn perform(documents: &mut Documents, task: FileTask, reporter: &Reporter) -> Option<FileReport> {
    match task {
        FileTask::Open(path) => Some(match opened(&path) {
            Ok((name, picture, parameters)) => FileReport::Opened { name, picture: Arc::new(picture), parameters },
            Err(error) => FileReport::Failed(error.to_string()),
        }),
        FileTask::Fit { original, fit: how, size, paper } => {
            let picture = fit(&original, size.0, size.1, how, paper);
            Some(FileReport::Fitted { original, picture })
        }
        FileTask::Compare { a, b } => {
            let difference = Box::new(difference(&a, &b));
            Some(FileReport::Compared { a, b, difference })
        }
        FileTask::SaveAs { picture, infotext, path } => Some(match save_as(&path, &picture, infotext.as_deref()) {
            Ok(path) => FileReport::Saved(path),
            Err(error) => FileReport::Failed(error.to_string()),
        }),
        FileTask::SaveSheet { document, sheet, pictures, path } => {
            Some(match save_sheet(documents.store(document), sheet, &pictures, &path) {
                Ok(path) => FileReport::Saved(path),
                Err(reason) => FileReport::Failed(reason),
            })
        }
        FileTask::KeepResult { job, image, picture, recipe, folder } => {
            Some(match keep_result(&picture, &recipe, &folder) {
                Ok((path, png)) => FileReport::ResultKept { job, image, path, png },
                Err(error) => FileReport::ResultNotKept { job, image, folder, reason: error.to_string() },
            })
        }
        FileTask::OpenHome { id, folder, asked } => Some(documents.open_home(id, folder, asked, reporter)),
        FileTask::OpenDocument(id, path) => Some(documents.open(id, &path, reporter)),
        FileTask::NewDocument(id) => Some(documents.new_untitled(id)),
        FileTask::Commit(id, changes) => Some(documents.commit(id, &changes, reporter)),
        FileTask::SaveDocument(id, name) => Some(documents.save(id, &name, reporter)),
        FileTask::CloseDocument(id) => {
            documents.close(id);
            None
        }
        FileTask::DecodeResult(document, id, image) => Some(match image.decode(documents.store(document)) {
            Ok(pixels) => FileReport::ResultDecoded(document, id, pixels),
            Err(error) => FileReport::ResultNotDecoded { document, id, reason: error.to_string() },
        }),
        FileTask::Score(document, id, task) => Some(FileReport::Scored(document, id, task.scores())),
        FileTask::DrawDrift(document, id, task) => Some(FileReport::DriftDrawn(document, id, Box::new(task.overlay()))),
        FileTask::ReadStart(document, round) => Some(documents.read_start(document, round)),
        FileTask::EncodeResult(document, id, pixels) => Some(match encode_png(&pixels, None) {
            Ok(png) => FileReport::ResultEncoded(document, id, png.into()),
            Err(error) => FileReport::Failed(error.to_string()),
        }),
        FileTask::ShowFolder(folder) => {
            let shown = std::fs::create_dir_all(&folder)
                .map_err(|e| e.to_string())
                .and_then(|()| open::that_detached(&folder).map_err(|e| e.to_string()));
            let sentence = |reason| format!("The folder {} could not be shown: {reason}.", folder.display());
            shown.err().map(|reason| FileReport::Failed(sentence(reason)))
        }
        FileTask::ListExtras { loras, embeddings } => Some(FileReport::Extras(Extras {
            loras: names_in_folder(&loras, &LORA_ENDINGS),
            embeddings: words_in(&embeddings),
            lora_folder: loras,
            embedding_folder: embeddings,
        })),
        FileTask::Flush(done) => {
            // Whoever asked may have lost patience.
            let _ = done.send(());
            None
        }
    }
}

/// The textual inversions in a folder and its subfolders. A path is no word, so of two files with one name
/// only the first can be said.
fn words_in(folder: &Path) -> Vec<String> {
    names_in_folder(folder, &EMBEDDING_ENDINGS).into_iter().filter(|name| !name.contains('/')).collect()
}

/// Writes a result; returns its file and what is in it.
fn keep_result(picture: &RgbImage, recipe: &Recipe, folder: &Path) -> Result<(PathBuf, Arc<[u8]>), SaveError> {
    let bytes = encode_png(picture, Some(&recipe.infotext()))?;
    let path = save_numbered(folder, recipe.seed, &bytes)?;
    Ok((path, bytes.into()))
}

/// A picture's file name, its pixels, and the settings that made it if it has them.
///
/// # Errors
/// As [`open`]; pipes and devices are refused, because one that never ends would hold up every later task.
fn opened(path: &Path) -> Result<(String, RgbImage, Option<Parameters>), OpenError> {
    if path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        let reason = "it is a pipe or a device and not a file".to_owned();
        return Err(OpenError::File { path: path.to_path_buf(), reason });
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let parameters = read_parameters(path).map(|text| Parameters::read(&text));
    Ok((name, open(path)?, parameters))
}
