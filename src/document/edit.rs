//! Changes to a document. Applying one gives its inverse.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::painted::Unpainted;
use super::{Ancestry, Deletable, ResultId, Settings};
use crate::paint::{self, Bytes, Rgb};

/// One change to a document, from which the document can make the inverse.
///
/// There are three sorts. Edits of the canvas exchange pixels and, where the whole canvas is replaced,
/// what belongs to them; undo and redo walk these. Deleting rounds and results is walked by undo and redo
/// too. Edits of the settings exchange prompt and settings; they can be undone by applying their inverse,
/// but Ctrl+Z on the canvas leaves them alone: a painter who takes back a stroke does not expect the prompt
/// to change, and text fields undo for themselves. Going back to a round is the exception: it exchanges
/// canvas and settings at once, and undo takes both back.
pub struct Edit {
    pub(super) kind: EditKind,
    pub(super) change: Change,
}

/// What an edit was made by. Stays with the inverse, so that "Undo fill" can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditKind {
    /// A stroke of the brush.
    Stroke,
    /// A stroke of the eraser.
    Erase,
    /// A filled area.
    Fill,
    /// An empty sheet in place of the canvas.
    NewSheet,
    /// The example sketch in place of the canvas.
    ExampleSketch,
    /// A picture from a file or the clipboard in place of the canvas.
    OpenPicture,
    /// A result in place of the canvas.
    PaintOver,
    /// The canvas in another size.
    Resize,
    /// Start image, prompt and settings of a saved result in place of the present ones.
    OpenRound,
    /// Canvas, prompt and settings of an earlier round in place of the present ones.
    GoBack,
    /// A result was deleted.
    DeleteResult,
    /// A round was deleted.
    DeleteRound,
    /// The prompt, the negative prompt, or both.
    Prompt,
    /// Other settings.
    Settings,
}

pub(super) enum Change {
    Canvas {
        pixels: paint::Edit,
        /// Set where the whole canvas is replaced.
        meaning: Option<Box<Meaning>>,
    },
    Settings(Box<Settings>),
    /// Whether a round or result is marked as deleted.
    Deleted(Deletable, bool),
}

/// What belongs to the pixels of a whole canvas.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub paper: Rgb,
    pub ancestry: Ancestry,
    pub origin: Option<ResultId>,
    pub unpainted: Unpainted,
    /// Width and height of the next results; `None` leaves them as they are.
    pub result_size: Option<(usize, usize)>,
    /// All settings of the next round, width and height included; `None` leaves them as they are.
    pub settings: Option<Box<Settings>>,
}

impl Edit {
    /// Changes prompt and settings to these.
    pub fn settings(kind: EditKind, settings: Settings) -> Self {
        Self { kind, change: Change::Settings(Box::new(settings)) }
    }

    /// What the edit was made by.
    pub fn kind(&self) -> EditKind {
        self.kind
    }

    /// Whether it changes the canvas.
    pub fn is_on_canvas(&self) -> bool {
        matches!(self.change, Change::Canvas { .. })
    }

    /// Whether undo and redo walk it.
    pub fn is_undone(&self) -> bool {
        match self.change {
            Change::Canvas { .. } | Change::Deleted(..) => true,
            Change::Settings(_) => self.kind == EditKind::GoBack,
        }
    }
}

impl EditKind {
    /// Its name after "Undo" and "Redo".
    pub fn label(self) -> &'static str {
        match self {
            Self::Stroke => "stroke",
            Self::Erase => "erasing",
            Self::Fill => "fill",
            Self::NewSheet => "new sheet",
            Self::ExampleSketch => "example sketch",
            Self::OpenPicture => "opening a picture",
            Self::PaintOver => "painting over a result",
            Self::Resize => "resizing the canvas",
            Self::OpenRound => "opening a round",
            Self::GoBack => "going back to a round",
            Self::DeleteResult => "deleting a result",
            Self::DeleteRound => "deleting a round",
            Self::Prompt => "change of the prompt",
            Self::Settings => "change of the settings",
        }
    }
}

impl Bytes for Edit {
    fn bytes(&self) -> usize {
        match &self.change {
            Change::Canvas { pixels, meaning } => {
                let meaning = meaning.as_deref();
                let settings = meaning.and_then(|meaning| meaning.settings.as_deref());
                let unpainted = meaning.map_or(0, |meaning| meaning.unpainted.bytes());
                pixels.bytes() + settings.map_or(0, text_bytes) + unpainted
            }
            Change::Settings(settings) => text_bytes(settings),
            Change::Deleted(..) => 0,
        }
    }
}

fn text_bytes(settings: &Settings) -> usize {
    settings.prompt.len() + settings.negative.len()
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.kind.label(), self.bytes())
    }
}
