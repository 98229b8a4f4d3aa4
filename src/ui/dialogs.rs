//! The system's file dialogs. Each is waited for on its own thread.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rfd::AsyncFileDialog;

use super::commands::is_document;
use super::{
    AutoencoderUse, ControlCommand, DocumentCommand, ExportCommand, FileCommand, LayerFileCommand, ModelCommand,
    ModelPanelCommand, PaletteCommand, PromptCommand, RefineCommand, ResultCommand, UserCommand, ViewCommand,
};
use crate::document::open_raster::OPEN_RASTER_ENDING;
use crate::document::store::DOCUMENT_ENDING;
use crate::document::{RoundId, TimeLapse};
use crate::engine::ModelChoice;
use crate::picture::{AnimationKind, FileKind, READABLE_ENDINGS, SaveTarget};

/// Hardly anybody cancels a dialog so soon: then none could be opened. The library does not tell the two apart.
const AT_ONCE: Duration = Duration::from_millis(500);

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

    pub fn open_picture(&self) {
        let endings = [READABLE_ENDINGS, &[OPEN_RASTER_ENDING, DOCUMENT_ENDING]].concat();
        let dialog = open_dialog("Open a picture or a document", "Pictures and documents", &endings).pick_file();
        self.wait(dialog, |path| FileCommand::Open(path).into());
    }

    pub fn save_result(&self, round: RoundId, image: usize, folder: &Path, name: &str) {
        let dialog = save_dialog("Save this result", folder, name).save_file();
        self.wait(dialog, move |path| save_as(path, |path| ResultCommand::Save(round, image, path).into()));
    }

    pub fn save_sheet(&self, round: RoundId, folder: &Path) {
        let dialog = save_dialog("Save this sheet", folder, "sheet.png").save_file();
        self.wait(dialog, move |path| save_as(path, |path| RefineCommand::SaveSheet(round, path).into()));
    }

    pub fn save_canvas(&self, folder: &Path) {
        let dialog = save_dialog("Save the canvas", folder, "drawing.png").save_file();
        self.wait(dialog, |path| match is_open_raster(&path) {
            true => LayerFileCommand::Save(path).into(),
            false => save_as(path, |path| FileCommand::SaveCanvas(path).into()),
        });
    }

    pub fn save_layers(&self, folder: &Path, name: &str) {
        let dialog = AsyncFileDialog::new().set_title("Save the layers as OpenRaster").set_directory(folder);
        let name = format!("{name}.{OPEN_RASTER_ENDING}");
        let dialog = dialog.set_file_name(name).add_filter("OpenRaster", &[OPEN_RASTER_ENDING]).save_file();
        self.wait(dialog, save_layers_as);
    }

    pub fn choose_layers(&self) {
        let endings = [READABLE_ENDINGS, &[OPEN_RASTER_ENDING]].concat();
        let dialog = open_dialog("Add pictures as layers", "Pictures", &endings).pick_files();
        self.wait_for(dialog, |files: Vec<rfd::FileHandle>| {
            LayerFileCommand::Add(files.iter().map(|file| file.path().to_path_buf()).collect()).into()
        });
    }

    pub fn save_contact_sheet(&self, round: RoundId, folder: &Path) {
        let dialog = save_dialog("Save the contact sheet", folder, &format!("round-{round:03}.png")).save_file();
        self.wait(dialog, move |path| save_as(path, |path| ExportCommand::ContactSheet(round, path).into()));
    }

    pub fn save_time_lapse(&self, lapse: TimeLapse, folder: &Path, name: &str) {
        let (kind, ending) = (lapse.kind.label(), lapse.kind.ending());
        let dialog = AsyncFileDialog::new().set_title("Save the time-lapse").set_directory(folder);
        let dialog = dialog.set_file_name(format!("{name}.{ending}")).add_filter(kind, &[ending]).save_file();
        self.wait(dialog, move |path| save_time_lapse_as(lapse, path));
    }

    pub fn save_document(&self, folder: &Path, name: &str) {
        let dialog = AsyncFileDialog::new().set_title("Save the document under another name").set_directory(folder);
        let dialog = dialog.set_file_name(name).add_filter("Documents", &[DOCUMENT_ENDING]).save_file();
        self.wait(dialog, save_document_as);
    }

    pub fn choose_results_folder(&self, folder: &Path) {
        let dialog =
            AsyncFileDialog::new().set_title("Choose the folder for results").set_directory(folder).pick_folder();
        self.wait(dialog, |path| FileCommand::UseResultsFolder(path).into());
    }

    pub fn choose_model_folder(&self) {
        let dialog = AsyncFileDialog::new().set_title("Choose a model folder").pick_folder();
        self.wait(dialog, |path| ModelCommand::Use(ModelChoice::Path(path)).into());
    }

    pub fn choose_searched_folder(&self) {
        let dialog = AsyncFileDialog::new().set_title("Choose a folder to search for models").pick_folder();
        self.wait(dialog, |path| ModelPanelCommand::AddFolder(path).into());
    }

    pub fn choose_checkpoint(&self) {
        let dialog = open_dialog("Choose a checkpoint", "Stable Diffusion checkpoints", &["safetensors", "ckpt"]);
        self.wait(dialog.pick_file(), |path| ModelCommand::Use(ModelChoice::Path(path)).into());
    }

    pub fn choose_autoencoder(&self, purpose: AutoencoderUse) {
        let dialog = open_dialog("Choose an autoencoder (VAE)", "Autoencoders", &["safetensors", "ckpt", "pt"]);
        self.wait(dialog.pick_file(), move |path| {
            // A weight file beside a config.json stands for its folder: the config says its shapes.
            let folder = path.parent().filter(|folder| folder.join("config.json").is_file()).map(Path::to_path_buf);
            ModelCommand::UseAutoencoder(purpose, Some(folder.unwrap_or(path))).into()
        });
    }

    pub fn choose_control(&self, index: usize) {
        let dialog = open_dialog("Choose a ControlNet", "ControlNets", &["safetensors", "pth", "ckpt", "bin"]);
        self.wait(dialog.pick_file(), move |path| {
            // A weight file beside a config.json stands for its folder: the config says what it is.
            let folder = path.parent().filter(|folder| folder.join("config.json").is_file()).map(Path::to_path_buf);
            ControlCommand::UseModel(index, folder.unwrap_or(path)).into()
        });
    }

    pub fn choose_control_picture(&self, index: usize) {
        let dialog = open_dialog("Choose a picture to follow", "Pictures", READABLE_ENDINGS).pick_file();
        self.wait(dialog, move |path| ControlCommand::UsePicture(index, path).into());
    }

    pub fn choose_style_file(&self) {
        let dialog = open_dialog("Import styles", "Styles", &["csv", "json"]).pick_file();
        self.wait(dialog, |path| PromptCommand::ImportStyles(path).into());
    }

    pub fn choose_palette(&self) {
        let dialog = open_dialog("Import a palette", "GIMP palettes", &["gpl"]).pick_file();
        self.wait(dialog, |path| PaletteCommand::Import(path).into());
    }

    /// `name` is what the file may be called.
    pub fn save_palette(&self, name: &str) {
        let dialog = AsyncFileDialog::new().set_title("Export the palette").set_file_name(name);
        self.wait(dialog.add_filter("GIMP palettes", &["gpl"]).save_file(), save_palette_as);
    }

    fn wait(
        &self,
        dialog: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
        command: impl FnOnce(PathBuf) -> UserCommand + Send + 'static,
    ) {
        self.wait_for(dialog, |file: rfd::FileHandle| command(file.path().to_path_buf()));
    }

    fn wait_for<T>(
        &self,
        dialog: impl Future<Output = Option<T>> + Send + 'static,
        command: impl FnOnce(T) -> UserCommand + Send + 'static,
    ) {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        std::thread::spawn(move || {
            let begun = Instant::now();
            let answer = match pollster::block_on(dialog) {
                Some(chosen) => command(chosen),
                None if begun.elapsed() < AT_ONCE => ViewCommand::SayNoDialog.into(),
                None => return,
            };
            // Fails only when the window has closed meanwhile.
            let _ = sender.send(answer);
            ctx.request_repaint();
        });
    }
}

