//! Files dropped on the window.

use super::{FileCommand, ModelCommand, UserCommand, pasted};
use crate::engine::ModelChoice;

/// The command for the first file dropped in this frame: a model file becomes the model, anything
/// else is opened as a picture.
pub(super) fn command(ctx: &egui::Context) -> Option<UserCommand> {
    let path = ctx.input(|i| i.raw.dropped_files.first().map(|file| file.path().to_path_buf()))?;
    Some(if pasted::is_model(&path) {
        ModelCommand::Use(ModelChoice::Path(path)).into()
    } else {
        FileCommand::Open(path).into()
    })
}
