//! The user commands: everything that a button, a menu, a key or a dropped file can ask for.
//!
//! Each area has its own enum, in a file of its own, executed by the file of the same name in `ui/commands/`.

mod brushes;
mod canvas;
mod canvas_view;
mod color;
mod compare;
mod control;
mod document;
mod engines;
mod export;
mod fetching;
mod file;
mod frame;
mod gallery;
mod history;
mod layer_files;
mod layers;
mod layout;
mod live;
mod mask;
mod model;
mod models;
mod palette;
mod prompting;
mod queue;
mod refine;
mod reshape;
mod result;
mod round;
mod select;
mod settings;
mod shortcuts;
mod view;

pub use brushes::BrushCommand;
pub use canvas::{CanvasCommand, OpenPlacement, Paper};
pub use canvas_view::{CanvasViewCommand, TurnDirection};
pub use color::ColorCommand;
pub use compare::{CompareCommand, MoveDirection, ZoomStep};
pub use control::ControlCommand;
pub use document::DocumentCommand;
pub use engines::EngineCommand;
pub use export::ExportCommand;
pub use fetching::FetchCommand;
pub use file::FileCommand;
pub use frame::FrameCommand;
pub use gallery::GalleryCommand;
pub use history::HistoryCommand;
pub use layer_files::LayerFileCommand;
pub use layers::{LayerCommand, LayerSwitch};
pub use layout::LayoutCommand;
pub use live::LiveCommand;
pub use mask::MaskCommand;
pub use model::{AutoencoderUse, ModelCommand};
pub use models::ModelPanelCommand;
pub use palette::PaletteCommand;
pub use prompting::PromptCommand;
pub use queue::QueueCommand;
pub use refine::RefineCommand;
pub use reshape::ReshapeCommand;
pub use result::ResultCommand;
pub use round::RoundCommand;
pub use select::SelectCommand;
pub use settings::SettingsCommand;
pub use shortcuts::ShortcutCommand;
pub use view::ViewCommand;

/// Anything the user can ask the window to do.
#[derive(Clone, Debug, PartialEq)]
pub enum UserCommand {
    /// Change the canvas or how it is painted on.
    Canvas(CanvasCommand),
    /// Change how the canvas is seen.
    CanvasView(CanvasViewCommand),
    /// Choose or keep a brush, or how strokes follow the pen.
    Brush(BrushCommand),
    /// Choose, pick or shade colours.
    Color(ColorCommand),
    /// Change palettes.
    Palette(PaletteCommand),
    /// Start or stop making pictures.
    Round(RoundCommand),
    /// Paint live.
    Live(LiveCommand),
    /// Change the order in which rounds are made, or when.
    Queue(QueueCommand),
    /// Ask for a round that explores what another one began.
    Refine(RefineCommand),
    /// Choose the part of the canvas that the next round is made from.
    Frame(FrameCommand),
    /// Change the size or shape of the canvas.
    Reshape(ReshapeCommand),
    /// Use a finished picture.
    Result(ResultCommand),
    /// Change how results are shown, or go through them.
    Gallery(GalleryCommand),
    /// Compare two pictures.
    Compare(CompareCommand),
    /// List old rounds, or do something with them.
    History(HistoryCommand),
    /// Change the layers or the paper.
    Layers(LayerCommand),
    /// Change the selection, or what is selected.
    Select(SelectCommand),
    /// Change the mask of the pixels that the next round may change.
    Mask(MaskCommand),
    /// Choose a model or an autoencoder.
    Model(ModelCommand),
    /// Choose which machines make the pictures.
    Engines(EngineCommand),
    /// Find models on this machine, or show the window of models.
    Models(ModelPanelCommand),
    /// Fetch models.
    Fetch(FetchCommand),
    /// Choose what the next round follows besides the prompt.
    Control(ControlCommand),
    /// Take over settings from elsewhere.
    Settings(SettingsCommand),
    /// Open, save or show files and folders.
    File(FileCommand),
    /// Save layers for other programs, or add pictures as layers.
    LayerFile(LayerFileCommand),
    /// Begin, open or copy a document.
    Document(DocumentCommand),
    /// Choose styles, or use an earlier prompt.
    Prompt(PromptCommand),
    /// Choose how pictures are written.
    Export(ExportCommand),
    /// Answer a question of the window.
    View(ViewCommand),
    /// Change the window around the canvas.
    Layout(LayoutCommand),
    /// Show or change keys.
    Shortcuts(ShortcutCommand),
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
    Canvas: CanvasCommand, Brush: BrushCommand, Color: ColorCommand, Palette: PaletteCommand, CanvasView: CanvasViewCommand, Round: RoundCommand, Queue: QueueCommand, Refine: RefineCommand, Reshape: ReshapeCommand, Frame: FrameCommand, Result: ResultCommand, Gallery: GalleryCommand,
    Compare: CompareCommand, History: HistoryCommand, Layers: LayerCommand, Select: SelectCommand, Mask: MaskCommand, Model: ModelCommand, Engines: EngineCommand, Models: ModelPanelCommand, Fetch: FetchCommand, Control: ControlCommand, Settings: SettingsCommand,
    File: FileCommand, LayerFile: LayerFileCommand, Document: DocumentCommand, Prompt: PromptCommand, Export: ExportCommand, View: ViewCommand,
    Layout: LayoutCommand, Live: LiveCommand, Shortcuts: ShortcutCommand
}
