use std::sync::{Barrier, Mutex};

use image::RgbImage;

use super::*;
use crate::engine::Recommended;

/// An engine that paints each picture with its seed, and fails at the pictures with these seeds.
struct Painter {
    name: &'static str,
    fails_at: Vec<u64>,
    models: Vec<&'static str>,
    made: Arc<Mutex<Vec<(&'static str, u64)>>>,
    /// Each picture is made only when one is taken from here.
    allowed: Option<crossbeam_channel::Receiver<()>>,
    /// The first picture waits until the other engine makes one too.
    meets: Option<Arc<Barrier>>,
    /// The prompts of its pictures, with their seeds.
    prompts: Arc<Mutex<Vec<(u64, String)>>>,
}

impl Engine for Painter {
    fn capabilities(&mut self) -> Capabilities {
        let models = Some(self.models.iter().map(|name| (*name).to_owned()).collect());
        Capabilities { name: self.name.into(), server: Some(self.name.into()), models, ..Capabilities::default() }
    }

    fn configure(&mut self, _: &Runtime) {}

    fn load(&mut self, model: &ModelChoice, _: &Cancel) -> Result<ModelInfo, Error> {
        match self.models.contains(&model.name().as_str()) {
            true => Ok(ModelInfo { choice: model.clone(), recommended: Recommended::default(), counter: None }),
            false => Err(Error::Remote(format!("{} lacks it.", self.name))),
        }
    }

