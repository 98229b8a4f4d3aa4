//! Settings as JSON: written whole, read value by value.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{GrayImage, ImageFormat, ImageReader, Limits};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Settings;
use super::marks::{mask_from_picture, mask_picture};
use super::store::StoredState;
use crate::engine::{Mask, Plan};
use crate::paint::{Region, Selection, Size};

/// The name of a round's plan among its settings. Programs that do not know it leave it out.
const PLAN: &str = "plan";
/// The name of the painted pixels among a document's settings.
const PAINTED: &str = "painted";
/// The name of the mask among a document's settings: a grey PNG in base64. Programs that do not know it leave it out.
const MASK: &str = "mask";
/// The name of the selection among a document's settings, written as the mask is.
const SELECTION: &str = "selection";
/// The name of the part of the canvas that a round is made from, or the next one of a document.
const FRAME: &str = "frame";

/// Settings as JSON. A path that is not UTF-8 cannot be written as JSON and is left out.
pub(super) fn settings_to_json(settings: &Settings) -> String {
    serde_json::to_string(settings)
        .or_else(|_| serde_json::to_string(&Settings { vae: None, controls: Vec::new(), ..settings.clone() }))
        .unwrap_or_default()
}

/// A round's settings as JSON, with its plan if it has one, and with the part of the canvas that it is made from.
pub(super) fn round_to_json(settings: &Settings, plan: &Plan, place: Option<Region>) -> String {
    let json = with(settings, PLAN, (!plan.is_empty()).then_some(plan));
    with_value(json, FRAME, place.map(frame_numbers).as_ref())
}

/// A document's settings as JSON, with the pixels that were painted, the mask, the selection and the frame.
pub(super) fn document_to_json(state: &StoredState) -> String {
    let text = |marked: &Selection| picture_to_text(&mask_picture(marked));
    let json = with(&state.settings, PAINTED, state.painted.mask().as_ref());
    let json = with_value(json, MASK, state.mask.as_ref().and_then(text).as_ref());
    let json = with_value(json, SELECTION, state.selection.as_ref().and_then(text).as_ref());
    with_value(json, FRAME, state.frame.map(frame_numbers).as_ref())
}

/// A region as JSON: the column of its left edge, the row of its upper edge, width and height.
fn frame_numbers(frame: Region) -> [i64; 4] {
    [frame.x, frame.y, frame.size.width() as i64, frame.size.height() as i64]
}

/// The part of the canvas in what [`round_to_json`] or [`document_to_json`] wrote; `None` if there is none, or it is as
/// large as no canvas is.
pub(super) fn frame_from_json(json: &str) -> Option<Region> {
    let [x, y, width, height] = value_from_json::<[i64; 4]>(json, FRAME)?;
    let size = Size::new(usize::try_from(width).ok()?, usize::try_from(height).ok()?).ok()?;
    Some(Region { x, y, size })
}

/// The mask in what [`document_to_json`] wrote; `None` if there is none, it cannot be read or has another size.
pub(super) fn mask_from_json(json: &str, size: Size) -> Option<Selection> {
    marked_from_json(json, MASK, size)
}

/// The selection in what [`document_to_json`] wrote; `None` if there is none, it cannot be read or has another size.
pub(super) fn selection_from_json(json: &str, size: Size) -> Option<Selection> {
    marked_from_json(json, SELECTION, size)
}

fn marked_from_json(json: &str, name: &str, size: Size) -> Option<Selection> {
    let bytes = STANDARD.decode(value_from_json::<String>(json, name)?).ok()?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(size.width() as u32);
    limits.max_image_height = Some(size.height() as u32);
    reader.limits(limits);
    mask_from_picture(&reader.decode().ok()?.to_luma8(), size)
}

/// A PNG in base64; `None` for a picture without pixels.
fn picture_to_text(picture: &GrayImage) -> Option<String> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(STANDARD.encode(bytes.into_inner()))
}

/// Settings as JSON with a further value.
fn with<T: Serialize>(settings: &Settings, name: &str, value: Option<&T>) -> String {
    with_value(settings_to_json(settings), name, value)
}

fn with_value<T: Serialize>(json: String, name: &str, value: Option<&T>) -> String {
    let Some(value) = value else { return json };
    match (serde_json::from_str(&json), serde_json::to_value(value)) {
        (Ok(Value::Object(mut map)), Ok(value)) => {
            map.insert(name.into(), value);
            Value::Object(map).to_string()
        }
        _ => json,
    }
}

