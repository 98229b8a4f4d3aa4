//! Layers that came from an OpenRaster file, or go into one.

use image::RgbaImage;

use crate::paint::{Canvas, Composition, LayerStack, PixelRect, Rgb, Surface};

/// Layers with their paper, as an OpenRaster file holds them.
#[derive(Clone, Debug)]
pub struct OpenRaster {
    /// The layers.
    pub layers: LayerStack,
    /// The colour below all layers. `None` in files of other programs, which are transparent where no layer has paint.
    pub paper: Option<Rgb>,
    /// What could not be kept as it was in the file, each as one sentence.
    pub notes: Vec<String>,
}

impl OpenRaster {
    /// The picture that the layers give, with alpha where there is no paper. Hidden layers and layers for reference are
    /// not in it.
    pub fn flattened(&self) -> RgbaImage {
        let size = self.layers.size();
        let (width, height) = (size.width(), size.height());
        let whole = PixelRect::whole(width, height);
        let pixels = match self.paper {
            Some(paper) => Canvas::composed(&self.layers, paper, Composition::Picture).copy_rect(whole),
            None => Surface::composed(&self.layers).copy_rect(whole),
        };
        // The bytes have the picture's size, so the empty picture is never used.
        RgbaImage::from_raw(width as u32, height as u32, pixels.into_flattened()).unwrap_or_default()
    }
}

/// Layers from a file with the picture that they give, so that the window need not compose it.
#[derive(Clone, Debug)]
pub struct ComposedLayers {
    /// The layers.
    pub layers: LayerStack,
    /// The colour below all layers.
    pub paper: Rgb,
    /// What the layers give over the paper, without those for reference.
    pub picture: Canvas,
    /// The same with layers for reference; `None` if none is visible.
    pub screen: Option<Canvas>,
    /// What could not be kept as it was in the file, each as one sentence.
    pub notes: Vec<String>,
}

impl From<OpenRaster> for ComposedLayers {
    fn from(opened: OpenRaster) -> Self {
        let OpenRaster { layers, paper, notes } = opened;
        let paper = paper.unwrap_or(Rgb::WHITE);
        let picture = Canvas::composed(&layers, paper, Composition::Picture);
        let screen = layers.shows_references().then(|| Canvas::composed(&layers, paper, Composition::Screen));
        Self { layers, paper, picture, screen, notes }
    }
}
