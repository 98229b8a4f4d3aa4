//! Files dropped on the window.

use super::{FileCommand, ModelCommand, UserCommand};
use crate::engine::ModelChoice;
use crate::picture::Fit;

/// The command for the first file dropped in this frame: a model file becomes the model, anything
/// else is opened as a picture.
pub(super) fn command(ctx: &egui::Context) -> Option<UserCommand> {
    let path = ctx.input(|i| i.raw.dropped_files.first().map(|file| file.path().to_path_buf()))?;
    let ending = path.extension().map(|e| e.to_ascii_lowercase());
    Some(if ending.is_some_and(|ending| ending == "safetensors" || ending == "ckpt") {
        ModelCommand::Use(ModelChoice::Path(path)).into()
    } else {
        FileCommand::Open(path, Fit::Fill).into()
    })
}
