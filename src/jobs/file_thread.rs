//! The thread that reads and writes files.

use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::Receiver;
use image::{DynamicImage, RgbImage};

use super::documents::Documents;
use super::layer_files;
use super::sheets::save_sheet;
use super::supervise::supervised;
use super::{
    Extras, FileReport, FileTask, LayerPicture, LayerPixels, Report, Reporter, ResultSaving, ResultStart, RunAgainJob,
    WorkerThread,
};
use super::{palettes, summary};
use crate::document::{ResultId, ResultImage, TimeLapseError, read_thumbnail};
use crate::models::{EMBEDDING_ENDINGS, LORA_ENDINGS, names_in_folder, preset_files};
use crate::paint::Surface;
use crate::picture::{
    Attached, Carried, FileKind, NameWords, OpenError, Parameters, WrittenResult, difference, encode_png, fit,
    fit_layer, open, read_parameters, read_region_masks, read_start_image, save_as, write_atomically,
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
        FileTask::FetchStart(_, _, again) => {
            Some(FileReport::StartNotFetched(again.job, "The program failed while it read the start image.".into()))
        }
        FileTask::ReadStart(document, round) => Some(FileReport::StartNotRead {
            document: *document,
            round: *round,
            reason: "The program failed while it read the start image.".into(),
        }),
        FileTask::ReadThumbnails(document, list) => {
            Some(FileReport::Thumbnails(*document, list.iter().map(|(id, _)| (*id, None)).collect()))
        }
        FileTask::DrawHint(task) => {
            Some(FileReport::HintDrawn(task.number, Err("The program failed while it drew the lines.".into())))
        }
        FileTask::Commit(document, _) => Some(FileReport::NotCommitted {
            document: *document,
            reason: "The program failed while it wrote the document.".into(),
        }),
        _ => None,
    }
}

