//! Reads the body of a request within limits.

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::{Body, Incoming};
use serde_json::{Map, Value};
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::failure::Failure;
use super::shared::Shared;

/// Reads a body that is a JSON object; an empty one counts as an empty object.
///
/// # Errors
/// 413 if it is too long, 503 if all bodies together are, 408 if it comes too slowly, 400 if it ends early, and 422 if it is
/// no object.
pub(super) async fn read_object(shared: &Shared, body: Incoming) -> Result<Map<String, Value>, Failure> {
    let limits = &shared.limits;
    let slow = || Failure::new(StatusCode::REQUEST_TIMEOUT, "The request came too slowly and was given up.");
    // The room is taken until the JSON is read: it is what holds the memory.
    let (bytes, room) = timeout(limits.body_time, read(shared, body)).await.map_err(|_| slow())??;
    let object = super::api::beside(move || object_of(&bytes)).await?;
    drop(room);
    object
}

async fn read(shared: &Shared, mut body: Incoming) -> Result<(Vec<u8>, Option<SemaphorePermit<'_>>), Failure> {
    let limits = &shared.limits;
    let too_long = || {
        let sentence = format!("The request is too long: at most {} MB are read.", limits.body >> 20);
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, sentence)
    };
    if body.size_hint().lower() > limits.body as u64 {
        return Err(too_long());
    }
    let (mut bytes, mut room) = (Vec::new(), None::<SemaphorePermit<'_>>);
    loop {
        let frame = timeout(limits.pause, body.frame())
            .await
            .map_err(|_| Failure::new(StatusCode::REQUEST_TIMEOUT, "The request came too slowly and was given up."))?;
        let Some(frame) = frame else { return Ok((bytes, room)) };
        let frame = frame.map_err(|_| Failure::new(StatusCode::BAD_REQUEST, "The request ended early."))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limits.body {
            return Err(too_long());
        }
        let kilobytes = u32::try_from(data.len().div_ceil(1024)).unwrap_or(u32::MAX);
        let permit = shared.body_room.try_acquire_many(kilobytes).map_err(|_| {
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "Too many large requests at once; try again in a moment.")
        })?;
        match &mut room {
            Some(room) => room.merge(permit),
            None => room = Some(permit),
        }
        bytes.extend_from_slice(&data);
    }
}

fn object_of(bytes: &[u8]) -> Result<Map<String, Value>, Failure> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Failure::value("The request must be a JSON object.")),
        Err(error) => Err(Failure::value(format!("The request is not JSON: {error}."))),
    }
}
