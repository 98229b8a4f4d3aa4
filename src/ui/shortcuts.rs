//! The keyboard.

use egui::{Key, Modifiers};

use super::Action;
use super::gallery::Gallery;
use super::tools_panel::{Tool, Tools};

/// What the keys of this frame ask for. Keys that are letters or digits count only while no text
/// is being typed.
pub(super) fn actions(ctx: &egui::Context, gallery: &Gallery, tools: &mut Tools, running: bool) -> Vec<Action> {
    let typing = ctx.text_edit_focused();
    let mut actions = Vec::new();
    ctx.input_mut(|input| {
        if input.consume_key(Modifiers::COMMAND, Key::Enter) && !running {
            actions.push(Action::Generate);
        }
        if input.consume_key(Modifiers::COMMAND, Key::S) {
            actions.push(Action::ChooseSaveDrawing);
        }
        if running && input.consume_key(Modifiers::NONE, Key::Escape) {
            actions.push(Action::Cancel);
        }
        if typing {
            return;
        }
        // Longer combinations first: consuming Ctrl+Z would also take Ctrl+Shift+Z.
        if input.consume_key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z)
            || input.consume_key(Modifiers::COMMAND, Key::Y)
        {
            actions.push(Action::Redo);
        }
        if input.consume_key(Modifiers::COMMAND, Key::Z) {
            actions.push(Action::Undo);
        }
        for (tool, _, key, _) in Tool::ALL {
            if input.consume_key(Modifiers::NONE, key) {
                actions.push(Action::Use(tool));
            }
        }
        for (image, key) in [Key::Num1, Key::Num2, Key::Num3, Key::Num4].into_iter().enumerate() {
            if input.consume_key(Modifiers::NONE, key) {
                actions.push(Action::PaintOver(gallery.round(), image));
            }
        }
        if input.consume_key(Modifiers::NONE, Key::OpenBracket) {
            tools.resize(0.85);
        }
        if input.consume_key(Modifiers::NONE, Key::CloseBracket) {
            tools.resize(1.18);
        }
    });
    actions
}
