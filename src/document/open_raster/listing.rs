//! The layers of an OpenRaster file, listed for people.

use serde::Serialize;

use super::OpenRaster;
use crate::paint::{BlendMode, Layer};

/// One layer in a list from top to bottom.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerLine {
    /// In how many groups it lies.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// Whether it is a group; its layers follow it.
    pub is_group: bool,
    /// The W3C name of its blend mode.
    pub blend: &'static str,
    /// How much of it is drawn, `0..=1`.
    pub opacity: f32,
    /// Whether it is drawn.
    pub visible: bool,
    /// Whether it is protected from changes.
    pub locked: bool,
    /// Whether it shows only where the layer below does.
    pub clipped: bool,
    /// Whether it is only for reference.
    pub reference: bool,
}

impl OpenRaster {
    /// Its layers from top to bottom, each group before its layers.
    pub fn lines(&self) -> Vec<LayerLine> {
        let mut lines = Vec::new();
        add(self.layers.layers(), 0, &mut lines);
        lines
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.layers.size().width(), self.layers.size().height())
    }
}

fn add(layers: &[Layer], depth: usize, lines: &mut Vec<LayerLine>) {
    for layer in layers.iter().rev() {
        let of = &layer.properties;
        lines.push(LayerLine {
            depth,
            name: of.name.clone(),
            is_group: layer.is_group(),
            blend: of.blend.id(),
            opacity: of.opacity,
            visible: of.visible,
            locked: of.locked,
            clipped: of.clipped,
            reference: of.reference,
        });
        add(layer.children(), depth + 1, lines);
    }
}

impl LayerLine {
    /// The layer in a few words, indented by its depth.
    pub fn text(&self) -> String {
        let mut text = format!("{}{}", "  ".repeat(self.depth), self.name);
        let mut said = Vec::new();
        if self.is_group {
            said.push("group".to_owned());
        }
        if self.blend != BlendMode::Normal.id() {
            said.push(self.blend.to_owned());
        }
        if self.opacity < 1.0 {
            said.push(format!("{:.0} %", self.opacity * 100.0));
        }
        let states = [
            (!self.visible, "hidden"),
            (self.locked, "locked"),
            (self.clipped, "clipped"),
            (self.reference, "reference"),
        ];
        said.extend(states.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word.to_owned()));
        if !said.is_empty() {
            text.push_str(&format!(" ({})", said.join(", ")));
        }
        text
    }
}
