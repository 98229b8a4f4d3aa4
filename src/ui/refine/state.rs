//! What the window remembers of refining.

use super::scores::Scores;
use super::sheet_dialog::SheetDialog;
use super::starts::RoundStarts;
use super::survives::Survives;
use super::upscale_dialog::UpscaleDialog;
use crate::document::{ResultId, RoundId, StartImage};

/// What the window remembers of refining.
#[derive(Default)]
pub(in crate::ui) struct RefineState {
    /// The start images of the latest rounds.
    pub starts: RoundStarts,
    /// The result that is to be varied once the start image of its round is read.
    waiting: Option<ResultId>,
    /// The scores of results.
    pub scores: Scores,
    /// The canvas under noise, while the strength is being chosen.
    pub survives: Survives,
    /// The values typed for a sheet, and whether they are asked for now.
    pub sheet: SheetDialog,
    /// How a result is made larger, and whether that is asked now.
    pub upscale: UpscaleDialog,
}

impl RefineState {
    /// Another document is shown.
    pub fn reset(&mut self) {
        let scores = self.scores.of_another_document();
        self.upscale.close();
        let (sheet, upscale) = (std::mem::take(&mut self.sheet), std::mem::take(&mut self.upscale));
        *self = Self { sheet, upscale, scores, ..Self::default() };
    }

    /// The result is varied once the start image of its round is there.
    pub fn wait_for_start(&mut self, id: ResultId) {
        self.waiting = Some(id);
    }

    /// The start image of a round was read. Returns the result that waited for it.
    pub fn start_is_read(&mut self, round: RoundId, start: StartImage) -> Option<ResultId> {
        self.starts.keep(round, start, None);
        self.waiting.take_if(|id| id.round == round)
    }

    /// A start image cannot be read. Returns whether a command waited for it.
    pub fn start_is_lost(&mut self) -> bool {
        self.waiting.take().is_some()
    }
}
