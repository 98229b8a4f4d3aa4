//! What a control follows of a document: the sketch, or one layer on white.

use image::RgbImage;

use super::{CanvasPart, Document};
use crate::engine::ControlSource;
use crate::paint::{BlendMode, Canvas, Composition, Layer, LayerId, LayerProperties, LayerStack, PixelRect, Rgb};

/// What a control follows, before its pixels are copied or composed. Taking it copies no pixels; another thread can make
/// the picture.
#[derive(Clone, Debug)]
pub struct ControlPixels(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The sketch is the canvas, which is composed already.
    Sketch(CanvasPart),
    /// One layer, and the part of the canvas that rounds are made from.
    Layer(LayerStack, PixelRect),
}

impl ControlPixels {
    /// The picture, in the size of the frame or the canvas.
    pub fn picture(&self) -> RgbImage {
        let (layers, rect) = match &self.0 {
            Source::Sketch(part) => return part.picture(),
            Source::Layer(layers, rect) => (layers, *rect),
        };
        let mut canvas = Canvas::new(layers.size(), Rgb::WHITE);
        canvas.recompose(layers, Rgb::WHITE, Composition::Picture, rect);
        let (width, height) = (rect.width() as u32, rect.height() as u32);
        // The bytes have the picture's size, so the blank picture is never used.
        RgbImage::from_raw(width, height, canvas.rect_rgb(rect)).unwrap_or_else(|| RgbImage::new(width, height))
    }
}

impl Document {
    /// What a control with this source follows; `None` for a file, and for a layer that is not there. A hidden layer is
    /// followed too: lines need not be part of the picture.
    pub fn control_pixels(&self, source: &ControlSource) -> Option<ControlPixels> {
        match source {
            ControlSource::Sketch => Some(ControlPixels(Source::Sketch(self.canvas_part()))),
            ControlSource::Layer(id) => {
                let layer = self.layers().get(LayerId(*id))?.clone();
                let properties = LayerProperties {
                    visible: true,
                    opacity: 1.0,
                    blend: BlendMode::default(),
                    clipped: false,
                    reference: false,
                    ..layer.properties
                };
                let layer = Layer { properties, ..layer };
                let current = layer.id;
                let layers = LayerStack::from_layers(self.canvas().size(), vec![layer], current).ok()?;
                Some(ControlPixels(Source::Layer(layers, self.framed_rect())))
            }
            ControlSource::File(_) => None,
        }
    }

    /// The picture that a control with this source follows, see [`Document::control_pixels`].
    pub fn control_picture(&self, source: &ControlSource) -> Option<RgbImage> {
        self.control_pixels(source).map(|pixels| pixels.picture())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{dot, size};
    use super::*;
    use crate::document::Settings;
    use crate::paint::Region;

    #[test]
    fn a_hidden_layer_is_followed_on_white_and_the_sketch_is_what_is_sent() {
        let mut document = Document::new(size(96, 80), Rgb([200, 220, 240]), Settings::default());
        dot(&mut document, 40.0, 30.0);
        let id = document.layers().current();
        let sketch = document.control_picture(&ControlSource::Sketch).expect("the sketch");
        assert_eq!(sketch, document.canvas_as_start().picture.as_ref().clone());
        let layer = document.control_picture(&ControlSource::Layer(id.0)).expect("the layer");
        assert_eq!(layer.get_pixel(0, 0).0, [255; 3], "white, not the paper");
        assert_eq!(layer.get_pixel(40, 30), sketch.get_pixel(40, 30), "the dot");
        let properties = document.layers().get(id).expect("a layer").properties.clone();
        document.set_layer(id, LayerProperties { visible: false, ..properties }).expect("hides");
        assert_eq!(document.control_picture(&ControlSource::Layer(id.0)), Some(layer));
        assert_eq!(document.control_picture(&ControlSource::Layer(id.0 + 99)), None);
        assert_eq!(document.control_picture(&ControlSource::File("x.png".into())), None);
    }

    #[test]
    fn the_frame_cuts_both_out() {
        let mut document = Document::new(size(256, 192), Rgb::WHITE, Settings::default());
        let mut settings = document.settings_mut();
        (settings.width, settings.height) = (64, 64);
        drop(settings);
        dot(&mut document, 100.0, 100.0);
        document.set_frame(Some(Region { x: 80, y: 70, size: size(64, 64) }));
        let id = document.layers().current();
        for source in [ControlSource::Sketch, ControlSource::Layer(id.0)] {
            let picture = document.control_picture(&source).expect("a picture");
            assert_eq!(picture, document.canvas_as_start().picture.as_ref().clone(), "{source:?}");
            assert_ne!(picture.get_pixel(20, 30).0, [255; 3]);
        }
    }
}
