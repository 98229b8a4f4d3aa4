//! Files dropped on the window.

use std::path::PathBuf;

use super::commands::is_document;
use super::{FileCommand, LayerFileCommand, ModelCommand, UserCommand, pasted};
use crate::engine::ModelChoice;

/// The command for the files dropped in this frame.
pub(super) fn command(ctx: &egui::Context) -> Option<UserCommand> {
    let files = ctx.input(|i| i.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
    command_for(files)
}

/// A model file becomes the model. One picture or document is opened; several pictures become layers.
fn command_for(files: Vec<PathBuf>) -> Option<UserCommand> {
    let first = files.first()?.clone();
    if pasted::is_model(&first) {
        return Some(ModelCommand::Use(ModelChoice::Path(first)).into());
    }
    let is_picture = |path: &PathBuf| !pasted::is_model(path) && !is_document(path);
    let pictures: Vec<PathBuf> = files.into_iter().filter(is_picture).collect();
    Some(match pictures.len() {
        0 | 1 => FileCommand::Open(first).into(),
        _ => LayerFileCommand::Add(pictures).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_opened_and_several_pictures_become_layers() {
        let files = |names: &[&str]| command_for(names.iter().map(PathBuf::from).collect());
        let open = |name: &str| Some(FileCommand::Open(name.into()).into());
        assert_eq!(files(&[]), None);
        assert_eq!(files(&["a.png"]), open("a.png"));
        assert_eq!(files(&["a.ora"]), open("a.ora"));
        assert_eq!(files(&["a.underpaint", "b.png"]), open("a.underpaint"));
        let both = LayerFileCommand::Add(vec!["a.png".into(), "b.JPG".into()]);
        assert_eq!(files(&["a.png", "m.safetensors", "b.JPG"]), Some(both.into()));
        let model = ModelCommand::Use(ModelChoice::Path("m.ckpt".into()));
        assert_eq!(files(&["m.ckpt", "a.png"]), Some(model.into()));
    }
}
