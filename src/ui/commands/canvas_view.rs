//! Executes the commands that change how the canvas is seen.

use egui::Vec2;

use crate::ui::state::WindowState;
use crate::ui::{CanvasViewCommand, MoveDirection, TurnDirection};

/// How far one key press moves the canvas, as a share of the room.
const PAN_STEP: f32 = 0.1;

/// How far one key press turns the canvas, in degrees.
const TURN_STEP: f32 = 15.0;

pub(super) fn perform(state: &mut WindowState, command: CanvasViewCommand) {
    let Some((viewport, room, at)) = state.canvas.viewport_mut() else { return };
    match command {
        CanvasViewCommand::Zoom(step) => viewport.zoom_step(step, at, &room),
        CanvasViewCommand::ZoomTo(zoom) => viewport.zoom_to(zoom, room.rect.center(), &room),
        CanvasViewCommand::Pan(direction) => {
            // The view moves, so the canvas moves the other way.
            let by = match direction {
                MoveDirection::Left => Vec2::new(PAN_STEP, 0.0),
                MoveDirection::Right => Vec2::new(-PAN_STEP, 0.0),
                MoveDirection::Up => Vec2::new(0.0, PAN_STEP),
                MoveDirection::Down => Vec2::new(0.0, -PAN_STEP),
            };
            viewport.pan(by * room.rect.size(), &room);
        }
        CanvasViewCommand::Turn(TurnDirection::Left) => viewport.turn(-TURN_STEP, &room),
        CanvasViewCommand::Turn(TurnDirection::Right) => viewport.turn(TURN_STEP, &room),
        CanvasViewCommand::Mirror => viewport.mirror(),
        CanvasViewCommand::Straighten => viewport.straighten(),
    }
}
