//! The thread that finds the models on this machine, computes their hashes and reads their preview pictures.
//!
//! Hashes are computed a piece at a time between other tasks, so that nothing waits for them.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError};
use image::RgbImage;

use super::supervise::supervised;
use super::{Report, Reporter, WorkerThread};
use crate::engine::{Cancel, Error, Estimator};
use crate::models::{
    Catalogue, DownloadsFile, FoundModels, Hashing, InspectedFile, Inspector, KeptDownloads, ModelPreferences,
    NamedFolders, PreferenceChange, Remembered, SearchFolder, Surroundings, places, search,
};
use crate::picture::open;

/// The longest side of a preview picture in pixels.
pub const PREVIEW_SIDE: u32 = 96;
/// How often progress is reported at most.
const PACE: Duration = Duration::from_millis(200);
/// How many files may wait to be hashed.
const MOST_WAITING: usize = 10_000;

/// What the thread needs to find models.
#[derive(Clone)]
pub struct ModelSearch {
    /// Says what files are.
    pub inspector: Arc<dyn Inspector>,
    /// Where programs keep their files on this system.
    pub around: Arc<Surroundings>,
}

impl std::fmt::Debug for ModelSearch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelSearch").field("own", &self.around.own).finish_non_exhaustive()
    }
}

/// A task for the thread that finds models.
#[derive(Clone, Debug)]
pub enum ModelTask {
    /// Change the folders that the person named, then search all folders.
    Search {
        /// What changes.
        change: FolderChange,
        /// Stops the search; a search that is stopped reports nothing.
        cancel: Cancel,
    },
    /// Say what a file or folder is that need not be in a searched folder.
    Inspect(PathBuf),
    /// Estimate how long usual rounds with the models of the catalogue take on this machine.
    EstimateCatalogue,
    /// Compute the hashes of these files, unless they are known, after those that wait already.
    Hash(Vec<PathBuf>),
    /// Do not compute hashes while this is set: something else needs the processor.
    Hold(bool),
    /// Read these preview pictures.
    ReadPreviews(Vec<PathBuf>),
    /// Keep what the person decided about fetching for the next launch.
    Prefer(PreferenceChange),
    /// Let an estimator read what these files of controls are.
    ReadControls {
        /// Repeated in the report.
        number: u64,
        /// The estimator.
        estimator: Arc<dyn Estimator>,
        /// The files.
        controls: Vec<PathBuf>,
    },
}

/// A change of the folders that the person named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderChange {
    /// They stay as they are.
    None,
    /// Search this folder from now on.
    Add(PathBuf),
    /// Do not search this folder any more.
    Remove(PathBuf),
}

/// A report of the thread that finds models.
#[derive(Debug)]
pub enum ModelReport {
    /// A search goes on and has found this many models so far.
    Searching(usize),
    /// A search is done.
    Found {
        /// What was found.
        models: Box<FoundModels>,
        /// The folders that were searched.
        searched: Vec<SearchFolder>,
        /// The folders that the person named.
        named: Vec<PathBuf>,
    },
    /// What a file or folder is.
    Inspected(PathBuf, Box<InspectedFile>),
    /// How long usual rounds with the models of the catalogue take here, in seconds, by the ids of the entries.
    Times(Vec<(String, f64)>),
    /// A hash is being computed.
    Hashing {
        /// The file.
        path: PathBuf,
        /// Bytes read so far.
        done: u64,
    },
    /// The SHA-256 of a file.
    Hashed {
        /// The file.
        path: PathBuf,
        /// 64 hexadecimal digits.
        sha256: String,
    },
    /// A hash could not be computed.
    NotHashed {
        /// The file.
        path: PathBuf,
        /// Why, as one sentence.
        reason: String,
    },
    /// What the person decided about fetching; reported once, at the start.
    Preferences(ModelPreferences),
    /// The file that keeps what this window fetches, if there is one, and what was being fetched when the program ended;
    /// reported once, at the start.
    Downloads(Option<Arc<DownloadsFile>>, KeptDownloads),
    /// The estimator that knows the files of controls, with the number of the task.
    ControlsRead(u64, Arc<dyn Estimator>),
    /// Preview pictures, small; `None` for those that cannot be read.
    Previews(Vec<(PathBuf, Option<RgbImage>)>),
    /// A task failed, as one sentence.
    Failed(String),
}

impl From<ModelReport> for Report {
    fn from(report: ModelReport) -> Self {
        Self::Models(report)
    }
}

