//! Edits that can take longer than a frame of the window on a large canvas, as values.

use std::sync::Arc;

use image::RgbImage;

use super::{Ancestry, AreaSource, Document, Mark, ResultId, RoundId, Settings};
use crate::paint::{
    BlendMode, Canvas, Gradient, LayerDirection, LayerError, LayerId, LayerPlace, LayerProperties, PixelRect,
    Placement, Resampling, Rgb, Selection, SelectionMode, SimilarArea, Size, SizeError, Surface,
};
use crate::picture::{Fit, fit};

/// A canvas with at most this many pixels is edited at once: whatever is done to it takes a few milliseconds.
pub(super) const QUICK_PIXELS: usize = 1024 * 1024;

/// An edit that visits every pixel of the canvas in the worst case. [`Document::edit`] makes it at once,
/// [`Document::plan_edit`] has it computed on another thread. Both have the same result.
#[derive(Clone, Debug, PartialEq)]
pub enum SlowEdit {
    /// See [`Document::undo`].
    Undo,
    /// See [`Document::redo`].
    Redo,
    /// See [`Document::fill_area`].
    Fill {
        /// The pixel around which the area lies.
        at: (usize, usize),
        /// The colour it gets.
        color: Rgb,
        /// What belongs to the area.
        how: SimilarArea,
        /// Where the colour of the area is looked up.
        source: AreaSource,
    },
    /// See [`Document::fill_selection`].
    FillSelection(Rgb),
    /// See [`Document::paint_shape`].
    Shape(AreaShape, Rgb),
    /// See [`Document::paint_gradient`].
    Gradient(Gradient),
    /// See [`Document::clear_selection`].
    Clear,
    /// Selects the area of nearly one colour around a pixel, see [`Document::area_at`].
    SelectSimilar {
        /// The pixel around which the area lies.
        at: (usize, usize),
        /// What belongs to the area.
        how: SimilarArea,
        /// Where the colour of the area is looked up.
        source: AreaSource,
        /// How it meets the selection that is there.
        mode: SelectionMode,
    },
    /// Selects the inside of a shape. A shape without area selects nothing where it would replace the selection.
    SelectShape(AreaShape, SelectionMode),
    /// Changes the selection or the mask; without one nothing happens.
    ChangeMark(Mark, MarkChange),
    /// Makes this the selection or the mask, see [`Document::set_mark`].
    SetMark(Mark, Option<Selection>),
    /// See [`Document::combine_mark`].
    CombineMark(Mark, Selection, SelectionMode),
    /// Lifts what is selected, see [`Document::begin_transform`].
    Lift,
    /// Places what is lifted, see [`Document::transform`].
    Place(Placement, Resampling),
    /// Lifts what is selected, if nothing is lifted, and moves it by this many pixels to the right and down.
    Nudge(f32, f32),
    /// Puts down what is lifted, see [`Document::end_transform`].
    EndTransform,
    /// Leaves all as it was before something was lifted, see [`Document::abandon_transform`].
    AbandonTransform,
    /// Changes the layers.
    Layers(LayerChange),
    /// See [`Document::set_paper`].
    Paper(Rgb),
    /// See [`Document::paste_layer`]. The part that lies on the canvas is pasted.
    PasteLayer {
        /// The name of the layer.
        name: String,
        /// Its pixels.
        pixels: Surface,
    },
    /// Puts a result on the canvas: where it was made from, or in place of the canvas. See
    /// [`Document::paint_over_place`] and [`Document::paint_over`].
    PaintOver(ResultId, Arc<RgbImage>),
    /// Adds a result as a layer: where it was made from, or on all of the canvas, as large as which it must then be. See
    /// [`Document::add_result`].
    AddResult(ResultId, Arc<RgbImage>),
    /// As [`Self::AddResult`], for pixels that have the size of the canvas.
    AddResultLayer(ResultId, Surface),
    /// Replaces the canvas by the example sketch, which shows whole on white in this size, see [`Document::take_example`].
    TakeExample(Arc<RgbImage>, Size),
    /// Replaces the canvas by a picture, in which the noise of these seeds is, see [`Document::open_picture`].
    OpenPicture(Arc<RgbImage>, Ancestry),
    /// Replaces canvas and settings by those of a saved result, see [`Document::open_round`].
    OpenRound(Arc<RgbImage>, Box<Settings>),
    /// Goes back to what a round began with, and to this start image, see [`Document::go_back`].
    GoBack(RoundId, Arc<RgbImage>),
}

