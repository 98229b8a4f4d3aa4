//! The lines that a control network is shown, drawn over the canvas.

use egui::{Color32, ColorImage, Context, TextureOptions};
use image::RgbImage;

use super::state::{HintKey, HintOnCanvas};
use crate::engine::{ControlSource, Preprocessor};
use crate::jobs::{DrawnHint, FileTask, HintSource, HintTask, VisionTask};
use crate::models::{FoundKind, first_usable};
use crate::ui::canvas::InPlace;
use crate::ui::commands::Services;
use crate::ui::state::WindowState;

/// The colour of the lines over the canvas, which neither paper nor ink usually has.
const LINE: [u8; 3] = [230, 20, 140];

/// Asks for the hint of the first control if the one that is there is not fresh. One is drawn at a time, and none while a
/// stroke is painted. Runs once a frame.
pub(in crate::ui) fn update(state: &mut WindowState, services: &Services) {
    let Some(control) = state.document.settings().controls.first() else {
        (state.control.drawing, state.control.drawn) = (None, None);
        return;
    };
    let is_file = matches!(control.source, ControlSource::File(_));
    // A round needs the picture of a file or layer; of the sketch only what is shown.
    if control.source == ControlSource::Sketch && !state.control.shows_lines {
        return;
    }
    if state.control.drawing.is_some() || state.canvas.is_stroking() {
        return;
    }
    let found = state.models.found();
    let key = HintKey::new(control, &state.document, state.shown.id, found);
    // What the search has not found yet is not missing.
    if key.preprocessor == Preprocessor::Depth && key.network.is_none() && state.models.searching.is_some() {
        return;
    }
    if state.control.drawn.as_ref().is_some_and(|(drawn, _)| *drawn == key) {
        return;
    }
    if is_file && !state.control.shows_lines && state.control.fresh_picture(&key).is_some() {
        return;
    }
    let source = match &control.source {
        ControlSource::File(path) => HintSource::File(path.clone()),
        source => match state.document.control_pixels(source) {
            Some(pixels) => HintSource::Layers(Box::new(pixels)),
            None => {
                let gone = "The layer is not there any more. Choose another one.".to_owned();
                state.control.drawn = Some((key, Err(gone)));
                return;
            }
        },
    };
    state.control.asked += 1;
    let number = state.control.asked;
    let task = HintTask {
        number,
        source,
        preprocessor: key.preprocessor,
        size: key.size,
        fit: key.fit,
        canvas: (key.part.width() as u32, key.part.height() as u32),
        paper: key.paper.0,
    };
    if key.preprocessor == Preprocessor::Depth {
        let network = first_usable(found, FoundKind::DepthEstimator).map(|model| model.path.clone());
        let network = network.map_err(|error| error.to_string());
        services.jobs.look(VisionTask::DrawDepth(Box::new(task), network));
    } else {
        services.jobs.files(FileTask::DrawHint(Box::new(task)));
    }
    state.control.drawing = Some((number, key));
}

/// A hint was drawn, or could not be.
pub(in crate::ui) fn arrived(state: &mut WindowState, number: u64, drawn: Result<DrawnHint, String>) {
    let Some((_, key)) = state.control.drawing.take_if(|(asked, _)| *asked == number) else { return };
    let hint = drawn.map(|DrawnHint { picture, lines }| HintOnCanvas { picture, lines, texture: None });
    if let (Err(reason), true) = (&hint, state.control.trouble_with(&key.source).is_none()) {
        state.status.fail(reason.clone());
    }
    state.control.drawn = Some((key, hint));
}

/// The lines over the canvas, if they are to be shown and nothing has changed since they were drawn.
pub(in crate::ui) fn in_place(state: &mut WindowState, ctx: &Context) -> Option<InPlace> {
    if !state.control.shows_lines || state.canvas.is_stroking() {
        return None;
    }
    let control = state.document.settings().controls.first()?;
    let now = HintKey::new(control, &state.document, state.shown.id, state.models.found());
    let caption =
        format!("{} of {}", control.preprocessor.label(), super::panel::source_name(control, &state.document));
    let (_, hint) = state.control.drawn.as_mut().filter(|(key, _)| *key == now)?;
    let hint = hint.as_mut().ok()?;
    let texture = hint.texture.get_or_insert_with(|| {
        let image = match control.preprocessor {
            Preprocessor::Depth => in_place_of_canvas(&hint.lines),
            _ => over_canvas(&hint.lines),
        };
        ctx.load_texture("lines of a control", image, TextureOptions::LINEAR)
    });
    Some(InPlace { texture: texture.id(), place: state.document.frame(), caption })
}

/// A picture of depth as it is, opaque: it has something to show at every pixel.
fn in_place_of_canvas(depth: &RgbImage) -> ColorImage {
    ColorImage::from_rgb([depth.width() as usize, depth.height() as usize], depth.as_raw())
}

/// White lines on black as coloured lines on nothing.
fn over_canvas(lines: &RgbImage) -> ColorImage {
    let size = [lines.width() as usize, lines.height() as usize];
    let [r, g, b] = LINE;
    let pixel = |pixel: &image::Rgb<u8>| {
        let level = pixel.0.into_iter().max().unwrap_or_default();
        Color32::from_rgba_unmultiplied(r, g, b, level)
    };
    ColorImage::new(size, lines.pixels().map(pixel).collect())
}
