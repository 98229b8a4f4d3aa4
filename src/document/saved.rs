//! What older versions of the program kept between launches: the canvas as `drawing.png`, everything else as
//! `drawing.json`. It is read, and never written.

use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::settings_json::settings_from_map;
use super::{Ancestry, Document, ResultId, RoundId, Settings};
use crate::paint::{Canvas, History, LayerStack, Rgb, Surface};
use crate::picture;

/// The newest version of `drawing.json`.
const VERSION: u64 = 1;

/// What `drawing.json` holds.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptState {
    /// The paper's colour.
    pub paper: Rgb,
    /// Prompt and settings.
    pub settings: Settings,
    /// The name of the model that the settings were chosen for.
    pub model: Option<String>,
    /// The seeds whose noise is in the canvas.
    pub ancestry: Ancestry,
    /// The result that the canvas came from.
    pub origin: Option<ResultId>,
    /// The number that the next round gets.
    pub next_round: RoundId,
}

impl KeptState {
    /// Reads a `drawing.json`. A single value that
    /// cannot be read or is out of range is replaced by its default, so that a prompt is not lost to
    /// the name of a sampler.
    ///
    /// # Errors
    /// If it is no such JSON, or was written by a newer version of the program.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(json).map_err(|e| format!("it is not valid JSON ({e})"))?;
        let Value::Object(map) = value else { return Err("it is not a JSON object".into()) };
        match map.get("version").and_then(Value::as_u64) {
            None => return Err("it has no version".into()),
            Some(version) if version > VERSION => {
                return Err(format!("it has version {version}, which a newer underpaint wrote"));
            }
            Some(_) => {}
        }
        Ok(Self {
            paper: field(&map, "paper").unwrap_or(Rgb::WHITE),
            settings: map.get("settings").and_then(Value::as_object).map(settings_from_map).unwrap_or_default(),
            model: field(&map, "model"),
            ancestry: field(&map, "ancestry").unwrap_or_default(),
            origin: field(&map, "origin"),
            next_round: field(&map, "next_round").unwrap_or(1),
        })
    }
}

fn field<T: for<'de> Deserialize<'de>>(map: &Map<String, Value>, name: &str) -> Option<T> {
    T::deserialize(map.get(name)?).ok()
}

/// What was found at launch.
#[derive(Debug, Default)]
pub struct Kept {
    /// The pixels.
    pub canvas: Option<Canvas>,
    /// Everything else; older versions of the program kept only the pixels.
    pub state: Option<KeptState>,
    /// What could not be read, as one sentence.
    pub trouble: Option<String>,
}