/// Why an edit was refused, as one sentence. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The layers do not allow it.
    #[error(transparent)]
    Layers(#[from] LayerError),
    /// No canvas can have the size of a picture.
    #[error(transparent)]
    Size(#[from] SizeError),
}

/// The inside of a closed line on the canvas. Places are in canvas pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum AreaShape {
    /// Whole pixels.
    Rectangle(PixelRect),
    /// The ellipse that touches all sides of the rectangle between two corners.
    Ellipse {
        /// One corner.
        from: (f32, f32),
        /// The opposite one.
        to: (f32, f32),
        /// Whether its edge is antialiased.
        smooth: bool,
    },
    /// A polygon.
    Polygon {
        /// Its corners.
        corners: Vec<(f32, f32)>,
        /// Whether its edge is antialiased.
        smooth: bool,
    },
}

/// A change of the selection or the mask. Radii are in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MarkChange {
    /// See [`Selection::inverted`].
    Invert,
    /// See [`Selection::grown`].
    Grow(f32),
    /// See [`Selection::shrunk`].
    Shrink(f32),
    /// See [`Selection::feathered`].
    Feather(f32),
    /// See [`Selection::border`].
    Border(f32),
}

/// A change of the layers that can change what the whole canvas shows.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerChange {
    /// See [`Document::duplicate_layer`].
    Duplicate(LayerId),
    /// See [`Document::delete_layer`].
    Delete(LayerId),
    /// See [`Document::step_layer`].
    Step(LayerId, LayerDirection),
    /// See [`Document::move_layer`].
    Move(LayerId, LayerPlace),
    /// See [`Document::set_layer`].
    Set(LayerId, LayerProperties),
    /// Gives a layer another opacity, `0..=1`.
    Opacity(LayerId, f32),
    /// Draws a layer in another blend mode.
    Blend(LayerId, BlendMode),
    /// See [`Document::merge_layer_down`].
    MergeDown(LayerId),
    /// See [`Document::merge_visible_layers`].
    MergeVisible,
    /// See [`Document::flatten_layers`].
    Flatten,
    /// See [`Document::group_layer`].
    Group(LayerId),
    /// See [`Document::ungroup_layers`].
    Ungroup(LayerId),
}

impl AreaShape {
    /// What lies inside, on a canvas of this size.
    pub fn selection(&self, size: Size) -> Selection {
        match self {
            Self::Rectangle(rect) => Selection::rectangle(size, *rect),
            Self::Ellipse { from, to, smooth } => Selection::ellipse(size, *from, *to, *smooth),
            Self::Polygon { corners, smooth } => Selection::polygon(size, corners, *smooth),
        }
    }
}

impl MarkChange {
    /// The changed selection.
    pub fn apply(self, marked: &Selection) -> Selection {
        match self {
            Self::Invert => marked.inverted(),
            Self::Grow(radius) => marked.grown(radius),
            Self::Shrink(radius) => marked.shrunk(radius),
            Self::Feather(radius) => marked.feathered(radius),
            Self::Border(radius) => marked.border(radius),
        }
    }
}

