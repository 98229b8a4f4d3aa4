//! Layers to an OpenRaster file.

use std::io::{Cursor, Write};

use image::RgbaImage;
use image::imageops::{self, FilterType};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::archive::MIME_TYPE;
use super::composite_op::CompositeOp;
use super::opened::OpenRaster;
use super::{OpenRasterError, attribute};
use crate::paint::{BlendMode, Layer, LayerContent, LayerId, LayerProperties, PixelRect, Surface};
use crate::picture::encode_png_with_alpha;

/// The version of the format that is written.
const VERSION: &str = "0.0.6";
/// The longest side of the thumbnail, in pixels, as the format wants it.
const THUMBNAIL_SIDE: u32 = 256;

/// The bytes of an OpenRaster file with these layers.
pub(super) fn encode(picture: &OpenRaster) -> Result<Vec<u8>, OpenRasterError> {
    let mut encoder = Encoder {
        zip: ZipWriter::new(Cursor::new(Vec::new())),
        xml: Writer::new_with_indent(Vec::new(), b' ', 1),
        pictures: 0,
        current: picture.layers.current(),
    };
    encoder.file("mimetype", MIME_TYPE.as_bytes())?;
    encoder.stack(picture)?;
    let merged = picture.flattened();
    encoder.file("mergedimage.png", &encode_png_with_alpha(&merged)?)?;
    encoder.file("Thumbnails/thumbnail.png", &encode_png_with_alpha(&thumbnail(&merged))?)?;
    let Encoder { mut zip, xml, .. } = encoder;
    write_file(&mut zip, "stack.xml", &xml.into_inner())?;
    Ok(zip.finish().map_err(fail)?.into_inner())
}

struct Encoder {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    xml: Writer<Vec<u8>>,
    /// How many pictures of layers are in the archive.
    pictures: usize,
    current: LayerId,
}

impl Encoder {
    fn stack(&mut self, picture: &OpenRaster) -> Result<(), OpenRasterError> {
        let size = picture.layers.size();
        self.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut image = BytesStart::new("image");
        image.push_attribute(("version", VERSION));
        image.push_attribute(("w", size.width().to_string().as_str()));
        image.push_attribute(("h", size.height().to_string().as_str()));
        image.push_attribute(("xmlns:underpaint", attribute::NAMESPACE));
        self.event(Event::Start(image))?;
        let mut root = BytesStart::new("stack");
        root.push_attribute(("isolation", "isolate"));
        self.event(Event::Start(root))?;
        self.list(picture.layers.layers())?;
        if let Some(paper) = picture.paper {
            let mut element = BytesStart::new("layer");
            let properties = LayerProperties { locked: true, ..LayerProperties::named("Paper") };
            describe(&mut element, &properties, Drawn::of(&properties, false));
            element.push_attribute((attribute::PAPER, paper.hex().as_str()));
            self.pixels(element, &Surface::filled(size, paper))?;
        }
        self.event(Event::End(BytesEnd::new("stack")))?;
        self.event(Event::End(BytesEnd::new("image")))
    }

    /// Writes a list of layers, the topmost first as the format has them.
    fn list(&mut self, layers: &[Layer]) -> Result<(), OpenRasterError> {
        let mut rest = layers;
        while let Some(at) = rest.iter().rposition(|layer| !layer.properties.clipped) {
            self.with_clipped(&rest[at], &rest[at + 1..])?;
            rest = &rest[..at];
        }
        // Clipped layers without one to be clipped to are drawn as any other.
        rest.iter()
            .rev()
            .try_for_each(|layer| self.layer(layer, Drawn { is_clipped: true, ..Drawn::of(&layer.properties, false) }))
    }

    /// Writes a layer and those that are clipped to it, as a group of their own: in the format, a layer is clipped to
    /// everything that lies below it in its group.
    fn with_clipped(&mut self, base: &Layer, clipped: &[Layer]) -> Result<(), OpenRasterError> {
        let own = Drawn::of(&base.properties, false);
        if clipped.is_empty() {
            return self.layer(base, own);
        }
        let mut group = BytesStart::new("stack");
        let name = LayerProperties { locked: false, alpha_locked: false, ..base.properties.clone() };
        describe(&mut group, &name, own);
        group.push_attribute(("isolation", "isolate"));
        group.push_attribute((attribute::CLIP_GROUP, "true"));
        self.event(Event::Start(group))?;
        for layer in clipped.iter().rev() {
            self.layer(layer, Drawn::of(&layer.properties, true))?;
        }
        self.layer(base, Drawn::PLAIN)?;
        self.event(Event::End(BytesEnd::new("stack")))
    }

