//! The whole canvas in another shape: a part of it, with room around it, scaled, turned, mirrored. All layers stay layers,
//! and selection and mask go along.

use image::RgbaImage;

use super::edit::{Change, Meaning};
use super::marks::Marks;
use super::painted::Unpainted;
use super::{Document, Edit, EditKind, size};
use crate::engine::Mask;
use crate::paint::{
    Border, Canvas, Composition, LayerEdit, LayerStack, MAX_SIDE, MirrorAxis, QuarterTurns, Region, Rgb, Selection,
    SelectionMode, Size, Surface,
};
use crate::picture::{Fit, Placement, scale_layer};

/// From this level on, `1..=255`, a pixel that was scaled counts as painted.
const MOSTLY_PAINTED: u8 = 64;

/// Another shape for the whole canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reshape {
    /// What lies in a region. Where that reaches beyond the canvas, the border says what is there.
    Part(Region, Border),
    /// The picture scaled to this size; its proportions may change.
    Scale(Size),
    /// The picture scaled to this size as a [`Fit`] says, with paper around it where it shows whole.
    Fit(Size, Fit),
    /// The picture turned.
    Turn(QuarterTurns),
    /// The picture mirrored.
    Mirror(MirrorAxis),
}

/// One step on the way to another shape.
#[derive(Clone, Copy)]
enum Step {
    Part(Region, Border),
    Scale(Size),
    Turn(QuarterTurns),
    Mirror(MirrorAxis),
}

/// Everything that a canvas in another shape is made of, to be computed on any thread.
pub struct Reshaping {
    reshape: Reshape,
    layers: LayerStack,
    paper: Rgb,
    marks: Marks,
    /// What the canvas was, and what it shows now: where both differ, it was painted on.
    painted: (Unpainted, Canvas),
    of: (u64, u64),
}

/// A canvas in another shape, for [`Document::put_reshaped`].
#[derive(Debug)]
pub struct Reshaped {
    reshape: Reshape,
    layers: LayerStack,
    canvas: Canvas,
    marks: Marks,
    painted: Option<Mask>,
    /// The revisions of canvas and marks that it was made of.
    of: (u64, u64),
}

impl Reshape {
    /// The size of the canvas afterwards.
    pub fn size(&self, of: Size) -> Size {
        match self {
            Self::Part(region, _) => region.size,
            Self::Scale(size) | Self::Fit(size, _) => *size,
            Self::Turn(turns) => turns.size(of),
            Self::Mirror(_) => of,
        }
    }

    /// What the edit is called.
    fn kind(&self, of: Size) -> EditKind {
        match self {
            Self::Part(region, _) if region.is_inside(of) => EditKind::Crop,
            Self::Part(..) => EditKind::Extend,
            Self::Scale(_) => EditKind::Scale,
            Self::Fit(..) => EditKind::Resize,
            Self::Turn(_) => EditKind::Turn,
            Self::Mirror(_) => EditKind::Mirror,
        }
    }

    fn steps(&self, of: Size) -> Vec<Step> {
        match *self {
            Self::Part(region, border) => vec![Step::Part(region, border)],
            Self::Scale(size) => vec![Step::Scale(size)],
            Self::Fit(size, fit) => fitting_steps(of, size, fit),
            Self::Turn(turns) => vec![Step::Turn(turns)],
            Self::Mirror(axis) => vec![Step::Mirror(axis)],
        }
    }
}

/// Cut first, then scale, then place: what is cut off need not be scaled.
fn fitting_steps(of: Size, to: Size, fit: Fit) -> Vec<Step> {
    let sides = |size: Size| (size.width() as u32, size.height() as u32);
    let Placement { cut, empty, .. } = Placement::new(sides(of), sides(to), fit);
    let inner = |size: Size, [left, top, right, bottom]: [u32; 4]| {
        let (width, height) = sides(size);
        let side = |side: u32, one: u32, two: u32| side.saturating_sub(one).saturating_sub(two) as usize;
        Size::new(side(width, left, right), side(height, top, bottom)).unwrap_or(size)
    };
    let kept = Region { x: i64::from(cut[0]), y: i64::from(cut[1]), size: inner(of, cut) };
    let placed = Region { x: -i64::from(empty[0]), y: -i64::from(empty[1]), size: to };
    vec![Step::Part(kept, Border::Clear), Step::Scale(inner(to, empty)), Step::Part(placed, Border::Clear)]
}

impl Step {
    fn size(&self, of: Size) -> Size {
        match self {
            Self::Part(region, _) => region.size,
            Self::Scale(size) => *size,
            Self::Turn(turns) => turns.size(of),
            Self::Mirror(_) => of,
        }
    }

