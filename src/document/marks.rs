//! What is marked on the canvas: the selection, and the mask of the pixels that the next round may change.

use std::sync::atomic::{AtomicU64, Ordering};

use image::{GrayImage, Luma};

use super::Document;
use super::edit::{Change, Edit, EditKind};
use super::painted::{fitted, fitted_levels};
use crate::engine::Mask;
use crate::paint::{PixelRect, Region, Selection, SelectionMode, SimilarArea, Size, similar_area};

/// Selection, mask and frame. Neither of the first two is ever empty, and both have the size of the canvas.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    pub selection: Option<Selection>,
    pub mask: Option<Selection>,
    /// The part of the canvas that the next round is made from, as it was set; see [`Document::frame`].
    pub frame: Option<Region>,
}

/// Which of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Painting changes only what is selected.
    Selection,
    /// The next round changes only what is masked.
    Mask,
}

/// Where a colour is looked up for an area of nearly one colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AreaSource {
    /// In the picture that all layers give.
    #[default]
    Picture,
    /// On the current layer.
    Layer,
}

impl Marks {
    /// Whether all belong to a canvas that had the size `before`, if that has this size now.
    pub fn fit(&self, before: Size, size: Size) -> bool {
        let have_size = [&self.selection, &self.mask].into_iter().flatten().all(|marked| marked.size() == size);
        have_size && (self.frame.is_none() || before == size)
    }

    fn get_mut(&mut self, mark: Mark) -> &mut Option<Selection> {
        match mark {
            Mark::Selection => &mut self.selection,
            Mark::Mask => &mut self.mask,
        }
    }

    /// How much memory both take, in bytes.
    pub fn bytes(&self) -> usize {
        [&self.selection, &self.mask].into_iter().flatten().map(Selection::bytes).sum()
    }
}

impl Document {
    /// What is selected; `None` if nothing is, so that painting changes everything.
    pub fn selection(&self) -> Option<&Selection> {
        self.marks.selection.as_ref()
    }

    /// The pixels that the next round may change; `None` if that is not decided by a mask.
    pub fn mask(&self) -> Option<&Selection> {
        self.marks.mask.as_ref()
    }

    /// The selection or the mask, see [`Document::selection`] and [`Document::mask`].
    pub fn marked(&self, mark: Mark) -> Option<&Selection> {
        match mark {
            Mark::Selection => self.selection(),
            Mark::Mask => self.mask(),
        }
    }

    /// Changes whenever selection or mask do, and differs from that of every other document.
    pub fn marks_revision(&self) -> u64 {
        self.marks_revision
    }

    /// Makes this the selection or the mask, as one step of undo. An empty one, or one of another size, is none. Returns
    /// whether anything changed.
    pub fn set_mark(&mut self, mark: Mark, new: Option<Selection>) -> bool {
        self.end_stroke();
        let new = new.filter(|new| new.size() == self.canvas.size() && !new.is_empty());
        let is_same = match (self.marked(mark), &new) {
            (Some(one), Some(two)) => one.is_like(two),
            (one, two) => one.is_some() == two.is_some(),
        };
        if is_same {
            return false;
        }
        let kind = match mark {
            Mark::Selection => EditKind::Select,
            Mark::Mask => EditKind::Mask,
        };
        if let Some(inverse) = self.exchange_from_history(Edit { kind, change: Change::Mark(mark, new) }) {
            self.history.record(inverse);
        }
        true
    }

    /// Lets a new selection meet the selection or the mask that is there. Without one, everything counts as unselected
    /// when it is added to, and as selected otherwise. Returns whether anything changed.
    pub fn combine_mark(&mut self, mark: Mark, new: &Selection, mode: SelectionMode) -> bool {
        let there = self.marked(mark).cloned().unwrap_or_else(|| match mode {
            SelectionMode::Replace | SelectionMode::Add => Selection::empty(self.canvas.size()),
            SelectionMode::Subtract | SelectionMode::Intersect => Selection::all(self.canvas.size()),
        });
        self.set_mark(mark, Some(there.combined(new, mode)))
    }

    /// Exchanges the selection or the mask; returns what was there.
    pub(super) fn exchange_mark(&mut self, mark: Mark, new: Option<Selection>) -> Option<Selection> {
        self.marks_changed();
        if mark == Mark::Mask {
            self.canvas_changed();
        }
        std::mem::replace(self.marks.get_mut(mark), new)
    }

    pub(super) fn marks_changed(&mut self) {
        self.marks_revision = new_revision();
        self.revision += 1;
    }

    /// The area of nearly one colour around a pixel; `None` outside the canvas, or where the current layer is asked
    /// for and is a group.
    pub fn area_at(&self, at: (usize, usize), how: SimilarArea, source: AreaSource) -> Option<Selection> {
        match source {
            AreaSource::Picture => similar_area(&self.canvas, at, how),
            AreaSource::Layer => similar_area(self.layers.get(self.layers.current())?.surface()?, at, how),
        }
    }

    /// The mask as rounds use it, in the size of the next results: masked where at least half of a pixel is, or with all
    /// its levels where the settings say how the masked part is repainted. `None` without a mask.
    pub fn mask_at_result_size(&self) -> Option<Mask> {
        let (width, height) = self.next_result_size();
        let levels = levels_in(self.mask()?, self.framed_rect());
        if self.settings.inpaint.is_some() {
            return Some(Mask::from_levels(fitted_levels(&levels, width, height, self.start_fit())));
        }
        Some(fitted(&Mask::from_gray(&levels), width, height, self.start_fit()))
    }
}

/// A number that no document had before, so that a view sees at once when another document is shown.
pub(super) fn new_revision() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A mask as a grey picture with all its levels.
pub(super) fn mask_picture(marked: &Selection) -> GrayImage {
    levels_in(marked, PixelRect::whole(marked.size().width(), marked.size().height()))
}

/// A part of a mask, which lies inside the canvas, as a grey picture with all its levels.
fn levels_in(marked: &Selection, part: PixelRect) -> GrayImage {
    let levels = marked.as_surface().copy_rect(part).into_iter().map(|pixel| pixel[3]).collect();
    // The levels have the picture's size, so the empty picture is never used.
    GrayImage::from_raw(part.width() as u32, part.height() as u32, levels).unwrap_or_default()
}

/// A mask from a grey picture; `None` if it has another size than the canvas, or is empty.
pub(super) fn mask_from_picture(picture: &GrayImage, size: Size) -> Option<Selection> {
    let is_of_size = picture.dimensions() == (size.width() as u32, size.height() as u32);
    let levels = picture.pixels().map(|Luma([level])| *level).collect::<Vec<u8>>();
    is_of_size.then(|| Selection::from_levels(size, &levels)).filter(|mask| !mask.is_empty())
}
