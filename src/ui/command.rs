//! The user commands: everything that a button, a menu, a key or a dropped file can ask for.
//!
//! Each area has its own enum, executed by the file of the same name in `commands/`.

use std::path::PathBuf;
use std::sync::Arc;

use egui::ColorImage;

use super::{CompareMode, CompareSource, ModelSection, NotifyWhen, Tool};
use crate::document::{HistoryView, RoundFilter, RoundId, TimeLapse};
use crate::engine::{ModelChoice, Preset, Sheet};
use crate::jobs::JobId;
use crate::paint::Rgb;
use crate::picture::OutputOptions;
use crate::prompts::PastPrompt;

/// Anything the user can ask the window to do.
#[derive(Clone, Debug, PartialEq)]
pub enum UserCommand {
    /// Change the canvas or how it is painted on.
    Canvas(CanvasCommand),
    /// Start or stop making pictures.
    Round(RoundCommand),
    /// Change the order in which rounds are made, or when.
    Queue(QueueCommand),
    /// Ask for a round that explores what another one began.
    Refine(RefineCommand),
    /// Use a finished picture.
    Result(ResultCommand),
    /// Compare two pictures.
    Compare(CompareCommand),
    /// List old rounds, or do something with them.
    History(HistoryCommand),
    /// Choose a model or an autoencoder.
    Model(ModelCommand),
    /// Find models on this machine, or show the window of models.
    Models(ModelPanelCommand),
    /// Fetch models.
    Fetch(FetchCommand),
    /// Take over settings from elsewhere.
    Settings(SettingsCommand),
    /// Open, save or show files and folders.
    File(FileCommand),
    /// Begin, open or copy a document.
    Document(DocumentCommand),
    /// Choose styles, or use an earlier prompt.
    Prompt(PromptCommand),
    /// Choose how pictures are written.
    Export(ExportCommand),
    /// Answer a question of the window.
    View(ViewCommand),
}

/// Commands that change the canvas, or the tool and colour it is painted with.
#[derive(Clone, Debug, PartialEq)]
pub enum CanvasCommand {
    /// Undo the last change to the canvas.
    Undo,
    /// Redo the change that was undone last.
    Redo,
    /// Undo the stroke that is being painted.
    AbandonStroke,
    /// Replace the canvas with an empty one.
    New(Paper),
    /// Replace the canvas with the example sketch.
    Example,
    /// Place the picture opened last in another way.
    Place(OpenPlacement),
    /// Resize the canvas to the size that the results will have.
    ResizeToResults(OpenPlacement),
    /// Choose the tool.
    UseTool(Tool),
    /// Choose the colour.
    UseColor(Rgb),
    /// Make the brush one step smaller.
    SmallerBrush,
    /// Make the brush one step larger.
    LargerBrush,
}

/// Commands that start or stop a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundCommand {
    /// Ask for a round with the current canvas and settings. It is made after those that were asked for before.
    Generate,
    /// Cancel the running round; its finished pictures are kept.
    Cancel,
}

/// Commands about the rounds that wait to be made. A number is that of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueCommand {
    /// Pause the queue after the image that is being made, or resume it.
    TogglePause,
    /// Go on with the rounds that wait.
    Resume,
    /// Give up the image that is being made, and go on with the next one of its round.
    SkipImage,
    /// Make this waiting round one place earlier.
    MoveEarlier(RoundId),
    /// Make this waiting round one place later.
    MoveLater(RoundId),
    /// Take this waiting round out of the queue.
    Drop(RoundId),
    /// Put this failed round at the end of the queue again.
    Retry(RoundId),
    /// Forget this failed round.
    Dismiss(RoundId),
    /// Cancel the running round and drop all that wait.
    CancelAll,
    /// Begin another round whenever none waits, or stop that.
    ToggleForever,
    /// Show or hide the list of rounds.
    ToggleList,
    /// Choose when a desktop notification tells that the queue has ended.
    NotifyWhen(NotifyWhen),
}

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
    /// Show the results of a round in the order of their outline scores, or in the order they were made.
    ToggleOutlineOrder,
    /// Draw how far the result on show is from its start image where nothing was painted, or show the result.
    ToggleDrift,
}

/// Commands that use one result. The numbers are the round and the place in its batch, from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum ResultCommand {
    /// Put the result on the canvas.
    PaintOver(RoundId, usize),
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

/// Commands that compare two pictures, A and B. All but the first three need a comparison that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareCommand {
    /// Compare the two results that are picked, or the canvas with the result under the pointer or on show.
    Open,
    /// Compare the canvas, or the one result that is picked, with this result.
    OpenWith(RoundId, usize),
    /// Pick a result for comparing, or unpick it. Of three picked results the first is unpicked.
    Pick(RoundId, usize),
    /// Return to canvas and results.
    Leave,
    /// Show the pictures in this way.
    UseMode(CompareMode),
    /// Show the other picture, in the mode of that name.
    Blink,
    /// Show another picture as A.
    ChooseA(CompareSource),
    /// Show another picture as B.
    ChooseB(CompareSource),
    /// Show this result, counted from 0, of the round on show as B.
    ChooseResult(usize),
    /// Let A and B change places.
    Swap,
    /// Change the zoom.
    Zoom(ZoomStep),
    /// Move the divider where there is one, else the view.
    Step(MoveDirection),
    /// Move the view.
    Pan(MoveDirection),
}

