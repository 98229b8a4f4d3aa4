//! One piece of work: the canvas with its layers, what belongs to it, prompt and settings, and the rounds.
//!
//! [`Document`] knows neither the window nor an engine. Every change to it is an [`Edit`] with an
//! inverse, so undo restores paper colour, size and the seeds in the canvas along with the pixels.
//! Rounds are the exception: what was made stays made, so a round is only ever added to, and undo
//! leaves it alone. Deleting a round or a result only marks it, as an edit.
//!
//! - [`edit`] describes changes, `canvas_edits.rs` makes those of the canvas, `layer_edits.rs` those of its layers.
//!   `filling.rs` fills, `transforming.rs` moves what is selected, `marks.rs` holds selection and mask, `marking.rs`
//!   paints them. [`PaintRefusal`] says why the current layer cannot be painted on.
//! - A [`SlowEdit`] visits every pixel of the canvas. On a large canvas it becomes a [`PlannedEdit`], which another thread
//!   computes.
//! - A [`CanvasSnapshot`] is the canvas as a round that is asked for later starts from it; it holds a [`CanvasPart`], which
//!   another thread turns into a start image.
//! - `frame.rs` is about the part of the canvas that rounds are made from.
//! - [`Reshape`] is another shape for the whole canvas, which keeps its layers.
//! - [`rounds`] holds rounds and results, and keeps the results within a budget of memory.
//! - [`Queue`] holds the rounds that wait to be made, `queued_rounds.rs` keeps it and the rounds in step.
//! - [`round_rows`] lists the rounds for people: filtered by a [`RoundFilter`], in the order in which they were
//!   made or as a tree (`round_tree.rs`). `going_back.rs` and `deletion.rs` are what can be done with old rounds.
//! - [`seed`] chooses the seed of the next round, so that no noise is used twice in one picture.
//! - [`size`] is the rule that keeps the canvas and the size of the results together.
//! - [`open_raster`] reads and writes the layers in the format of other paint programs.
//! - [`store`] is the document's file, [`RoundChange`] what it is told about rounds.
//! - [`autosave`] decides when changes are committed, [`home`] where a window's work is kept, [`recent`] lists
//!   what was used last, and [`saved`] reads what older versions kept.
//! - [`name`] checks the name that somebody gives a document; [`ViewState`] is how its window looked, [`Viewpoint`] which part
//!   of the canvas it showed.

pub mod autosave;
mod canvas_edits;
mod canvas_part;
mod canvas_snapshot;
mod clone_picture;
mod control_pixels;
mod deletion;
pub mod edit;
mod file_changes;
mod filling;
mod frame;
mod going_back;
pub mod home;
mod layer_changes;
mod layer_edits;
mod marking;
mod marks;
pub mod name;
pub mod open_raster;
mod opened_round;
mod paint_refusal;
mod painted;
mod planned_copy;
mod planned_edit;
mod prepared_round;
mod queue;
mod queued_rounds;
pub mod recent;
mod regions;
mod reshaping;
mod result_budget;
mod round;
mod round_change;
mod round_filter;
mod round_marks;
mod round_result;
pub mod round_rows;
mod round_tree;
pub mod rounds;
mod rounds_from_file;
pub mod saved;
mod second_pass;
pub mod seed;
mod settings_guard;
mod settings_json;
pub mod size;
mod slow_edit;
pub mod store;
mod thumbnails;
mod time_lapse;
mod transforming;
mod undo_list;
mod view_state;
mod viewpoint;

pub use autosave::{Autosave, FileState};
pub use canvas_part::CanvasPart;
pub use canvas_snapshot::CanvasSnapshot;
pub use clone_picture::ClonePicture;
pub use control_pixels::ControlPixels;
pub use deletion::{Deletable, DeleteError};
pub use edit::{Edit, EditKind};
pub use marks::{AreaSource, Mark};
pub use paint_refusal::PaintRefusal;
pub use painted::{PaintedPixels, Unpainted};
pub use planned_copy::{CopiedPixels, PlannedCopy};
pub use planned_edit::{ComputedEdit, PlannedEdit};
pub use prepared_round::{PlannedRound, PreparedRound};
pub use queue::{FailedJob, JobStart, Pause, Queue, QueuedJob, StartPicture};
pub use reshaping::{Reshape, Reshaped, Reshaping};
pub use round::{ResultId, Round, RoundId, RoundStart, Slot, State};
pub use round_change::{BegunRound, RoundChange};
pub use round_filter::RoundFilter;
pub use round_result::{DecodeError, ResultImage, RoundResult};
pub use round_rows::{RoundOrder, RoundOrigin, RoundRow};
pub use round_tree::{TreeLink, TreePlace};
pub use rounds::Rounds;
pub use saved::{Kept, KeptState};
pub use seed::{Ancestry, SeedChoice, choose_seed};
pub use settings_guard::SettingsGuard;
pub use size::Fitting;
pub use slow_edit::{AreaShape, EditError, LayerChange, MarkChange, SlowEdit};
pub use thumbnails::read_thumbnail;
pub use time_lapse::{TimeLapse, TimeLapseError};
pub use view_state::{HistoryView, ResultsView, ViewState};
pub use viewpoint::Viewpoint;

