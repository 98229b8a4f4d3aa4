//! The document files that the file thread has open.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;

use super::palettes;
use super::{DocumentId, DocumentReport, FileReport, Reporter, ResultStart, SaveName};
use crate::document::home::{OpenedContent, OpenedDocument, new_untitled, open_document, open_home};
use crate::document::store::{Changes, DocumentFile, NewDocument, ReadOnlyReason, Store, StoreError};
use crate::document::{ResultId, RoundId, StartImage, recent};
use crate::engine::Recipe;
use crate::picture::{OutputOptions, fit};
use crate::prompts::{PromptHistory, StyleList};

/// Every open document file, and where untitled ones are kept.
#[derive(Default)]
pub(super) struct Documents {
    open: HashMap<DocumentId, DocumentFile>,
    /// The folder of untitled documents; `None` if nothing is kept.
    home: Option<PathBuf>,
}

impl Documents {
    pub fn open_home(
        &mut self,
        id: DocumentId,
        folder: PathBuf,
        asked: Option<PathBuf>,
        reporter: &Reporter,
    ) -> FileReport {
        let opened = open_home(&folder, asked.as_deref());
        reporter.send(FileReport::Recent(recent::read(&folder)));
        reporter.send(FileReport::Output(OutputOptions::read(&folder)));
        reporter.send(FileReport::Prompts(PromptHistory::read(&folder)));
        palettes::read(&folder, reporter);
        reporter.send(match StyleList::read(&folder) {
            Ok(styles) => FileReport::Styles(styles),
            Err(error) => FileReport::Failed(error.to_string()),
        });
        self.home = Some(folder);
        self.opened(id, opened, reporter)
    }

    pub fn open(&mut self, id: DocumentId, path: &Path, reporter: &Reporter) -> FileReport {
        self.opened(id, open_document(path), reporter)
    }

    pub fn new_untitled(&mut self, id: DocumentId) -> FileReport {
        let claimed = self.home().and_then(new_untitled);
        match claimed {
            Ok(file) => self.taken(id, OpenedDocument { file, content: OpenedContent::New, trouble: None }),
            Err(error) => FileReport::DocumentNotOpened { document: id, reason: error.to_string() },
        }
    }

    fn home(&self) -> Result<&Path, StoreError> {
        self.home
            .as_deref()
            .ok_or_else(|| StoreError::ReadOnly { reason: "There is no folder for documents without a name.".into() })
    }

    fn opened(
        &mut self,
        id: DocumentId,
        opened: Result<OpenedDocument, StoreError>,
        reporter: &Reporter,
    ) -> FileReport {
        match opened {
            Ok(opened) => {
                if opened.file.store().is_some() {
                    self.note(opened.file.path(), reporter);
                }
                self.taken(id, opened)
            }
            Err(error) => FileReport::DocumentNotOpened { document: id, reason: error.to_string() },
        }
    }

    fn taken(&mut self, id: DocumentId, opened: OpenedDocument) -> FileReport {
        let OpenedDocument { file, content, trouble } = opened;
        let path = file.path().to_path_buf();
        let read_only = file.read_only().map(|reason| reason.sentence(&path));
        self.open.insert(id, file);
        FileReport::DocumentOpened(id, Box::new(DocumentReport { path, content, read_only, trouble }))
    }

    pub fn commit(&mut self, id: DocumentId, changes: &Changes, reporter: &Reporter) -> FileReport {
        let failed = |reason: String| FileReport::NotCommitted { document: id, reason };
        let Some(file) = self.open.get_mut(&id) else { return failed("The document is closed.".into()) };
        let is_new = file.store().is_none();
        match file.commit(changes) {
            Ok(committed) => {
                if is_new {
                    let path = file.path().to_path_buf();
                    self.note(&path, reporter);
                }
                FileReport::Committed(id, committed)
            }
            Err(error) => failed(error.to_string()),
        }
    }

    /// Commits a finished picture at once, as far as the document's file is there and knows its round. The window's changes
    /// hold the picture too, so that nothing depends on it.
    pub fn commit_result(&mut self, document: DocumentId, id: ResultId, picture: &RgbImage, recipe: &Recipe) {
        let Some(DocumentFile::Open(store)) = self.open.get_mut(&document) else { return };
        if let Err(error) = store.commit_result(id, picture, recipe) {
            tracing::info!("a result was not committed at once: {error}");
        }
    }

