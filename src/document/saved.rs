//! How a document is restored at the next launch: its canvas as `drawing.png`, everything else as
//! `drawing.json`.
//!
//! Results are not part of it, as they are saved to the results folder already; the number of the
//! next round is, so that a result's parent is never mistaken.

use std::io;
use std::path::Path;
use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::settings_json::settings_from_map;
use super::{Ancestry, Document, Place, ResultId, RoundId, Settings};
use crate::paint::{Canvas, History, Rgb};
use crate::picture::{self, SaveError, encode_png, write_atomically};

/// The version of `drawing.json` that is written, and the newest that is read.
const VERSION: u64 = 1;

/// What `drawing.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeptState {
    version: u64,
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
    /// Everything of a document but its pixels and rounds.
    pub fn of(document: &Document) -> Self {
        Self {
            version: VERSION,
            paper: document.paper,
            settings: document.settings.clone(),
            model: document.model.clone(),
            ancestry: document.ancestry.clone(),
            origin: document.origin,
            next_round: document.rounds.next_id(),
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        // A path that is not UTF-8 cannot be written as JSON; the rest is worth more than it.
        serde_json::to_string_pretty(self)
            .or_else(|_| {
                let settings = Settings { vae: None, ..self.settings.clone() };
                serde_json::to_string_pretty(&Self { settings, ..self.clone() })
            })
            .unwrap_or_default()
    }

    /// Reads what [`KeptState::to_json`] wrote, in this version or an older one. A single value that
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
            version: VERSION,
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
    /// What could not be read, as one sentence. The files should then be set aside before they are
    /// written over.
    pub trouble: Option<String>,
}

impl Kept {
    /// Reads the files of a place. Missing files are no trouble: a first launch has none.
    pub fn read(place: &Place) -> Self {
        let mut kept = Self::default();
        match read_canvas(place.picture()) {
            Ok(canvas) => kept.canvas = canvas,
            Err(sentence) => kept.trouble = Some(sentence),
        }
        let path = place.state();
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

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.canvas.is_none() && self.state.is_none() && self.trouble.is_none()
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

/// Everything that is written to keep a document, taken at one moment. Encoding and writing it takes a
/// while, so that is done on another thread.
pub struct Snapshot {
    pub(super) place: Arc<Place>,
    /// The pixels; `None` if those in the file are up to date.
    pub(super) picture: Option<RgbImage>,
    pub(super) state: KeptState,
    /// Whether to set aside first what lies in the files.
    pub(super) set_aside: bool,
    pub(super) revisions: Revisions,
}

/// Which state of a document something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    pub(super) canvas: u64,
    pub(super) all: u64,
}

impl Revisions {
    pub(super) fn of(document: &Document) -> Self {
        Self { canvas: document.canvas_revision, all: document.revision }
    }
}

/// A snapshot was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Where the drawing that lay there before was copied, if it had to be set aside.
    pub set_aside: Option<std::path::PathBuf>,
}

impl Snapshot {
    /// Writes the files.
    ///
    /// # Errors
    /// What the file system reports; the files then hold what they held before, or the new picture with
    /// the previous state.
    pub fn write(&self) -> Result<Written, SaveError> {
        let set_aside = if self.set_aside { self.place.set_aside()? } else { None };
        if let Some(picture) = &self.picture {
            write_atomically(self.place.picture(), &encode_png(picture, None)?)?;
        }
        write_atomically(&self.place.state(), self.state.to_json().as_bytes())?;
        Ok(Written { set_aside })
    }

    /// Which state of the document this is, for the acknowledgement.
    pub fn revisions(&self) -> Revisions {
        self.revisions
    }
}

impl Document {
    /// Becomes the document that was kept. This is where the document begins, so there is nothing to
    /// undo afterwards.
    pub fn restore(&mut self, kept: Kept) {
        self.stroke = None;
        let state = kept.state;
        if let Some(mut canvas) = kept.canvas {
            canvas.mark_all();
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
            self.restore_settings(state);
        }
        self.history = History::new(super::UNDO_BUDGET);
        self.canvas_revision += 1;
        self.revision += 1;
    }

