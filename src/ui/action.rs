//! What a person can ask for.

use std::path::PathBuf;

use super::Tool;
use crate::engine::ModelChoice;
use crate::paint::Rgb;
use crate::picture::Fit;
use crate::rounds::RoundId;

/// The colour of a new sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// White.
    White,
    /// Black.
    Black,
    /// What the brush paints with.
    CurrentColor,
}

/// What an autoencoder of its own is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoencoderTask {
    /// Reading the sketch and making the results.
    Results,
    /// The previews while a result is made.
    Previews,
}

/// One wish, from a button, a key or a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Take the last change to the canvas back.
    Undo,
    /// Make it again.
    Redo,
    /// Start on a new sheet.
    New(Paper),
    /// Put the example sketch on the canvas.
    Example,
    /// Ask for a picture file, then open it.
    ChooseFile(Fit),
    /// Open this picture file.
    Open(PathBuf, Fit),
    /// Paint with this tool.
    Use(Tool),
    /// Paint with this colour.
    Pick(Rgb),
    /// Make a round.
    Generate,
    /// Stop the running round.
    Cancel,
    /// Put a result on the canvas.
    PaintOver(RoundId, usize),
    /// Ask where to save a result, then save it.
    ChooseSave(RoundId, usize),
    /// Save a result here.
    Save(RoundId, usize, PathBuf),
    /// Ask where to save what is on the canvas, then save it.
    ChooseSaveDrawing,
    /// Save what is on the canvas here.
    SaveDrawing(PathBuf),
    /// Copy a result to the clipboard.
    Copy(RoundId, usize),
    /// Set the seed to that of a result.
    UseSeed(u64),
    /// Ask for a model folder, then use it.
    ChooseModel,
    /// Ask for a checkpoint in one file, then use it.
    ChooseCheckpoint,
    /// Use this model.
    UseModel(ModelChoice),
    /// Ask for an autoencoder, then use it.
    ChooseAutoencoder(AutoencoderTask),
    /// Use this autoencoder; none is the model's own, or the quick way for previews.
    UseAutoencoder(AutoencoderTask, Option<PathBuf>),
    /// Take over what the model's maker suggests.
    UseRecommended,
    /// Take over the settings of the opened picture.
    UseItsSettings,
    /// Do not.
    LeaveItsSettings,
    /// Show the output folder in the file manager.
    ShowFolder,
    /// Show this folder there.
    ShowThis(PathBuf),
    /// Look what LoRAs and textual inversions there are.
    ListExtras,
}
