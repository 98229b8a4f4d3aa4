//! All layers of a picture: a tree, in order from bottom to top, of which one layer is the current one.

use super::layer::are_alike;
use super::{Layer, LayerContent, LayerError, LayerId, LayerProperties, Rgb, Size, Surface};

/// The layers of a picture. There is always at least one, and all surfaces have the size of the stack.
///
/// A clone shares its pixels with the original. Changes that a person makes are [`LayerEdit`](super::LayerEdit)s.
#[derive(Clone, Debug)]
pub struct LayerStack {
    size: Size,
    /// From bottom to top.
    layers: Vec<Layer>,
    current: LayerId,
    /// The number that the next layer gets.
    next: u64,
}

/// A place for a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerPlace {
    /// The group that it is in; `None` for the outermost layers.
    pub group: Option<LayerId>,
    /// How many layers of the group lie below it.
    pub index: usize,
}

impl LayerStack {
    /// How many layers, groups included, a stack can have.
    pub const MAX_LAYERS: usize = 1000;
    /// How many groups can lie inside each other.
    pub const MAX_DEPTH: usize = 16;

    /// One empty layer.
    pub fn new(size: Size) -> Self {
        Self::of_surface("Layer 1", Surface::new(size))
    }

    /// One layer with these pixels.
    pub fn of_surface(name: &str, surface: Surface) -> Self {
        let (size, id) = (surface.size(), LayerId(1));
        Self { size, layers: vec![Layer::of_pixels(id, name, surface)], current: id, next: 2 }
    }

    /// An empty layer, the current one, above one with these pixels.
    pub fn over_picture(name: &str, picture: Surface) -> Self {
        let (size, current) = (picture.size(), LayerId(2));
        let above = Layer::of_pixels(current, "Layer 1", Surface::new(size));
        Self { size, layers: vec![Layer::of_pixels(LayerId(1), name, picture), above], current, next: 3 }
    }

    /// A stack of layers from elsewhere, for example a file. If there is no current layer of this number, the topmost
    /// is the current one.
    ///
    /// # Errors
    /// If there is no layer, there are too many or too deep ones, a number is used twice or too high, or a surface has
    /// another size.
    pub fn from_layers(size: Size, layers: Vec<Layer>, current: LayerId) -> Result<Self, LayerError> {
        if layers.iter().map(depth).max().unwrap_or(0) > Self::MAX_DEPTH {
            return Err(LayerError::TooDeep);
        }
        let mut stack = Self { size, layers, current, next: 1 };
        let mut ids: Vec<LayerId> = stack.all().map(|layer| layer.id).collect();
        if ids.len() > Self::MAX_LAYERS {
            return Err(LayerError::TooMany);
        }
        if stack.all().filter_map(Layer::surface).any(|surface| surface.size() != size) {
            return Err(LayerError::OtherSize);
        }
        ids.sort_unstable();
        let (Some(last), false) = (ids.last(), ids.windows(2).any(|two| two[0] == two[1])) else {
            return Err(LayerError::Missing);
        };
        stack.next = last.0.checked_add(1).ok_or(LayerError::Missing)?;
        if stack.get(current).is_none() {
            stack.current = stack.layers.last().map_or(*last, |layer| layer.id);
        }
        Ok(stack)
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The outermost layers, from bottom to top.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// All layers from bottom to top, each group before its layers.
    pub fn all(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter().flat_map(Layer::all)
    }

    /// The layer that is painted on.
    pub fn current(&self) -> LayerId {
        self.current
    }

    /// Makes a layer the current one; returns whether there is such a layer.
    pub fn choose(&mut self, id: LayerId) -> bool {
        let is_there = self.get(id).is_some();
        if is_there {
            self.current = id;
        }
        is_there
    }

    /// A layer by its number.
    pub fn get(&self, id: LayerId) -> Option<&Layer> {
        self.all().find(|layer| layer.id == id)
    }

    /// A layer by its number, to change it.
    pub(super) fn get_mut(&mut self, id: LayerId) -> Option<&mut Layer> {
        fn find(layers: &mut [Layer], id: LayerId) -> Option<&mut Layer> {
            layers.iter_mut().find_map(|layer| {
                if layer.id == id {
                    return Some(layer);
                }
                match &mut layer.content {
                    LayerContent::Group(layers) => find(layers, id),
                    LayerContent::Pixels(_) => None,
                }
            })
        }
        find(&mut self.layers, id)
    }

    /// The pixels of the current layer, to paint on them; `None` if it is a group.
    pub fn current_surface_mut(&mut self) -> Option<&mut Surface> {
        self.surface_mut(self.current)
    }

    /// The pixels of a layer, to paint on them; `None` if it is a group or there is no such layer.
    pub fn surface_mut(&mut self, id: LayerId) -> Option<&mut Surface> {
        self.get_mut(id)?.surface_mut()
    }

    /// The groups that a layer is in, the outermost one first, and the layer itself; empty if there is no such layer.
    pub fn path_to(&self, id: LayerId) -> Vec<&Layer> {
        fn walk<'a>(layers: &'a [Layer], id: LayerId, path: &mut Vec<&'a Layer>) -> bool {
            layers.iter().any(|layer| {
                path.push(layer);
                let found = layer.id == id || walk(layer.children(), id, path);
                if !found {
                    path.pop();
                }
                found
            })
        }
        let mut path = Vec::new();
        walk(&self.layers, id, &mut path);
        path
    }