    fn layer(&mut self, layer: &Layer, drawn: Drawn) -> Result<(), OpenRasterError> {
        let mut element = BytesStart::new(if layer.is_group() { "stack" } else { "layer" });
        describe(&mut element, &layer.properties, drawn);
        if layer.id == self.current {
            element.push_attribute((attribute::SELECTED, "true"));
        }
        match &layer.content {
            LayerContent::Pixels(surface) => self.pixels(element, surface),
            LayerContent::Group(layers) => {
                element.push_attribute(("isolation", "isolate"));
                self.event(Event::Start(element))?;
                self.list(layers)?;
                self.event(Event::End(BytesEnd::new("stack")))
            }
        }
    }

    /// Writes a layer's pixels, without the empty margins, and what is said of it.
    fn pixels(&mut self, mut element: BytesStart<'_>, surface: &Surface) -> Result<(), OpenRasterError> {
        let rect = surface.bounds().unwrap_or(PixelRect::whole(1, 1));
        let pixels = surface.copy_rect(rect).into_flattened();
        let picture = RgbaImage::from_raw(rect.width() as u32, rect.height() as u32, pixels).unwrap_or_default();
        let name = format!("data/layer{:03}.png", self.pictures);
        self.pictures += 1;
        self.file(&name, &encode_png_with_alpha(&picture)?)?;
        element.push_attribute(("src", name.as_str()));
        element.push_attribute(("x", rect.x0.to_string().as_str()));
        element.push_attribute(("y", rect.y0.to_string().as_str()));
        self.event(Event::Empty(element))
    }

    fn event(&mut self, event: Event<'_>) -> Result<(), OpenRasterError> {
        self.xml.write_event(event).map_err(fail)
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), OpenRasterError> {
        write_file(&mut self.zip, name, bytes)
    }
}

/// How a layer is drawn, in the format's terms.
#[derive(Clone, Copy)]
struct Drawn {
    op: CompositeOp,
    opacity: f32,
    visible: bool,
    /// Of a layer for reference: whether the painter sees it.
    reference: Option<bool>,
    /// Whether it is clipped although there is nothing below.
    is_clipped: bool,
}

impl Drawn {
    const PLAIN: Self = Self {
        op: CompositeOp { blend: BlendMode::Normal, is_atop: false },
        opacity: 1.0,
        visible: true,
        reference: None,
        is_clipped: false,
    };

    fn of(properties: &LayerProperties, is_atop: bool) -> Self {
        let LayerProperties { visible, opacity, blend, reference, .. } = *properties;
        Self {
            op: CompositeOp { blend, is_atop },
            opacity,
            // Other programs would show it as a part of the picture.
            visible: visible && !reference,
            reference: reference.then_some(visible),
            is_clipped: false,
        }
    }
}

/// Adds what is said of a layer or a group.
fn describe(element: &mut BytesStart<'_>, properties: &LayerProperties, drawn: Drawn) {
    let visibility = |visible| if visible { "visible" } else { "hidden" };
    element.push_attribute(("name", name(&properties.name).as_str()));
    element.push_attribute(("composite-op", drawn.op.name().as_str()));
    element.push_attribute(("opacity", drawn.opacity.to_string().as_str()));
    element.push_attribute(("visibility", visibility(drawn.visible)));
    if drawn.op.is_atop && drawn.op.blend != BlendMode::Normal {
        element.push_attribute((attribute::ALPHA_PRESERVE, "true"));
    }
    if properties.locked {
        element.push_attribute((attribute::EDIT_LOCKED, "true"));
    }
    if properties.alpha_locked {
        element.push_attribute((attribute::ALPHA_LOCKED, "true"));
    }
    if drawn.is_clipped {
        element.push_attribute((attribute::CLIPPED, "true"));
    }
    if let Some(visible) = drawn.reference {
        element.push_attribute((attribute::REFERENCE, visibility(visible)));
    }
}

/// A name without the characters that XML cannot hold.
fn name(name: &str) -> String {
    let can_be = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    name.chars().map(|c| if can_be(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

fn write_file(zip: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, bytes: &[u8]) -> Result<(), OpenRasterError> {
    // The pictures are compressed already, and the format wants its mimetype as it is.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file(name, options).map_err(fail)?;
    zip.write_all(bytes).map_err(fail)
}

fn thumbnail(picture: &RgbaImage) -> RgbaImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height).max(1);
    if longest <= THUMBNAIL_SIDE {
        return picture.clone();
    }
    let side = |side: u32| (side * THUMBNAIL_SIDE / longest).max(1);
    imageops::resize(picture, side(width), side(height), FilterType::Triangle)
}

fn fail(error: impl std::fmt::Display) -> OpenRasterError {
    OpenRasterError::Encode { reason: error.to_string() }
}
