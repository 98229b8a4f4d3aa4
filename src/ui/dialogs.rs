//! The system's file dialogs, waited for on threads of their own.

use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rfd::AsyncFileDialog;

use super::{Action, AutoencoderTask};
use crate::engine::ModelChoice;
use crate::picture::Fit;
use crate::rounds::RoundId;

/// Opens dialogs and collects what was chosen as actions.
pub(super) struct Dialogs {
    sender: Sender<Action>,
    answers: Receiver<Action>,
    ctx: egui::Context,
}

impl Dialogs {
    pub fn new(ctx: egui::Context) -> Self {
        let (sender, answers) = unbounded();
        Self { sender, answers, ctx }
    }

    /// The next thing that was chosen.
    pub fn poll(&self) -> Option<Action> {
        self.answers.try_recv().ok()
    }

    pub fn open_picture(&self, fit: Fit) {
        let dialog = AsyncFileDialog::new()
            .set_title("Open a picture")
            .add_filter("Pictures", &["png", "jpg", "jpeg", "webp"])
            .pick_file();
        self.wait(dialog, move |path| Action::Open(path, fit));
    }

    pub fn save_result(&self, round: RoundId, image: usize, folder: &Path, name: &str) {
        let dialog = AsyncFileDialog::new()
            .set_title("Save this result")
            .set_directory(folder)
            .set_file_name(name)
            .add_filter("PNG", &["png"])
            .save_file();
        self.wait(dialog, move |path| Action::Save(round, image, with_ending(path)));
    }

    pub fn save_drawing(&self, folder: &Path) {
        let dialog = AsyncFileDialog::new()
            .set_title("Save the canvas")
            .set_directory(folder)
            .set_file_name("drawing.png")
            .add_filter("PNG", &["png"])
            .save_file();
        self.wait(dialog, |path| Action::SaveDrawing(with_ending(path)));
    }

    pub fn choose_model(&self) {
        let dialog = AsyncFileDialog::new().set_title("Choose a model folder").pick_folder();
        self.wait(dialog, |path| Action::UseModel(ModelChoice::Path(path)));
    }

    pub fn choose_checkpoint(&self) {
        let dialog = AsyncFileDialog::new()
            .set_title("Choose a checkpoint")
            .add_filter("Stable Diffusion checkpoints", &["safetensors", "ckpt"])
            .pick_file();
        self.wait(dialog, |path| Action::UseModel(ModelChoice::Path(path)));
    }

    pub fn choose_autoencoder(&self, task: AutoencoderTask) {
        let dialog = AsyncFileDialog::new()
            .set_title("Choose an autoencoder (VAE)")
            .add_filter("Autoencoders", &["safetensors", "ckpt", "pt"])
            .pick_file();
        self.wait(dialog, move |path| {
            // A folder's weight file stands for the folder, which says what shape they have.
            let folder = path.parent().filter(|folder| folder.join("config.json").is_file()).map(Path::to_path_buf);
            Action::UseAutoencoder(task, Some(folder.unwrap_or(path)))
        });
    }

    fn wait(
        &self,
        dialog: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
        action: impl FnOnce(PathBuf) -> Action + Send + 'static,
    ) {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        std::thread::spawn(move || {
            if let Some(file) = pollster::block_on(dialog) {
                // A window that has closed meanwhile wants no answer.
                let _ = sender.send(action(file.path().to_path_buf()));
                ctx.request_repaint();
            }
        });
    }
}

/// A name typed without an ending is a PNG's.
fn with_ending(mut path: PathBuf) -> PathBuf {
    if path.extension().is_none() {
        path.set_extension("png");
    }
    path
}
