//! An OpenRaster file to layers.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::archive::{Archive, quoted};
use super::error::Trouble;
use super::opened::OpenRaster;
use super::stack::{self, Attributes, Content, Node};
use crate::paint::{
    BlendMode, Layer, LayerContent, LayerId, LayerProperties, LayerStack, Rgb, Size, Surface, TilePlace,
};
use crate::picture::read_with_alpha;

/// The longest list of layers, in bytes.
const MAX_STACK: u64 = 16 << 20;
/// The longest file of a layer's picture, in bytes.
const MAX_PICTURE: u64 = 512 << 20;
/// How much memory the layers may take, in bytes.
const MAX_LAYER_BYTES: usize = 2 << 30;
/// How many pixels are decoded in all. A small file can ask for any number, beside the canvas too.
const MAX_DECODED: u64 = 4 << 30;

/// Reads an OpenRaster file.
pub(super) fn decode<R: Read + Seek>(reader: R) -> Result<OpenRaster, Trouble> {
    let mut archive = Archive::open(reader)?;
    let stack = stack::read(&archive.read("stack.xml", MAX_STACK)?)?;
    let size = Size::new(stack.width, stack.height)?;
    let mut decoder = Decoder {
        archive,
        size,
        surfaces: HashMap::new(),
        next: 1,
        selected: None,
        bytes: 0,
        decoded: 0,
        notes: stack.notes,
    };
    let mut nodes = stack.nodes;
    let paper = decoder.take_paper(&mut nodes)?;
    let mut layers = decoder.list(nodes, (0, 0), false)?;
    if layers.is_empty() {
        layers.push(Layer::of_pixels(LayerId(decoder.next), "Layer 1", Surface::new(size)));
    }
    let selected = decoder.selected.unwrap_or(LayerId(0));
    let layers = LayerStack::from_layers(size, layers, selected)?;
    Ok(OpenRaster { layers, paper, notes: decoder.notes })
}

struct Decoder<R> {
    archive: Archive<R>,
    size: Size,
    /// Pictures that were read already, by their name and place: several layers may show one.
    surfaces: HashMap<(String, (i64, i64)), Surface>,
    next: u64,
    selected: Option<LayerId>,
    /// How much memory the layers take.
    bytes: usize,
    decoded: u64,
    notes: Vec<String>,
}

impl<R: Read + Seek> Decoder<R> {
    /// Takes the paper off the list if its layer still shows its colour and nothing else.
    fn take_paper(&mut self, nodes: &mut Vec<Node>) -> Result<Option<Rgb>, Trouble> {
        let Some(Node { attributes, content: Content::Layer(source) }) = nodes.last() else { return Ok(None) };
        let (Some(color), place) = (attributes.paper, attributes.place) else { return Ok(None) };
        let is_plain = attributes.visible && attributes.opacity >= 1.0 && attributes.op.blend == BlendMode::Normal;
        let source = source.clone();
        if !is_plain || self.surface(&source, place)?.one_color() != Some(color) {
            return Ok(None);
        }
        nodes.pop();
        Ok(Some(color))
    }

    /// The layers of a list, from bottom to top. In a group that stands for a layer and those that are clipped to it,
    /// they are clipped whether that makes a difference or not.
    fn list(&mut self, nodes: Vec<Node>, origin: (i64, i64), is_clip_group: bool) -> Result<Vec<Layer>, Trouble> {
        let mut layers = Vec::new();
        for node in nodes.into_iter().rev() {
            let Node { attributes, content } = node;
            let place = (origin.0.saturating_add(attributes.place.0), origin.1.saturating_add(attributes.place.1));
            let content = match content {
                Content::Layer(source) => LayerContent::Pixels(self.surface(&source, place)?),
                Content::Group(nodes) => LayerContent::Group(self.list(nodes, place, attributes.is_clip_group)?),
            };
            match content {
                LayerContent::Group(inside) if attributes.is_clip_group && is_one_clipped(&inside) => {
                    layers.extend(without_clip_group(&attributes, inside));
                }
                LayerContent::Group(inside) if passes_through(&attributes, &inside) => {
                    self.note_passing(&attributes);
                    layers.extend(inside.into_iter().map(|layer| within(&attributes, layer)));
                }
                content => {
                    let layer = self.layer(&attributes, content);
                    let is_clipped = attributes.op.is_atop && (is_clip_group || !covers_all(layers.first(), self.size));
                    self.add(&mut layers, layer, is_clipped);
                }
            }
        }
        Ok(layers)
    }

    fn layer(&mut self, attributes: &Attributes, content: LayerContent) -> Layer {
        let id = self.new_id();
        if attributes.selected {
            self.selected = Some(id);
        }
        let word = if matches!(content, LayerContent::Group(_)) { "Group" } else { "Layer" };
        let named = LayerProperties::named(&attributes.name);
        let name = if named.name.is_empty() { format!("{word} {}", id.0) } else { named.name.clone() };
        let properties = LayerProperties {
            name,
            visible: attributes.reference.unwrap_or(attributes.visible),
            opacity: attributes.opacity,
            blend: attributes.op.blend,
            locked: attributes.locked,
            alpha_locked: attributes.alpha_locked,
            clipped: attributes.is_clipped,
            reference: attributes.reference.is_some(),
        };
        Layer { id, properties, content }
    }

