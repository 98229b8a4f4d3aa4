//! What can be done with one result.

use std::path::PathBuf;

use crate::document::RoundId;

/// Commands that use one result. The numbers are the round and the place in its batch, from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum ResultCommand {
    /// Put the result on the canvas.
    PaintOver(RoundId, usize),
    /// Add the result as a layer above the present ones.
    AddAsLayer(RoundId, usize),
    /// Ask where to save the result.
    ChooseSave(RoundId, usize),
    /// Save the result to this file.
    Save(RoundId, usize, PathBuf),
    /// Save the result to the results folder.
    SaveInFolder(RoundId, usize),
    /// Copy the result to the clipboard.
    Copy(RoundId, usize),
    /// Make the result again and say whether it is the same.
    RunAgain(RoundId, usize),
    /// Set the seed of the next round to this result's seed.
    UseSeed(u64),
}