fn open_dialog(title: &str, kind: &str, endings: &[&str]) -> AsyncFileDialog {
    AsyncFileDialog::new().set_title(title).add_filter(kind, &any_case(endings)).add_filter("All files", &["*"])
}

fn save_dialog(title: &str, folder: &Path, name: &str) -> AsyncFileDialog {
    let dialog = AsyncFileDialog::new().set_title(title).set_directory(folder).set_file_name(name);
    FileKind::ALL.into_iter().fold(dialog, |dialog, kind| dialog.add_filter(kind.label(), kind.endings()))
}

/// The endings as they are found in file names. Some systems compare them letter by letter, and
/// cameras write `IMG_1.JPG`.
fn any_case(endings: &[&str]) -> Vec<String> {
    let capitalised = |ending: &str| {
        let mut letters = ending.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    endings.iter().flat_map(|ending| [(*ending).to_owned(), ending.to_ascii_uppercase(), capitalised(ending)]).collect()
}

/// The command that saves to the path a dialog returned. If the name lacks an ending that says its
/// kind, `.png` is added; the dialog has not asked about that name, so the window asks if it exists.
fn save_as(path: PathBuf, save: impl FnOnce(PathBuf) -> UserCommand) -> UserCommand {
    // An ending of another kind is refused by the file thread with a sentence.
    if !SaveTarget::of(&path).is_ok_and(|target| target.completed) {
        return save(path);
    }
    let mut name = path.into_os_string();
    name.push(".png");
    let path = PathBuf::from(name);
    match path.exists() {
        true => FileCommand::AskToReplace(path.clone(), Box::new(save(path))).into(),
        false => save(path),
    }
}

/// The command that saves layers to the path a dialog returned, with the ending of OpenRaster files.
fn save_layers_as(path: PathBuf) -> UserCommand {
    if is_open_raster(&path) {
        return LayerFileCommand::Save(path).into();
    }
    let mut name = path.into_os_string();
    name.push(format!(".{OPEN_RASTER_ENDING}"));
    let path = PathBuf::from(name);
    let save = LayerFileCommand::Save(path.clone()).into();
    // The dialog has not asked about this name.
    if path.exists() { FileCommand::AskToReplace(path, Box::new(save)).into() } else { save }
}

/// Whether a name has the ending of OpenRaster files.
fn is_open_raster(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(OPEN_RASTER_ENDING))
}

