//! The only border between threads: commands in, events out.
//!
//! Two threads serve the window. One owns the diffusion engine, one reads and writes files, so
//! that saving never waits for a picture to be made. Nothing is shared with them but the cancel
//! flag; pictures cross as `Arc`s. After every event the given closure is called, which asks the
//! window to repaint.

mod engine_thread;
mod file_thread;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use image::RgbImage;

use crate::diffusion::{Cancel, DeviceChoice, Engine, Job, ModelChoice, Recommended, Stage, TokenCounter};
use crate::picture::{Fit, Parameters, Recipe};
use crate::rounds::RoundId;

/// What the window asks for.
pub enum Command {
    /// Load a model now, so that the first round need not wait for it.
    Load(ModelChoice),
    /// Make a round.
    Generate {
        /// Its number, repeated in every event about it.
        round: RoundId,
        /// On which model.
        model: ModelChoice,
        /// What to make; the start image may have any size.
        job: Box<Job>,
        /// Stops it.
        cancel: Cancel,
        /// Where results are written by themselves.
        folder: PathBuf,
    },
    /// Read a picture file.
    Open(PathBuf),
    /// Scale a picture to the size of a canvas.
    Fit {
        /// The picture.
        original: Arc<RgbImage>,
        /// Whether it fills the canvas or shows whole.
        fit: Fit,
        /// Width and height of the canvas.
        size: (u32, u32),
        /// The paper's colour, around a picture that shows whole.
        paper: [u8; 3],
    },
    /// Write a finished result to the results folder, after that failed before.
    SaveResult {
        /// The round.
        round: RoundId,
        /// Place in the batch, from 0.
        image: usize,
        /// The pixels.
        picture: Arc<RgbImage>,
        /// What made it.
        recipe: Arc<Recipe>,
        /// The folder; it is made when missing.
        folder: PathBuf,
    },
    /// Write a picture where the person chose.
    SaveAs {
        /// The pixels.
        picture: Arc<RgbImage>,
        /// The `parameters` text, of a result.
        infotext: Option<String>,
        /// The file.
        path: PathBuf,
    },
    /// Write the drawing where the next start finds it; told only when that fails.
    Keep {
        /// The pixels.
        picture: RgbImage,
        /// The file; its folder is made when missing.
        path: PathBuf,
    },
    /// Read the drawing that was kept; nothing happens where there is none.
    Restore(PathBuf),
    /// Show a folder in the system's file manager; it is made when missing.
    ShowFolder(PathBuf),
    /// Look what LoRAs and textual inversions lie in these folders.
    ListExtras {
        /// The folder of LoRAs.
        loras: PathBuf,
        /// The folder of textual inversions.
        embeddings: PathBuf,
    },
}

