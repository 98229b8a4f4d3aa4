//! `GET /sdapi/v1/progress`.

use std::sync::Arc;

use image::RgbImage;
use serde_json::{Value, json};

use super::make_pictures::beside;
use crate::picture::{encode_png, to_base64};
use crate::server::failure::Failure;
use crate::server::running::RunningView;
use crate::server::shared::Shared;

/// How far the job is that the engine works on, with what its picture looks like unless `without_image`.
///
/// # Errors
/// Only an internal error.
pub(in crate::server) async fn progress(shared: &Arc<Shared>, without_image: bool) -> Result<Value, Failure> {
    let (running, waiting) = shared.queue.view();
    let preview = running.as_ref().and_then(|view| view.preview.clone()).filter(|_| !without_image);
    let image = match preview {
        Some(preview) => beside(move || encoded(&preview)).await?,
        None => Value::Null,
    };
    let share = running.as_ref().map_or(0.0, RunningView::share);
    let elapsed = running.as_ref().map_or(0.0, |view| view.elapsed.as_secs_f64());
    let left = if share > 0.0 { elapsed / share - elapsed } else { 0.0 };
    Ok(json!({
        "progress": share,
        "eta_relative": left,
        "state": state(running.as_ref(), waiting),
        "current_image": image,
        "textinfo": null,
    }))
}

/// The web UI's state of a job. `queue_length` is an addition: the jobs that wait.
fn state(running: Option<&RunningView>, waiting: usize) -> Value {
    let of = |value: fn(&RunningView) -> usize| running.map_or(0, value);
    json!({
        "skipped": running.is_some_and(|view| view.is_skipped),
        "interrupted": running.is_some_and(|view| view.is_interrupted),
        "stopping_generation": false,
        "job": running.map_or("", |view| view.name),
        // A model that is loaded is a job too.
        "job_count": of(|view| view.images.max(1)),
        "job_timestamp": running.map_or("0", |view| view.stamp.as_str()),
        "job_no": of(|view| view.image),
        "sampling_step": of(|view| view.step),
        "sampling_steps": of(|view| view.steps),
        "queue_length": waiting,
    })
}

fn encoded(preview: &RgbImage) -> Value {
    match encode_png(preview, None) {
        Ok(png) => to_base64(&png).into(),
        Err(error) => {
            tracing::warn!("a preview could not be written: {error}");
            Value::Null
        }
    }
}