    /// Puts a layer on top of a list. One that is clipped to what lies below makes a group of that, where it is more
    /// than one layer.
    fn add(&mut self, layers: &mut Vec<Layer>, mut layer: Layer, is_clipped: bool) {
        if is_clipped {
            let below = layers.iter().filter(|layer| !layer.properties.clipped).count();
            if below > 1 {
                let content = LayerContent::Group(std::mem::take(layers));
                let properties = LayerProperties::named("Group");
                layers.push(Layer { id: self.new_id(), properties, content });
            }
            layer.properties.clipped = true;
        }
        layers.push(layer);
    }

    fn note_passing(&mut self, attributes: &Attributes) {
        let name = quoted(&attributes.name);
        self.notes.push(format!("The group {name} let its layers blend with those below it; it was taken apart."));
    }

    fn new_id(&mut self) -> LayerId {
        let id = LayerId(self.next);
        self.next += 1;
        id
    }

    /// The picture of a layer, at its place.
    fn surface(&mut self, source: &str, place: (i64, i64)) -> Result<Surface, Trouble> {
        let key = (source.to_owned(), place);
        if let Some(surface) = self.surfaces.get(&key) {
            return Ok(surface.clone());
        }
        let bytes = self.archive.read(source, MAX_PICTURE)?;
        let pixels = pixels_said(&bytes).unwrap_or(0);
        self.decoded = self.decoded.saturating_add(pixels);
        if self.decoded > MAX_DECODED {
            let reason = format!("its layers have more than {} megapixels", MAX_DECODED >> 20);
            return Err(Trouble::TooLarge(reason));
        }
        let picture = read_with_alpha(&bytes, source).map_err(|error| Trouble::Limits(error.to_string()))?;
        let (pixels, _) = picture.as_raw().as_chunks::<4>();
        let surface = Surface::with_picture(self.size, place, picture.width() as usize, pixels);
        self.bytes = self.bytes.saturating_add(surface.bytes());
        if self.bytes > MAX_LAYER_BYTES {
            let reason = format!("its layers would take more than {} GB of memory", MAX_LAYER_BYTES >> 30);
            return Err(Trouble::TooLarge(reason));
        }
        self.surfaces.insert(key, surface.clone());
        Ok(surface)
    }
}

/// How many pixels a PNG says that it has.
fn pixels_said(png: &[u8]) -> Option<u64> {
    let side = |at: usize| png.get(at..)?.first_chunk::<4>().map(|bytes| u64::from(u32::from_be_bytes(*bytes)));
    Some(side(16)?.saturating_mul(side(20)?))
}

/// The layers of a group that stood for a layer and those that are clipped to it.
fn without_clip_group(attributes: &Attributes, mut inside: Vec<Layer>) -> Vec<Layer> {
    if let Some(lowest) = inside.first_mut() {
        let of = &mut lowest.properties;
        of.visible = attributes.reference.unwrap_or(attributes.visible);
        (of.opacity, of.blend) = (attributes.opacity, attributes.op.blend);
        of.reference = attributes.reference.is_some();
    }
    inside
}

/// Whether a list is one layer and others that are clipped to it.
fn is_one_clipped(layers: &[Layer]) -> bool {
    let [lowest, above @ ..] = layers else { return false };
    let of = &lowest.properties;
    let is_plain = of.visible && of.opacity >= 1.0 && of.blend == BlendMode::Normal && !of.clipped && !of.reference;
    is_plain && above.iter().all(|layer| layer.properties.clipped)
}

/// Whether the layers of a group blend with what is below the group, so that it makes a difference that groups are
/// drawn into a picture of their own here.
fn passes_through(attributes: &Attributes, inside: &[Layer]) -> bool {
    let Attributes { isolated, opacity, op, .. } = attributes;
    let is_plain = *opacity >= 1.0 && op.blend == BlendMode::Normal && !op.is_atop;
    let blends = inside.iter().any(|layer| layer.properties.blend != BlendMode::Normal);
    !isolated && is_plain && blends && !inside.iter().any(|layer| layer.properties.clipped)
}

/// A layer of a group that is taken apart.
fn within(group: &Attributes, mut layer: Layer) -> Layer {
    layer.properties.visible &= group.visible;
    layer.properties.locked |= group.locked;
    layer
}

/// Whether the lowest layer is opaque everywhere, so that it makes no difference that others are clipped.
fn covers_all(lowest: Option<&Layer>, size: Size) -> bool {
    let Some(layer) = lowest else { return false };
    let of = &layer.properties;
    let is_plain = of.visible && of.opacity >= 1.0 && !of.reference;
    let is_opaque = |surface: &Surface| {
        TilePlace::all(size).all(|place| {
            let rect = place.rect(size);
            let tile = surface.tile(place);
            tile.is_some_and(|tile| {
                (0..rect.height()).all(|y| tile.row(y)[..rect.width()].iter().all(|pixel| pixel[3] == 255))
            })
        })
    };
    is_plain && layer.surface().is_some_and(is_opaque)
}
