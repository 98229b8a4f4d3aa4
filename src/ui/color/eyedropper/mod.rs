//! The eyedropper: takes colours from whatever picture is on screen.
//!
//! - `sources.rs` finds the picture and the pixel at a point of the screen.
//! - `magnifier.rs` shows the pixels around it beside the pointer.
//! - `choice.rs` is the choice of how many pixels are averaged.
//!
//! On the canvas the tool itself follows the pointer (`ui/canvas/tools/eyedropper.rs`), because the canvas handles presses
//! in their order. Over other pictures this file does.

mod choice;
mod magnifier;
mod sources;

pub(in crate::ui) use choice::sample_choice;

use egui::{Context, Event, Id, PointerButton, Pos2};

use crate::paint::Rgb;
use crate::ui::state::WindowState;
use crate::ui::{ColorCommand, Tool, UserCommand};

pub(in crate::ui) use sources::{PictureAt, under};

/// Whether the next press on a picture takes a colour: with the tool, or with Alt held beside any other. While a stroke
/// is being painted Alt means nothing.
fn is_active(ctx: &Context, state: &WindowState) -> bool {
    let is_free = !state.has_dialog() && state.color.ramp.is_none() && !state.keyboard.popup_is_open();
    // In a comparison presses move the pictures whatever the tool.
    let has_tool = state.tool == Tool::Eyedropper && !state.compare.is_shown();
    let wanted = has_tool || ctx.input(|i| i.modifiers.alt);
    is_free && wanted && !state.document.is_stroking()
}

/// Follows the pointer over pictures other than the canvas, and shows the magnifier.
pub(super) fn show(ctx: &Context, state: &mut WindowState) -> Vec<UserCommand> {
    let mut commands = Vec::new();
    let is_active = is_active(ctx, state);
    for event in ctx.input(|i| i.events.clone()) {
        match event {
            Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, .. } if is_active => {
                let begins = under(ctx, state, pos).is_some_and(|at| !at.is_canvas());
                state.color.picks = begins;
                if begins {
                    commands.push(pick(pos));
                }
            }
            Event::PointerMoved(pos) if state.color.picks => commands.push(pick(pos)),
            Event::PointerButton { button: PointerButton::Primary, pressed: false, .. } => state.color.picks = false,
            _ => {}
        }
    }
    // The release can get lost, for example when the window loses the pointer.
    state.color.picks &= ctx.input(|i| i.pointer.primary_down());
    if (is_active || state.color.picks)
        && let Some(at) = ctx.input(|i| i.pointer.hover_pos())
        && let Some(found) = under(ctx, state, at)
    {
        magnifier::show(ctx, at, &found, state.color.sample, state.color.current.rgb(), state.color.current.model());
    }
    commands
}

fn pick(at: Pos2) -> UserCommand {
    ColorCommand::PickOnScreen { x: at.x, y: at.y }.into()
}

/// Uses the colour that is seen at a point of the screen, if a picture lies there.
pub(in crate::ui) fn pick_on_screen(ctx: &Context, state: &mut WindowState, at: Pos2) {
    if let Some(color) = color_at(ctx, state, at) {
        state.color.current.change(Id::unique("eyedropper"), color);
    }
}

/// The colour that is seen at a point of the screen.
pub(in crate::ui) fn color_at(ctx: &Context, state: &WindowState, at: Pos2) -> Option<Rgb> {
    under(ctx, state, at)?.color(state.color.sample)
}