fn perform(documents: &mut Documents, task: FileTask, reporter: &Reporter) -> Option<FileReport> {
    match task {
        FileTask::Open(path) => Some(layer_files::opened(&path).unwrap_or_else(|| match opened(&path) {
            Ok((name, picture, parameters)) => {
                let start = read_start_image(&path).map(Arc::new);
                FileReport::Opened { path, name, picture: Arc::new(picture), parameters, start }
            }
            Err(error) => FileReport::Failed(error.to_string()),
        })),
        FileTask::Fit { original, fit: how, size, paper } => {
            let picture = fit(&original, size.0, size.1, how, paper);
            Some(FileReport::Fitted { original, picture })
        }
        FileTask::Reshape(reshaping) => Some(FileReport::Reshaped(Box::new(reshaping.run()))),
        FileTask::FitLayer { picture, pixels, size } => {
            let pixels = match pixels {
                LayerPixels::Memory(pixels) => pixels,
                LayerPixels::Opaque(pixels) => Arc::new(DynamicImage::ImageRgb8(RgbImage::clone(&pixels)).into_rgba8()),
                LayerPixels::File(path) => match layer_files::pixels(&path) {
                    Ok(pixels) => Arc::new(pixels),
                    Err(reason) => return Some(FileReport::Failed(reason)),
                },
            };
            let enlarges = matches!(picture, LayerPicture::Result(_));
            let fitted = fit_layer(&pixels, size.0, size.1, enlarges);
            Some(match Surface::from_rgba(fitted.width() as usize, fitted.height() as usize, fitted.as_raw()) {
                Ok(surface) => FileReport::LayerFitted(picture, surface),
                Err(error) => FileReport::Failed(error.to_string()),
            })
        }
        FileTask::FitClone(picture) => {
            let pixels = picture.pixels().map_err(|error| error.to_string());
            Some(FileReport::CloneFitted(picture.id, pixels))
        }
        FileTask::Compare { a, b } => {
            let difference = Box::new(difference(&a, &b));
            Some(FileReport::Compared { a, b, difference })
        }
        FileTask::SaveAs { picture, infotext, start, regions, jpeg_quality, path } => {
            let start = documents.start_image(&start, picture.dimensions());
            let attached = Attached { settings: infotext.as_deref(), start: start.as_deref(), regions: &regions };
            Some(match save_as(&path, &picture, jpeg_quality, attached) {
                Ok(path) => FileReport::Saved(path),
                Err(error) => FileReport::Failed(error.to_string()),
            })
        }
        FileTask::SaveCanvas { canvas, jpeg_quality, path } => {
            Some(match save_as(&path, &canvas.picture(), jpeg_quality, Attached::default()) {
                Ok(path) => FileReport::Saved(path),
                Err(error) => FileReport::Failed(error.to_string()),
            })
        }
        FileTask::SaveLayers(picture, path) => Some(layer_files::saved(&picture, &path)),
        FileTask::SaveSheet { document, sheet, pictures, jpeg_quality, path } => {
            Some(match save_sheet(documents.store(document), sheet, &pictures, jpeg_quality, &path) {
                Ok(path) => FileReport::Saved(path),
                Err(reason) => FileReport::Failed(reason),
            })
        }
        FileTask::KeepResult { job, image, picture, recipe, folder, saving, start, regions } => {
            let ResultSaving { options, round, document } = saving;
            // The document first: a folder that has more than its document would be hard to explain after a crash.
            if let Some(document) = document {
                documents.commit_result(document, ResultId { round, image }, &picture, &recipe);
            }
            let start = documents.start_image(&start, picture.dimensions());
            let words = NameWords::new(&recipe, round, image, NameWords::now());
            let carried = Carried { start: start.as_deref(), regions: &regions };
            Some(match options.write(&folder, &picture, &recipe, carried, &words) {
                Ok(WrittenResult { path, bytes }) => {
                    // The bytes stand in for the pixels later.
                    let png = (options.encoding.kind == FileKind::Png).then(|| bytes.into());
                    FileReport::ResultKept { job, image, path, png }
                }
                Err(error) => FileReport::ResultNotKept { job, image, folder, reason: error.to_string() },
            })
        }
        FileTask::KeepOutput(options) => {
            let home = documents.home_folder()?;
            options.keep(home).err().map(|error| FileReport::Failed(error.to_string()))
        }
        FileTask::KeepChoices { file, json } => {
            let home = documents.home_folder()?;
            let written = write_atomically(&home.join(file), json.as_bytes());
            written.err().map(|error| FileReport::Failed(error.to_string()))
        }
        FileTask::KeepDownloads(downloads, file) => {
            file.keep(&downloads).err().map(|error| FileReport::Failed(error.to_string()))
        }
        FileTask::KeepServers(servers) => {
            let home = documents.home_folder()?;
            servers.write(home).err().map(FileReport::Failed)
        }
        FileTask::KeepStyles(styles) => {
            let home = documents.home_folder()?;
            styles.keep(home).err().map(|error| FileReport::Failed(error.to_string()))
        }
        FileTask::ImportStyles(mut styles, path) => {
            let imported = styles.import(&path).and_then(|count| {
                documents.home_folder().map_or(Ok(()), |home| styles.keep(home))?;
                Ok(count)
            });
            Some(match imported {
                Ok(count) => FileReport::StylesImported(styles, count),
                Err(error) => FileReport::Failed(error.to_string()),
            })
        }
        FileTask::KeepPrompts(prompts) => {
            let home = documents.home_folder()?;
            prompts.keep(home).err().map(|error| FileReport::Failed(error.to_string()))
        }
        FileTask::Palettes(task) => palettes::perform(task, documents.home_folder()),
        FileTask::OpenHome { id, folder, asked } => Some(documents.open_home(id, folder, asked, reporter)),
        FileTask::OpenDocument(id, path) => Some(documents.open(id, &path, reporter)),
        FileTask::NewDocument(id) => Some(documents.new_untitled(id)),
        FileTask::Commit(id, changes) => Some(documents.commit(id, &changes, reporter)),
        FileTask::SaveDocument(id, name) => Some(documents.save(id, &name, reporter)),
        FileTask::RenameDocument(id, path) => Some(documents.rename(id, &path, reporter)),
        FileTask::ReadThumbnails(id, list) => {
            let store = documents.store(id);
            let read = |(result, image): (ResultId, ResultImage)| {
                let thumbnail = read_thumbnail(result, &image, store);
                if let Err(error) = &thumbnail {
                    tracing::warn!("a thumbnail cannot be shown: {error}");
                }
                (result, thumbnail.ok())
            };
            Some(FileReport::Thumbnails(id, list.into_iter().map(read).collect()))
        }
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
        FileTask::DrawHint(task) => Some(FileReport::HintDrawn(task.number, task.draw())),
        FileTask::ContactSheet { document, title, results, path } => {
            Some(summary::write_sheet(&title, &results, documents.store(document), &path))
        }
        FileTask::TimeLapse { document, lapse, path } => match documents.store(document) {
            Some(store) => {
                summary::write_time_lapse(store.path(), lapse, &path, reporter);
                None
            }
            None => Some(FileReport::Failed(TimeLapseError::TooShort.to_string())),
        },
        FileTask::FetchStart(document, round, again) => {
            let stored = match again.recipe.settings.second_pass {
                Some(_) => ResultStart::Unscaled(document, round),
                None => ResultStart::Stored(document, round),
            };
            let start = documents.start_image(&stored, again.picture.dimensions());
            Some(match start {
                Some(start) => FileReport::StartFetched(Box::new(RunAgainJob { start: Some(start), ..*again })),
                None => {
                    let reason =
                        "The result cannot be made again, because its start image is not in the document's file.";
                    FileReport::StartNotFetched(again.job, reason.into())
                }
            })
        }
        FileTask::ReadStart(document, round) => Some(match documents.round_start(document, round) {
            Ok(start) => FileReport::StartRead(document, round, Box::new(start)),
            Err(reason) => FileReport::StartNotRead { document, round, reason },
        }),
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
            presets: preset_files(&loras),
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

/// Refuses pipes and devices.
pub(super) fn refuse_endless(path: &Path) -> Result<(), OpenError> {
    if path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        let reason = "it is a pipe or a device and not a file".to_owned();
        return Err(OpenError::File { path: path.to_path_buf(), reason });
    }
    Ok(())
}

/// A picture's file name, its pixels, and the settings that made it if it has them.
///
/// # Errors
/// As [`open`]; pipes and devices are refused, because one that never ends would hold up every later task.
fn opened(path: &Path) -> Result<(String, RgbImage, Option<Parameters>), OpenError> {
    refuse_endless(path)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let parameters =
        read_parameters(path).map(|text| Parameters::read(&text).with_region_masks(read_region_masks(path)));
    Ok((name, open(path)?, parameters))
}
