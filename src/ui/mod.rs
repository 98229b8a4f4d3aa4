//! The window.
//!
//! One frame goes through these files in this order (see `app.rs`):
//!
//! | file | role |
//! | --- | --- |
//! | `state.rs` | everything the window shows; changed by commands and events only |
//! | `events.rs` | applies what the other threads reported |
//! | `keymap/` | the one table of shortcuts: finds the commands of pressed keys, and feeds the tooltips |
//! | `canvas_work.rs` | edits of a large canvas, which another thread computes |
//! | `documents.rs` | commits what is due, and shows the next document once this one is in its file |
//! | `estimate.rs` | how long the next round would take, and how much memory |
//! | `result_memory.rs` | decodes results that are looked at, and encodes those that take too much memory |
//! | `queue/` | hands one round after the other to the engine, and shows those that wait |
//! | `live/` | live painting: the result follows the brush |
//! | `layout/` | lays out the panels, which return commands |
//! | `menus/` | the menus at the top |
//! | `shortcuts/` | the overview of all actions, where keys are changed |
//! | `kept.rs` | reads what was chosen at earlier launches |
//! | `workspace.rs` | the middle of the window: the canvas and, beside it, the results |
//! | `canvas/` | the canvas, how it is seen, and the tools that work on it |
//! | `results/` | the results of a round, beside the canvas and in place on it |
//! | `brushes/` | the brush in use, presets, and how strokes follow the pen |
//! | `pens/` | how pens are held, where the system tells it |
//! | `export/` | dialogs about files that leave the window |
//! | `history/` | every round in a strip or a tree |
//! | `color/` | the panel of colours, palettes, the eyedropper and the value ramp |
//! | `compare/` | two pictures at one place, instead of the canvas and the results |
//! | `models/` | the window of models: what is on this machine, and the catalogue |
//! | `prompting/` | styles, and the prompts that were used before |
//! | `reshape/` | another size or shape for the canvas: the crop rectangle, dialogs |
//! | `refine/` | sheets, variations, what is kept of the canvas, scores |
//! | `control/` | Follow my lines: control networks, and the lines that they are shown |
//! | `undo_list.rs` | the list of the steps of undo |
//! | `frame_fields.rs` | the numbers of the frame: the part of the canvas that the next round is made from |
//! | `layers/` | the list of layers |
//! | `commands/` | executes a [`UserCommand`], one file per area |
//!
//! A button, a key, a dropped file and a test all send the same [`UserCommand`] through
//! [`App::perform`].

mod about;
mod app;
mod brushes;
mod canvas;
mod canvas_size;
mod canvas_work;
mod color;
mod command;
mod commands;
mod compare;
mod control;
mod dialogs;
mod documents;
mod dropped;
mod engines;
mod estimate;
mod events;
mod export;
mod frame_fields;
mod history;
mod kept;
mod keyboard;
mod keymap;
mod launch;
mod layers;
mod layout;
mod live;
mod menus;
mod models;
mod naming;
mod panels;
mod pasted;
mod pens;
mod placement;
mod progress;
mod prompting;
mod queue;
mod refine;
mod reshape;
mod result_memory;
mod results;
mod select;
mod shortcuts;
mod state;
mod theme;
mod tool;
mod undo_list;
mod widgets;
mod workspace;

pub use app::{App, Options};
pub use command::{
    AutoencoderUse, BrushCommand, CanvasCommand, CanvasViewCommand, ColorCommand, CompareCommand, ControlCommand,
    DocumentCommand, EngineCommand, ExportCommand, FetchCommand, FileCommand, FrameCommand, GalleryCommand,
    HistoryCommand, LayerCommand, LayerFileCommand, LayerSwitch, LayoutCommand, LiveCommand, MaskCommand, ModelCommand,
    ModelPanelCommand, MoveDirection, OpenPlacement, PaletteCommand, Paper, PromptCommand, QueueCommand, RefineCommand,
    ReshapeCommand, ResultCommand, RoundCommand, SelectCommand, SettingsCommand, ShortcutCommand, TurnDirection,
    UserCommand, ViewCommand, ZoomStep,
};
pub use compare::{CompareMode, CompareSource};
pub use keymap::{ActionId, KeyChord, KeyPreset};
pub use launch::run;
pub use layout::{DockPanel, DockSide};
pub use live::{LiveFrame, LiveView};
pub use models::ModelSection;
pub use panels::Notice;
pub use queue::NotifyWhen;
pub use refine::SecondPassChoice;
pub use select::{DrawnShape, GradientEnd, ObjectHint, SelectShape};
pub use theme::ThemeChoice;
pub use tool::Tool;
