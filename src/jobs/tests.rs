//! A second engine behind the same threads: one that follows a script instead of a model.

use std::sync::atomic::AtomicUsize;

use image::RgbImage;

use super::*;
use crate::engine::{
    Cancel, Capabilities, Error, Event, FinishedImage, ModelChoice, ModelInfo, Plan, Recommended, Request, Runtime,
    Settings,
};
use crate::picture::Fit;
use crate::prompts::Wildcards;

/// Paints each picture in its seed's shade of grey. The prompt says what goes wrong.
struct ScriptedEngine;

impl Engine for ScriptedEngine {
    fn capabilities(&mut self) -> Capabilities {
        Capabilities { name: "Script".into(), ..Capabilities::default() }
    }

    fn configure(&mut self, _: &Runtime) {}

    fn load(&mut self, model: &ModelChoice, _: &Cancel) -> Result<ModelInfo, Error> {
        if model.name() == "broken" {
            return Err(Error::Unsupported("it is broken".into()));
        }
        Ok(ModelInfo { choice: model.clone(), recommended: Recommended::default(), counter: None })
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        if request.settings.prompt == "memory" {
            return Err(Error::Memory { what: "A picture", need_mb: 9000, free_mb: 12, advice: "make it smaller" });
        }
        for image in (0..request.images()).filter(|image| !cancel.is_left_out(*image)) {
            cancel.check()?;
            let (seed, variation_seed) = request.seeds_of(image);
            let picture = RgbImage::from_pixel(8, 8, image::Rgb([seed as u8; 3]));
            on_event(Event::Finished(FinishedImage { image, seed, variation_seed, picture, made_by: None }));
            match request.settings.prompt.as_str() {
                "cancel" => cancel.cancel(),
                "panic" => panic!("the script says so"),
                _ => {}
            }
        }
        Ok(())
    }
}

struct Bench {
    jobs: Jobs,
    folder: tempfile::TempDir,
    made: Arc<AtomicUsize>,
}

impl Bench {
    fn new() -> Self {
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let make = move || {
            count.fetch_add(1, Ordering::SeqCst);
            Box::new(ScriptedEngine) as Box<dyn Engine>
        };
        Self { jobs: Jobs::start(make, || {}), folder: tempfile::tempdir().expect("folder"), made }
    }

    /// A document whose file has round 1, under way in this process.
    fn document(&self) -> (DocumentId, std::path::PathBuf) {
        use crate::document::{Document, store::Store};
        let path = self.folder.path().join("work.underpaint");
        let settings = Settings { batch: 2, ..Settings::default() };
        let mut document = Document::from_picture(&RgbImage::new(64, 64), Vec::new(), settings).expect("a canvas");
        document.begin_round(40, "any".into());
        drop(Store::create(&path, &document.take_changes()).expect("creates"));
        let id = self.jobs.next_document();
        self.jobs.files(FileTask::OpenDocument(id, path.clone()));
        (id, path)
    }

    fn round(&mut self, prompt: &str, model: &str, cancel: &Cancel) -> JobId {
        self.round_in(prompt, model, cancel, None)
    }

    fn round_in(&mut self, prompt: &str, model: &str, cancel: &Cancel, document: Option<DocumentId>) -> JobId {
        let job = self.jobs.next_id();
        let settings = Settings { prompt: prompt.into(), seed: 40, batch: 2, ..Settings::default() };
        self.jobs.engine(EngineTask::Generate(Box::new(GenerateJob {
            job,
            model: ModelChoice::Path(model.into()),
            settings,
            plan: Plan::default(),
            start: Some(Arc::new(RgbImage::new(10, 20))),
            fit: Fit::Fill,
            paper: [255; 3],
            cancel: cancel.clone(),
            wildcards: Wildcards::in_folder(self.folder.path().join("wildcards")),
            folder: self.folder.path().to_path_buf(),
            saving: ResultSaving { round: 1, document, ..ResultSaving::default() },
        })));
        job
    }

    /// Every report up to the end of a job.
    fn until_end(&self, job: JobId) -> (Vec<Report>, Ending) {
        let mut seen = Vec::new();
        loop {
            match self.jobs.reports.recv_timeout(Duration::from_secs(20)).expect("a report") {
                Report::Engine(EngineReport::Ended { job: ended, how }) if ended == job => return (seen, how),
                report => seen.push(report),
            }
        }
    }
}

#[test]
fn another_engine_fits_and_its_pictures_are_kept() {
    let mut bench = Bench::new();
    let job = bench.round("apple", "any", &Cancel::default());
    let (reports, how) = bench.until_end(job);
    assert_eq!(how, Ending::Complete);
    let finished = reports.iter().filter(|r| matches!(r, Report::Engine(EngineReport::Finished { .. }))).count();
    assert_eq!(finished, 2);
    assert!(bench.jobs.finish_files(Duration::from_secs(20)));
    assert_eq!(std::fs::read_dir(bench.folder.path()).expect("lists").count(), 2);
}

