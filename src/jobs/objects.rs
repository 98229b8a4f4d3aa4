//! The thread that finds the object at a click. It keeps the network, and what that knows of the picture it saw last.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crossbeam_channel::Receiver;
use image::RgbImage;

use super::supervise::supervised;
use super::{JobId, Report, Reporter, WorkerThread};
use crate::document::CanvasPart;
use crate::engine::{Cancel, Error};
use crate::paint::{Selection, SelectionMode, Size};
use crate::vision::{Embedding, Segmenter};
pub use crate::vision::{ObjectPrompt, PromptBox, PromptPoint};

/// An object to be found.
#[derive(Debug)]
pub struct ObjectTask {
    /// Repeated in every report about it.
    pub job: JobId,
    /// The file of the network.
    pub model: PathBuf,
    /// The picture; its size is that of the selection.
    pub picture: CanvasPart,
    /// Which object.
    pub prompt: ObjectPrompt,
    /// The selection that the object meets.
    pub base: Option<Selection>,
    /// How it meets that.
    pub mode: SelectionMode,
    /// Stops it. What is known of the picture is kept for the next task.
    pub cancel: Cancel,
}

/// What came of an [`ObjectTask`]. One that was cancelled is not reported.
#[derive(Debug)]
pub enum ObjectReport {
    /// The network is loaded or looks at the picture first, which takes seconds.
    Looking(JobId),
    /// The object was found.
    Found {
        /// The job.
        job: JobId,
        /// The selection after it met the object; `None` if that leaves nothing.
        selection: Option<Selection>,
    },
    /// There is no object.
    NotFound(JobId),
    /// It failed, with one sentence why.
    Failed(JobId, String),
}

/// What is kept from one task to the next.
#[derive(Default)]
struct ObjectThread {
    network: Option<(PathBuf, Segmenter)>,
    /// The hash of a picture's pixels, and what the network knows of it.
    seen: Option<(u64, Embedding)>,
}

pub(super) fn run(tasks: &Receiver<ObjectTask>, reporter: &Reporter) {
    let mut thread = ObjectThread::default();
    for task in tasks {
        let job = task.job;
        let done = supervised(|| thread.find(&task, &mut || reporter.send(ObjectReport::Looking(job))));
        match done {
            Ok(Ok(report)) => reporter.send(report),
            Ok(Err(Error::Cancelled)) => {}
            Ok(Err(error)) => reporter.send(ObjectReport::Failed(job, error.to_string())),
            Err(reason) => {
                tracing::error!("the search for an object crashed: {reason}");
                thread = ObjectThread::default();
                reporter.send(ObjectReport::Failed(job, "The selection could not be made.".into()));
                reporter.send(Report::Restarted { thread: WorkerThread::Objects, reason });
            }
        }
    }
}

impl ObjectThread {
    fn find(&mut self, task: &ObjectTask, looking: &mut dyn FnMut()) -> Result<ObjectReport, Error> {
        task.cancel.check()?;
        task.prompt.check()?;
        let picture = task.picture.picture();
        let hash = hash_of(&picture);
        let is_seen = self.seen.as_ref().is_some_and(|(seen, _)| *seen == hash);
        if !self.has(&task.model) || !is_seen {
            looking();
        }
        self.load(&task.model, &task.cancel)?;
        let Some((_, network)) = &self.network else { return Err(Error::Cancelled) };
        let embedding = match self.seen.take().filter(|(seen, _)| *seen == hash) {
            Some((_, embedding)) => embedding,
            None => network.embed(&picture, &task.cancel)?,
        };
        let (_, embedding) = self.seen.insert((hash, embedding));
        let mask = network.select(embedding, &task.prompt, &task.cancel)?;
        let size = Size::new(picture.width() as usize, picture.height() as usize)
            .map_err(|error| Error::Setting(error.to_string()))?;
        let object = Selection::from_levels(size, mask.as_raw());
        if object.is_empty() {
            return Ok(ObjectReport::NotFound(task.job));
        }
        let base = task.base.clone().unwrap_or_else(|| Selection::empty(size));
        let selection = Some(base.combined(&object, task.mode)).filter(|selection| !selection.is_empty());
        Ok(ObjectReport::Found { job: task.job, selection })
    }

    fn has(&self, model: &Path) -> bool {
        self.network.as_ref().is_some_and(|(path, _)| path == model)
    }

    /// Loads the network of this file, if it is not the loaded one.
    fn load(&mut self, model: &Path, cancel: &Cancel) -> Result<(), Error> {
        if !self.has(model) {
            (self.network, self.seen) = (None, None);
            self.network = Some((model.to_path_buf(), Segmenter::load(model, cancel)?));
        }
        Ok(())
    }
}

fn hash_of(picture: &RgbImage) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_u32(picture.width());
    hasher.write(picture.as_raw());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossbeam_channel::unbounded;

    use super::*;
    use crate::document::Document;
    use crate::engine::Settings;
    use crate::paint::Rgb;

    fn task(job: u64, model: &Path, prompt: ObjectPrompt) -> ObjectTask {
        let document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
        ObjectTask {
            job: JobId(job),
            model: model.to_path_buf(),
            picture: document.whole_canvas(),
            prompt,
            base: None,
            mode: SelectionMode::Replace,
            cancel: Cancel::default(),
        }
    }

    fn reports(tasks: Vec<ObjectTask>) -> Vec<Report> {
        let (sender, waiting) = unbounded();
        tasks.into_iter().for_each(|task| sender.send(task).expect("waits"));
        drop(sender);
        let (sender, reports) = unbounded();
        run(&waiting, &Reporter { reports: sender, repaint: Arc::new(|| {}) });
        reports.try_iter().collect()
    }

    #[test]
    fn a_missing_file_is_told_a_cancelled_task_is_not_and_the_thread_goes_on() {
        let folder = tempfile::tempdir().expect("folder");
        let model = folder.path().join("sam.safetensors");
        let point = PromptPoint { x: 3.0, y: 3.0, is_inside: true };
        let prompt = || ObjectPrompt { points: vec![point], area: None };
        let cancelled = task(1, &model, prompt());
        cancelled.cancel.cancel();
        let told = reports(vec![cancelled, task(2, &model, prompt()), task(3, &model, ObjectPrompt::default())]);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(matches!(told[0], Report::Object(ObjectReport::Looking(JobId(2)))));
        let Report::Object(ObjectReport::Failed(JobId(2), text)) = &told[1] else { panic!("{:?}", told[1]) };
        assert!(text.contains("There is no model to select with"), "{text}");
        let Report::Object(ObjectReport::Failed(JobId(3), text)) = &told[2] else { panic!("{:?}", told[2]) };
        assert!(text.contains("nothing to select yet"), "{text}");
    }
}