/// Works until the window is gone.
pub(super) fn run(tasks: &Receiver<ModelTask>, search: ModelSearch, reporter: Reporter) {
    let mut thread = ModelThread {
        remembered: Remembered::open(search.around.own.as_deref()),
        search,
        reporter,
        waiting: VecDeque::new(),
        hashing: None,
        reported: Instant::now(),
        is_held: false,
    };
    let preferences = ModelPreferences::read(thread.search.around.own.as_deref());
    thread.reporter.send(ModelReport::Preferences(preferences));
    let claimed = thread.search.around.own.as_deref().map(DownloadsFile::claim);
    let (file, downloads) = claimed.unwrap_or_default();
    thread.reporter.send(ModelReport::Downloads(file.map(Arc::new), downloads));
    loop {
        let has_work = !thread.is_held && (thread.hashing.is_some() || !thread.waiting.is_empty());
        let task = match has_work {
            true => match tasks.try_recv() {
                Ok(task) => Some(task),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => return,
            },
            false => match tasks.recv() {
                Ok(task) => Some(task),
                Err(_) => return,
            },
        };
        let done = supervised(|| match task {
            Some(task) => thread.perform(task),
            None => thread.hash_piece(),
        });
        if let Err(reason) = done {
            tracing::error!("the search for models crashed: {reason}");
            thread.hashing = None;
            thread.reporter.send(Report::Restarted { thread: WorkerThread::Models, reason });
        }
    }
}

struct ModelThread {
    search: ModelSearch,
    remembered: Remembered,
    reporter: Reporter,
    /// Files whose hashes are to be computed.
    waiting: VecDeque<PathBuf>,
    hashing: Option<Hashing>,
    reported: Instant,
    is_held: bool,
}

impl ModelThread {
    fn perform(&mut self, task: ModelTask) {
        match task {
            ModelTask::Search { change, cancel } => self.search(&change, &cancel),
            ModelTask::Inspect(path) => {
                let about = self.search.inspector.inspect(&path);
                self.reporter.send(ModelReport::Inspected(path, Box::new(about)));
            }
            ModelTask::EstimateCatalogue => {
                let inspector = self.search.inspector.as_ref();
                let times = Catalogue::built_in()
                    .entries
                    .iter()
                    .filter_map(|entry| Some((entry.id.clone(), entry.typical.as_ref()?.seconds(inspector)?)));
                self.reporter.send(ModelReport::Times(times.collect()));
            }
            ModelTask::Hash(paths) => {
                for path in paths {
                    let is_hashed = self.hashing.as_ref().is_some_and(|hashing| hashing.path() == path);
                    if !is_hashed && !self.waiting.contains(&path) && self.waiting.len() < MOST_WAITING {
                        self.waiting.push_back(path);
                    }
                }
            }
            ModelTask::Hold(is_held) => self.is_held = is_held,
            ModelTask::Prefer(change) => self.prefer(&change),
            ModelTask::ReadControls { number, estimator, controls } => {
                if let Some(knowing) = estimator.knowing(&controls) {
                    self.reporter.send(ModelReport::ControlsRead(number, knowing));
                }
            }
            ModelTask::ReadPreviews(paths) => {
                let read = paths.into_iter().map(|path| {
                    let picture = preview(&path);
                    (path, picture)
                });
                self.reporter.send(ModelReport::Previews(read.collect()));
            }
        }
    }

    fn search(&mut self, change: &FolderChange, cancel: &Cancel) {
        let own = self.search.around.own.clone();
        let mut named = NamedFolders::read(own.as_deref());
        let is_changed = match change {
            FolderChange::None => false,
            FolderChange::Add(folder) => named.add(folder),
            FolderChange::Remove(folder) => named.remove(folder),
        };
        if is_changed {
            let kept = match &own {
                Some(own) => named.keep(own),
                None => Err(Error::File("This system names no folder for the program's data, so the list of folders is forgotten when the window closes.".into())),
            };
            if let Err(error) = kept {
                self.reporter.send(ModelReport::Failed(error.to_string()));
            }
        }
        let places = places(&self.search.around, named.list());
        let (reporter, reported) = (&self.reporter, &mut self.reported);
        let found = search(&places, self.search.inspector.as_ref(), &mut self.remembered, cancel, &mut |count| {
            if reported.elapsed() >= PACE {
                *reported = Instant::now();
                reporter.send(ModelReport::Searching(count));
            }
        });
        self.save();
        match found {
            Ok(models) => {
                let named = named.list().to_vec();
                self.reporter.send(ModelReport::Found { models: Box::new(models), searched: places.folders, named });
            }
            // The next search reports.
            Err(Error::Cancelled) => {}
            Err(error) => self.reporter.send(ModelReport::Failed(error.to_string())),
        }
    }

