//! Changes to a document. Applying one gives its inverse.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::marks::Marks;
use super::painted::Unpainted;
use super::{Ancestry, Deletable, Mark, ResultId, Settings};
use crate::paint::{Bytes, LayerEdit, Region, Rgb, Selection};

/// One change to a document, from which the document can make the inverse.
///
/// There are three sorts. Edits of the canvas exchange layers or their pixels and, where the whole canvas is replaced,
/// what belongs to them; undo and redo walk these. Deleting rounds and results is walked by undo and redo
/// too. Edits of the settings exchange prompt and settings; they can be undone by applying their inverse,
/// but Ctrl+Z on the canvas leaves them alone: a painter who takes back a stroke does not expect the prompt
/// to change, and text fields undo for themselves. Going back to a round is the exception: it exchanges
/// canvas and settings at once, and undo takes both back.
#[derive(Clone)]
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
    /// A stroke that smudges.
    Smudge,
    /// A filled area.
    Fill,
    /// A gradient.
    Gradient,
    /// A line, a rectangle or an ellipse.
    Shape,
    /// A part of a layer was made transparent.
    Clear,
    /// A stroke that brought in the pixels of another picture.
    Clone,
    /// A part of a layer was moved, scaled, turned or mirrored.
    Transform,
    /// Other pixels are selected.
    Select,
    /// The next round may change other pixels.
    Mask,
    /// The next round is made from another part of the canvas.
    Frame,
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
    /// A part of the canvas in place of all of it.
    Crop,
    /// The canvas with room around it.
    Extend,
    /// The canvas scaled.
    Scale,
    /// The canvas turned by a quarter or a half.
    Turn,
    /// The canvas mirrored.
    Mirror,
    /// Start image, prompt and settings of a saved result in place of the present ones.
    OpenRound,
    /// Canvas, prompt and settings of an earlier round in place of the present ones.
    GoBack,
    /// A layer was added.
    AddLayer,
    /// A layer was copied.
    DuplicateLayer,
    /// A layer was deleted.
    DeleteLayer,
    /// A layer was moved to another place.
    MoveLayer,
    /// A layer got another name.
    RenameLayer,
    /// A layer was shown or hidden.
    LayerVisibility,
    /// A layer got another opacity.
    LayerOpacity,
    /// A layer is drawn in another way, or is locked or unlocked.
    LayerProperties,
    /// Layers were merged.
    MergeLayers,
    /// A group was made of a layer.
    GroupLayer,
    /// A group was taken apart.
    Ungroup,
    /// A result became another layer.
    AddResult,
    /// A picture from a file or the clipboard became another layer.
    PasteLayer,
    /// The paper got another colour.
    Paper,
    /// A result was deleted.
    DeleteResult,
    /// A round was deleted.
    DeleteRound,
    /// The prompt, the negative prompt, or both.
    Prompt,
    /// Other settings.
    Settings,
}