use std::sync::Arc;

use image::RgbImage;

use crate::engine::{Mask, Plan, Settings};
use crate::paint::{
    Canvas, Composition, ConfinedStroke, Floating, History, LayerError, LayerId, LayerStack, PixelRect, Region, Rgb,
    Size, SizeError, Surface, Underlay,
};
use crate::picture::Fit;
use marking::Marking;
use marks::Marks;

/// How much memory undo and redo may take, in bytes.
const UNDO_BUDGET: usize = 256 << 20;

/// A canvas to start a round from.
#[derive(Clone, Debug)]
pub struct StartImage {
    /// Its pixels, in the canvas' size.
    pub picture: Arc<RgbImage>,
    /// How it is brought to the size of the results. Nothing is cropped.
    pub fit: Fit,
    /// What fills the rest if the whole canvas shows.
    pub paper: Rgb,
}

impl StartImage {
    /// A picture that has the size of the results already.
    pub fn of_result_size(picture: RgbImage) -> Self {
        Self { picture: Arc::new(picture), fit: Fit::Stretch, paper: Rgb::WHITE }
    }
}

/// A piece of work.
pub struct Document {
    layers: LayerStack,
    /// The picture that the layers give.
    canvas: Canvas,
    /// What is seen of them, while a layer is visible that is not part of the picture.
    screen: Option<Canvas>,
    /// What shows where nothing is painted.
    paper: Rgb,
    /// The seeds whose noise is in the canvas.
    ancestry: Ancestry,
    /// The result that the canvas came from.
    origin: Option<ResultId>,
    /// What the canvas showed when it was last replaced.
    unpainted: Unpainted,
    settings: Settings,
    /// The name of the model that the settings were chosen for.
    model: Option<String>,
    rounds: Rounds,
    /// Those of them that wait to be made.
    queue: Queue,
    /// The round that is shown beside the canvas.
    shown_round: Option<RoundId>,
    /// How the window looked.
    view: ViewState,
    /// The stroke being painted, what it will be called, and the layer it is painted on.
    stroke: Option<(EditKind, LayerId, ConfinedStroke)>,
    /// What lies below the layer of that stroke, for the picture and for what is seen.
    underlays: Vec<Underlay>,
    /// The picture that the layers give which are put in place now, where it is known already.
    composed: Option<Canvas>,
    /// As `composed`, with layers for reference.
    composed_screen: Option<Canvas>,
    /// The stroke being painted that selects, masks or brings in another picture.
    marking: Option<Marking>,
    /// The pixels that are lifted off a layer.
    floating: Option<Floating>,
    /// What is selected and masked.
    marks: Marks,
    marks_revision: u64,
    history: History<Edit>,
    canvas_revision: u64,
    /// What that was when the document was opened.
    opened_canvas_revision: u64,
    revision: u64,
    /// The revision that was last handed to the document's file.
    taken_revision: Option<u64>,
    /// The layers that were last handed to it; `None` if it may hold others.
    taken_layers: Option<LayerStack>,
}

impl Document {
    /// An empty sheet of this size; width and height of the settings follow it.
    pub fn new(size: Size, paper: Rgb, settings: Settings) -> Self {
        let (width, height) = size::nearest_result_size(size);
        let canvas = Canvas::new(size, paper);
        Self {
            unpainted: Unpainted::new(&canvas),
            layers: LayerStack::new(size),
            canvas,
            screen: None,
            paper,
            ancestry: Ancestry::new(),
            origin: None,
            settings: Settings { width, height, ..settings },
            model: None,
            rounds: Rounds::default(),
            queue: Queue::default(),
            shown_round: None,
            view: ViewState::default(),
            stroke: None,
            underlays: Vec::new(),
            composed: None,
            composed_screen: None,
            marking: None,
            floating: None,
            marks: Marks::default(),
            marks_revision: marks::new_revision(),
            history: History::new(UNDO_BUDGET),
            canvas_revision: 0,
            opened_canvas_revision: 0,
            revision: 0,
            taken_revision: None,
            taken_layers: None,
        }
    }

