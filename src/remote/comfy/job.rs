//! One graph on the server, from being sent to its picture.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, select, tick, unbounded};
use image::RgbImage;
use serde_json::{Value, json};

use super::socket::{Heard, Socket};
use crate::engine::{Cancel, Error, random_seed};
use crate::remote::background::{self, LOOK};
use crate::remote::client::Client;
use crate::remote::trouble::Trouble;

/// How often a job may be found nowhere before it counts as gone: it can move between two questions.
const MOST_MISSING: usize = 3;

/// How many questions in a row may meet nobody before the server counts as ended. Its jobs have then ended with it.
const MOST_REFUSED: usize = 6;

/// The longest side of a preview that is always taken, in pixels. ComfyUI enlarges the previews of small pictures, to 512
/// pixels unless its `--preview-size` says otherwise.
const MOST_PREVIEW: u32 = 2048;

/// A graph to be made.
pub(super) struct Job {
    pub client: Client,
    pub graph: Value,
    /// The node whose picture is wanted.
    pub result: String,
    /// The node whose steps are told; empty for any.
    pub sampler: String,
    /// The size that the picture must have; `None` for any.
    pub size: Option<(u32, u32)>,
    /// The longest side of a picture of any size, in pixels.
    pub most_side: u32,
}

/// What happens to a job.
pub(super) enum Progress {
    /// Others come first.
    Waits(usize),
    /// A step is done, or there is a newer preview.
    Step { step: usize, steps: usize, preview: Option<RgbImage> },
}

/// What the questions about a job found.
enum Found {
    /// It waits behind so many.
    Waits(usize),
    /// It has ended; what the history says.
    Ended(Value),
    /// It is not there any more.
    Gone,
    /// The server is not there any more.
    Refused,
    /// The server has not answered for this long.
    Silent(Duration),
}