    fn prefer(&mut self, change: &PreferenceChange) {
        let own = self.search.around.own.as_deref();
        let mut preferences = ModelPreferences::read(own);
        if !preferences.change(change) {
            return;
        }
        let kept = match own {
            Some(own) => preferences.keep(own),
            None => Err(Error::File("This system names no folder for the program's data, so your choice is forgotten when the window closes.".into())),
        };
        if let Err(error) = kept {
            self.reporter.send(ModelReport::Failed(error.to_string()));
        }
    }

    /// What is not kept is found out again next time, which is no reason to disturb anybody.
    fn save(&mut self) {
        if let Err(error) = self.remembered.save() {
            tracing::warn!("what was learned of models was not kept: {error}");
        }
    }

    /// Reads the next piece of a file.
    fn hash_piece(&mut self) {
        if self.hashing.is_none() {
            let Some(path) = self.waiting.pop_front() else { return };
            match Hashing::begin(&path) {
                Ok(hashing) => match self.remembered.sha256(&path, hashing.stamp()) {
                    Some(known) => {
                        let sha256 = known.to_owned();
                        self.reporter.send(ModelReport::Hashed { path, sha256 });
                    }
                    None => self.hashing = Some(hashing),
                },
                Err(error) => self.reporter.send(ModelReport::NotHashed { path, reason: error.to_string() }),
            }
        }
        let Some(mut hashing) = self.hashing.take() else { return };
        match hashing.step() {
            Ok(None) => {
                if self.reported.elapsed() >= PACE {
                    self.reported = Instant::now();
                    let path = hashing.path().to_path_buf();
                    self.reporter.send(ModelReport::Hashing { path, done: hashing.done() });
                }
                self.hashing = Some(hashing);
            }
            Ok(Some(sha256)) => {
                let path = hashing.path().to_path_buf();
                self.remembered.note_sha256(&path, hashing.stamp(), sha256.clone());
                self.save();
                self.reporter.send(ModelReport::Hashed { path, sha256 });
            }
            Err(error) => {
                let path = hashing.path().to_path_buf();
                self.reporter.send(ModelReport::NotHashed { path, reason: error.to_string() });
            }
        }
    }
}

/// A preview picture no larger than [`PREVIEW_SIDE`]; `None` if it cannot be read.
fn preview(path: &Path) -> Option<RgbImage> {
    // A pipe that never ends would hold up every later task.
    if !std::fs::metadata(path).is_ok_and(|about| about.is_file()) {
        return None;
    }
    let picture = open(path).map_err(|error| tracing::warn!("a preview picture cannot be shown: {error}")).ok()?;
    Some(image::imageops::thumbnail(&picture, side(&picture, true), side(&picture, false)))
}