/// Commands about old rounds. Results are counted from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum HistoryCommand {
    /// List rounds in this way.
    Show(HistoryView),
    /// Show the list of rounds, or hide it.
    Toggle,
    /// Put the keyboard into the filter's text field.
    Find,
    /// List only the rounds that this filter lists.
    Filter(RoundFilter),
    /// Show this round.
    ShowRound(RoundId),
    /// Show this result of a round.
    ShowResult(RoundId, usize),
    /// Show the round above or left in the list.
    Earlier,
    /// Show the round below or right in the list.
    Later,
    /// Show the first round in the list.
    First,
    /// Show the last round in the list.
    Last,
    /// Move in the list: to another round along it, to another result across it.
    Step(MoveDirection),
    /// Make canvas, prompt and settings those that this round began with.
    GoBack(RoundId),
    /// Go back to the round on show.
    GoBackToShown,
    /// Mark a result with a star, or take the star away.
    Star(RoundId, usize, bool),
    /// Mark the result under the pointer or on show with a star, or take the star away.
    ToggleStar,
    /// Write this note about a result; an empty one is none.
    Note(RoundId, usize, String),
    /// Put the keyboard into the note of the result on show.
    EditNote,
    /// Delete a result.
    DeleteResult(RoundId, usize),
    /// Delete the result under the pointer or on show.
    DeleteShownResult,
    /// Delete a round with all its results.
    DeleteRound(RoundId),
    /// Delete the round on show.
    DeleteShownRound,
}

/// A change of the zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoomStep {
    /// One step larger.
    In,
    /// One step smaller.
    Out,
    /// Show the whole picture.
    Fit,
    /// Show each pixel as one pixel of the screen.
    FullSize,
}

/// Where something is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveDirection {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Upwards.
    Up,
    /// Downwards.
    Down,
}

/// Commands that choose the files of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelCommand {
    /// Ask for a checkpoint file.
    ChooseFile,
    /// Ask for a model folder in the diffusers layout.
    ChooseFolder,
    /// Use this model from now on.
    Use(ModelChoice),
    /// Stop loading the chosen model and go on with the one in use.
    StopLoading,
    /// Ask for an autoencoder (VAE) file.
    ChooseAutoencoder(AutoencoderUse),
    /// Use this autoencoder; `None` returns to the default.
    UseAutoencoder(AutoencoderUse, Option<PathBuf>),
}

/// Commands of the window of models.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelPanelCommand {
    /// Show the window of models.
    Open,
    /// Close the window of models.
    Close,
    /// Show a section of the window of models.
    Show(ModelSection),
    /// Look through all folders again.
    Search,
    /// Ask for a folder to search.
    ChooseFolder,
    /// Search this folder from now on, also after the next launch.
    AddFolder(PathBuf),
    /// Do not search this folder any more.
    RemoveFolder(PathBuf),
    /// Add this to the prompt: the tag of a LoRA, or a word.
    AddToPrompt(String),
    /// Let prompts find LoRAs in this folder until the window closes.
    UseLoraFolder(PathBuf),
    /// Let prompts find textual inversions in this folder until the window closes.
    UseEmbeddingFolder(PathBuf),
    /// Copy this text to the clipboard.
    CopyText(String),
}

/// Commands that fetch models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchCommand {
    /// Fetch the entry of the catalogue with this id; its licence is asked about before the first time.
    Entry(String),
    /// Fetch what was typed: `owner/name`, a file of a repository, a link, or a name of the catalogue.
    Place(String),
    /// Accept the licence that is shown, and fetch what it belongs to.
    Accept,
    /// Do not accept the licence that is shown.
    Decline,
    /// Pause this job.
    Pause(JobId),
    /// Go on with this job.
    Resume(JobId),
    /// Cancel this job, or take away what is said of its failure. What was fetched is kept for the next try.
    Cancel(JobId),
    /// Fetch again what this job failed to fetch.
    TryAgain(JobId),
    /// Whether nothing may be fetched, also after the next launch.
    SetOffline(bool),
    /// Show the catalogue, and never again the line about the starter.
    SeeModels,
    /// Never show the line about the starter again.
    DismissStarterLine,
}

/// Commands that take over several settings at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsCommand {
    /// Use what is recommended for the model.
    UseRecommended,
    /// Use the settings stored in the opened picture.
    UseOffered,
    /// Put the start image stored in the opened picture on the canvas, and use its settings.
    UseOfferedRound,
    /// Dismiss the offer to use the opened picture's settings.
    DismissOffer,
    /// Use the model that made the opened picture.
    UseOfferedModel,
    /// Make results as large as the canvas.
    UseCanvasSize,
    /// Set everything that quality or speed takes.
    UsePreset(Preset),
}