impl Job {
    /// Makes the picture. `Ok(None)` once `gives_up` says so; the server is then told to forget this job, and no other.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or what went wrong.
    pub fn run(
        self,
        cancel: &Cancel,
        gives_up: &dyn Fn() -> bool,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Option<RgbImage>, Error> {
        let host = self.client.host().to_owned();
        let fail = |trouble: Trouble| trouble.into_error(&host);
        let id = |a: u64, b: u64| format!("{a:016x}{b:016x}");
        let (client_id, own_id) = (id(random_seed() as u64, 1), id(random_seed() as u64, random_seed() as u64));
        let socket = Socket::listen(self.client.clone(), &client_id, self.most_side.max(MOST_PREVIEW));
        let body = json!({"prompt": self.graph, "client_id": client_id, "prompt_id": own_id});
        let client = self.client.clone();
        let sent = background::ask(&host, cancel, move || client.post_json("/prompt", &body));
        let answer = match sent {
            Ok(answer) => answer.map_err(fail)?,
            Err(error) => {
                // It may have arrived all the same.
                self.forget(&own_id);
                return Err(error);
            }
        };
        let job = answer["prompt_id"].as_str().unwrap_or(&own_id).to_owned();
        let (hurry, hurried) = bounded(1);
        let found = self.ask_on(&job, hurried).map_err(fail)?;
        let (looks, mut heard) = (tick(LOOK), socket.heard.clone());
        let mut last_step = (0, 1);
        loop {
            if cancel.is_cancelled() || gives_up() {
                self.forget(&job);
                cancel.check()?;
                return Ok(None);
            }
            select! {
                recv(heard) -> message => match message {
                    Ok(Heard::Step { node, step, steps }) if self.sampler.is_empty() || node == self.sampler => {
                        last_step = (step, steps);
                        on_progress(Progress::Step { step, steps, preview: None });
                    }
                    Ok(Heard::Step { .. }) => {}
                    Ok(Heard::Preview(preview)) if last_step.0 > 0 => {
                        on_progress(Progress::Step { step: last_step.0, steps: last_step.1, preview: Some(preview) });
                    }
                    Ok(Heard::Preview(_)) => {}
                    Ok(Heard::Ended) => { let _ = hurry.try_send(()); }
                    // The questions go on.
                    Ok(Heard::Closed) | Err(_) => heard = crossbeam_channel::never(),
                },
                recv(found) -> message => match message {
                    Ok(Found::Waits(before)) => on_progress(Progress::Waits(before)),
                    Ok(Found::Ended(entry)) => return self.picture(&entry, cancel).map(Some),
                    Ok(Found::Gone) => {
                        return Err(Error::Remote(format!("{host} made no picture: the job was removed there.")));
                    }
                    Ok(Found::Refused) => {
                        return Err(Error::Remote(format!("{host} has ended before the picture was made. Look whether it still runs.")));
                    }
                    Ok(Found::Silent(time)) if time > self.client.patience.silence => {
                        let seconds = time.as_secs();
                        self.forget(&job);
                        return Err(Error::Remote(format!("{host} has not answered for {seconds} seconds. Look whether it still runs.")));
                    }
                    Ok(Found::Silent(_)) => {}
                    Err(_) => return Err(Error::Internal("the questions about a job ended without an answer".into())),
                },
                recv(looks) -> _ => {}
            }
        }
    }

    /// Asks for the job again and again on a thread of its own, at once when `hurried` says that there is news.
    fn ask_on(&self, job: &str, hurried: Receiver<()>) -> Result<Receiver<Found>, Trouble> {
        let (sender, found) = unbounded();
        let (client, job) = (self.client.clone(), job.to_owned());
        let work = move || ask_until_ended(&client, &job, &hurried, &sender);
        let started = std::thread::Builder::new().name("remote progress".into()).spawn(work);
        started.map_err(|error| Trouble::Connection(crate::picture::plain_reason(&error)))?;
        Ok(found)
    }

    /// Fetches the picture of a job that has ended.
    fn picture(&self, entry: &Value, cancel: &Cancel) -> Result<RgbImage, Error> {
        let host = self.client.host().to_owned();
        if let Some(error) = failure(entry, &host) {
            return Err(error);
        }
        let image = &entry["outputs"][self.result.as_str()]["images"][0];
        let text = |name: &str| image[name].as_str().unwrap_or_default();
        if text("filename").is_empty() {
            return Err(Error::Remote(format!("{host} finished without a picture.")));
        }
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let path = format!(
            "/view?filename={}&subfolder={}&type={}",
            encode(text("filename")),
            encode(text("subfolder")),
            encode(text("type"))
        );
        let (client, size, most_side) = (self.client.clone(), self.size, self.most_side);
        let fetched = background::ask(&host, cancel, move || {
            let bytes = client.get_bytes(&path)?;
            let picture = crate::picture::read(&bytes, "an answer")
                .map_err(|_| Trouble::Nonsense("holds no picture that can be read".into()))?;
            let (width, height) = picture.dimensions();
            if size.is_some_and(|size| size != (width, height)) || width.max(height) > most_side {
                return Err(Trouble::Nonsense(format!(
                    "holds a picture of {width} by {height} pixels, which is another size than was asked for"
                )));
            }
            Ok(picture)
        })?;
        fetched.map_err(|trouble| trouble.into_error(&host))
    }

    /// Tells the server to forget a job: takes it from the queue, or interrupts it if it is this one that is being made.
    fn forget(&self, job: &str) {
        let (client, job) = (self.client.clone(), job.to_owned());
        let told = background::start(move || -> Result<(), Trouble> {
            client.post_json("/queue", &json!({"delete": [job]}))?;
            if place_of(&client.get_path("/queue")?, &job) == Some(0) {
                client.post_json("/interrupt", &json!({"prompt_id": job}))?;
            }
            Ok(())
        });
        if let Err(trouble) = told {
            tracing::warn!(?trouble, "the server could not be told to forget a job");
        }
    }
}

fn ask_until_ended(client: &Client, job: &str, hurried: &Receiver<()>, sender: &Sender<Found>) {
    let (mut answered, mut missing, mut refused, mut last) = (Instant::now(), 0, 0, None);
    loop {
        let waited = hurried.recv_timeout(client.patience.interval);
        // Nobody listens any more.
        if matches!(waited, Err(crossbeam_channel::RecvTimeoutError::Disconnected)) {
            return;
        }
        let ask = || -> Result<Option<Found>, Trouble> {
            let entry = client.get_path(&format!("/history/{job}"))?[job].take();
            if entry.is_object() {
                return Ok(Some(Found::Ended(entry)));
            }
            Ok(place_of(&client.get_path("/queue")?, job).map(Found::Waits))
        };
        let found = match ask() {
            Ok(found) => {
                (answered, refused) = (Instant::now(), 0);
                missing = if found.is_none() { missing + 1 } else { 0 };
                match found {
                    Some(Found::Waits(place)) if last == Some(place) => None,
                    Some(Found::Waits(place)) => {
                        last = Some(place);
                        Some(Found::Waits(place))
                    }
                    None if missing >= MOST_MISSING => Some(Found::Gone),
                    other => other,
                }
            }
            Err(trouble) => {
                refused = if trouble.is_refused() { refused + 1 } else { 0 };
                Some(if refused >= MOST_REFUSED { Found::Refused } else { Found::Silent(answered.elapsed()) })
            }
        };
        let is_last = matches!(found, Some(Found::Ended(_) | Found::Gone | Found::Refused));
        if found.is_some_and(|found| sender.send(found).is_err()) || is_last {
            return;
        }
    }
}

/// How many jobs are made before this one, from the server's queue; 0 if it is being made, `None` if it is not there.
fn place_of(queue: &Value, job: &str) -> Option<usize> {
    let list = |name: &str| queue[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_job = |entry: &&Value| entry[1].as_str() == Some(job);
    if list("queue_running").iter().any(|entry| is_job(&entry)) {
        return Some(0);
    }
    let own = list("queue_pending").iter().find(is_job)?;
    let number = |entry: &Value| entry[0].as_f64().unwrap_or(0.0);
    let before = list("queue_pending").iter().filter(|entry| number(entry) < number(own)).count();
    // Nothing runs for a moment between two jobs.
    Some((before + list("queue_running").len()).max(1))
}

/// Why a job of the history failed.
fn failure(entry: &Value, host: &str) -> Option<Error> {
    let status = &entry["status"];
    if status["status_str"].as_str() != Some("error") {
        return None;
    }
    let messages = status["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let find = |name: &str| messages.iter().find(|message| message[0].as_str() == Some(name));
    if find("execution_interrupted").is_some() {
        return Some(Error::Remote(format!("{host} made no picture: it was interrupted there.")));
    }
    let error = find("execution_error").map(|message| &message[1]);
    let reason = error.and_then(|error| error["exception_message"].as_str()).unwrap_or("it does not say why");
    Some(Trouble::Status(500, Trouble::quoted(reason)).into_error(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_the_queue_counts_those_before() {
        let queue = json!({"queue_running": [[0, "a", {}]], "queue_pending": [[3, "d"], [1, "b"], [2, "c"]]});
        let place = |job: &str| place_of(&queue, job);
        assert_eq!(
            (place("a"), place("b"), place("c"), place("d"), place("e")),
            (Some(0), Some(1), Some(2), Some(3), None)
        );
        assert_eq!(place_of(&json!([]), "a"), None);
    }
}
