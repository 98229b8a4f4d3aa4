//! The system's file dialogs. Each is waited for on its own thread.

use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rfd::AsyncFileDialog;

use super::{AutoencoderUse, FileCommand, ModelCommand, ResultCommand, UserCommand};
use crate::document::RoundId;
use crate::engine::ModelChoice;
use crate::picture::{FileKind, Fit, READABLE_ENDINGS};

/// Opens dialogs, and collects the answers as commands.
pub(super) struct Dialogs {
    sender: Sender<UserCommand>,
    answers: Receiver<UserCommand>,
    ctx: egui::Context,
}

impl Dialogs {
    pub fn new(ctx: egui::Context) -> Self {
        let (sender, answers) = unbounded();
        Self { sender, answers, ctx }
    }

    /// The command of the next answer, if there is one.
    pub fn poll(&self) -> Option<UserCommand> {
        self.answers.try_recv().ok()
    }

    pub fn open_picture(&self, fit: Fit) {
        let dialog = AsyncFileDialog::new()
            .set_title("Open a picture")
            .add_filter("Pictures", READABLE_ENDINGS)
            .add_filter("All files", &["*"])
            .pick_file();
        self.wait(dialog, move |path| FileCommand::Open(path, fit).into());
    }

    pub fn save_result(&self, round: RoundId, image: usize, folder: &Path, name: &str) {
        let dialog = AsyncFileDialog::new()
            .set_title("Save this result")
            .set_directory(folder)
            .set_file_name(name)
            .picture_kinds()
            .save_file();
        self.wait(dialog, move |path| ResultCommand::Save(round, image, path).into());
    }

    pub fn save_canvas(&self, folder: &Path) {
        let dialog = AsyncFileDialog::new()
            .set_title("Save the canvas")
            .set_directory(folder)
            .set_file_name("drawing.png")
            .picture_kinds()
            .save_file();
        self.wait(dialog, |path| FileCommand::SaveCanvas(path).into());
    }

    pub fn choose_model_folder(&self) {
        let dialog = AsyncFileDialog::new().set_title("Choose a model folder").pick_folder();
        self.wait(dialog, |path| ModelCommand::Use(ModelChoice::Path(path)).into());
    }

    pub fn choose_checkpoint(&self) {
        let dialog = AsyncFileDialog::new()
            .set_title("Choose a checkpoint")
            .add_filter("Stable Diffusion checkpoints", &["safetensors", "ckpt"])
            .pick_file();
        self.wait(dialog, |path| ModelCommand::Use(ModelChoice::Path(path)).into());
    }

    pub fn choose_autoencoder(&self, purpose: AutoencoderUse) {
        let dialog = AsyncFileDialog::new()
            .set_title("Choose an autoencoder (VAE)")
            .add_filter("Autoencoders", &["safetensors", "ckpt", "pt"])
            .pick_file();
        self.wait(dialog, move |path| {
            // A folder's weight file stands for the folder, which says what shape they have.
            let folder = path.parent().filter(|folder| folder.join("config.json").is_file()).map(Path::to_path_buf);
            ModelCommand::UseAutoencoder(purpose, Some(folder.unwrap_or(path))).into()
        });
    }

    fn wait(
        &self,
        dialog: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
        command: impl FnOnce(PathBuf) -> UserCommand + Send + 'static,
    ) {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        std::thread::spawn(move || {
            if let Some(file) = pollster::block_on(dialog) {
                // Fails only when the window has closed meanwhile.
                let _ = sender.send(command(file.path().to_path_buf()));
                ctx.request_repaint();
            }
        });
    }
}

/// Filters for the kinds of pictures that are written.
trait PictureKinds {
    fn picture_kinds(self) -> Self;
}

impl PictureKinds for AsyncFileDialog {
    fn picture_kinds(self) -> Self {
        FileKind::ALL.into_iter().fold(self, |dialog, kind| dialog.add_filter(kind.label(), kind.endings()))
    }
}