impl Kept {
    /// Reads `drawing.png` and the JSON file beside it. Missing files are no trouble.
    pub fn read(drawing: &Path) -> Self {
        let mut kept = Self::default();
        match read_canvas(drawing) {
            Ok(canvas) => kept.canvas = canvas,
            Err(sentence) => kept.trouble = Some(sentence),
        }
        let path = drawing.with_extension("json");
        match std::fs::read_to_string(&path) {
            Ok(json) => match KeptState::from_json(&json) {
                Ok(state) => kept.state = Some(state),
                Err(reason) => kept.note(format!("{} could not be used: {reason}.", path.display())),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => kept.note(format!("{} could not be read: {error}.", path.display())),
        }
        kept
    }

    fn note(&mut self, sentence: String) {
        self.trouble.get_or_insert(sentence);
    }
}

fn read_canvas(path: &Path) -> Result<Option<Canvas>, String> {
    if !path.try_exists().unwrap_or(true) {
        return Ok(None);
    }
    let picture = picture::open(path).map_err(|error| error.to_string())?;
    let canvas = Canvas::from_rgb(picture.width() as usize, picture.height() as usize, picture.as_raw());
    canvas.map(Some).map_err(|error| format!("{} cannot be a canvas. {error}", path.display()))
}

impl Document {
    /// Becomes the document that was kept. This is where the document begins, so there is nothing to
    /// undo afterwards.
    pub fn restore(&mut self, kept: Kept) {
        self.stroke = None;
        self.underlays.clear();
        let state = kept.state;
        if let Some(mut canvas) = kept.canvas {
            canvas.mark_all();
            self.layers = LayerStack::of_surface("Layer 1", Surface::from_canvas(&canvas));
            (self.screen, self.taken_layers) = (None, None);
            self.paper = paper_of(&canvas).unwrap_or(self.paper);
            (self.settings.width, self.settings.height) = super::size::nearest_result_size(canvas.size());
            self.canvas = canvas;
            self.ancestry = Ancestry::new();
            self.origin = None;
        }
        if let Some(state) = state {
            self.paper = state.paper;
            self.ancestry = state.ancestry.clone();
            self.origin = state.origin;
            (self.settings.width, self.settings.height) = (state.settings.width, state.settings.height);
            let (width, height) = (self.settings.width, self.settings.height);
            self.settings = Settings { width, height, ..state.settings };
            self.model = state.model;
            self.rounds.continue_from(state.next_round);
        }
        self.history = History::new(super::UNDO_BUDGET);
        self.canvas_revision += 1;
        self.revision += 1;
    }
}

/// The paper that a picture was probably painted on: the colour of its corners, if they agree.
fn paper_of(canvas: &Canvas) -> Option<Rgb> {
    let (right, low) = (canvas.width().checked_sub(1)?, canvas.height().checked_sub(1)?);
    let corner = canvas.color_at(0, 0)?;
    let same = |x, y| canvas.color_at(x, y) == Some(corner);
    (same(right, 0) && same(0, low) && same(right, low)).then_some(corner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{document, dot};
    use crate::paint::Size;
    use crate::picture::{encode_png, write_atomically};

    #[test]
    fn nothing_kept_is_no_trouble() {
        let folder = tempfile::tempdir().expect("folder");
        let kept = Kept::read(&folder.path().join("drawing.png"));
        assert!(kept.canvas.is_none() && kept.state.is_none() && kept.trouble.is_none());
    }

    #[test]
    fn a_drawing_alone_has_the_paper_of_its_corners() {
        let folder = tempfile::tempdir().expect("folder");
        let drawing = folder.path().join("drawing.png");
        let mut before = document();
        before.new_sheet(Rgb::BLACK);
        dot(&mut before, 30.0, 30.0);
        write_atomically(&drawing, &encode_png(&before.picture(), None).expect("encodes")).expect("writes");
        let mut after = document();
        after.restore(Kept::read(&drawing));
        assert_eq!(after.paper(), Rgb::BLACK);
        assert_eq!(after.settings().prompt, document().settings().prompt);
        assert!(!after.can_undo(), "the document begins here");
        dot(&mut after, 0.0, 0.0);
        assert_eq!(paper_of(after.canvas()), None, "the corners differ");
    }

    #[test]
    fn one_bad_value_does_not_lose_the_prompt() {
        let json = r##"{"version": 1, "paper": "mauve", "ancestry": "x", "settings":
            {"prompt": "a pear", "sampler": "no such sampler", "steps": 1000000, "cfg_scale": 4.5, "unknown": 1}}"##;
        let state = KeptState::from_json(json).expect("reads");
        let expected = Settings { prompt: "a pear".into(), cfg_scale: 4.5, ..Settings::default() };
        assert_eq!(state.settings, expected);
        assert_eq!((state.paper, state.ancestry), (Rgb::WHITE, Ancestry::new()));
    }

    #[test]
    fn what_is_no_state_gives_a_sentence() {
        let folder = tempfile::tempdir().expect("folder");
        let drawing = folder.path().join("drawing.png");
        for (text, reason) in
            [("", "JSON"), ("[1]", "object"), ("{}", "no version"), (r#"{"version": 2}"#, "newer underpaint")]
        {
            std::fs::write(drawing.with_extension("json"), text).expect("writes");
            let trouble = Kept::read(&drawing).trouble.expect("told");
            assert!(trouble.contains(reason) && trouble.contains("drawing.json"), "{trouble}");
        }
        std::fs::write(&drawing, "no picture").expect("writes");
        let kept = Kept::read(&drawing);
        assert!(kept.canvas.is_none() && kept.trouble.is_some_and(|t| t.contains("drawing.png")));
    }

    #[test]
    fn a_picture_that_is_too_large_for_a_canvas_is_trouble_and_no_crash() {
        let folder = tempfile::tempdir().expect("folder");
        let drawing = folder.path().join("drawing.png");
        let png = encode_png(&image::RgbImage::new(5000, 2), None).expect("encodes");
        write_atomically(&drawing, &png).expect("writes");
        assert!(Kept::read(&drawing).trouble.is_some_and(|t| t.contains("5000 by 2")));
        assert!(Size::new(5000, 2).is_err());
    }
}
