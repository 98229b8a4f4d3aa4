//! What the window remembers about controls.

use std::path::PathBuf;
use std::sync::Arc;

use egui::TextureHandle;
use image::RgbImage;

use crate::document::Document;
use crate::engine::{ControlSettings, ControlSource, Preprocessor};
use crate::jobs::DocumentId;
use crate::models::{FoundKind, FoundModel, first_usable};
use crate::paint::{PixelRect, Rgb};
use crate::picture::Fit;

/// What the window remembers about controls besides the document's settings.
#[derive(Default)]
pub(in crate::ui) struct ControlState {
    /// Whether the lines are drawn over the canvas.
    pub shows_lines: bool,
    /// The controls as they were when they were switched off.
    pub kept: Vec<ControlSettings>,
    /// Counts the hints that were asked for.
    pub(super) asked: u64,
    /// The hint that is being drawn.
    pub(super) drawing: Option<(u64, HintKey)>,
    /// The hint that was drawn last, or why it could not be.
    pub(super) drawn: Option<(HintKey, Result<HintOnCanvas, String>)>,
}

/// All that a drawn hint depends on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HintKey {
    pub source: ControlSource,
    pub preprocessor: Preprocessor,
    pub document: DocumentId,
    /// Changes with the document's pixels.
    pub revision: u64,
    /// Width and height of the results.
    pub size: (u32, u32),
    pub fit: Fit,
    /// The part of the canvas that rounds are made from.
    pub part: PixelRect,
    pub paper: Rgb,
    /// The network that estimates depth, where the preprocessor needs one and it is here.
    pub network: Option<PathBuf>,
}

/// A drawn hint.
pub(super) struct HintOnCanvas {
    /// What is followed, before it is fitted and preprocessed.
    pub picture: Arc<RgbImage>,
    /// The lines, cut to the part that rounds are made from.
    pub lines: RgbImage,
    /// The lines with what is no line transparent, made when they are first shown.
    pub texture: Option<TextureHandle>,
}

impl HintKey {
    /// What the hint of a control depends on now.
    pub fn new(control: &ControlSettings, document: &Document, id: DocumentId, found: &[FoundModel]) -> Self {
        let needs_network = control.preprocessor == Preprocessor::Depth;
        let network = needs_network.then(|| first_usable(found, FoundKind::DepthEstimator).ok()).flatten();
        let (settings, canvas) = (document.settings(), document.canvas().size());
        let whole = PixelRect::whole(canvas.width(), canvas.height());
        Self {
            source: control.source.clone(),
            preprocessor: control.preprocessor,
            document: id,
            revision: document.canvas_revision(),
            size: (settings.width as u32, settings.height as u32),
            fit: document.start_fit(),
            part: document.frame().map_or(whole, |frame| frame.on(canvas)),
            paper: document.paper(),
            network: network.map(|model| model.path.clone()),
        }
    }

    /// Whether both show the same picture, whatever lines are drawn of it.
    fn has_picture_of(&self, other: &Self) -> bool {
        let same = Self { preprocessor: other.preprocessor, network: other.network.clone(), ..self.clone() };
        // A file stays as it was read.
        let revision = if matches!(self.source, ControlSource::File(_)) { other.revision } else { self.revision };
        Self { revision, ..same } == *other
    }
}

impl ControlState {
    /// The picture that a control follows, if it was drawn and is still the same.
    pub(super) fn fresh_picture(&self, key: &HintKey) -> Option<Arc<RgbImage>> {
        let (drawn, hint) = self.drawn.as_ref()?;
        hint.as_ref().ok().filter(|_| drawn.has_picture_of(key)).map(|hint| Arc::clone(&hint.picture))
    }

    /// Why the lines of this source cannot be drawn.
    pub(super) fn trouble_with(&self, source: &ControlSource) -> Option<&str> {
        let (key, hint) = self.drawn.as_ref()?;
        hint.as_ref().err().filter(|_| key.source == *source).map(String::as_str)
    }
}
