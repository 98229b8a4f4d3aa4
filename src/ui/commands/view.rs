//! Executes the commands that answer a question of the window or open one of its parts.

use super::Services;
use crate::ui::panels::notice_stack;
use crate::ui::state::WindowState;
use crate::ui::{
    DocumentCommand, ExportCommand, FileCommand, LayerFileCommand, PaletteCommand, RefineCommand, ResultCommand,
    UserCommand, ViewCommand,
};

pub(super) fn perform(state: &mut WindowState, services: &Services, command: ViewCommand) {
    match command {
        ViewCommand::Quit => services.ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        ViewCommand::ShowAbout => state.about_open = true,
        ViewCommand::ReplaceFile => {
            if let Some(question) = state.replacing.take() {
                super::perform(state, services, question.command);
            }
        }
        ViewCommand::ChooseOtherName => match state.replacing.take().map(|question| question.command) {
            Some(UserCommand::Result(ResultCommand::Save(round, image, _))) => {
                super::perform(state, services, ResultCommand::ChooseSave(round, image).into());
            }
            Some(UserCommand::Refine(RefineCommand::SaveSheet(round, _))) => {
                super::perform(state, services, RefineCommand::ChooseSaveSheet(round).into());
            }
            Some(UserCommand::Export(ExportCommand::ContactSheet(round, _))) => {
                super::perform(state, services, ExportCommand::ChooseContactSheet(round).into());
            }
            Some(UserCommand::Export(ExportCommand::TimeLapse(lapse, _))) => {
                super::perform(state, services, ExportCommand::ChooseTimeLapse(lapse).into());
            }
            Some(UserCommand::LayerFile(_)) => {
                super::perform(state, services, LayerFileCommand::ChooseSave.into());
            }
            Some(UserCommand::Document(_)) => {
                super::perform(state, services, DocumentCommand::ChooseSaveAs.into());
            }
            Some(UserCommand::Palette(_)) => super::perform(state, services, PaletteCommand::ChooseExport.into()),
            Some(_) => super::perform(state, services, FileCommand::ChooseSaveCanvas.into()),
            None => {}
        },
        ViewCommand::KeepFile => state.replacing = None,
        ViewCommand::DismissUnsaved => state.unsaved = None,
        ViewCommand::Dismiss(notice) => notice_stack::dismiss(state, notice),
        ViewCommand::DismissNotice => {
            let first = state.notices.first_dismissible();
            if let Some(command) = first.and_then(|notice| notice.dismissal()) {
                super::perform(state, services, command);
            }
        }
        ViewCommand::SayNoDialog => state.status.say(
            "If no file dialog appeared, the system has none: on Linux install zenity or a desktop portal (xdg-desktop-portal). Pictures and their files can also be pasted.",
        ),
    }
}
