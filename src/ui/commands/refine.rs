//! Executes the commands that explore what another round began.

use super::{Services, round};
use crate::engine::Sheet;
use crate::ui::RefineCommand;
use crate::ui::state::WindowState;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: RefineCommand) {
    match command {
        RefineCommand::StrengthLadder => round::generate(state, services, Some(Sheet::strength_ladder())),
    }
}