/// Commands about files, folders and the clipboard.
#[derive(Clone, Debug, PartialEq)]
pub enum FileCommand {
    /// Ask for a picture or a document to open.
    ChoosePicture,
    /// Put this picture file on the canvas, or show this document file.
    Open(PathBuf),
    /// Paste what is on the clipboard.
    Paste,
    /// Put this picture from the clipboard on the canvas.
    PastePicture(Arc<ColorImage>),
    /// Open the file whose path or address this text from the clipboard is.
    PasteText(String),
    /// Ask where to save the canvas.
    ChooseSaveCanvas,
    /// Save the canvas to this file.
    SaveCanvas(PathBuf),
    /// Ask whether this existing file may be replaced by the command.
    AskToReplace(PathBuf, Box<UserCommand>),
    /// Ask for the folder that results are written to.
    ChooseResultsFolder,
    /// Write results to this folder from now on, and those that could not be written before.
    UseResultsFolder(PathBuf),
    /// Show this folder in the system's file manager.
    ShowFolder(PathBuf),
    /// List the LoRAs and textual inversions in their folders.
    ListExtras,
}

/// Commands about documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentCommand {
    /// Begin a new document without a name.
    New,
    /// Show this document file.
    Open(PathBuf),
    /// Ask where to copy the document.
    ChooseSaveAs,
    /// Copy the document to this file and go on with the copy.
    SaveAs(PathBuf),
    /// Ask for another name.
    ChooseName,
    /// Give the document this name; its file stays in its folder.
    Rename(String),
    /// Dismiss the question about another name.
    KeepName,
}

/// Commands about how pictures leave the window.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportCommand {
    /// Show the dialog that chooses as what results are written.
    ShowSaving,
    /// Write results like this from now on, also after the next launch.
    UseOutput(OutputOptions),
    /// Ask where to save the contact sheet of a round.
    ChooseContactSheet(RoundId),
    /// Save the results of a round as one picture to this file.
    ContactSheet(RoundId, PathBuf),
    /// Show the dialog that chooses how long and how large a time-lapse is.
    ShowTimeLapse,
    /// Ask where to save this time-lapse.
    ChooseTimeLapse(TimeLapse),
    /// Save this time-lapse of the document to this file.
    TimeLapse(TimeLapse, PathBuf),
    /// Close the dialog.
    Close,
}

/// Commands that answer a question or close something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewCommand {
    /// Show the About window.
    ShowAbout,
    /// Replace the existing file that was asked about.
    ReplaceFile,
    /// Ask for another file name instead.
    ChooseOtherName,
    /// Dismiss the question about replacing a file.
    KeepFile,
    /// Dismiss the notice about results that could not be written.
    DismissUnsaved,
    /// Say that the system could not open a file dialog.
    SayNoDialog,
}

/// How a picture is put on a canvas of another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenPlacement {
    /// The whole picture shows; paper fills the rest of the canvas.
    Fit,
    /// The picture fills the canvas; what sticks out is cut off.
    Fill,
    /// The canvas takes the picture's size.
    ResizeCanvas,
}

/// The paper colour of a new canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// White.
    White,
    /// Black.
    Black,
    /// The colour chosen for painting.
    CurrentColor,
}

/// Commands about what prompts are made of.
#[derive(Clone, Debug, PartialEq)]
pub enum PromptCommand {
    /// Make the next rounds with the style of this name, or without it.
    ChooseStyle(String, bool),
    /// Make the next rounds without any style.
    UseNoStyle,
    /// Ask for a file of styles.
    ChooseStyleFile,
    /// Add the styles of this file.
    ImportStyles(PathBuf),
    /// Keep the present prompts as a style of this name; an old one of that name is replaced.
    SaveStyle(String),
    /// Show the prompts that were used before.
    ShowPast,
    /// Hide them.
    HidePast,
    /// Use this prompt for the next rounds.
    Use(PastPrompt),
}

/// What a replacement autoencoder (VAE) is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoencoderUse {
    /// Encoding the canvas and decoding the results.
    Results,
    /// Decoding the previews while a picture is made.
    Previews,
}

macro_rules! into_user_command {
    ($($area:ident: $command:ty),*) => {$(
        impl From<$command> for UserCommand {
            fn from(command: $command) -> Self {
                Self::$area(command)
            }
        }
    )*};
}

into_user_command! {
    Canvas: CanvasCommand, Round: RoundCommand, Queue: QueueCommand, Refine: RefineCommand, Result: ResultCommand,
    Compare: CompareCommand, History: HistoryCommand, Model: ModelCommand, Models: ModelPanelCommand, Fetch: FetchCommand, Settings: SettingsCommand,
    File: FileCommand, Document: DocumentCommand, Prompt: PromptCommand, Export: ExportCommand, View: ViewCommand
}