/// The plan in what [`round_to_json`] wrote; the usual one if there is none or it cannot be read.
pub(super) fn plan_from_json(json: &str) -> Plan {
    value_from_json(json, PLAN).unwrap_or_default()
}

/// The painted pixels in what [`document_to_json`] wrote; `None` if there are none or they cannot be read.
pub(super) fn painted_from_json(json: &str) -> Option<Mask> {
    value_from_json(json, PAINTED)
}

fn value_from_json<T: DeserializeOwned>(json: &str, name: &str) -> Option<T> {
    match serde_json::from_str(json) {
        Ok(Value::Object(mut map)) => serde_json::from_value(map.remove(name)?).ok(),
        _ => None,
    }
}

/// Reads what [`settings_to_json`] wrote; `None` if it is no JSON object. A single value that cannot be read
/// or is out of range is replaced by its default, so that a prompt is not lost to the name of a sampler.
pub(super) fn settings_from_json(json: &str) -> Option<Settings> {
    match serde_json::from_str(json) {
        Ok(Value::Object(map)) => Some(settings_from_map(&map)),
        _ => None,
    }
}

/// Settings from a JSON object, value by value; see [`settings_from_json`].
pub(super) fn settings_from_map(map: &Map<String, Value>) -> Settings {
    // All at once in the usual case: value by value takes a parse for each.
    if let Ok(settings) = Settings::deserialize(&Value::Object(map.clone()))
        && settings.check().is_ok()
    {
        return settings;
    }
    let mut good = Settings::default();
    let mut so_far = Map::new();
    for (name, value) in map {
        so_far.insert(name.clone(), value.clone());
        match Settings::deserialize(&Value::Object(so_far.clone())) {
            Ok(settings) if settings.check().is_ok() => good = settings,
            _ => {
                so_far.remove(name);
            }
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::PaintedPixels;
    use crate::engine::Sheet;

    #[test]
    fn a_rounds_plan_is_among_its_settings_and_a_bad_one_does_not_spoil_them() {
        let settings = Settings { steps: 33, ..Settings::default() };
        let plan = Plan { sheet: Some(Sheet::strength_ladder()), ..Plan::default() };
        let place = Region { x: 8, y: 16, size: Size::DEFAULT };
        let json = round_to_json(&settings, &plan, Some(place));
        assert_eq!(frame_from_json(&json), Some(place));
        assert_eq!(frame_from_json(&json.replace("16,512", "16,0")), None, "no canvas is that narrow");
        assert_eq!((settings_from_json(&json), plan_from_json(&json)), (Some(settings.clone()), plan));
        let bad = json.replace("strength\",\"values", "charm\",\"values");
        assert_ne!(bad, json);
        assert_eq!((settings_from_json(&bad), plan_from_json(&bad)), (Some(settings.clone()), Plan::default()));
        assert_eq!(round_to_json(&settings, &Plan::default(), None), settings_to_json(&settings));
    }

    #[test]
    fn a_mask_is_among_the_settings_with_all_its_levels_and_a_bad_one_is_left_out() {
        let size = Size::new(40, 30).expect("a size");
        let mask = Selection::ellipse(size, (3.0, 4.0), (30.0, 25.0), true).feathered(3.0);
        let state = StoredState { mask: Some(mask.clone()), ..state() };
        let json = document_to_json(&state);
        assert!(mask_from_json(&json, size).is_some_and(|read| read.is_like(&mask)));
        assert_eq!(settings_from_json(&json), Some(Settings::default()));
        assert!(mask_from_json(&json, Size::DEFAULT).is_none(), "another size");
        assert!(mask_from_json(&json.replace("iVBOR", "iVBOX"), size).is_none());
        assert_eq!(document_to_json(&self::state()), settings_to_json(&Settings::default()));
    }

    /// What a file holds besides an empty canvas with the usual settings.
    fn state() -> StoredState {
        StoredState {
            size: Size::DEFAULT,
            paper: crate::paint::Rgb::WHITE,
            ancestry: Vec::new(),
            origin: None,
            painted: PaintedPixels::default(),
            mask: None,
            selection: None,
            frame: None,
            settings: Settings::default(),
            model: None,
            next_round: 1,
            shown_round: None,
            view: crate::document::ViewState::default(),
        }
    }

    #[test]
    fn settings_are_the_same_after_being_written_and_read() {
        let settings = Settings { prompt: "a \"quoted\" pear\n🍐".into(), steps: 33, ..Settings::default() };
        assert_eq!(settings_from_json(&settings_to_json(&settings)), Some(settings));
        for text in ["", "[1]", "{", "3"] {
            assert_eq!(settings_from_json(text), None, "{text}");
        }
    }
}