    fn surface(&self, surface: &Surface) -> Surface {
        match *self {
            Self::Part(region, _) if region == Region::whole(surface.size()) => surface.clone(),
            Self::Part(region, border) => surface.part(region, border),
            Self::Scale(size) => scaled(surface, size),
            Self::Turn(turns) => surface.turned(turns),
            Self::Mirror(axis) => surface.mirrored(axis),
        }
    }

    /// What is selected or masked afterwards. Nothing is where room is added.
    fn selection(&self, selection: &Selection) -> Selection {
        let step = match *self {
            Self::Part(region, _) => Self::Part(region, Border::Clear),
            other => other,
        };
        Selection::from_alpha(&step.surface(selection.as_surface()))
    }

    /// Where a part of a canvas of this size lies afterwards.
    fn frame(&self, frame: Region, of: Size) -> Region {
        let Region { x, y, size } = frame;
        let (from_right, from_below) =
            ((of.width() as i64).saturating_sub(frame.right()), (of.height() as i64).saturating_sub(frame.bottom()));
        match *self {
            Self::Part(region, _) => Region { x: x.saturating_sub(region.x), y: y.saturating_sub(region.y), size },
            Self::Scale(to) => {
                let along = |at: i64, to: usize, of: usize| at.saturating_mul(to as i64) / of.max(1) as i64;
                let side = |side: usize, to: usize, of: usize| (side * to / of.max(1)).clamp(1, MAX_SIDE);
                let (width, height) = (of.width(), of.height());
                let scaled = (side(size.width(), to.width(), width), side(size.height(), to.height(), height));
                let size = Size::new(scaled.0, scaled.1).unwrap_or(size);
                Region { x: along(x, to.width(), width), y: along(y, to.height(), height), size }
            }
            Self::Turn(QuarterTurns::Right) => Region { x: from_below, y: x, size: size.turned() },
            Self::Turn(QuarterTurns::Left) => Region { x: y, y: from_right, size: size.turned() },
            Self::Turn(QuarterTurns::Half) => Region { x: from_right, y: from_below, size },
            Self::Mirror(MirrorAxis::Vertical) => Region { x: from_right, y, size },
            Self::Mirror(MirrorAxis::Horizontal) => Region { x, y: from_below, size },
        }
    }

    /// The room that is added; `None` if none is.
    fn added(&self, to: Size) -> Option<Selection> {
        match self {
            Self::Part(region, _) if !region.is_inside(to) => Some(self.selection(&Selection::all(to)).inverted()),
            _ => None,
        }
    }
}

/// A surface in another size. Colours count by their alpha, and nothing fades at the edges.
fn scaled(surface: &Surface, size: Size) -> Surface {
    if surface.size() == size {
        return surface.clone();
    }
    if surface.is_empty() {
        return Surface::new(size);
    }
    let whole = Region::whole(surface.size()).on(surface.size());
    let pixels = surface.copy_rect(whole).into_flattened();
    let picture = RgbaImage::from_raw(surface.width() as u32, surface.height() as u32, pixels).unwrap_or_default();
    let scaled = scale_layer(&picture, size.width() as u32, size.height() as u32);
    // The bytes have the size asked for, so the empty surface is never used.
    Surface::from_rgba(size.width(), size.height(), scaled.as_raw()).unwrap_or_else(|_| Surface::new(size))
}

impl Reshaping {
    /// Computes the canvas in its new shape. Takes a while for a large canvas with many layers.
    pub fn run(self) -> Reshaped {
        let Self { reshape, mut layers, paper, mut marks, painted: (unpainted, canvas), of } = self;
        let painted = unpainted.painted(&canvas);
        let (width, height) = painted.size();
        let size = Size::new(width as usize, height as usize).unwrap_or(layers.size());
        let mut painted = Selection::from_levels(size, painted.picture().as_raw());
        for step in reshape.steps(layers.size()) {
            let of_size = layers.size();
            layers = layers.with_surfaces(step.size(layers.size()), &mut |surface| step.surface(surface));
            let changed =
                |mark: Option<Selection>| mark.map(|mark| step.selection(&mark)).filter(|mark| !mark.is_empty());
            marks = Marks {
                selection: changed(marks.selection),
                mask: changed(marks.mask),
                frame: marks.frame.map(|frame| step.frame(frame, of_size)),
            };
            // No model made the room that a person adds.
            let added = step.added(painted.size()).filter(|_| matches!(reshape, Reshape::Part(..)));
            painted = step.selection(&painted);
            if let Some(added) = added {
                painted = painted.combined(&added, SelectionMode::Add);
            }
        }
        let canvas = Canvas::composed(&layers, paper, Composition::Picture);
        let painted = (!painted.is_empty()).then(|| {
            let (width, height) = (canvas.width() as u32, canvas.height() as u32);
            Mask::from_fn(width, height, |x, y| painted.level(x as usize, y as usize) >= MOSTLY_PAINTED)
        });
        Reshaped { reshape, layers, canvas, marks, painted, of }
    }
}

