//! `POST /sdapi/v1/txt2img` and `img2img`.

use std::sync::Arc;

use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{RoundKind, picture_answer, picture_fields, round_fields};
use crate::engine::{Plan, Request, Runtime};
use crate::server::failure::Failure;
use crate::server::job::{Done, NotDone, PictureWork, Work};
use crate::server::queue::Refused;
use crate::server::shared::{Shared, lock};

/// Makes pictures: reads the request, waits for its turn and for the pictures.
///
/// # Errors
/// A request that cannot be understood, a full queue, and whatever stops the job.
pub(in crate::server) async fn make_pictures(
    shared: &Arc<Shared>,
    kind: RoundKind,
    sent: Map<String, Value>,
) -> Result<Value, Failure> {
    // Told before pictures are decoded for nothing.
    shared.queue.check_room().map_err(refused)?;
    let context = Arc::clone(shared);
    let prepared = beside(move || prepare(&context, kind, sent)).await??;
    let Prepared { work, answer } = prepared;
    let place = shared.queue.enter(Work::Pictures(Box::new(work))).map_err(refused)?;
    match place.outcome().await.map_err(not_done)? {
        Done::Pictures { made, trouble } => beside(move || answer.json(&made, trouble)).await,
        Done::Loaded => Err(Failure::internal("a round ended as a load")),
    }
}

struct Prepared {
    work: PictureWork,
    answer: picture_answer::PictureAnswer,
}

fn prepare(shared: &Shared, kind: RoundKind, mut sent: Map<String, Value>) -> Result<Prepared, Failure> {
    let options = options_of_request(shared, &sent)?;
    let round = round_fields::read(kind, &sent, &options, &shared.styles)?;
    let (settings, plan, start) = match kind {
        RoundKind::Txt2Img => (round.settings.clone(), Plan::default(), None),
        RoundKind::Img2Img => {
            let read = picture_fields::start_and_mask(&sent, &round)?;
            (read.settings, read.plan, Some(read.start))
        }
    };
    let request = Request::planned(options.model.clone(), settings, plan, start);
    request.check().map_err(|error| Failure::value(error.to_string()))?;
    if !round.include_init_images {
        for name in ["init_images", "mask"] {
            if let Some(value) = sent.get_mut(name) {
                *value = Value::Null;
            }
        }
    }
    let work = PictureWork { runtime: runtime_for(shared, &request), request, name: kind.name() };
    let model = shared.shelf.entry(&options.model);
    let answer = picture_answer::PictureAnswer::new(sent, &round, &work.request, model);
    Ok(Prepared { work, answer })
}

/// The options that count for a request: those of the server, changed by its `override_settings`.
fn options_of_request(
    shared: &Shared,
    sent: &Map<String, Value>,
) -> Result<crate::server::web_options::WebOptions, Failure> {
    let usual = shared.options();
    let Some(changes) = sent.get("override_settings").filter(|changes| !changes.is_null()) else { return Ok(usual) };
    let Some(changes) = changes.as_object() else {
        return Err(Failure::value("override_settings must be an object."));
    };
    let changed = usual.changed(changes, &shared.shelf)?;
    if sent.get("override_settings_restore_afterwards") == Some(&Value::Bool(false)) {
        *lock(&shared.options) = changed.clone();
    }
    Ok(changed)
}

/// Where and with what the engine works, if the prompt may name LoRAs, which can be in other folders than the usual one.
fn runtime_for(shared: &Shared, request: &Request) -> Option<Runtime> {
    let prompt = &request.settings.prompt;
    (prompt.contains("<lora:") || prompt.contains("__"))
        .then(|| Runtime { found_loras: shared.shelf.loras(), ..shared.runtime.clone() })
}

/// Runs work that takes a moment beside the thread of the connections.
pub(in crate::server) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::internal(&error.to_string()))
}

/// Why a job is not taken.
pub(super) fn refused(refused: Refused) -> Failure {
    let sentence = match refused {
        Refused::Full => "The queue is full; try again when a job has ended.",
        Refused::Closed => "The server is shutting down and takes no more jobs.",
    };
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, sentence)
}

/// Why a job made nothing.
pub(super) fn not_done(reason: NotDone) -> Failure {
    use crate::engine::Error;
    match reason {
        NotDone::Stopping => refused(Refused::Closed),
        NotDone::Engine(error @ (Error::Setting(_) | Error::File(_) | Error::Unsupported(_))) => {
            Failure::value(error.to_string())
        }
        NotDone::Engine(error) => Failure::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        NotDone::Encode(reason) => Failure::new(StatusCode::INTERNAL_SERVER_ERROR, reason),
    }
}