#[derive(Clone)]
pub(super) enum Change {
    Layers {
        edit: LayerEdit,
        /// Set where the whole canvas is replaced.
        meaning: Option<Box<Meaning>>,
    },
    /// The colour of the paper.
    Paper(Rgb),
    /// The selection or the mask.
    Mark(Mark, Option<Selection>),
    /// The part of the canvas that the next round is made from.
    Frame(Option<Region>),
    /// Several changes, one after the other.
    Several(Vec<Self>),
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
    /// `None` leaves it as it is.
    pub unpainted: Option<Unpainted>,
    /// Width and height of the next results; `None` leaves them as they are.
    pub result_size: Option<(usize, usize)>,
    /// All settings of the next round, width and height included; `None` leaves them as they are.
    pub settings: Option<Box<Settings>>,
    /// Selection and mask; `None` leaves them as they are if they have the size of the canvas.
    pub marks: Option<Marks>,
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
        self.change.is_on_canvas()
    }

    /// How many pixels of a canvas of `all` pixels are composed when it is applied, at most.
    pub(super) fn pixels(&self, all: usize) -> usize {
        self.change.pixels(all)
    }

    /// Whether undo and redo walk it.
    pub fn is_undone(&self) -> bool {
        match self.change {
            Change::Layers { .. } | Change::Paper(_) | Change::Deleted(..) => true,
            Change::Mark(..) | Change::Frame(_) | Change::Several(_) => true,
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
            Self::Smudge => "smudging",
            Self::Fill => "fill",
            Self::Gradient => "gradient",
            Self::Shape => "shape",
            Self::Clear => "clearing",
            Self::Clone => "painting from a result",
            Self::Transform => "transforming",
            Self::Select => "selecting",
            Self::Mask => "change of the mask",
            Self::Frame => "moving the frame",
            Self::NewSheet => "new sheet",
            Self::ExampleSketch => "example sketch",
            Self::OpenPicture => "opening a picture",
            Self::PaintOver => "painting over a result",
            Self::Resize => "resizing the canvas",
            Self::Crop => "cropping the canvas",
            Self::Extend => "extending the canvas",
            Self::Scale => "scaling the canvas",
            Self::Turn => "turning the canvas",
            Self::Mirror => "mirroring the canvas",
            Self::OpenRound => "opening a round",
            Self::GoBack => "going back to a round",
            Self::AddLayer => "adding a layer",
            Self::DuplicateLayer => "duplicating a layer",
            Self::DeleteLayer => "deleting a layer",
            Self::MoveLayer => "moving a layer",
            Self::RenameLayer => "renaming a layer",
            Self::LayerVisibility => "showing or hiding a layer",
            Self::LayerOpacity => "change of a layer's opacity",
            Self::LayerProperties => "change of a layer",
            Self::MergeLayers => "merging layers",
            Self::GroupLayer => "grouping a layer",
            Self::Ungroup => "ungrouping layers",
            Self::AddResult => "adding a result as a layer",
            Self::PasteLayer => "pasting a layer",
            Self::Paper => "change of the paper",
            Self::DeleteResult => "deleting a result",
            Self::DeleteRound => "deleting a round",
            Self::Prompt => "change of the prompt",
            Self::Settings => "change of the settings",
        }
    }
}

impl Change {
    fn is_on_canvas(&self) -> bool {
        match self {
            Self::Layers { .. } | Self::Paper(_) | Self::Mark(..) | Self::Frame(_) => true,
            Self::Several(changes) => changes.iter().any(Self::is_on_canvas),
            Self::Settings(_) | Self::Deleted(..) => false,
        }
    }

    fn pixels(&self, all: usize) -> usize {
        match self {
            Self::Layers { edit, meaning: None } => edit.pixels().unwrap_or(all),
            Self::Layers { .. } | Self::Paper(_) => all,
            Self::Several(changes) => changes.iter().map(|change| change.pixels(all)).sum(),
            Self::Mark(..) | Self::Frame(_) | Self::Settings(_) | Self::Deleted(..) => 0,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Layers { edit, meaning } => {
                let meaning = meaning.as_deref();
                let settings = meaning.and_then(|meaning| meaning.settings.as_deref());
                let unpainted = meaning.and_then(|meaning| meaning.unpainted.as_ref()).map_or(0, Unpainted::bytes);
                let marks = meaning.and_then(|meaning| meaning.marks.as_ref()).map_or(0, Marks::bytes);
                edit.bytes() + settings.map_or(0, text_bytes) + unpainted + marks
            }
            Self::Settings(settings) => text_bytes(settings),
            Self::Mark(_, marked) => marked.as_ref().map_or(0, Selection::bytes),
            Self::Several(changes) => changes.iter().map(Self::bytes).sum(),
            Self::Paper(_) | Self::Frame(_) | Self::Deleted(..) => 0,
        }
    }
}

impl Bytes for Edit {
    fn bytes(&self) -> usize {
        self.change.bytes()
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
