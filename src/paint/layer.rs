//! One layer: pixels or a group of layers, and how it lies on what is below.

use super::{BlendMode, PixelRect, Surface};

/// Which layer of a [`LayerStack`](super::LayerStack). Numbers are never used twice in one stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId(pub u64);

/// A layer with its pixels, or a group with its layers.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Which one.
    pub id: LayerId,
    /// Its name and how it is drawn.
    pub properties: LayerProperties,
    /// What is in it.
    pub content: LayerContent,
}

/// What is in a layer.
#[derive(Clone, Debug)]
pub enum LayerContent {
    /// Pixels.
    Pixels(Surface),
    /// A group: other layers, from bottom to top. They are drawn into a picture of their own, which then meets what is
    /// below the group (an isolated group in W3C's words).
    Group(Vec<Layer>),
}

/// A layer's name and how it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerProperties {
    /// What a person calls it.
    pub name: String,
    /// Whether it is drawn.
    pub visible: bool,
    /// How much of it is drawn, `0..=1`; composed in steps of 1/255.
    pub opacity: f32,
    /// How its colours meet those below.
    pub blend: BlendMode,
    /// Whether it is protected from every change of its pixels.
    pub locked: bool,
    /// Whether painting leaves its alpha as it is.
    pub alpha_locked: bool,
    /// Whether it shows only where the nearest layer below that is not clipped shows. Without such a layer it is drawn
    /// as any other.
    pub clipped: bool,
    /// Whether it is shown to the painter only, and never part of the picture.
    pub reference: bool,
}

impl LayerProperties {
    /// The longest name, in characters.
    pub const MAX_NAME: usize = 200;

    /// A visible, unlocked layer of this name. A name is cut after [`LayerProperties::MAX_NAME`] characters.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.chars().filter(|c| !c.is_control()).take(Self::MAX_NAME).collect(),
            visible: true,
            opacity: 1.0,
            blend: BlendMode::Normal,
            locked: false,
            alpha_locked: false,
            clipped: false,
            reference: false,
        }
    }

    /// The opacity as layers are composed with it, 255 for all of it.
    pub fn opacity_level(&self) -> u8 {
        (self.opacity.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
    }

    /// Whether two layers that differ only in these properties look the same, wherever they lie.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let look = |of: &Self| (of.visible, of.opacity_level(), of.blend, of.clipped, of.reference);
        look(self) == look(other)
    }
}

impl Layer {
    /// A layer of pixels.
    pub fn of_pixels(id: LayerId, name: &str, surface: Surface) -> Self {
        Self { id, properties: LayerProperties::named(name), content: LayerContent::Pixels(surface) }
    }

    /// Its pixels; `None` for a group.
    pub fn surface(&self) -> Option<&Surface> {
        match &self.content {
            LayerContent::Pixels(surface) => Some(surface),
            LayerContent::Group(_) => None,
        }
    }

    /// Its pixels, to change them; `None` for a group.
    pub fn surface_mut(&mut self) -> Option<&mut Surface> {
        match &mut self.content {
            LayerContent::Pixels(surface) => Some(surface),
            LayerContent::Group(_) => None,
        }
    }

    /// The layers of a group from bottom to top; none for a layer of pixels.
    pub fn children(&self) -> &[Layer] {
        match &self.content {
            LayerContent::Pixels(_) => &[],
            LayerContent::Group(layers) => layers,
        }
    }

    /// Whether it is a group.
    pub fn is_group(&self) -> bool {
        matches!(self.content, LayerContent::Group(_))
    }

    /// The rectangle around all tiles of it and of the layers in it; `None` if it is empty.
    pub fn bounds(&self) -> Option<PixelRect> {
        match &self.content {
            LayerContent::Pixels(surface) => surface.bounds(),
            LayerContent::Group(layers) => layers.iter().filter_map(Self::bounds).reduce(PixelRect::union),
        }
    }

    /// It and all layers in it, each group before its layers.
    pub fn all(&self) -> Box<dyn Iterator<Item = &Layer> + '_> {
        Box::new(std::iter::once(self).chain(self.children().iter().flat_map(Self::all)))
    }

    /// How much memory its tiles and those of the layers in it take, in bytes, whether they are shared or not.
    pub fn bytes(&self) -> usize {
        self.all().filter_map(Self::surface).map(Surface::bytes).sum()
    }

    /// Whether both have the same properties and content; their ids may differ.
    pub fn is_like(&self, other: &Self) -> bool {
        let same_content = match (&self.content, &other.content) {
            (LayerContent::Pixels(one), LayerContent::Pixels(two)) => one.shows_the_same_as(two),
            (LayerContent::Group(one), LayerContent::Group(two)) => are_alike(one, two),
            _ => false,
        };
        same_content && self.properties == other.properties
    }
}

/// Whether two lists hold layers that are alike, in the same order.
pub(super) fn are_alike(one: &[Layer], two: &[Layer]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.is_like(two))
}
