//! Executes the commands about brushes.

use super::Services;
use crate::paint::{BrushAction, Symmetry};
use crate::ui::brushes::PresetError;
use crate::ui::state::WindowState;
use crate::ui::{BrushCommand, Tool};

pub(super) fn perform(state: &mut WindowState, _services: &Services, command: BrushCommand) {
    match command {
        BrushCommand::UsePreset(name) => use_preset(state, &name),
        BrushCommand::NextPreset => step(state, 1),
        BrushCommand::PreviousPreset => step(state, -1),
        BrushCommand::LastPreset => {
            if let Some(name) = state.brush.last_preset().map(str::to_owned) {
                use_preset(state, &name);
            }
        }
        BrushCommand::SavePreset(name) => {
            let saved = state.brush.save_preset(state.tool, &name);
            told(state, saved, |name| format!("The brush is saved as “{name}”."));
        }
        BrushCommand::RenamePreset(from, to) => {
            let renamed = state.brush.rename_preset(&from, &to);
            told(state, renamed, |name| format!("The brush is called “{name}” now."));
        }
        BrushCommand::DeletePreset(name) => {
            if state.brush.delete_preset(&name) {
                state.status.say(format!("The brush “{name}” is deleted. It can be brought back below the brushes."));
            }
        }
        BrushCommand::RestorePreset => {
            if let Some(name) = state.brush.restore_preset() {
                state.status.say(format!("The brush “{name}” is back."));
            }
        }
        BrushCommand::SetSize(size) => state.brush.set_size(state.tool, size),
        BrushCommand::UseStabilizer(stabilizer) => state.brush.choices.stabilizer = stabilizer,
        BrushCommand::UseSymmetry(symmetry) => use_symmetry(state, symmetry),
        BrushCommand::NextSymmetry => {
            let at = Symmetry::ALL.iter().position(|symmetry| *symmetry == state.brush.choices.symmetry);
            let next = at.map_or(0, |at| (at + 1) % Symmetry::ALL.len());
            use_symmetry(state, Symmetry::ALL[next]);
        }
    }
}

fn use_preset(state: &mut WindowState, name: &str) {
    if let Some(action) = state.brush.use_preset(name) {
        state.tool = if action == BrushAction::Erase { Tool::Eraser } else { Tool::Brush };
    }
}

fn step(state: &mut WindowState, by: isize) {
    if let Some(name) = state.brush.preset_beside(by) {
        use_preset(state, &name);
        state.status.say(format!("Brush: {name}."));
    }
}

fn use_symmetry(state: &mut WindowState, symmetry: Symmetry) {
    state.brush.choices.symmetry = symmetry;
    state.status.say(match symmetry {
        Symmetry::None => "Strokes are not mirrored.",
        Symmetry::Vertical => "Strokes are mirrored left and right.",
        Symmetry::Horizontal => "Strokes are mirrored up and down.",
        Symmetry::Both => "Strokes are mirrored left and right, and up and down.",
    });
}

fn told(state: &mut WindowState, done: Result<String, PresetError>, text: impl Fn(&str) -> String) {
    match done {
        Ok(name) => state.status.say(text(&name)),
        Err(error) => state.status.fail(error.to_string()),
    }
}