    /// Where a layer is.
    pub fn place_of(&self, id: LayerId) -> Option<LayerPlace> {
        let path = self.path_to(id);
        let group = path.iter().rev().nth(1).map(|group| group.id);
        let index = self.children_of(group)?.iter().position(|layer| layer.id == id)?;
        Some(LayerPlace { group, index })
    }

    /// The layers of a group from bottom to top, or the outermost ones; `None` if there is no such group.
    pub fn children_of(&self, group: Option<LayerId>) -> Option<&[Layer]> {
        match group {
            None => Some(&self.layers),
            Some(id) => self.get(id).filter(|layer| layer.is_group()).map(Layer::children),
        }
    }

    /// Whether it and all groups that it is in are visible.
    pub fn is_shown(&self, id: LayerId) -> bool {
        self.path_to(id).iter().all(|layer| layer.properties.visible)
    }

    /// Whether it or a group that it is in is locked.
    pub fn is_locked(&self, id: LayerId) -> bool {
        self.path_to(id).iter().any(|layer| layer.properties.locked)
    }

    /// Whether any layer is visible that is shown to the painter only.
    pub fn shows_references(&self) -> bool {
        fn any(layers: &[Layer]) -> bool {
            let shows = |layer: &Layer| layer.properties.reference || any(layer.children());
            layers.iter().any(|layer| layer.properties.visible && shows(layer))
        }
        any(&self.layers)
    }

    /// Whether it shows one colour wherever it is looked at: all layers are empty, or the only one has one opaque
    /// colour.
    pub fn is_blank(&self) -> bool {
        let is_uniform = match self.layers.as_slice() {
            [layer] => layer.surface().is_some_and(|surface| surface.one_color().is_some()),
            _ => false,
        };
        is_uniform || self.all().filter_map(Layer::surface).all(Surface::is_empty)
    }

    /// The same layers in another size, for a stack that [is blank](LayerStack::is_blank); others become empty.
    pub fn blank_in_size(&self, size: Size) -> Self {
        fn empty(layers: &mut [Layer], size: Size) {
            for layer in layers {
                match &mut layer.content {
                    LayerContent::Pixels(surface) => {
                        let color = surface.one_color();
                        *surface = color.map_or_else(|| Surface::new(size), |color| Surface::filled(size, color));
                    }
                    LayerContent::Group(layers) => empty(layers, size),
                }
            }
        }
        let mut stack = self.clone();
        stack.size = size;
        empty(&mut stack.layers, size);
        stack
    }

    /// The same layers with other pixels, in another size. `change` makes the new pixels of each layer of the old ones;
    /// pixels of another size than that are cut off at the right and below.
    #[must_use]
    pub fn with_surfaces(&self, size: Size, change: &mut impl FnMut(&Surface) -> Surface) -> Self {
        fn walk(layers: &mut [Layer], size: Size, change: &mut impl FnMut(&Surface) -> Surface) {
            for layer in layers {
                match &mut layer.content {
                    LayerContent::Pixels(surface) => {
                        let changed = change(surface);
                        *surface = if changed.size() == size { changed } else { changed.in_size(size) };
                    }
                    LayerContent::Group(layers) => walk(layers, size, change),
                }
            }
        }
        let mut stack = self.clone();
        stack.size = size;
        walk(&mut stack.layers, size, change);
        stack
    }