impl Document {
    /// What the canvas in another shape is made of. The stroke that is being painted ends. Pixels are shared, so this is
    /// quick.
    pub fn reshaping(&mut self, reshape: Reshape) -> Reshaping {
        self.end_stroke();
        Reshaping {
            reshape,
            layers: self.layers.clone(),
            paper: self.paper,
            marks: self.marks.clone(),
            painted: (self.unpainted.clone(), self.canvas.clone()),
            of: (self.canvas_revision, self.marks_revision),
        }
    }

    /// Puts a canvas in another shape in place of the present one, as one step of undo. Returns whether it was made of the
    /// present canvas; otherwise nothing happens. Width and height of the next results follow the size of the canvas, unless
    /// they are made from a part of it.
    pub fn put_reshaped(&mut self, reshaped: Reshaped) -> bool {
        let Reshaped { reshape, layers, canvas, marks, painted, of } = reshaped;
        if of != (self.canvas_revision, self.marks_revision) || self.is_stroking() || self.is_transforming() {
            return false;
        }
        let before = self.canvas.size();
        let meaning = Meaning {
            paper: self.paper,
            ancestry: self.ancestry.clone(),
            origin: self.origin,
            unpainted: Some(Unpainted::with_earlier(&canvas, painted)),
            result_size: (canvas.size() != before && self.marks.frame.is_none())
                .then(|| size::nearest_result_size(canvas.size())),
            settings: None,
            marks: Some(marks),
        };
        let change = Change::Layers { edit: LayerEdit::replace(layers), meaning: Some(Box::new(meaning)) };
        let edit = Edit { kind: reshape.kind(before), change };
        self.composed = Some(canvas);
        if let Some(inverse) = self.exchange_from_history(edit) {
            self.history.record(inverse);
        }
        self.composed = None;
        true
    }

