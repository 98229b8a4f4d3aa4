//! Several engines that share the pictures of a request.
//!
//! Every picture is asked for alone, with its own seed, so it is the same whichever engine makes it (as far as their
//! arithmetic is). Each engine has a thread while a request is worked on and takes the next picture from one queue;
//! `pace.rs` decides whether it should, `work.rs` is that queue.

mod pace;
mod work;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Sender, unbounded};

use super::{EngineChoice, ServerEngine};
use crate::engine::{
    Cancel, Capabilities, Engine, EngineLimits, Error, Event, FinishedImage, LoadProgress, MadeBy, MadeWith,
    ModelChoice, ModelInfo, Plan, Request, RequestKind, Runtime, Settings,
};
use work::Work;

/// What the engine on this machine is called among others.
const HERE: &str = "This machine";

/// The engine for a choice; `local` makes the one on this machine.
pub fn engine_of(choice: &EngineChoice, local: impl FnOnce() -> Box<dyn Engine>) -> Box<dyn Engine> {
    if choice.servers.is_empty() {
        return local();
    }
    let mut members: Vec<(String, Box<dyn Engine>)> = Vec::new();
    if choice.local {
        members.push((HERE.into(), local()));
    }
    for server in &choice.servers {
        members.push((
            server.url.host().to_owned(),
            Box::new(ServerEngine::new(server.clone()).with_graph(choice.graph.clone())),
        ));
    }
    Box::new(Pool::new(members))
}

/// Several engines as one. A picture whose engine fails goes to another one.
pub struct Pool {
    members: Vec<Member>,
    /// What the last load has to say, until the next request.
    notices: Vec<String>,
}

struct Member {
    name: String,
    engine: Box<dyn Engine>,
    /// How long its last picture took.
    seconds: Option<f64>,
    /// Whether it could not load the model, so that it gets no pictures.
    is_out: bool,
}

impl Pool {
    /// A pool of these engines, each with its name.
    pub fn new(members: Vec<(String, Box<dyn Engine>)>) -> Self {
        let member = |(name, engine)| Member { name, engine, seconds: None, is_out: false };
        Self { members: members.into_iter().map(member).collect(), notices: Vec::new() }
    }

    fn names(&self) -> String {
        self.members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Engine for Pool {
    fn capabilities(&mut self) -> Capabilities {
        let name = self.names();
        let of_members: Vec<Capabilities> =
            self.members.iter_mut().map(|member| member.engine.capabilities()).collect();
        let hosts: Vec<String> = of_members.iter().filter_map(|one| one.server.clone()).collect();
        let mut lists = of_members.iter().filter_map(|one| one.models.clone()).peekable();
        let models = lists.peek().is_some().then(|| {
            let mut all: Vec<String> = lists.flatten().collect();
            all.sort();
            all.dedup();
            all
        });
        // What one of them can do goes to that one.
        let limits = of_members.iter().map(|one| one.limits.clone()).reduce(EngineLimits::of_any).unwrap_or_default();
        let devices = of_members.into_iter().flat_map(|one| one.devices).collect();
        Capabilities { name, devices, server: (!hosts.is_empty()).then(|| hosts.join(", ")), limits, models }
    }

    fn configure(&mut self, runtime: &Runtime) {
        self.members.iter_mut().for_each(|member| member.engine.configure(runtime));
    }

    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        self.load_with_progress(model, cancel, Arc::new(|_| {}))
    }

    fn load_with_progress(
        &mut self,
        model: &ModelChoice,
        cancel: &Cancel,
        progress: LoadProgress,
    ) -> Result<ModelInfo, Error> {
        let load = |member: &mut Member| {
            let progress = Arc::clone(&progress);
            let load = || member.engine.load_with_progress(model, cancel, progress);
            let done = catch_unwind(AssertUnwindSafe(load));
            done.unwrap_or_else(|_| Err(Error::Internal(format!("the engine of {} crashed", member.name))))
        };
        let done: Vec<Result<ModelInfo, Error>> = std::thread::scope(|scope| {
            let threads: Vec<_> = self.members.iter_mut().map(|member| scope.spawn(move || load(member))).collect();
            let crashed = || Err(Error::Internal("an engine crashed".into()));
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| crashed())).collect()
        });
        cancel.check()?;
        self.notices.clear();
        let (mut info, mut first) = (None, None);
        for (member, done) in self.members.iter_mut().zip(done) {
            member.is_out = done.is_err();
            match done {
                Ok(loaded) => info = info.or(Some(loaded)),
                Err(error) => {
                    self.notices.push(format!("{} makes no pictures of this round: {error}", member.name));
                    first = first.or(Some(error));
                }
            }
        }
        match (info, first) {
            (Some(info), _) => Ok(info),
            (None, first) => {
                self.notices.clear();
                Err(first.unwrap_or_else(|| Error::Setting("No engine is switched on.".into())))
            }
        }
    }

    /// Each picture says for itself what made it.
    fn made_with(&mut self, model: &ModelChoice) -> MadeWith {
        match self.members.as_mut_slice() {
            [only] => only.engine.made_with(model),
            _ => MadeWith::default(),
        }
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        request.check()?;
        let requests: Vec<Request> = (0..request.images()).map(|image| alone(request, image)).collect();
        self.share(&requests, cancel, on_event)
    }

    fn generate_each(
        &mut self,
        requests: &[Request],
        cancel: &Cancel,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        requests.iter().try_for_each(Request::check)?;
        self.share(requests, cancel, on_event)
    }
}

