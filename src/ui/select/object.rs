//! The object that is being selected by clicks.

use crate::document::Document;
use crate::engine::Cancel;
use crate::jobs::{JobId, ObjectPrompt, PromptBox};
use crate::paint::{Selection, SelectionMode};

/// What a person pointed at. Places are in canvas pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ObjectHint {
    /// A pixel.
    Point(f32, f32),
    /// A box around the object.
    Box(PromptBox),
}

/// An object that further clicks change.
#[derive(Clone, Debug)]
pub(in crate::ui) struct BegunObject {
    pub prompt: ObjectPrompt,
    /// The selection before the first click.
    pub base: Option<Selection>,
    /// How the object meets it.
    pub mode: SelectionMode,
    /// The selection that the last answer made.
    pub shown: Option<Selection>,
}

impl BegunObject {
    /// Whether the selection is still what the last answer made: nothing else was selected since, and nothing undone.
    pub fn goes_on(&self, document: &Document) -> bool {
        match (&self.shown, document.selection()) {
            (None, None) => true,
            (Some(shown), Some(selection)) => shown.is_like(selection),
            _ => false,
        }
    }
}

/// An object that a thread is asked for.
pub(in crate::ui) struct AskedObject {
    pub job: JobId,
    pub cancel: Cancel,
    /// Whether the network must look at the picture first.
    pub is_looking: bool,
}

/// Whether objects can be selected now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum ObjectReadiness {
    /// The search for models goes on, and none was found yet.
    Searching,
    /// There is no network for it on this machine.
    Missing,
    /// The network looks at the picture.
    Looking,
    /// There is a network.
    Ready,
}