impl SlowEdit {
    /// What is being done, for the person who waits.
    pub fn progress(&self) -> &'static str {
        match self {
            Self::Undo | Self::Redo | Self::Paper(_) => "Drawing the canvas…",
            Self::Fill { .. } | Self::FillSelection(_) | Self::Shape(..) | Self::Gradient(_) => "Filling…",
            Self::Clear => "Clearing…",
            Self::SelectSimilar { .. } | Self::SelectShape(..) | Self::CombineMark(..) => "Selecting…",
            Self::ChangeMark(Mark::Selection, _) | Self::SetMark(Mark::Selection, _) => "Changing the selection…",
            Self::ChangeMark(Mark::Mask, _) | Self::SetMark(Mark::Mask, _) => "Changing the mask…",
            Self::Lift => "Lifting what is selected…",
            Self::Place(..) | Self::Nudge(..) | Self::EndTransform | Self::AbandonTransform => "Transforming…",
            Self::Layers(LayerChange::MergeDown(_) | LayerChange::MergeVisible | LayerChange::Flatten) => {
                "Merging layers…"
            }
            Self::Layers(_) => "Drawing the layers…",
            Self::PasteLayer { .. } | Self::AddResult(..) | Self::AddResultLayer(..) => "Adding the layer…",
            Self::PaintOver(..) => "Putting the result on the canvas…",
            Self::TakeExample(..) | Self::OpenPicture(..) | Self::OpenRound(..) => "Putting the picture on the canvas…",
            Self::GoBack(..) => "Going back…",
        }
    }

    /// The round that it needs to know.
    pub(super) fn round(&self) -> Option<RoundId> {
        match self {
            Self::PaintOver(id, _) | Self::AddResult(id, _) | Self::AddResultLayer(id, _) => Some(id.round),
            Self::GoBack(round, _) => Some(*round),
            _ => None,
        }
    }

    /// Whether it changes rounds or settings alone, which only the document itself can do, and which is quick.
    fn needs_rounds(&self, document: &Document) -> bool {
        let step = match self {
            Self::Undo => document.history.next_undo(),
            Self::Redo => document.history.next_redo(),
            _ => None,
        };
        step.is_some_and(|edit| !edit.is_on_canvas())
    }

    /// Whether it is computed on another thread: if the canvas is large, and not only a small part of it is concerned.
    pub fn is_slow_on(&self, document: &Document) -> bool {
        if self.needs_rounds(document) {
            return false;
        }
        let canvas = document.canvas.size().pixels();
        let concerned = match self {
            Self::Undo if !document.is_transforming() => document.history.next_undo().map(|edit| edit.pixels(canvas)),
            Self::Redo if !document.is_transforming() => document.history.next_redo().map(|edit| edit.pixels(canvas)),
            Self::PaintOver(_, picture)
            | Self::GoBack(_, picture)
            | Self::OpenPicture(picture, _)
            | Self::OpenRound(picture, _) => Some(canvas.max(picture.width() as usize * picture.height() as usize)),
            Self::TakeExample(_, size) => Some(canvas.max(size.pixels())),
            _ => Some(canvas),
        };
        concerned.is_some_and(|pixels| pixels > QUICK_PIXELS)
    }
}

impl Document {
    /// Whether edits of the whole canvas take so long that they are computed on another thread.
    pub fn is_large(&self) -> bool {
        self.canvas.size().pixels() > QUICK_PIXELS
    }