    fn made_with(&mut self, _: &ModelChoice) -> MadeWith {
        MadeWith { program: self.name.into(), ..MadeWith::default() }
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        assert_eq!(request.images(), 1);
        let (seed, variation_seed) = request.seeds_of(0);
        while let Some(allowed) = &self.allowed {
            cancel.check()?;
            if allowed.recv_timeout(std::time::Duration::from_millis(5)).is_ok() {
                break;
            }
        }
        if let Some(other) = self.meets.take() {
            other.wait();
        }
        if self.fails_at.contains(&seed) {
            return Err(Error::Remote(format!("{} is gone.", self.name)));
        }
        self.made.lock().expect("lock").push((self.name, seed));
        self.prompts.lock().expect("lock").push((seed, request.settings.prompt.clone()));
        let picture = RgbImage::from_pixel(64, 64, image::Rgb([seed as u8; 3]));
        on_event(Event::Finished(FinishedImage { image: 0, seed, variation_seed, picture, made_by: None }));
        Ok(())
    }
}

type Made = Arc<Mutex<Vec<(&'static str, u64)>>>;

fn painter(name: &'static str, made: &Made) -> Painter {
    let (made, prompts) = (Arc::clone(made), Arc::default());
    Painter { name, fails_at: Vec::new(), models: vec!["dream"], made, allowed: None, meets: None, prompts }
}

fn pool(members: Vec<Painter>) -> Pool {
    Pool::new(members.into_iter().map(|one| (one.name.to_owned(), Box::new(one) as Box<dyn Engine>)).collect())
}

fn dream() -> ModelChoice {
    ModelChoice::Path("dream".into())
}

fn request() -> Request {
    Request::new(dream(), Settings { width: 64, height: 64, seed: 20, batch: 6, ..Settings::default() }, None)
}

/// A finished picture: its place, its seed and its maker.
type FinishedBy = (usize, u64, String);

/// The finished pictures in their order, each with its maker, and the notices.
fn run(pool: &mut Pool, cancel: &Cancel) -> (Result<(), Error>, Vec<FinishedBy>, Vec<String>) {
    let (mut finished, mut notices) = (Vec::new(), Vec::new());
    let done = pool.generate(&request(), cancel, &mut |event| match event {
        Event::Finished(made) => {
            assert_eq!(u64::from(made.picture.get_pixel(0, 0).0[0]), made.seed);
            let by = made.made_by.expect("a maker");
            assert_eq!(by.engine, by.made_with.program);
            finished.push((made.image, made.seed, by.engine));
        }
        Event::Notice(text) => notices.push(text),
        _ => {}
    });
    finished.sort();
    (done, finished, notices)
}

#[test]
fn a_batch_is_shared_and_every_picture_has_the_seed_of_its_place() {
    let made = Made::default();
    let meet = Arc::new(Barrier::new(2));
    let one = Painter { meets: Some(Arc::clone(&meet)), ..painter("one", &made) };
    let two = Painter { meets: Some(meet), ..painter("two", &made) };
    let mut pool = pool(vec![one, two]);
    pool.load(&dream(), &Cancel::default()).expect("loads");
    let (done, finished, _) = run(&mut pool, &Cancel::default());
    done.expect("all are made");
    assert_eq!(
        finished.iter().map(|made| (made.0, made.1)).collect::<Vec<_>>(),
        (0..6).map(|i| (i, 20 + i as u64)).collect::<Vec<_>>()
    );
    for name in ["one", "two"] {
        assert!(finished.iter().any(|made| made.2 == name), "{finished:?}");
    }
}

#[test]
fn what_one_engine_fails_at_another_one_makes() {
    let made = Made::default();
    let bad = Painter { fails_at: (20..26).collect(), ..painter("bad", &made) };
    let (done, finished, notices) = run(&mut pool(vec![bad, painter("good", &made)]), &Cancel::default());
    done.expect("the good one makes all");
    assert!(finished.len() == 6 && finished.iter().all(|made| made.2 == "good"));
    assert!(notices.len() <= 1 && notices.iter().all(|text| text.starts_with("bad is gone. Another engine")));
}

#[test]
fn a_picture_that_all_fail_at_is_an_error_and_the_others_are_kept() {
    let made = Made::default();
    let bad = |name| Painter { fails_at: vec![22], ..painter(name, &made) };
    let (done, finished, _) = run(&mut pool(vec![bad("one"), bad("two")]), &Cancel::default());
    assert!(done.expect_err("nobody can").to_string().contains("is gone"));
    assert!(finished.iter().any(|made| made.1 == 20) && finished.iter().all(|made| made.1 != 22));
}

#[test]
fn an_engine_without_the_model_takes_no_part_and_says_why() {
    let made = Made::default();
    let lacks = Painter { models: vec!["other"], ..painter("lacks", &made) };
    let mut pool = pool(vec![lacks, painter("has", &made)]);
    assert_eq!(pool.capabilities().models, Some(vec!["dream".into(), "other".into()]));
    assert_eq!(pool.capabilities().server.as_deref(), Some("lacks, has"));
    pool.load(&dream(), &Cancel::default()).expect("one has it");
    let (done, finished, notices) = run(&mut pool, &Cancel::default());
    done.expect("all are made");
    assert!(finished.len() == 6 && finished.iter().all(|made| made.2 == "has"));
    assert_eq!(notices, ["lacks makes no pictures of this round: lacks lacks it."]);
    let nobody = pool.load(&ModelChoice::Path("third".into()), &Cancel::default()).expect_err("nobody has it");
    assert_eq!(nobody.to_string(), "lacks lacks it.");
}

#[test]
fn cancelling_ends_all_and_a_left_out_picture_is_not_made() {
    let made = Made::default();
    let cancel = Cancel::default();
    cancel.leave_out(2);
    let (done, finished, _) = run(&mut pool(vec![painter("one", &made), painter("two", &made)]), &cancel);
    done.expect("the others");
    assert_eq!(finished.iter().map(|made| made.0).collect::<Vec<_>>(), [0, 1, 3, 4, 5]);
    // Nothing is allowed, so both wait until they are cancelled.
    let (_keep, never) = unbounded();
    let waits = |name| Painter { allowed: Some(never.clone()), ..painter(name, &made) };
    let mut waiting = pool(vec![waits("one"), waits("two")]);
    let flag = cancel.clone();
    std::thread::spawn(move || flag.cancel());
    let (done, finished, _) = run(&mut waiting, &cancel);
    assert!(matches!(done, Err(Error::Cancelled)) && finished.is_empty());
}

#[test]
fn pictures_with_prompts_of_their_own_are_shared_and_a_failing_engine_leaves_its_picture_to_another() {
    let made = Made::default();
    let meet = Arc::new(Barrier::new(2));
    let prompts = Arc::<Mutex<Vec<(u64, String)>>>::default();
    let one = Painter { meets: Some(Arc::clone(&meet)), prompts: Arc::clone(&prompts), ..painter("one", &made) };
    // The second one fails at its first picture, whichever that is, while the first one makes one.
    let fails_at = (20..26).collect();
    let two = Painter { meets: Some(meet), fails_at, ..painter("two", &made) };
    let mut both = pool(vec![one, two]);
    let of = |image: u64| {
        let settings =
            Settings { prompt: format!("fruit {image}"), seed: 20 + image as i64, batch: 1, ..request().settings };
        Request::new(dream(), settings, None)
    };
    let requests: Vec<Request> = (0..6).map(of).collect();
    let cancel = Cancel::default();
    cancel.leave_out(5);
    let (mut finished, mut notices) = (Vec::new(), Vec::new());
    both.generate_each(&requests, &cancel, &mut |event| match event {
        Event::Finished(made) => finished.push((made.image, made.seed)),
        Event::Notice(text) => notices.push(text),
        _ => {}
    })
    .expect("the first one makes all");
    finished.sort_unstable();
    assert_eq!(finished, (0..5).map(|image| (image, 20 + image as u64)).collect::<Vec<_>>());
    let mut prompts = prompts.lock().expect("lock").clone();
    prompts.sort();
    let wanted: Vec<(u64, String)> = (0..5).map(|image| (20 + image, format!("fruit {image}"))).collect();
    assert_eq!(prompts, wanted, "each picture with its own prompt");
    assert_eq!(notices, ["two is gone. Another engine makes the picture instead."], "both were at work");
}