    /// Whether both have the same size and like layers in the same order; their numbers may differ.
    pub fn is_like(&self, other: &Self) -> bool {
        self.size == other.size && are_alike(&self.layers, &other.layers)
    }

    /// A number for a new layer.
    pub fn new_id(&mut self) -> LayerId {
        let id = LayerId(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// `Layer 3` or `Group 2`, the first such name with a number above all that are used.
    pub fn new_name(&self, word: &str) -> String {
        let number = |layer: &Layer| layer.properties.name.strip_prefix(word)?.strip_prefix(' ')?.parse::<u32>().ok();
        let last = self.all().filter_map(number).max().unwrap_or(0);
        format!("{word} {}", last.saturating_add(1))
    }

    /// Puts a layer at a place.
    pub(super) fn insert(&mut self, layer: Layer, place: LayerPlace) -> Result<(), LayerError> {
        let above = place.group.map_or(0, |group| self.path_to(group).len());
        if above + depth(&layer) > Self::MAX_DEPTH {
            return Err(LayerError::TooDeep);
        }
        if self.all().count() + layer.all().count() > Self::MAX_LAYERS {
            return Err(LayerError::TooMany);
        }
        if layer.all().filter_map(Layer::surface).any(|surface| surface.size() != self.size) {
            return Err(LayerError::OtherSize);
        }
        if layer.all().any(|new| self.get(new.id).is_some()) {
            return Err(LayerError::Missing);
        }
        let highest = layer.all().map(|layer| layer.id.0).max().unwrap_or(0);
        let list = match place.group {
            None => &mut self.layers,
            Some(id) => match self.get_mut(id).map(|group| &mut group.content) {
                Some(LayerContent::Group(layers)) => layers,
                _ => return Err(LayerError::Missing),
            },
        };
        list.insert(place.index.min(list.len()), layer);
        self.next = self.next.max(highest.saturating_add(1));
        Ok(())
    }

    /// Takes a layer out; returns it with its place. The last one cannot be taken. If the current layer goes, the one
    /// below it becomes the current one, or the one above, or its group.
    pub(super) fn remove(&mut self, id: LayerId) -> Result<(Layer, LayerPlace), LayerError> {
        let place = self.place_of(id).ok_or(LayerError::Missing)?;
        if place.group.is_none() && self.layers.len() == 1 {
            return Err(LayerError::LastLayer);
        }
        let list = match place.group {
            None => &mut self.layers,
            Some(group) => match self.get_mut(group).map(|group| &mut group.content) {
                Some(LayerContent::Group(layers)) => layers,
                _ => return Err(LayerError::Missing),
            },
        };
        let layer = list.remove(place.index);
        let beside = list.get(place.index.saturating_sub(1)).or(list.first()).map(|layer| layer.id).or(place.group);
        if self.get(self.current).is_none()
            && let Some(beside) = beside
        {
            self.current = beside;
        }
        Ok((layer, place))
    }

    /// The clipped layers right above a place in a list, which show where what is below them does.
    pub(super) fn clipped_above(&self, place: LayerPlace) -> &[Layer] {
        let list = self.children_of(place.group).unwrap_or_default();
        let above = list.get(place.index..).unwrap_or_default();
        let count = above.iter().take_while(|layer| layer.properties.clipped).count();
        &above[..count]
    }

    /// Exchanges the properties of a layer.
    pub(super) fn exchange_properties(
        &mut self,
        id: LayerId,
        properties: LayerProperties,
    ) -> Result<LayerProperties, LayerError> {
        let layer = self.get_mut(id).ok_or(LayerError::Missing)?;
        Ok(std::mem::replace(&mut layer.properties, properties))
    }

    /// The one opaque colour of a stack with one layer that shows it everywhere.
    pub fn one_color(&self) -> Option<Rgb> {
        match self.layers.as_slice() {
            [layer] => layer.surface()?.one_color(),
            _ => None,
        }
    }

    /// How much memory the tiles of all layers take, in bytes, whether they are shared or not.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(Layer::bytes).sum()
    }
}

/// How many groups lie inside each other; 0 for a layer of pixels. Counts no further than too deep.
fn depth(layer: &Layer) -> usize {
    fn count(layer: &Layer, left: usize) -> usize {
        match (layer.is_group(), left) {
            (false, _) => 0,
            (true, 0) => 1,
            (true, _) => 1 + layer.children().iter().map(|child| count(child, left - 1)).max().unwrap_or(0),
        }
    }
    count(layer, LayerStack::MAX_DEPTH + 1)
}
