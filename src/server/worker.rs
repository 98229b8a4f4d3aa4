//! The one thread that owns the engine and works on one job after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::MakeEngine;
use super::job::{Done, Job, MadePicture, NotDone, Outcome, PictureWork, Work};
use super::queue::Queue;
use crate::engine::{Cancel, Engine, Error, Event, ModelChoice, Runtime};
use crate::picture::{Attached, Encoding, encode_with};
use crate::prompts::{self, Wildcards};

pub(super) struct Worker {
    queue: Arc<Queue>,
    make_engine: MakeEngine,
    /// `None` until it is first needed, and after a crash.
    engine: Option<Box<dyn Engine>>,
    /// As what the engine is configured.
    runtime: Runtime,
    usual_runtime: Runtime,
    wildcards: Wildcards,
}

impl Worker {
    pub fn new(queue: Arc<Queue>, make_engine: MakeEngine, runtime: Runtime, wildcards: Wildcards) -> Self {
        Self { queue, make_engine, engine: None, runtime: runtime.clone(), usual_runtime: runtime, wildcards }
    }

    /// Works until the queue is closed.
    pub fn run(mut self) {
        while let Some(Job { work, cancel, answer, .. }) = self.queue.next() {
            let outcome = self.work(work, &cancel);
            self.queue.finished();
            // A client that is gone needs no answer.
            let _ = answer.send(outcome);
        }
    }

    fn work(&mut self, work: Work, cancel: &Cancel) -> Outcome {
        // What a panic leaves half done is the engine, which is thrown away.
        match catch_unwind(AssertUnwindSafe(|| match work {
            Work::Load(model) => self.load(&model, cancel),
            Work::Pictures(work) => self.pictures(*work, cancel),
        })) {
            Ok(outcome) => outcome,
            Err(_) => {
                tracing::error!("the engine crashed; the next job gets a new one");
                let engine = self.engine.take();
                // Dropping it could panic again.
                let _ = catch_unwind(AssertUnwindSafe(move || drop(engine)));
                Err(NotDone::Engine(Error::Internal("the engine crashed".into())))
            }
        }
    }

    fn engine(&mut self, runtime: &Runtime) -> &mut dyn Engine {
        let is_new = self.engine.is_none();
        let engine = self.engine.get_or_insert_with(|| (self.make_engine)());
        if is_new || self.runtime != *runtime {
            engine.configure(runtime);
            self.runtime = runtime.clone();
        }
        engine.as_mut()
    }

    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Outcome {
        let runtime = self.usual_runtime.clone();
        self.engine(&runtime).load(model, cancel).map_err(NotDone::Engine)?;
        Ok(Done::Loaded)
    }

    fn pictures(&mut self, work: PictureWork, cancel: &Cancel) -> Outcome {
        let PictureWork { request, runtime, .. } = work;
        let runtime = runtime.unwrap_or_else(|| self.usual_runtime.clone());
        let (queue, wildcards) = (Arc::clone(&self.queue), self.wildcards.clone());
        let engine = self.engine(&runtime);
        match engine.load(&request.model, cancel) {
            Err(Error::Cancelled) => return Ok(Done::Pictures { made: Vec::new(), trouble: None }),
            loaded => loaded.map_err(NotDone::Engine)?,
        };
        let made_with = engine.made_with(&request.model);
        let (mut made, mut failed) = (Vec::new(), None);
        let done = prompts::generate(engine, &request, &wildcards, &made_with, cancel, &mut |event, recipe| {
            if let (Event::Finished(finished), Some(recipe)) = (&event, recipe) {
                let text = recipe.infotext();
                let attached = Attached { settings: Some(&text), ..Attached::default() };
                match encode_with(&finished.picture, Encoding::default(), attached) {
                    Ok(png) => made.push(MadePicture { recipe, png }),
                    Err(error) => {
                        failed = Some(error.to_string());
                        cancel.cancel();
                    }
                }
            }
            queue.update(|running| running.note(event));
        });
        match (failed, done) {
            (Some(reason), _) => Err(NotDone::Encode(reason)),
            // Finished pictures are answered also when the job was interrupted or a later one failed.
            (None, Ok(()) | Err(Error::Cancelled)) => Ok(Done::Pictures { made, trouble: None }),
            (None, Err(error)) if made.is_empty() => Err(NotDone::Engine(error)),
            (None, Err(error)) => Ok(Done::Pictures { made, trouble: Some(error.to_string()) }),
        }
    }
}
