//! Changes to layers that can be undone.
//!
//! [`LayerEdit::apply`] exchanges what the edit holds with what is there and returns the latter as another edit, so undo
//! and redo are the same operation. Pixels are exchanged as whole tiles, which are shared and never copied.

use std::sync::Arc;

use super::tile::{Tile, TilePlace};
use super::{Bytes, Layer, LayerError, LayerId, LayerPlace, LayerProperties, LayerStack, PixelRect, Size, Surface};

/// One change to the layers of a picture.
#[derive(Clone, Debug)]
pub struct LayerEdit {
    change: Change,
    /// The layer that becomes the current one; `None` leaves that as it is.
    current: Option<LayerId>,
}

#[derive(Clone, Debug)]
enum Change {
    /// The pixels of some tiles of a layer.
    Tiles { layer: LayerId, size: Size, tiles: Vec<(TilePlace, Option<Arc<Tile>>)> },
    /// Name and way of drawing of a layer.
    Properties(LayerId, Box<LayerProperties>),
    /// Another layer.
    Insert(Box<Layer>, LayerPlace),
    /// One layer less, with all layers in it.
    Remove(LayerId),
    /// A layer in another place. The index counts without the layer.
    Move(LayerId, LayerPlace),
    /// Other layers, of any size.
    Replace(Box<LayerStack>),
    /// Several changes, one after the other.
    Several(Vec<Change>),
}

/// What came of an edit.
#[derive(Clone, Debug)]
pub struct AppliedEdit {
    /// The edit that takes it back.
    pub inverse: LayerEdit,
    /// The rectangle outside of which the picture is as it was; `None` if all of it is.
    pub area: Option<PixelRect>,
}

impl LayerEdit {
    /// Other layers in place of all that are there.
    pub fn replace(layers: LayerStack) -> Self {
        Self { change: Change::Replace(Box::new(layers)), current: None }
    }

    /// Gives a layer these properties.
    pub fn properties(id: LayerId, properties: LayerProperties) -> Self {
        Self { change: Change::Properties(id, Box::new(properties)), current: None }
    }

    /// Puts a layer at a place and makes it the current one.
    pub fn insert(layer: Layer, place: LayerPlace) -> Self {
        let current = Some(layer.id);
        Self { change: Change::Insert(Box::new(layer), place), current }
    }

    /// Takes a layer out.
    pub fn remove(id: LayerId) -> Self {
        Self { change: Change::Remove(id), current: None }
    }

    /// Moves a layer to a place, whose index counts without it, and makes it the current one.
    pub fn move_to(id: LayerId, place: LayerPlace) -> Self {
        Self { change: Change::Move(id, place), current: Some(id) }
    }

    /// Makes these edits one. The layer that is current then is the one of the last edit that names one.
    pub fn several(edits: impl IntoIterator<Item = Self>) -> Self {
        let mut current = None;
        let change = |edit: Self| {
            current = edit.current.or(current);
            edit.change
        };
        let changes = edits.into_iter().map(change).collect();
        Self { change: Change::Several(changes), current }
    }

    /// Makes another layer the current one afterwards.
    pub fn and_choose(self, id: LayerId) -> Self {
        Self { current: Some(id), ..self }
    }

    /// The edit that gives a layer the pixels that it had, `before`; `None` if it still has them. Nothing but what lies
    /// in the rectangle may have changed.
    pub fn back_to(layer: LayerId, before: &Surface, now: &Surface, rect: PixelRect) -> Option<Self> {
        let size = before.size();
        let changed = |place: &TilePlace| match (before.tile(*place), now.tile(*place)) {
            (Some(before), Some(now)) => !Arc::ptr_eq(before, now),
            (before, now) => before.is_some() != now.is_some(),
        };
        let places = TilePlace::touched_by(rect.inside(size)).filter(changed);
        let tiles: Vec<_> = places.map(|place| (place, before.tile(place).cloned())).collect();
        (!tiles.is_empty()).then_some(Self { change: Change::Tiles { layer, size, tiles }, current: None })
    }

    /// Exchanges what the edit holds with what is there.
    ///
    /// # Errors
    /// If the edit was made on other layers; they are then as they were.
    pub fn apply(self, layers: &mut LayerStack) -> Result<AppliedEdit, LayerError> {
        let before = layers.current();
        let (change, area) = self.change.apply(layers)?;
        if let Some(current) = self.current {
            layers.choose(current);
        }
        let current = (layers.current() != before).then_some(before);
        Ok(AppliedEdit { inverse: Self { change, current }, area })
    }

    /// The layers that it would put in place of all that are there.
    pub fn replacement(&self) -> Option<&LayerStack> {
        match &self.change {
            Change::Replace(layers) => Some(layers),
            _ => None,
        }
    }