    /// A picture on white paper; width and height of the settings follow it. `ancestry` lists the seeds that are
    /// known to have made the picture.
    ///
    /// # Errors
    /// A size that no canvas can have.
    pub fn from_picture(picture: &RgbImage, ancestry: Ancestry, settings: Settings) -> Result<Self, SizeError> {
        let canvas = Canvas::from_rgb(picture.width() as usize, picture.height() as usize, picture.as_raw())?;
        let mut document = Self::new(canvas.size(), Rgb::WHITE, settings);
        document.unpainted = Unpainted::new(&canvas);
        document.layers = LayerStack::of_surface("Picture", Surface::from_canvas(&canvas));
        (document.canvas, document.ancestry) = (canvas, ancestry);
        Ok(document)
    }

    /// The picture that the layers give over the paper, without layers that are only for reference. It is what is
    /// saved and what rounds start from.
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// What the painter sees: the canvas, and layers that are only for reference.
    pub fn screen(&self) -> &Canvas {
        self.screen.as_ref().unwrap_or(&self.canvas)
    }

    /// The layers.
    pub fn layers(&self) -> &LayerStack {
        &self.layers
    }

    /// The canvas as a picture.
    pub fn picture(&self) -> RgbImage {
        let size = self.canvas.size();
        let (width, height) = (size.width() as u32, size.height() as u32);
        // The bytes have the picture's size, so the empty picture is never used.
        RgbImage::from_raw(width, height, self.canvas.to_rgb()).unwrap_or_default()
    }

    /// The paper's colour: what shows where no layer has paint, and what fills the rest where a picture shows whole.
    pub fn paper(&self) -> Rgb {
        self.paper
    }

    /// The seeds whose noise is in the canvas.
    pub fn ancestry(&self) -> &[u64] {
        &self.ancestry
    }

    /// The result that the canvas came from, if it did; painting on does not change that.
    pub fn origin(&self) -> Option<ResultId> {
        self.origin
    }