    /// Makes an edit at once. A stroke that is being painted ends. Returns whether anything changed, as far as the edit tells.
    ///
    /// # Errors
    /// If it is refused; nothing has changed then.
    pub fn edit(&mut self, edit: SlowEdit) -> Result<bool, EditError> {
        self.end_painting();
        match edit {
            SlowEdit::Undo => self.undo(),
            SlowEdit::Redo => self.redo(),
            SlowEdit::Fill { at, color, how, source } => self.fill_area(at, color, how, source),
            SlowEdit::FillSelection(color) => return Ok(self.fill_selection(color)),
            SlowEdit::Shape(shape, color) => {
                let area = shape.selection(self.canvas.size());
                return Ok(self.paint_shape(&area, color));
            }
            SlowEdit::Gradient(gradient) => return Ok(self.paint_gradient(&gradient)),
            SlowEdit::Clear => return Ok(self.clear_selection()),
            SlowEdit::SelectSimilar { at, how, source, mode } => {
                self.end_stroke();
                let Some(area) = self.area_at(at, how, source) else { return Ok(false) };
                return Ok(self.combine_mark(Mark::Selection, &area, mode));
            }
            SlowEdit::SelectShape(shape, mode) => return Ok(self.select_shape(&shape, mode)),
            SlowEdit::ChangeMark(mark, change) => {
                self.end_stroke();
                let Some(marked) = self.marked(mark) else { return Ok(false) };
                let changed = change.apply(marked);
                return Ok(self.set_mark(mark, Some(changed)));
            }
            SlowEdit::SetMark(mark, marked) => return Ok(self.set_mark(mark, marked)),
            SlowEdit::CombineMark(mark, new, mode) => return Ok(self.combine_mark(mark, &new, mode)),
            SlowEdit::Lift => return Ok(self.begin_transform()),
            SlowEdit::Place(placement, how) => self.transform(placement, how),
            SlowEdit::Nudge(x, y) => {
                if !self.begin_transform() {
                    return Ok(false);
                }
                let now = self.placement().unwrap_or(Placement::STAY);
                let offset = (now.offset.0 + x, now.offset.1 + y);
                self.transform(Placement { offset, ..now }, Resampling::Smooth);
            }
            SlowEdit::EndTransform => self.end_transform(),
            SlowEdit::AbandonTransform => return Ok(self.abandon_transform()),
            SlowEdit::Layers(change) => self.change_layers(change)?,
            SlowEdit::Paper(color) => self.set_paper(color),
            SlowEdit::PasteLayer { name, pixels } => self.paste_layer(&name, pixels.in_size(self.canvas.size()))?,
            SlowEdit::PaintOver(id, picture) => {
                return Ok(self.paint_over_place(id, &picture)? || self.paint_over(id, canvas_of(&picture)?));
            }
            SlowEdit::AddResult(id, picture) => {
                let pixels = match self.placed_result(id, &picture) {
                    Some(pixels) => pixels,
                    None => Surface::from_canvas(&canvas_of(&picture)?),
                };
                return Ok(self.add_result(id, pixels)?);
            }
            SlowEdit::AddResultLayer(id, pixels) => return Ok(self.add_result(id, pixels)?),
            SlowEdit::TakeExample(sketch, size) => {
                let (width, height) = (size.width() as u32, size.height() as u32);
                self.take_example(canvas_of(&fit(&sketch, width, height, Fit::Whole, Rgb::WHITE.0))?);
            }
            SlowEdit::OpenPicture(picture, ancestry) => self.open_picture(canvas_of(&picture)?, ancestry),
            SlowEdit::OpenRound(start, settings) => self.open_round(canvas_of(&start)?, *settings),
            SlowEdit::GoBack(round, start) => return Ok(self.go_back(round, Some(canvas_of(&start)?))),
        }
        Ok(true)
    }

    fn select_shape(&mut self, shape: &AreaShape, mode: SelectionMode) -> bool {
        let area = shape.selection(self.canvas.size());
        match (area.is_empty(), mode) {
            (false, mode) => self.combine_mark(Mark::Selection, &area, mode),
            (true, SelectionMode::Replace) => self.set_mark(Mark::Selection, None),
            (true, _) => false,
        }
    }

    fn change_layers(&mut self, change: LayerChange) -> Result<(), LayerError> {
        match change {
            LayerChange::Duplicate(id) => self.duplicate_layer(id),
            LayerChange::Delete(id) => self.delete_layer(id),
            LayerChange::Step(id, direction) => self.step_layer(id, direction),
            LayerChange::Move(id, place) => self.move_layer(id, place),
            LayerChange::Set(id, properties) => self.set_layer(id, properties),
            LayerChange::Opacity(id, opacity) => {
                let properties = self.layers.get(id).ok_or(LayerError::Missing)?.properties.clone();
                self.set_layer(id, LayerProperties { opacity, ..properties })
            }
            LayerChange::Blend(id, blend) => {
                let properties = self.layers.get(id).ok_or(LayerError::Missing)?.properties.clone();
                self.set_layer(id, LayerProperties { blend, ..properties })
            }
            LayerChange::MergeDown(id) => self.merge_layer_down(id),
            LayerChange::MergeVisible => self.merge_visible_layers(),
            LayerChange::Flatten => self.flatten_layers(),
            LayerChange::Group(id) => self.group_layer(id),
            LayerChange::Ungroup(id) => self.ungroup_layers(id),
        }
    }
}

fn canvas_of(picture: &RgbImage) -> Result<Canvas, SizeError> {
    Canvas::from_rgb(picture.width() as usize, picture.height() as usize, picture.as_raw())
}
