//! What `underpaint inspect` says about an OpenRaster picture.

use std::path::Path;

use serde::Serialize;

use super::rounds::counted;
use crate::document::open_raster::{LayerLine, open};

/// What an OpenRaster file holds. As JSON it is one flat object, as for pictures: `file`, `kind`, `usable`, `sentence`, and
/// what else is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct OpenRasterReport {
    file: String,
    kind: &'static str,
    /// Whether it can be opened.
    pub usable: bool,
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<usize>,
    /// The colour below all layers, where the file says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    paper: Option<String>,
    /// The layers from top to bottom.
    layers: Vec<LayerLine>,
    /// What would not be kept as it is in the file.
    notes: Vec<String>,
}

impl OpenRasterReport {
    /// Reads a file.
    pub fn read(path: &Path) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let blank = Self {
            file: path.to_string_lossy().into_owned(),
            kind: "open_raster",
            usable: false,
            sentence: String::new(),
            width: None,
            height: None,
            paper: None,
            layers: Vec::new(),
            notes: Vec::new(),
        };
        match open(path) {
            Err(error) => Self { sentence: error.to_string(), ..blank },
            Ok(picture) => {
                let ((width, height), layers) = (picture.size(), picture.lines());
                let groups = layers.iter().filter(|layer| layer.is_group).count();
                let inside = match groups {
                    0 => counted(layers.len(), "layer"),
                    groups => format!("{} in {}", counted(layers.len() - groups, "layer"), counted(groups, "group")),
                };
                Self {
                    usable: true,
                    sentence: format!("{name} is an OpenRaster picture of {width} by {height} pixels with {inside}."),
                    width: Some(width),
                    height: Some(height),
                    paper: picture.paper.map(String::from),
                    layers,
                    notes: picture.notes,
                    ..blank
                }
            }
        }
    }

    /// The report for people: the sentence, below it the layers from top to bottom, and what would not be kept.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.sentence.clone()];
        lines.extend(self.layers.iter().map(|layer| format!("  {}", layer.text())));
        lines.extend(self.paper.iter().map(|paper| format!("  paper: {paper}")));
        lines.extend(self.notes.iter().map(|note| format!("  {note}")));
        lines
    }
}