    pub fn save(&mut self, id: DocumentId, name: &SaveName, reporter: &Reporter) -> FileReport {
        if let (Some(store), SaveName::Chosen(path)) = (self.store(id), name)
            && store.read_only() == Some(ReadOnlyReason::Newer)
        {
            // It could not be written here under any name, so the window stays with the one it has.
            return match store.copy_to(path) {
                Ok(()) => FileReport::Saved(path.clone()),
                Err(error) => FileReport::DocumentNotSaved { document: id, reason: error.to_string() },
            };
        }
        match self.saved(id, name) {
            Ok(path) => {
                self.note(&path, reporter);
                FileReport::DocumentSaved(id, path)
            }
            Err(reason) => FileReport::DocumentNotSaved { document: id, reason },
        }
    }

    fn saved(&mut self, id: DocumentId, name: &SaveName) -> Result<PathBuf, String> {
        let path = match name {
            SaveName::Chosen(path) => path.clone(),
            // The name is free again at once, and taken by the copy.
            SaveName::Untitled => {
                let new = self.home().and_then(new_untitled).map_err(|error| error.to_string())?;
                new.path().to_path_buf()
            }
        };
        match self.open.get_mut(&id) {
            Some(DocumentFile::Open(store)) => {
                store.save_as(&path).map_err(|error| error.to_string())?;
                Ok(path)
            }
            // Nothing could be written under the first name, so there is nothing to copy: the next commit makes
            // the file under the new one.
            Some(file @ DocumentFile::New(_)) => {
                let new = NewDocument::claim(&path).map_err(|error| error.to_string())?;
                *file = DocumentFile::New(new);
                Ok(path)
            }
            None => Err("The document is closed.".into()),
        }
    }

    pub fn rename(&mut self, id: DocumentId, path: &Path, reporter: &Reporter) -> FileReport {
        let failed = |reason: String| FileReport::DocumentNotSaved { document: id, reason };
        let Some(file) = self.open.get_mut(&id) else { return failed("The document is closed.".into()) };
        let old = file.path().to_path_buf();
        match file.rename(path) {
            Ok(()) => {
                if let (Some(home), Some(_)) = (&self.home, self.store(id)) {
                    reporter.send(FileReport::Recent(recent::renamed(home, &old, path)));
                }
                FileReport::DocumentSaved(id, path.to_path_buf())
            }
            Err(error) => failed(error.to_string()),
        }
    }

    /// The canvas that a round started from.
    ///
    /// # Errors
    /// Why it cannot be read, as one sentence.
    pub fn round_start(&self, document: DocumentId, round: RoundId) -> Result<StartImage, String> {
        let store =
            self.store(document).ok_or("The start image of this round is not kept: its document has no file.")?;
        let start = store.start_image(round).map_err(|error| error.to_string())?;
        start.ok_or_else(|| "The start image of this round is not in the document's file.".into())
    }

    pub fn close(&mut self, id: DocumentId) {
        self.open.remove(&id);
    }

    pub fn store(&self, id: DocumentId) -> Option<&Store> {
        self.open.get(&id)?.store()
    }

    /// The folder of untitled documents; `None` if nothing is kept.
    pub fn home_folder(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The start image of a result, in the result's size unless it has a size of its own; `None` if there is none or it cannot be read.
    pub fn start_image(&self, start: &ResultStart, (width, height): (u32, u32)) -> Option<Arc<RgbImage>> {
        match start {
            ResultStart::None => None,
            ResultStart::Pixels(start) => Some(Arc::clone(start)),
            ResultStart::Stored(document, round) => {
                let start = self.store(*document)?.start_image(*round);
                let start = start.inspect_err(|error| tracing::warn!("a start image was left out: {error}")).ok()??;
                Some(Arc::new(fit(&start.picture, width, height, start.fit, start.paper.0)))
            }
            ResultStart::Unscaled(document, round) => {
                let start = self.store(*document)?.start_image(*round);
                let start = start.inspect_err(|error| tracing::warn!("a start image was left out: {error}")).ok()??;
                Some(Arc::clone(&start.picture))
            }
        }
    }

    /// Notes that a document was used.
    fn note(&self, path: &Path, reporter: &Reporter) {
        if let Some(home) = &self.home {
            reporter.send(FileReport::Recent(recent::note(home, path)));
        }
    }
}
