//! Krita's keys.
//!
//! They are those of Krita 5.2 where it has the action or one like it. What has a key of Krita's in the own table gets
//! another one, mostly the same letter with Alt.

use egui::{Key, Modifiers};

use super::preset::Change;
use crate::ui::{
    CanvasCommand, CanvasViewCommand, CompareCommand, GalleryCommand, LayoutCommand, QueueCommand, RefineCommand, Tool,
    UserCommand, ZoomStep,
};

const NONE: Modifiers = Modifiers::NONE;
const ALT: Modifiers = Modifiers::ALT;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// The actions with other keys than in the table.
pub(super) static KRITA: &[Change] = &[
    (UserCommand::Canvas(CanvasCommand::UseTool(Tool::Eyedropper)), &[(NONE, Key::P)]),
    (UserCommand::Canvas(CanvasCommand::Redo), &[(CTRL_SHIFT, Key::Z)]),
    (UserCommand::Layout(LayoutCommand::ToggleFullScreen), &[(CTRL_SHIFT, Key::F)]),
    (UserCommand::CanvasView(CanvasViewCommand::Mirror), &[(NONE, Key::M)]),
    (UserCommand::CanvasView(CanvasViewCommand::Zoom(ZoomStep::FullSize)), &[(CTRL, Key::Num0)]),
    (UserCommand::CanvasView(CanvasViewCommand::Zoom(ZoomStep::Fit)), &[(CTRL, Key::Num2), (NONE, Key::Home)]),
    (UserCommand::Queue(QueueCommand::TogglePause), &[(ALT, Key::P)]),
    (UserCommand::Refine(RefineCommand::VaryShown), &[(ALT, Key::M)]),
    (UserCommand::Refine(RefineCommand::ToggleDrift), &[(ALT, Key::D)]),
    (UserCommand::Refine(RefineCommand::ToggleOutlineOrder), &[(ALT, Key::O)]),
    (UserCommand::Queue(QueueCommand::SkipImage), &[(ALT, Key::K)]),
    (UserCommand::Refine(RefineCommand::AskForSheet), &[(CTRL_SHIFT, Key::T)]),
    (UserCommand::Canvas(CanvasCommand::UseTool(Tool::Transform)), &[(CTRL, Key::T), (NONE, Key::T)]),
    (UserCommand::Canvas(CanvasCommand::UseTool(Tool::Gradient)), &[(NONE, Key::G)]),
    (UserCommand::Canvas(CanvasCommand::UseTool(Tool::Crop)), &[(NONE, Key::C)]),
    (UserCommand::Gallery(GalleryCommand::ToggleGrid), &[(ALT, Key::G)]),
    (UserCommand::Compare(CompareCommand::Open), &[(ALT, Key::C)]),
];