impl Pool {
    /// Lets the engines make these pictures, each of which has its own request.
    fn share(&mut self, requests: &[Request], cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        self.notices.drain(..).for_each(|text| on_event(Event::Notice(text)));
        let images = (0..requests.len()).filter(|image| !cancel.is_left_out(*image)).collect();
        let takes_part: Vec<bool> = self.members.iter().map(|member| !member.is_out).collect();
        let seconds = self.members.iter().map(|member| member.seconds);
        let work = Work::new(images, seconds.zip(takes_part).collect());
        let (sender, events) = unbounded();
        std::thread::scope(|scope| {
            for (place, member) in self.members.iter_mut().enumerate() {
                let (work, sender) = (&work, sender.clone());
                scope.spawn(move || member.make_pictures(place, work, requests, cancel, &sender));
            }
            drop(sender);
            events.iter().for_each(&mut *on_event);
        });
        cancel.check()?;
        work.outcome()
    }
}

impl Member {
    /// Makes pictures until there are none left, or one fails.
    fn make_pictures(
        &mut self,
        place: usize,
        work: &Work,
        requests: &[Request],
        cancel: &Cancel,
        sender: &Sender<Event>,
    ) {
        while let Some(image) = work.take(place, cancel) {
            let Some(alone) = requests.get(image) else {
                work.done(place, None);
                continue;
            };
            let began = Instant::now();
            let made_with = if self.is_out { MadeWith::default() } else { self.engine.made_with(&alone.model) };
            let name = self.name.clone();
            let (engine, of_image) = (&mut self.engine, cancel.of_image(image));
            let made = catch_unwind(AssertUnwindSafe(|| {
                let mut forward = |event: Event| {
                    let seconds = began.elapsed().as_secs_f64();
                    let by = || MadeBy { engine: name.clone(), made_with: made_with.clone(), seconds };
                    // Nobody listens any more only when the request was given up.
                    let _ = sender.send(by_whom(event.moved_by(image), by));
                };
                engine.generate(alone, &of_image, &mut forward)
            }));
            match made {
                Ok(Ok(())) => {
                    self.seconds = Some(began.elapsed().as_secs_f64());
                    work.done(place, self.seconds);
                }
                Ok(Err(Error::Cancelled)) => work.done(place, None),
                Ok(Err(error)) => return self.failed(place, image, error, work, sender),
                Err(_) => {
                    let error = Error::Internal(format!("the engine of {} crashed", self.name));
                    return self.failed(place, image, error, work, sender);
                }
            }
        }
    }

    fn failed(&self, place: usize, image: usize, error: Error, work: &Work, sender: &Sender<Event>) {
        let text = error.to_string();
        if work.failed(place, image, error) {
            let _ = sender.send(Event::Notice(format!("{text} Another engine makes the picture instead.")));
        }
    }
}

/// The request for one picture of another one.
fn alone(request: &Request, image: usize) -> Request {
    let (seed, variation_seed) = request.seeds_of(image);
    let settings =
        Settings { seed: seed as i64, variation_seed: variation_seed as i64, batch: 1, ..request.settings_of(image) };
    let plan = Plan { sheet: None, ..request.plan.clone() };
    let start = match &request.kind {
        RequestKind::TextToImage => None,
        RequestKind::ImageToImage { start } => Some(Arc::clone(start)),
    };
    Request::planned(request.model.clone(), settings, plan, start)
}

/// An event that says of a finished picture who made it.
fn by_whom(event: Event, by: impl Fn() -> MadeBy) -> Event {
    match event {
        Event::Finished(made) => Event::Finished(FinishedImage { made_by: Some(Box::new(by())), ..made }),
        event => event,
    }
}

#[cfg(test)]
mod tests;
