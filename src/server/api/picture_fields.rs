//! The pictures in a request: base64 to pixels, within limits.

use std::sync::Arc;

use image::RgbImage;
use serde_json::{Map, Value};

use super::round_fields::RoundFields;
use crate::engine::{Mask, Plan, Settings};
use crate::picture::{MaskPicture, fit, from_base64, read};
use crate::server::failure::Failure;

/// The longest side of a picture that is sent, in pixels.
const MAX_SIDE: u32 = 2 * Settings::MAX_SIDE as u32;

/// From what an img2img request starts.
pub(super) struct StartFields {
    pub start: Arc<RgbImage>,
    pub plan: Plan,
    /// The settings with what the mask needs.
    pub settings: Settings,
}

/// Reads the start image and the mask of a request.
///
/// # Errors
/// If there is no start image or more than one, or a picture that cannot be read.
pub(super) fn start_and_mask(sent: &Map<String, Value>, round: &RoundFields) -> Result<StartFields, Failure> {
    let images = match sent.get("init_images") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(images)) => images.as_slice(),
        Some(_) => return Err(Failure::value("init_images must be a list of pictures in base64.")),
    };
    let [image] = images else {
        return Err(match images.len() {
            0 => Failure::new(hyper::StatusCode::NOT_FOUND, "Init image not found"),
            count => Failure::value(format!(
                "init_images holds {count} pictures, and this server takes one a request; send a request for each."
            )),
        });
    };
    let picture = read(&bytes(image, "init_images")?, "The start image").map_err(unreadable)?;
    let mut settings = round.settings.clone();
    let size = (settings.width as u32, settings.height as u32);
    let mut plan = Plan::default();
    let mut keeps_size = false;
    if let Some(mask) = sent.get("mask").filter(|mask| !mask.is_null()) {
        let mask = MaskPicture::read(&bytes(mask, "mask")?, "The mask").map_err(unreadable)?;
        settings.inpaint = Some(round.inpaint);
        settings.keep_unpainted = true;
        keeps_size = settings.samples_masked_part();
        let mask_size = if keeps_size { picture.dimensions() } else { size };
        plan.mask = Some(Mask::from_levels(mask.levels_in(mask_size, round.fit)));
        if plan.changes_nothing(&settings) {
            return Err(Failure::value("The mask lets nothing change. Make white what should change."));
        }
    }
    let start = if keeps_size { picture } else { fit(&picture, size.0, size.1, round.fit, [255; 3]) };
    Ok(StartFields { start: Arc::new(start), plan, settings })
}

/// The bytes of a picture in base64, bare or as a `data:` address, whose sides are within the limit.
///
/// # Errors
/// If it is no base64, or the picture is too large or none.
pub(super) fn bytes(value: &Value, name: &str) -> Result<Vec<u8>, Failure> {
    let Some(text) = value.as_str() else {
        return Err(Failure::value(format!("{name} must be a picture in base64.")));
    };
    if text.starts_with("http://") || text.starts_with("https://") {
        return Err(Failure::value(format!("{name} is an address, and this server fetches none; send the picture.")));
    }
    from_base64(text, MAX_SIDE).map_err(|error| Failure::value(format!("{name} {error}.")))
}

fn unreadable(error: crate::picture::OpenError) -> Failure {
    Failure::value(error.to_string())
}
