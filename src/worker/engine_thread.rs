//! The thread that owns the diffusion engine.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::file_thread::Task;
use super::{Command, Ending, Event, Reporter};
use crate::diffusion::{Cancel, DeviceChoice, Engine, Error, Event as Progress, Job, ModelChoice, Settings};
use crate::picture::{Fit, Recipe, fit};
use crate::rounds::RoundId;

pub(super) fn run(mut engine: Engine, commands: &Receiver<Command>, files: &Sender<Task>, reporter: &Reporter) {
    // Asking cards takes a moment, so it is done here.
    reporter.send(Event::Devices(DeviceChoice::available()));
    let mut loaded = None;
    for command in commands {
        match command {
            Command::Load(model) => {
                load(&mut engine, &model, &mut loaded, reporter);
            }
            Command::Generate { round, model, job, cancel, folder } => {
                let how = if load(&mut engine, &model, &mut loaded, reporter) {
                    generate(&mut engine, round, &model, *job, &cancel, &folder, files, reporter)
                } else {
                    // The reason was already reported with the model.
                    Ending::Cancelled
                };
                reporter.send(Event::Ended { round, how });
            }
            _ => tracing::error!("a file command reached the engine thread"),
        }
    }
}

/// Loads a model unless it is the one already loaded; whether it is there now.
fn load(engine: &mut Engine, model: &ModelChoice, loaded: &mut Option<ModelChoice>, reporter: &Reporter) -> bool {
    if loaded.as_ref() == Some(model) {
        return true;
    }
    reporter.send(Event::Loading(model.name()));
    match guarded(|| engine.model(model)) {
        Ok(ready) => {
            *loaded = Some(model.clone());
            reporter.send(Event::Loaded {
                model: model.clone(),
                recommended: ready.recommended(),
                counter: ready.counter(),
            });
            true
        }
        Err(error) => {
            reporter.send(Event::LoadFailed { model: model.clone(), reason: error.to_string() });
            false
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one command and the thread's own ends")]
fn generate(
    engine: &mut Engine,
    round: RoundId,
    model: &ModelChoice,
    mut job: Job,
    cancel: &Cancel,
    folder: &Path,
    files: &Sender<Task>,
    reporter: &Reporter,
) -> Ending {
    let (width, height) = (job.settings.width as u32, job.settings.height as u32);
    job.init = job.init.map(|picture| fit(&picture, width, height, Fit::Fill, [255; 3]));
    let from_picture = job.init.is_some() && job.settings.strength < 1.0;
    let mut on_event = |progress| match progress {
        Progress::Notice(text) => reporter.send(Event::Notice(text)),
        Progress::Stage(stage) => reporter.send(Event::Stage(round, stage)),
        Progress::Step { image, step, steps, preview } => {
            reporter.send(Event::Step { round, image, step, steps, preview: Arc::new(preview) });
        }
        Progress::Made(made) => {
            let settings = Settings { variation_seed: made.variation_seed as i64, ..job.settings.clone() };
            let recipe = Arc::new(Recipe { settings, seed: made.seed, model: model.name(), from_picture });
            let picture = Arc::new(made.picture);
            reporter.send(Event::Made {
                round,
                image: made.image,
                picture: Arc::clone(&picture),
                recipe: Arc::clone(&recipe),
            });
            let task = Task::Keep { round, image: made.image, picture, recipe, folder: folder.to_path_buf() };
            if files.send(task).is_err() {
                tracing::error!("the file thread has stopped");
            }
        }
    };
    match guarded(|| engine.run(model, &job, cancel, &mut on_event)) {
        Ok(()) => Ending::Complete,
        Err(Error::Cancelled) => Ending::Cancelled,
        Err(error) => Ending::Failed(error.to_string()),
    }
}

/// A bug in a library must not leave the window waiting for ever: a panic becomes an error.
fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    std::panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::Unsupported("the arithmetic library gave up on it".into())))
}
