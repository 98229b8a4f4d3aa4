//! Rounds that explore what another one began.

use std::path::PathBuf;

use crate::document::RoundId;
use crate::engine::Sheet;
use crate::ui::SecondPassChoice;

/// Commands that ask for a round which explores what another one began. It is made after those that were asked for
/// before.
#[derive(Clone, Debug, PartialEq)]
pub enum RefineCommand {
    /// Ask for a round with one seed and four denoising strengths.
    StrengthLadder,
    /// Ask over which settings a sheet varies.
    AskForSheet,
    /// Ask for a round with one seed, over which these settings vary.
    MakeSheet(Sheet),
    /// Ask where to save the sheet of this round.
    ChooseSaveSheet(RoundId),
    /// Save the sheet of this round as one labelled picture to this file.
    SaveSheet(RoundId, PathBuf),
    /// Ask for a round of variations of this result: round and place in its batch, from 0.
    Vary(RoundId, usize),
    /// Ask for a round of variations of the result under the pointer or on show.
    VaryShown,
    /// Ask how this result is made larger: round and place in its batch, from 0.
    AskForUpscale(RoundId, usize),
    /// Ask how the result under the pointer or on show is made larger.
    AskForUpscaleShown,
    /// Ask for a round that makes this result larger.
    Upscale(RoundId, usize, Box<SecondPassChoice>),
    /// Show the results of a round in the order of their outline scores, or in the order they were made.
    ToggleOutlineOrder,
    /// Draw how far the result on show is from its start image where nothing was painted, or show the result.
    ToggleDrift,
}