/// As after a kill before the window's next frame: nobody has looked at the reports.
#[test]
fn a_picture_is_in_its_document_before_it_is_in_the_results_folder_though_no_window_asks() {
    use crate::document::{Document, ResultId, store::Store};
    let mut bench = Bench::new();
    let (id, path) = bench.document();
    let job = bench.round_in("apple", "any", &Cancel::default(), Some(id));
    bench.until_end(job);
    assert!(bench.jobs.finish_files(Duration::from_secs(20)));
    let left = Document::from_stored(Store::open_read_only(&path).expect("opens").load().expect("loads"));
    let seeds = |image| left.rounds().result(ResultId { round: 1, image }).map(|result| result.recipe.seed);
    assert_eq!((seeds(0), seeds(1)), (Some(40), Some(41)));

    // A folder that cannot be written: the document has them all the same.
    let file = bench.folder.path().join("no folder");
    std::fs::write(&file, "").expect("writes");
    let picture = Arc::new(RgbImage::new(8, 8));
    bench.jobs.files(FileTask::KeepResult {
        job,
        image: 0,
        picture,
        recipe: Arc::new(crate::engine::Recipe { seed: 99, ..Default::default() }),
        folder: file,
        saving: ResultSaving { round: 1, document: Some(id), ..ResultSaving::default() },
        start: ResultStart::None,
        regions: Vec::new(),
    });
    assert!(bench.jobs.finish_files(Duration::from_secs(20)));
    let left = Document::from_stored(Store::open_read_only(&path).expect("opens").load().expect("loads"));
    assert_eq!(left.rounds().result(ResultId { round: 1, image: 0 }).map(|result| result.recipe.seed), Some(99));
}

#[test]
fn each_picture_gets_what_its_own_seed_chooses_and_says_so() {
    let mut bench = Bench::new();
    let wildcards = bench.folder.path().join("wildcards");
    std::fs::create_dir(&wildcards).expect("folder");
    std::fs::write(wildcards.join("fruit.txt"), "apple\npear\nplum\nfig\nlime\nkiwi").expect("writes");
    let finished = |bench: &Bench, job| {
        let (reports, how) = bench.until_end(job);
        assert_eq!(how, Ending::Complete);
        let recipe = |report: &Report| match report {
            Report::Engine(EngineReport::Finished { image, recipe, picture, .. }) => {
                assert_eq!(u64::from(picture.get_pixel(0, 0).0[0]), recipe.seed);
                Some((*image, recipe.seed, recipe.settings.prompt.clone()))
            }
            _ => None,
        };
        reports.iter().filter_map(recipe).collect::<Vec<_>>()
    };
    let job = bench.round("a __fruit__", "any", &Cancel::default());
    let first = finished(&bench, job);
    assert_eq!(first.iter().map(|(image, seed, _)| (*image, *seed)).collect::<Vec<_>>(), [(0, 40), (1, 41)]);
    assert!(first.iter().all(|(_, _, prompt)| prompt.starts_with("a ") && !prompt.contains("__")), "{first:?}");
    let again = bench.round("a __fruit__", "any", &Cancel::default());
    assert_eq!(finished(&bench, again), first, "the same seeds choose the same");
    let cancel = Cancel::default();
    cancel.leave_out(0);
    let job = bench.round("a __fruit__", "any", &cancel);
    assert_eq!(finished(&bench, job), first[1..], "with its own choice and place");
    let missing = bench.round("a __nothing__", "any", &Cancel::default());
    let (reports, _) = bench.until_end(missing);
    let notice =
        |r: &Report| matches!(r, Report::Engine(EngineReport::Notice { text, .. }) if text.contains("nothing.txt"));
    assert_eq!(reports.iter().filter(|r| notice(r)).count(), 1);
}

#[test]
fn a_round_whose_model_fails_to_load_has_failed_and_is_not_cancelled() {
    let mut bench = Bench::new();
    let job = bench.round("apple", "broken", &Cancel::default());
    let (reports, how) = bench.until_end(job);
    assert!(matches!(&how, Ending::Failed(reason) if reason.contains("it is broken")), "{how:?}");
    assert!(reports.iter().any(|r| matches!(r, Report::Engine(EngineReport::LoadFailed { .. }))));
}

#[test]
fn a_cancelled_round_keeps_what_was_finished() {
    let mut bench = Bench::new();
    let job = bench.round("cancel", "any", &Cancel::default());
    let (reports, how) = bench.until_end(job);
    assert_eq!(how, Ending::Cancelled);
    assert_eq!(reports.iter().filter(|r| matches!(r, Report::Engine(EngineReport::Finished { .. }))).count(), 1);
}

