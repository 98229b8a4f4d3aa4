//! The dialogs about files that leave the window.

mod saving;
mod time_lapse;

use egui::{Context, Id, Modal};

use super::state::WindowState;
use super::{ExportCommand, UserCommand};
use saving::SavingForm;
use time_lapse::TimeLapseForm;

/// Which dialog is shown.
#[derive(Default)]
pub(super) struct Export {
    pub dialog: Option<ExportDialog>,
}

/// A dialog and what was entered in it.
pub(super) enum ExportDialog {
    /// As what results are written.
    Saving(SavingForm),
    /// How long and how large a time-lapse is.
    TimeLapse(TimeLapseForm),
}

impl ExportDialog {
    /// The dialog that chooses as what results are written.
    pub fn saving(state: &WindowState) -> Self {
        Self::Saving(SavingForm::new(&state.output))
    }

    /// The dialog that chooses how long and how large a time-lapse is.
    pub fn time_lapse() -> Self {
        Self::TimeLapse(TimeLapseForm::default())
    }
}

/// Shows the dialog while there is one. Escape and a click beside it close it.
pub(super) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    let dialog = state.export.dialog.as_mut()?;
    let width = (ctx.content_rect().width() - 80.0).min(520.0);
    let shown = Modal::new(Id::unique("export")).show(ctx, |ui| {
        ui.set_width(width);
        match dialog {
            ExportDialog::Saving(form) => form.ui(ui),
            ExportDialog::TimeLapse(form) => form.ui(ui),
        }
    });
    if shown.should_close() { Some(ExportCommand::Close.into()) } else { shown.inner }
}