    /// Takes prompt and settings of the document that was kept, and leaves the canvas and the size of
    /// the results as they are.
    pub fn restore_settings(&mut self, state: KeptState) {
        let (width, height) = (self.settings.width, self.settings.height);
        self.settings = Settings { width, height, ..state.settings };
        self.model = state.model;
        self.rounds.continue_from(state.next_round);
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
    use crate::document::tests::{document, dot, state_of};
    use crate::paint::Size;

    fn snapshot(document: &Document, place: &Arc<Place>) -> Snapshot {
        Snapshot {
            place: Arc::clone(place),
            picture: Some(document.picture()),
            state: KeptState::of(document),
            set_aside: false,
            revisions: Revisions::of(document),
        }
    }

    fn place(folder: &Path) -> Arc<Place> {
        Arc::new(Place::claim(&folder.join("drawing.png")).expect("claims"))
    }

    #[test]
    fn a_document_is_restored_with_everything_that_belongs_to_it() {
        let folder = tempfile::tempdir().expect("folder");
        let place = place(folder.path());
        let mut before = document();
        before.new_sheet(Rgb::BLACK);
        dot(&mut before, 30.0, 30.0);
        before.ancestry = vec![4, 5];
        before.origin = Some(ResultId { round: 3, image: 1 });
        before.settings_mut().prompt = "a \"quoted\" pear\nin two lines 🍐".into();
        before.settings_mut().steps = 33;
        before.set_model("m".into());
        let (round, _) = before.begin_round(7, "m".into());
        snapshot(&before, &place).write().expect("writes");

        let kept = Kept::read(&place);
        assert_eq!(kept.trouble, None);
        let mut after = document();
        after.restore(kept);
        assert_eq!(state_of(&after), state_of(&before));
        assert_eq!((after.settings(), after.model()), (before.settings(), Some("m")));
        assert_eq!(after.origin(), before.origin());
        assert!(!after.can_undo(), "the document begins here");
        assert!(after.begin_round(8, "m".into()).0 > round, "numbers go on");
    }

    #[test]
    fn a_first_launch_finds_nothing_and_no_trouble() {
        let folder = tempfile::tempdir().expect("folder");
        assert!(Kept::read(&place(folder.path())).is_empty());
    }

    #[test]
    fn a_drawing_of_an_older_version_has_the_paper_of_its_corners() {
        let folder = tempfile::tempdir().expect("folder");
        let place = place(folder.path());
        let mut before = document();
        before.new_sheet(Rgb::BLACK);
        dot(&mut before, 30.0, 30.0);
        write_atomically(place.picture(), &encode_png(&before.picture(), None).expect("encodes")).expect("writes");
        let mut after = document();
        after.restore(Kept::read(&place));
        assert_eq!(after.paper(), Rgb::BLACK);
        assert_eq!(after.settings().prompt, document().settings().prompt);
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
        let place = place(folder.path());
        for (text, reason) in
            [("", "JSON"), ("[1]", "object"), ("{}", "no version"), (r#"{"version": 2}"#, "newer underpaint")]
        {
            std::fs::write(place.state(), text).expect("writes");
            let kept = Kept::read(&place);
            let trouble = kept.trouble.expect("told");
            assert!(trouble.contains(reason) && trouble.contains("drawing.json"), "{trouble}");
        }
        std::fs::write(place.picture(), "no picture").expect("writes");
        let kept = Kept::read(&place);
        assert!(kept.canvas.is_none() && kept.trouble.is_some_and(|t| t.contains("drawing.png")));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_utf_8_costs_only_itself() {
        use std::os::unix::ffi::OsStringExt;
        let mut document = document();
        document.settings_mut().vae = Some(std::ffi::OsString::from_vec(vec![0x66, 0xff]).into());
        document.settings_mut().prompt = "a pear".into();
        let state = KeptState::from_json(&KeptState::of(&document).to_json()).expect("reads");
        assert_eq!((state.settings.prompt.as_str(), state.settings.vae), ("a pear", None));
    }

    #[test]
    fn a_picture_that_is_too_large_for_a_canvas_is_trouble_and_no_crash() {
        let folder = tempfile::tempdir().expect("folder");
        let place = place(folder.path());
        let png = encode_png(&RgbImage::new(3000, 2), None).expect("encodes");
        write_atomically(place.picture(), &png).expect("writes");
        assert!(Kept::read(&place).trouble.is_some_and(|t| t.contains("3000 by 2")));
        assert!(Size::new(3000, 2).is_err());
    }
}