/// What the worker reports.
#[derive(Debug)]
pub enum Event {
    /// What the arithmetic can run on here; told once, at the start.
    Devices(Vec<DeviceChoice>),
    /// What can be added to prompts.
    Extras(Extras),
    /// A model is being read.
    Loading(String),
    /// A model is ready.
    Loaded {
        /// Which one.
        model: ModelChoice,
        /// What its maker suggests.
        recommended: Recommended,
        /// Counts a prompt's tokens as it will.
        counter: TokenCounter,
    },
    /// A model could not be loaded; the one before still works.
    LoadFailed {
        /// Which one.
        model: ModelChoice,
        /// Why, as one sentence.
        reason: String,
    },
    /// A round does something without steps.
    Stage(RoundId, Stage),
    /// A round made a step on one of its pictures.
    Step {
        /// The round.
        round: RoundId,
        /// Place in the batch, from 0.
        image: usize,
        /// Steps done.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// A small picture of how it looks now.
        preview: Arc<RgbImage>,
    },
    /// A picture is ready.
    Made {
        /// The round.
        round: RoundId,
        /// Place in the batch, from 0.
        image: usize,
        /// The pixels.
        picture: Arc<RgbImage>,
        /// What made it.
        recipe: Arc<Recipe>,
    },
    /// A ready picture was written to the output folder.
    Kept {
        /// The round.
        round: RoundId,
        /// Place in the batch, from 0.
        image: usize,
        /// The file.
        path: PathBuf,
    },
    /// A finished result could not be written to the results folder.
    NotKept {
        /// The round.
        round: RoundId,
        /// Place in the batch, from 0.
        image: usize,
        /// Why, as one sentence.
        reason: String,
    },
    /// A round is over.
    Ended {
        /// The round.
        round: RoundId,
        /// How it ended.
        how: Ending,
    },
    /// A picture was opened.
    Opened {
        /// Its file name.
        name: String,
        /// Its pixels.
        picture: Arc<RgbImage>,
        /// What its `parameters` text says.
        parameters: Option<Parameters>,
    },
    /// A picture was scaled to the size of a canvas.
    Fitted {
        /// The picture as it was sent.
        original: Arc<RgbImage>,
        /// The pixels, of the size asked for.
        picture: RgbImage,
    },
    /// The drawing that was kept is back.
    Restored(RgbImage),
    /// A picture was saved where the person chose.
    Saved(PathBuf),
    /// Something to tell; nothing is lost.
    Notice(String),
    /// Something went wrong outside a round, as one sentence.
    Failed(String),
}

/// What can be added to prompts, by name, and where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// LoRA files without their endings.
    pub loras: Vec<String>,
    /// Textual inversions, likewise.
    pub words: Vec<String>,
    /// Where the first lie.
    pub lora_folder: PathBuf,
    /// Where the second lie.
    pub word_folder: PathBuf,
}

/// How a round ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All pictures are ready.
    Complete,
    /// The person cancelled it.
    Cancelled,
    /// It failed, with one sentence why.
    Failed(String),
}

/// A handle to the two threads; they end when it is dropped.
pub struct Worker {
    engine: Sender<Command>,
    files: Sender<file_thread::Task>,
    events: Receiver<Event>,
}

/// Sends events and asks for a repaint after each.
#[derive(Clone)]
struct Reporter {
    events: Sender<Event>,
    repaint: Arc<dyn Fn() + Send + Sync>,
}

impl Reporter {
    fn send(&self, event: Event) {
        // A window that is gone needs no events.
        let _ = self.events.send(event);
        (self.repaint)();
    }
}

impl Worker {
    /// Starts both threads. `repaint` is called from them after every event.
    pub fn start(diffusion: Engine, repaint: impl Fn() + Send + Sync + 'static) -> Self {
        let (engine, engine_commands) = unbounded();
        let (files, file_tasks) = unbounded();
        let (sender, events) = unbounded();
        let reporter = Reporter { events: sender, repaint: Arc::new(repaint) };
        let keep = files.clone();
        let engine_reporter = reporter.clone();
        std::thread::spawn(move || engine_thread::run(diffusion, &engine_commands, &keep, &engine_reporter));
        std::thread::spawn(move || file_thread::run(&file_tasks, &reporter));
        Self { engine, files, events }
    }

    /// Hands a command to the thread that does it; never waits.
    pub fn send(&self, command: Command) {
        let sent = match command {
            command @ (Command::Load(_) | Command::Generate { .. }) => self.engine.send(command).is_ok(),
            command => self.files.send(file_thread::Task::Command(command)).is_ok(),
        };
        if !sent {
            tracing::error!("a worker thread has stopped");
        }
    }

    /// Waits until every file asked for so far is written, or so long.
    pub fn finish_files(&self, patience: Duration) {
        let (done, all_done) = bounded(1);
        if self.files.send(file_thread::Task::Tell(done)).is_err() || all_done.recv_timeout(patience).is_err() {
            tracing::error!("not every file was written in time");
        }
    }

    /// The next event, if there is one.
    pub fn poll(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}
