//! What the window remembers of refining.

use super::scores::Scores;
use super::sheet_dialog::SheetDialog;
use super::starts::RoundStarts;
use super::survives::Survives;
use super::upscale_dialog::{SecondPassChoice, UpscaleDialog};
use crate::document::{ResultId, RoundId, StartImage};

/// What the window remembers of refining.
#[derive(Default)]
pub(in crate::ui) struct RefineState {
    /// The start images of the latest rounds.
    pub starts: RoundStarts,
    /// The result with which something is to be done once the start image of its round is read.
    waiting: Option<(ResultId, WithStart)>,
    /// The scores of results.
    pub scores: Scores,
    /// The canvas under noise, while the strength is being chosen.
    pub survives: Survives,
    /// The values typed for a sheet, and whether they are asked for now.
    pub sheet: SheetDialog,
    /// How a result is made larger, and whether that is asked now.
    pub upscale: UpscaleDialog,
}

/// What is done with a result once the start image of its round is read.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) enum WithStart {
    /// It is varied.
    Vary,
    /// It is made larger, with controls that follow the start image.
    Upscale(Box<SecondPassChoice>),
}

impl RefineState {
    /// Another document is shown.
    pub fn reset(&mut self) {
        let scores = self.scores.of_another_document();
        self.upscale.close();
        let (sheet, upscale) = (std::mem::take(&mut self.sheet), std::mem::take(&mut self.upscale));
        *self = Self { sheet, upscale, scores, ..Self::default() };
    }

    /// This is done with a result once the start image of its round is there.
    pub fn wait_for_start(&mut self, id: ResultId, what: WithStart) {
        self.waiting = Some((id, what));
    }

    /// The start image of a round was read. Returns the result that waited for it, and what is done with it.
    pub fn start_is_read(&mut self, round: RoundId, start: StartImage) -> Option<(ResultId, WithStart)> {
        self.starts.keep(round, start, None);
        self.waiting.take_if(|(id, _)| id.round == round)
    }

    /// A start image cannot be read. Returns whether a command waited for it.
    pub fn start_is_lost(&mut self) -> bool {
        self.waiting.take().is_some()
    }
}