/// A side of a preview picture in the shape of the original.
fn side(picture: &RgbImage, of_width: bool) -> u32 {
    let (width, height) = (u64::from(picture.width()), u64::from(picture.height()));
    let (own, longest) = (if of_width { width } else { height }, width.max(height).max(1));
    let scaled = own * u64::from(PREVIEW_SIDE.min(longest.try_into().unwrap_or(PREVIEW_SIDE))) / longest;
    u32::try_from(scaled).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use crossbeam_channel::{Sender, unbounded};

    use super::*;
    use crate::models::FoundKind;

    struct Plain(AtomicBool);

    impl Inspector for Plain {
        fn inspect(&self, path: &Path) -> InspectedFile {
            let text = std::fs::read(path).unwrap_or_default();
            assert!(text != b"panic" || self.0.swap(true, Ordering::Relaxed), "the test says so");
            InspectedFile { kind: FoundKind::Model, usable: true, ..InspectedFile::default() }
        }
    }

    struct Thread {
        tasks: Sender<ModelTask>,
        reports: Receiver<Report>,
    }

    impl Thread {
        fn new(own: &Path) -> Self {
            let (tasks, receiver) = unbounded();
            let (sender, reports) = unbounded();
            let reporter = Reporter { reports: sender, repaint: Arc::new(|| {}) };
            let around = Arc::new(Surroundings::only(Some(own.to_path_buf())));
            let search = ModelSearch { inspector: Arc::new(Plain(AtomicBool::new(false))), around };
            std::thread::spawn(move || run(&receiver, search, reporter));
            Self { tasks, reports }
        }

        fn send(&self, task: ModelTask) {
            self.tasks.send(task).expect("works");
        }

        fn search(&self, change: FolderChange) {
            self.send(ModelTask::Search { change, cancel: Cancel::default() });
        }

        /// The next report that `wanted` takes.
        fn wait<T>(&self, mut wanted: impl FnMut(Report) -> Option<T>) -> T {
            loop {
                let report = self.reports.recv_timeout(Duration::from_secs(60)).expect("a report");
                if let Some(found) = wanted(report) {
                    return found;
                }
            }
        }

        fn found(&self) -> (Vec<String>, Vec<PathBuf>) {
            self.wait(|report| match report {
                Report::Models(ModelReport::Found { models, named, .. }) => {
                    Some((models.list.into_iter().map(|model| model.name).collect(), named))
                }
                _ => None,
            })
        }
    }

    #[test]
    fn named_folders_are_searched_and_kept_and_hashes_are_computed_once() {
        let folder = tempfile::tempdir().expect("folder");
        let (own, disk) = (folder.path().join("own"), folder.path().join("disk"));
        std::fs::create_dir_all(&disk).expect("folder");
        let file = disk.join("dream.safetensors");
        std::fs::write(&file, "abc").expect("writes");
        let thread = Thread::new(&own);
        thread.search(FolderChange::None);
        assert_eq!(thread.found(), (Vec::new(), Vec::new()));
        thread.search(FolderChange::Add(disk.clone()));
        assert_eq!(thread.found(), (vec!["dream".to_owned()], vec![disk.clone()]));
        thread.send(ModelTask::Hash(vec![disk.join("none"), file.clone()]));
        let hash = |thread: &Thread| {
            thread.wait(|report| match report {
                Report::Models(ModelReport::Hashed { path, sha256 }) => Some((path, sha256)),
                _ => None,
            })
        };
        let (path, sha256) = hash(&thread);
        assert!(path == file && sha256.starts_with("ba7816bf8f"), "{sha256}");
        // The next launch knows all of it.
        let next = Thread::new(&own);
        next.search(FolderChange::None);
        assert_eq!(next.found().0, ["dream"]);
        let known = Remembered::open(Some(&own));
        let stamp = crate::models::Stamp::of(&file).expect("there");
        assert_eq!(known.sha256(&file, stamp), Some(sha256.as_str()));
        next.search(FolderChange::Remove(disk));
        assert_eq!(next.found(), (Vec::new(), Vec::new()));
    }

    #[test]
    fn hashes_wait_while_something_else_needs_the_processor() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.safetensors");
        std::fs::write(&file, "abc").expect("writes");
        let thread = Thread::new(folder.path());
        thread.send(ModelTask::Hold(true));
        thread.send(ModelTask::Hash(vec![file.clone()]));
        thread.search(FolderChange::None);
        thread.wait(|report| match report {
            Report::Models(ModelReport::Hashed { .. }) => panic!("the hash did not wait"),
            Report::Models(ModelReport::Found { .. }) => Some(()),
            _ => None,
        });
        thread.send(ModelTask::Hold(false));
        thread.wait(|report| matches!(report, Report::Models(ModelReport::Hashed { .. })).then_some(()));
    }

    #[test]
    fn a_crash_is_told_and_the_thread_goes_on() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("a.safetensors"), "panic").expect("writes");
        let thread = Thread::new(&folder.path().join("own"));
        thread.search(FolderChange::Add(folder.path().to_path_buf()));
        let crashed = thread.wait(|report| match report {
            Report::Restarted { thread, .. } => Some(thread),
            _ => None,
        });
        assert_eq!(crashed, WorkerThread::Models);
        thread.search(FolderChange::None);
        assert_eq!(thread.found().0, ["a"]);
    }

    #[test]
    fn previews_are_small_and_damaged_ones_are_none() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |name: &str| folder.path().join(name);
        RgbImage::from_pixel(400, 100, image::Rgb([9, 90, 200])).save(at("wide.png")).expect("writes");
        RgbImage::new(20, 30).save(at("small.png")).expect("writes");
        std::fs::write(at("bad.png"), "no picture").expect("writes");
        let thread = Thread::new(folder.path());
        thread.send(ModelTask::ReadPreviews(["wide.png", "small.png", "bad.png", "none.png"].map(at).to_vec()));
        let sizes = thread.wait(|report| match report {
            Report::Models(ModelReport::Previews(list)) => {
                Some(list.into_iter().map(|(_, picture)| picture.map(|p| p.dimensions())).collect::<Vec<_>>())
            }
            _ => None,
        });
        assert_eq!(sizes, [Some((96, 24)), Some((20, 30)), None, None]);
    }
}