    /// Prompt and settings of the next round.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Prompt and settings, to be changed in place by widgets. Changes become one [`Edit`] when the
    /// guard is dropped.
    pub fn settings_mut(&mut self) -> SettingsGuard<'_> {
        SettingsGuard::new(self)
    }

    /// The name of the model that the settings were chosen for; `None` before the first one was loaded.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Notes that the settings are for this model from now on.
    pub fn set_model(&mut self, name: String) {
        if self.model.as_deref() != Some(name.as_str()) {
            self.model = Some(name);
            self.revision += 1;
        }
    }

    /// All rounds.
    pub fn rounds(&self) -> &Rounds {
        &self.rounds
    }

    /// All rounds, to note what happens to their pictures.
    pub fn rounds_mut(&mut self) -> &mut Rounds {
        &mut self.rounds
    }

    /// The round that is shown beside the canvas, as last noted.
    pub fn shown_round(&self) -> Option<RoundId> {
        self.shown_round
    }

    /// Notes which round is shown beside the canvas.
    pub fn note_shown_round(&mut self, round: RoundId) {
        if self.shown_round != Some(round) && self.rounds.get(round).is_some() {
            self.shown_round = Some(round);
            self.revision += 1;
        }
    }

    /// How the window looked, as last noted.
    pub fn view(&self) -> &ViewState {
        &self.view
    }

    /// Notes how the window looks.
    pub fn note_view(&mut self, view: ViewState) {
        if self.view != view {
            self.view = view;
            self.revision += 1;
        }
    }

    /// Changes whenever the canvas or what belongs to it does.
    pub fn canvas_revision(&self) -> u64 {
        self.canvas_revision
    }

    /// Changes whenever anything does that is restored at the next launch: canvas, prompt, settings,
    /// or the number of the next round.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The rectangle of the pixels of [`Document::screen`] that changed since this was last called.
    pub fn take_dirty(&mut self) -> Option<PixelRect> {
        let dirty = self.canvas.take_dirty();
        match &mut self.screen {
            Some(screen) => screen.take_dirty(),
            None => dirty,
        }
    }

    /// Composes what changed in the layers. All of the picture is composed if that is the area.
    fn recompose(&mut self, area: PixelRect) {
        self.underlays.clear();
        self.compose(area);
    }

    /// As [`Document::recompose`], where nothing changed but the layer of the stroke that is being painted.
    fn recompose_stroke(&mut self, area: PixelRect) {
        let layer = self.stroke.as_ref().map(|(_, layer, _)| *layer);
        let is_for_stroke = self.underlays.first().is_some_and(|below| Some(below.layer()) == layer);
        if let Some(layer) = layer.filter(|_| !is_for_stroke) {
            let below = |composition| Underlay::below(&self.layers, layer, self.paper, composition);
            self.underlays = [Composition::Picture, Composition::Screen].into_iter().filter_map(below).collect();
        }
        self.compose(area);
    }

    fn compose(&mut self, area: PixelRect) {
        let mut underlays = self.underlays.iter_mut();
        let (for_picture, for_screen) = (underlays.next(), underlays.next());
        let (layers, paper) = (&self.layers, self.paper);
        if let Some(composed) = self.composed.take().filter(|composed| composed.size() == layers.size()) {
            self.canvas = composed;
            self.canvas.mark_all();
        } else if self.canvas.size() == layers.size() {
            match for_picture {
                Some(below) => self.canvas.recompose_over(below, layers, paper, Composition::Picture, area),
                None => self.canvas.recompose(layers, paper, Composition::Picture, area),
            }
        } else {
            self.canvas = Canvas::composed(layers, paper, Composition::Picture);
        }
        let shows_references = layers.shows_references();
        let composed = self.composed_screen.take().filter(|composed| composed.size() == layers.size());
        match &mut self.screen {
            screen if shows_references && composed.is_some() => {
                *screen = composed;
                screen.iter_mut().for_each(Canvas::mark_all);
            }
            Some(screen) if shows_references && screen.size() == layers.size() => match for_screen {
                Some(below) => screen.recompose_over(below, layers, paper, Composition::Screen, area),
                None => screen.recompose(layers, paper, Composition::Screen, area),
            },
            screen if shows_references => *screen = Some(Canvas::composed(layers, paper, Composition::Screen)),
            screen => {
                if screen.take().is_some() {
                    self.canvas.mark_dirty();
                }
            }
        }
    }

    /// How the canvas becomes the start image of the next round.
    pub fn fitting(&self) -> Fitting {
        let size = self.frame().map_or(self.canvas.size(), |frame| frame.size);
        size::fitting(size, self.settings.width, self.settings.height)
    }

    /// The canvas as the start image of the next round; `None` if that starts from noise alone.
    pub fn start_image(&self) -> Option<StartImage> {
        self.starts_from_canvas().then(|| self.canvas_as_start())
    }

    /// How the canvas meets the size of the results.
    pub fn start_fit(&self) -> Fit {
        match self.fitting() {
            Fitting::Same | Fitting::Scaled => Fit::Stretch,
            Fitting::Padded => Fit::Whole,
        }
    }

    /// The canvas, or the part of it in the frame, as a start image, at whatever denoising strength.
    pub fn canvas_as_start(&self) -> StartImage {
        self.canvas_part().start_image()
    }

    /// The canvas, or the part of it in the frame, as a start image whose pixels are still to be copied.
    pub fn canvas_part(&self) -> CanvasPart {
        CanvasPart::new(self.canvas.clone(), self.framed_rect(), self.start_fit(), self.paper)
    }

    /// All of the canvas, whose pixels are still to be copied.
    pub fn whole_canvas(&self) -> CanvasPart {
        let whole = PixelRect::whole(self.canvas.width(), self.canvas.height());
        CanvasPart::new(self.canvas.clone(), whole, Fit::Stretch, self.paper)
    }

    /// The seed of the next round: the one in the settings, moved on if its noise is in the canvas
    /// already. At denoising strength 1 the canvas has no influence, so any seed is fine.
    pub fn next_seed(&self) -> SeedChoice {
        self.next_seed_of(&Plan::default())
    }

    /// As [`Document::next_seed`], for a round with this plan. All pictures of a sheet have the same seed.
    pub fn next_seed_of(&self, plan: &Plan) -> SeedChoice {
        let ancestry: &[u64] = if plan.starts_from_picture(&self.settings) { &self.ancestry } else { &[] };
        let seeds = if plan.sheet.is_some() { 1 } else { self.settings.batch };
        choose_seed(self.settings.seed, seeds, ancestry)
    }

    /// Whether the next round starts from the canvas, and not from noise alone.
    pub fn starts_from_canvas(&self) -> bool {
        self.settings.strength < 1.0
    }

    /// Opens a round of this model with the present settings and this drawn seed, see
    /// [`Document::begin_planned`].
    pub fn begin_round(&mut self, seed: i64, model: String) -> (RoundId, Option<StartImage>) {
        self.begin_planned(seed, Plan::default(), model)
    }

    /// Opens a round of this model with the present settings, this drawn seed and this plan. If the plan has no
    /// mask, it gets that of the document; without one, and if the settings say that what was not painted is kept, it gets
    /// the painted pixels. Its start image, its parent
    /// and the seeds in its start image are those of the canvas. Returns its number and the start image, which
    /// is `None` if the round starts from noise alone.
    pub fn begin_planned(&mut self, seed: i64, plan: Plan, model: String) -> (RoundId, Option<StartImage>) {
        self.end_stroke();
        let keeps = self.settings.keep_unpainted && plan.mask.is_none() && self.mask().is_none();
        let painted = if keeps { self.painted_at_result_size() } else { Mask::default() };
        let prepared = self.prepared_round(plan, painted);
        self.begin_prepared(seed, prepared, model)
    }

    /// Opens a round that starts from a picture other than the canvas, or from noise alone. `ancestry` lists
    /// the seeds that are known to have made the picture. The seed is a drawn one.
    pub fn begin_round_without_canvas(
        &mut self,
        start: Option<StartImage>,
        ancestry: Ancestry,
        (seed, plan): (i64, Plan),
        model: String,
    ) -> RoundId {
        let settings = Settings { seed, ..self.settings.clone() };
        self.begin_round_from(start, (None, ancestry, None), (settings, plan), model)
    }

    /// Opens a round that starts from the same picture as another one, of which the same part is kept, with these
    /// settings, whose seed is drawn. `start` is that picture. Returns its number; `None` if there is no such round.
    pub fn begin_again(
        &mut self,
        round: RoundId,
        start: Option<StartImage>,
        settings: Settings,
        model: String,
    ) -> Option<RoundId> {
        let Round { parent, ancestry, plan, place, .. } = self.rounds.get(round)?;
        let from = (*parent, ancestry.clone(), *place);
        let plan = Plan { sheet: None, ..Plan::clone(plan) };
        Some(self.begin_round_from(start, from, (settings, plan), model))
    }

    pub(super) fn begin_round_from(
        &mut self,
        start: Option<StartImage>,
        from: (Option<ResultId>, Ancestry, Option<Region>),
        asked: (Settings, Plan),
        model: String,
    ) -> RoundId {
        self.revision += 1;
        self.rounds.begin(asked, from, start, model)
    }

    /// Makes a change and keeps its inverse if undo walks it.
    ///
    /// # Errors
    /// If the edit was made on other layers; nothing has changed then.
    pub fn apply(&mut self, edit: Edit) -> Result<(), LayerError> {
        if edit.is_on_canvas() {
            self.end_stroke();
        }
        let inverse = self.exchange(edit)?;
        if inverse.is_undone() {
            self.history.record(inverse);
        }
        Ok(())
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        self.history.can_undo() || self.is_stroking() || self.is_transforming()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// What [`Document::undo`] would take back.
    pub fn next_undo(&self) -> Option<EditKind> {
        let stroke = self.stroke.as_ref().map(|(kind, ..)| *kind);
        let transform = self.floating.as_ref().map(|_| EditKind::Transform);
        stroke.or_else(|| self.marking_kind()).or(transform).or_else(|| self.history.next_undo().map(Edit::kind))
    }

    /// What [`Document::redo`] would make again.
    pub fn next_redo(&self) -> Option<EditKind> {
        self.history.next_redo().map(Edit::kind)
    }

    /// Takes the last change to the canvas back, with everything that belonged to it. Ends a stroke
    /// that is being painted, and takes that back. Pixels that are lifted only go back to where they were. Prompt and settings stay, except for a width and
    /// height that followed the canvas, and where going back to a round changed them.
    pub fn undo(&mut self) {
        if self.abandon_transform() {
            return;
        }
        self.end_stroke();
        let Some(mut edit) = self.history.take_undo() else { return };
        self.leave_chosen_size_alone(&mut edit);
        if let Some(inverse) = self.exchange_from_history(edit) {
            self.history.put_redo(inverse);
        }
    }

    /// Makes the change again that was undone last; nothing happens where [`Document::redo_refusal`] says why not.
    pub fn redo(&mut self) {
        self.end_stroke();
        if self.redo_refusal().is_some() {
            return;
        }
        let Some(edit) = self.history.take_redo() else { return };
        if let Some(inverse) = self.exchange_from_history(edit) {
            self.history.put_undo(inverse);
        }
    }
}

#[cfg(test)]
mod marks_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod queue_tests;
#[cfg(test)]
mod tests;