    /// How many pixels lie in the rectangle around all that it can change; `None` where only the layers can tell.
    pub fn pixels(&self) -> Option<usize> {
        match &self.change {
            Change::Tiles { size, tiles, .. } => {
                let area = tiles.iter().map(|(place, _)| place.rect(*size)).reduce(PixelRect::union);
                Some(area.map_or(0, |area| area.width() * area.height()))
            }
            _ => None,
        }
    }

    /// The layer of which it changes nothing but the opacity of this one, if it does that.
    pub fn changes_only_opacity(&self, layers: &LayerStack) -> Option<LayerId> {
        match &self.change {
            Change::Properties(id, properties) => {
                let now = &layers.get(*id)?.properties;
                (LayerProperties { opacity: now.opacity, ..(**properties).clone() } == *now).then_some(*id)
            }
            _ => None,
        }
    }
}

impl Bytes for LayerEdit {
    /// The tiles that it keeps, whether they are shared or not.
    fn bytes(&self) -> usize {
        self.change.bytes()
    }
}

impl Change {
    /// Makes the change; returns the one that takes it back, and where the picture can have changed.
    fn apply(self, layers: &mut LayerStack) -> Result<(Self, Option<PixelRect>), LayerError> {
        match self {
            Self::Tiles { layer, size, tiles } => {
                let surface = layers.get_mut(layer).and_then(Layer::surface_mut).ok_or(LayerError::Missing)?;
                if surface.size() != size {
                    return Err(LayerError::OtherSize);
                }
                let area = tiles.iter().map(|(place, _)| place.rect(size)).reduce(PixelRect::union);
                let exchange = |(place, tile)| (place, surface.set_tile(place, tile));
                let tiles = tiles.into_iter().map(exchange).collect();
                Ok((Self::Tiles { layer, size, tiles }, area))
            }
            Self::Properties(id, properties) => {
                let before = layers.exchange_properties(id, *properties)?;
                let looks = layers.get(id).is_some_and(|layer| layer.properties.looks_like(&before));
                let area = if looks { None } else { area_of(layers, id) };
                Ok((Self::Properties(id, Box::new(before)), area))
            }
            Self::Insert(layer, place) => {
                let id = layer.id;
                layers.insert(*layer, place)?;
                Ok((Self::Remove(id), area_of(layers, id)))
            }
            Self::Remove(id) => {
                let area = area_of(layers, id);
                let (layer, place) = layers.remove(id)?;
                Ok((Self::Insert(Box::new(layer), place), area))
            }
            Self::Move(id, place) => {
                let before = layers.place_of(id).ok_or(LayerError::Missing)?;
                if place.group.is_some_and(|group| layers.path_to(group).iter().any(|layer| layer.id == id)) {
                    return Err(LayerError::IntoItself);
                }
                let old_area = area_of(layers, id);
                let current = layers.current();
                let (layer, _) = layers.remove(id)?;
                if let Err(error) = layers.insert(layer.clone(), place) {
                    // It fits where it was.
                    layers.insert(layer, before)?;
                    layers.choose(current);
                    return Err(error);
                }
                layers.choose(current);
                let area = old_area.into_iter().chain(area_of(layers, id)).reduce(PixelRect::union);
                Ok((Self::Move(id, before), area))
            }
            Self::Replace(mut other) => {
                std::mem::swap(layers, &mut other);
                let size = layers.size();
                Ok((Self::Replace(other), Some(PixelRect::whole(size.width(), size.height()))))
            }
            Self::Several(changes) => {
                let (mut done, mut area) = (Vec::with_capacity(changes.len()), None);
                for change in changes {
                    match change.apply(layers) {
                        Ok((inverse, changed)) => {
                            done.push(inverse);
                            area = [area, changed].into_iter().flatten().reduce(PixelRect::union);
                        }
                        Err(error) => {
                            for inverse in done.into_iter().rev() {
                                inverse.apply(layers)?;
                            }
                            return Err(error);
                        }
                    }
                }
                done.reverse();
                Ok((Self::Several(done), area))
            }
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Tiles { tiles, .. } => tiles.iter().filter(|(_, tile)| tile.is_some()).count() * Tile::BYTES,
            Self::Properties(_, properties) => properties.name.len(),
            Self::Insert(layer, _) => layer.bytes(),
            Self::Remove(_) | Self::Move(..) => 0,
            Self::Replace(layers) => layers.bytes(),
            Self::Several(changes) => changes.iter().map(Self::bytes).sum(),
        }
    }
}

/// Where the picture can depend on a layer: where the layer has pixels, or one that is clipped and right above it.
fn area_of(layers: &LayerStack, id: LayerId) -> Option<PixelRect> {
    let own = layers.get(id)?.bounds();
    let place = layers.place_of(id)?;
    let clipped = layers.clipped_above(LayerPlace { index: place.index + 1, ..place });
    clipped.iter().filter_map(Layer::bounds).chain(own).reduce(PixelRect::union)
}

#[cfg(test)]
mod tests;