/// The command that saves a document to the path a dialog returned, with the ending of documents.
fn save_document_as(path: PathBuf) -> UserCommand {
    if is_document(&path) {
        return DocumentCommand::SaveAs(path).into();
    }
    let mut name = path.into_os_string();
    name.push(format!(".{DOCUMENT_ENDING}"));
    let path = PathBuf::from(name);
    let save = DocumentCommand::SaveAs(path.clone()).into();
    // The dialog has not asked about this name.
    if path.exists() { FileCommand::AskToReplace(path, Box::new(save)).into() } else { save }
}

/// The command that saves a time-lapse to the path a dialog returned. A name that says another kind than the
/// chosen one gets the ending of that.
fn save_time_lapse_as(lapse: TimeLapse, path: PathBuf) -> UserCommand {
    let save = |path: PathBuf| UserCommand::from(ExportCommand::TimeLapse(lapse, path));
    if AnimationKind::from_path(&path) == Some(lapse.kind) {
        return save(path);
    }
    let mut name = path.into_os_string();
    name.push(format!(".{}", lapse.kind.ending()));
    let path = PathBuf::from(name);
    // The dialog has not asked about this name.
    if path.exists() { FileCommand::AskToReplace(path.clone(), Box::new(save(path))).into() } else { save(path) }
}

/// The command that writes the palette to the path a dialog returned, with the ending of palettes.
fn save_palette_as(path: PathBuf) -> UserCommand {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gpl")) {
        return PaletteCommand::Export(path).into();
    }
    let mut name = path.into_os_string();
    name.push(".gpl");
    let path = PathBuf::from(name);
    let save = PaletteCommand::Export(path.clone()).into();
    // The dialog has not asked about this name.
    if path.exists() { FileCommand::AskToReplace(path, Box::new(save)).into() } else { save }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_gets_its_ending_before_an_existing_file_is_asked_about() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        let save = |name: &str| UserCommand::from(DocumentCommand::SaveAs(path(name)));
        assert_eq!(save_document_as(path("apple")), save("apple.underpaint"));
        assert_eq!(save_document_as(path("apple.png")), save("apple.png.underpaint"));
        std::fs::write(path("apple.underpaint"), "old").expect("writes");
        let question = FileCommand::AskToReplace(path("apple.underpaint"), Box::new(save("apple.underpaint")));
        assert_eq!(save_document_as(path("apple")), question.into());
        assert_eq!(save_document_as(path("apple.underpaint")), save("apple.underpaint"), "the dialog has asked");
    }

    #[test]
    fn layers_get_their_ending_before_an_existing_file_is_asked_about() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        let save = |name: &str| UserCommand::from(LayerFileCommand::Save(path(name)));
        assert_eq!(save_layers_as(path("apple")), save("apple.ora"));
        assert_eq!(save_layers_as(path("apple.ORA")), save("apple.ORA"));
        std::fs::write(path("apple.ora"), "old").expect("writes");
        let question = FileCommand::AskToReplace(path("apple.ora"), Box::new(save("apple.ora")));
        assert_eq!(save_layers_as(path("apple")), question.into());
        assert_eq!(save_layers_as(path("apple.ora")), save("apple.ora"), "the dialog has asked");
    }

    fn saved(path: PathBuf) -> UserCommand {
        FileCommand::SaveCanvas(path).into()
    }

    #[test]
    fn an_ending_is_added_before_an_existing_file_is_asked_about() {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        for (typed, written) in [
            ("apple", "apple.png"),
            ("apple.png", "apple.png"),
            ("apple.JPG", "apple.JPG"),
            ("apple.webp", "apple.webp"),
            ("apple.v2", "apple.v2.png"),
            ("apple.", "apple..png"),
        ] {
            assert_eq!(save_as(path(typed), saved), saved(path(written)), "{typed}");
        }
        std::fs::write(path("apple.png"), "old").expect("writes");
        let question = FileCommand::AskToReplace(path("apple.png"), Box::new(saved(path("apple.png"))));
        assert_eq!(save_as(path("apple"), saved), question.into(), "the dialog asked about another name");
        assert_eq!(save_as(path("apple.png"), saved), saved(path("apple.png")), "the dialog has asked");
    }

    #[test]
    fn file_names_in_capitals_are_shown() {
        assert_eq!(any_case(&["jpg"]), ["jpg", "JPG", "Jpg"]);
    }
}