    /// Gives the canvas another shape at once; see [`Document::put_reshaped`].
    pub fn reshape(&mut self, reshape: Reshape) {
        let reshaped = self.reshaping(reshape).run();
        self.put_reshaped(reshaped);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{dot, size, state_of};
    use super::*;
    use crate::document::{Mark, Settings};
    use crate::paint::PixelRect;

    /// A white document of 128 by 64 pixels with two layers, a selection and a mask.
    fn layered() -> Document {
        let mut document = Document::new(size(128, 64), Rgb::WHITE, Settings::default());
        dot(&mut document, 20.0, 20.0);
        document.add_layer().expect("added");
        dot(&mut document, 100.0, 40.0);
        let rect = |x0, y0| PixelRect { x0, y0, x1: x0 + 24, y1: y0 + 16 };
        let selection = Selection::rectangle(document.canvas().size(), rect(88, 32));
        document.set_mark(Mark::Selection, Some(selection));
        document.set_mark(Mark::Mask, Some(Selection::rectangle(document.canvas().size(), rect(8, 8))));
        document
    }

    fn layers_of(document: &Document) -> Vec<Surface> {
        document.layers().all().filter_map(|layer| layer.surface().cloned()).collect()
    }

    fn all() -> Vec<Reshape> {
        let region = |x, y, width, height| Region { x, y, size: size(width, height) };
        vec![
            Reshape::Part(region(8, 8, 104, 48), Border::Clear),
            Reshape::Part(region(-16, -8, 168, 88), Border::Clear),
            Reshape::Part(region(-16, 8, 168, 48), Border::Continued),
            Reshape::Scale(size(256, 128)),
            Reshape::Scale(size(64, 72)),
            Reshape::Fit(size(96, 96), Fit::Whole),
            Reshape::Fit(size(96, 96), Fit::Fill),
            Reshape::Turn(QuarterTurns::Right),
            Reshape::Turn(QuarterTurns::Half),
            Reshape::Mirror(MirrorAxis::Vertical),
        ]
    }

    #[test]
    fn every_shape_keeps_the_layers_and_one_undo_gives_every_byte_back() {
        for reshape in all() {
            let mut document = layered();
            let (before, marks, painted) = (state_of(&document), document.marks.clone(), document.painted());
            let surfaces = layers_of(&document);
            let current = document.layers().current();
            document.reshape(reshape);
            let wanted = reshape.size(size(128, 64));
            assert_eq!(document.canvas().size(), wanted, "{reshape:?}");
            assert_eq!((document.layers().all().count(), document.layers().current()), (2, current), "{reshape:?}");
            // This one cuts off both dots and the mask.
            if reshape != Reshape::Fit(size(96, 96), Fit::Fill) {
                assert!(layers_of(&document).iter().all(|surface| !surface.is_empty()), "{reshape:?}");
                assert!(document.selection().is_some() && document.mask().is_some(), "{reshape:?}");
            }
            assert!(document.selection().is_some_and(|selection| selection.size() == wanted));
            let after = (state_of(&document), document.marks.clone(), document.painted());
            document.undo();
            assert!(state_of(&document) == before && document.painted() == painted, "{reshape:?}");
            assert!(document.marks.selection == marks.selection && document.marks.mask == marks.mask, "{reshape:?}");
            let same = layers_of(&document).iter().zip(&surfaces).all(|(one, two)| one.shows_the_same_as(two));
            assert!(same, "{reshape:?}");
            document.redo();
            assert!(state_of(&document) == after.0 && document.painted() == after.2, "{reshape:?}");
            assert!(document.marks.selection == after.1.selection && document.marks.mask == after.1.mask);
        }
    }

    #[test]
    fn selection_and_mask_lie_on_the_same_pixels_of_the_picture_afterwards() {
        let mut document = layered();
        document.reshape(Reshape::Part(Region { x: 80, y: -8, size: size(64, 64) }, Border::Clear));
        let bounds = document.selection().and_then(Selection::bounds);
        assert_eq!(bounds, Some(PixelRect { x0: 8, y0: 40, x1: 32, y1: 56 }));
        assert!(document.mask().is_none(), "it was cut off");
        let mut document = layered();
        document.reshape(Reshape::Turn(QuarterTurns::Right));
        let bounds = document.mask().and_then(Selection::bounds);
        assert_eq!(bounds, Some(PixelRect { x0: 64 - 24, y0: 8, x1: 64 - 8, y1: 32 }));
        assert_eq!((document.settings().width, document.settings().height), (64, 128), "results follow");
    }

    #[test]
    fn room_that_is_added_counts_as_painted_and_what_was_there_stays_as_it_was() {
        let mut document = layered();
        let before = document.painted();
        document.reshape(Reshape::Part(Region { x: 0, y: 0, size: size(160, 64) }, Border::Clear));
        let after = document.painted();
        assert!(after.is_painted(130, 5) && after.is_painted(159, 63));
        for (x, y) in [(20, 20), (100, 40), (60, 60), (2, 2)] {
            assert_eq!(after.is_painted(x, y), before.is_painted(x, y), "{x}, {y}");
        }
        let mut document = layered();
        document.reshape(Reshape::Scale(size(256, 128)));
        assert!(document.painted().is_painted(40, 40) && !document.painted().is_painted(120, 120));
    }

    #[test]
    fn a_scaled_opaque_layer_is_opaque_to_its_edges_and_keeps_its_colour() {
        let mut document = Document::new(size(64, 64), Rgb::BLACK, Settings::default());
        document.fill(5, 5, Rgb([10, 200, 30]));
        document.reshape(Reshape::Scale(size(200, 136)));
        let surface = layers_of(&document).remove(0);
        assert_eq!(surface.one_color(), Some(Rgb([10, 200, 30])));
    }

    #[test]
    fn a_continued_border_shows_the_edge_of_each_layer_and_a_clear_one_the_paper() {
        let mut document = Document::new(size(64, 64), Rgb::WHITE, Settings::default());
        document.fill(5, 5, Rgb([10, 200, 30]));
        document.add_layer().expect("added");
        let region = Region { x: -8, y: 0, size: size(72, 64) };
        document.reshape(Reshape::Part(region, Border::Continued));
        assert_eq!(document.canvas().color_at(2, 30), Some(Rgb([10, 200, 30])));
        assert!(layers_of(&document)[1].is_empty(), "an empty layer stays empty");
        document.undo();
        document.reshape(Reshape::Part(region, Border::Clear));
        assert_eq!(document.canvas().color_at(2, 30), Some(Rgb::WHITE));
        assert_eq!(document.next_undo(), Some(EditKind::Extend));
    }

    #[test]
    fn what_was_made_of_another_canvas_is_refused() {
        let mut document = layered();
        let late = document.reshaping(Reshape::Mirror(MirrorAxis::Vertical)).run();
        dot(&mut document, 64.0, 30.0);
        let before = state_of(&document);
        assert!(!document.put_reshaped(late) && state_of(&document) == before);
        let late = document.reshaping(Reshape::Mirror(MirrorAxis::Vertical)).run();
        document.combine_mark(Mark::Selection, &Selection::all(size(128, 64)), SelectionMode::Replace);
        assert!(!document.put_reshaped(late), "the selection is another one");
        let late = document.reshaping(Reshape::Mirror(MirrorAxis::Vertical)).run();
        assert!(document.put_reshaped(late));
    }
}