#[test]
fn an_engine_that_panics_is_reported_and_made_again() {
    let mut bench = Bench::new();
    let job = bench.round("panic", "any", &Cancel::default());
    let (reports, how) = bench.until_end(job);
    assert!(matches!(&how, Ending::Failed(reason) if reason.contains("the script says so")), "{how:?}");
    let restarted = |r: &Report| matches!(r, Report::Restarted { thread: WorkerThread::Engine, .. });
    assert!(reports.iter().any(restarted), "{reports:?}");
    let again = bench.round("apple", "any", &Cancel::default());
    assert_eq!(bench.until_end(again).1, Ending::Complete);
    assert_eq!(bench.made.load(Ordering::SeqCst), 2);
    assert_ne!(job, again);
}

#[test]
fn a_round_that_needs_too_much_memory_has_failed_and_the_next_one_is_made() {
    let mut bench = Bench::new();
    let job = bench.round("memory", "any", &Cancel::default());
    let (_, how) = bench.until_end(job);
    assert!(
        matches!(&how, Ending::Failed(reason) if reason.contains("9000 MB") && reason.contains("smaller")),
        "{how:?}"
    );
    let again = bench.round("apple", "any", &Cancel::default());
    assert_eq!(bench.until_end(again).1, Ending::Complete);
    assert_eq!(bench.made.load(Ordering::SeqCst), 1, "the engine is as it was");
}

#[test]
fn a_round_makes_only_the_pictures_that_are_not_left_out() {
    let mut bench = Bench::new();
    let cancel = Cancel::default();
    cancel.leave_out(0);
    let job = bench.round("apple", "any", &cancel);
    let (reports, how) = bench.until_end(job);
    assert_eq!(how, Ending::Complete);
    let finished = |report: &Report| match report {
        Report::Engine(EngineReport::Finished { image, recipe, .. }) => Some((*image, recipe.seed)),
        _ => None,
    };
    assert_eq!(reports.iter().filter_map(finished).collect::<Vec<_>>(), [(1, 41)], "with its own seed");
}

#[test]
fn what_a_crashed_file_task_was_for_is_reported() {
    let (tasks, to_do) = unbounded();
    let (sender, reports) = unbounded();
    let reporter = Reporter { reports: sender, repaint: Arc::new(|| ()) };
    let id = crate::document::ResultId { round: 3, image: 1 };
    let picture = Arc::new(RgbImage::new(8, 8));
    let recipe = crate::engine::Recipe {
        settings: Settings::default(),
        seed: 1,
        model: "m".into(),
        from_picture: false,
        made_with: Default::default(),
    };
    let keep = FileTask::KeepResult {
        job: JobId(7),
        image: 1,
        picture: Arc::clone(&picture),
        recipe: Arc::new(recipe),
        folder: "/out".into(),
        saving: ResultSaving::default(),
        start: ResultStart::None,
        regions: Vec::new(),
    };
    let start = FileTask::ReadStart(DocumentId(1), 3);
    for task in [keep, start, FileTask::DecodeResult(DocumentId(1), id, crate::document::ResultImage::Pixels(picture))]
    {
        tasks.send(task).expect("sends");
    }
    drop(tasks);
    file_thread::run_with(&to_do, &reporter, |_| panic!("the script says so"));
    let reports: Vec<Report> = reports.try_iter().collect();
    let restarted = |r: &Report| matches!(r, Report::Restarted { thread: WorkerThread::Files, .. });
    assert_eq!(reports.iter().filter(|r| restarted(r)).count(), 3);
    assert!(reports.iter().any(|r| matches!(r, Report::File(FileReport::StartNotRead { round: 3, .. }))));
    assert!(
        reports.iter().any(|r| matches!(r, Report::File(FileReport::ResultNotKept { job: JobId(7), image: 1, .. })))
    );
    assert!(
        reports.iter().any(|r| matches!(r, Report::File(FileReport::ResultNotDecoded { id: of, .. }) if *of == id))
    );
}

/// A pipe that nobody writes to would hold up every later task.
#[test]
#[cfg(target_os = "linux")]
fn a_pipe_is_not_waited_for() {
    let bench = Bench::new();
    let pipe = bench.folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
    bench.jobs.files(FileTask::Open(pipe));
    let report = loop {
        let report = bench.jobs.reports.recv_timeout(Duration::from_secs(20)).expect("a report");
        if let Report::File(report) = report {
            break report;
        }
    };
    assert!(matches!(&report, FileReport::Failed(text) if text.contains("a pipe or a device")), "{report:?}");
}
