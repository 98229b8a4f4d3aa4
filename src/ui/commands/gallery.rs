//! Executes the commands about how results are shown.

use super::Services;
use crate::document::ResultsView;
use crate::ui::state::WindowState;
use crate::ui::{GalleryCommand, ResultCommand};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: GalleryCommand) {
    let view = state.gallery.view();
    match command {
        GalleryCommand::ToggleGrid => state.gallery.use_view(ResultsView { single: !view.single, ..view }),
        GalleryCommand::ToggleFolded => state.gallery.use_view(ResultsView { folded: !view.folded, ..view }),
        GalleryCommand::Focus if state.document.rounds().latest().is_none() => {
            state.status.say("There are no results yet. Press Generate first.");
        }
        GalleryCommand::Focus => state.gallery.take_focus(),
        GalleryCommand::Walk(direction) => state.gallery.walk(direction),
        GalleryCommand::TakeShown => {
            if let Some(id) = state.gallery.peeked() {
                state.gallery.stop_peeking();
                services.ctx.memory_mut(|memory| {
                    if let Some(focused) = memory.focused() {
                        memory.surrender_focus(focused);
                    }
                });
                super::perform(state, services, ResultCommand::PaintOver(id.round, id.image).into());
            }
        }
        GalleryCommand::StopShowing => state.gallery.stop_peeking(),
        GalleryCommand::ShowSketch => state.gallery.hide_peeked(),
    }
}
