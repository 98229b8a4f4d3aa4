//! The document that `underpaint generate --document` adds a round to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{anyhow, bail};
use image::RgbImage;

use super::generate_args::GenerateArgs;
use crate::document::store::{DocumentFile, NewDocument, Store};
use crate::document::{Ancestry, Document, ResultId, RoundId, StartImage};
use crate::engine::{ControlSource, ModelChoice, Plan, Recipe, Settings};
use crate::picture::Fit;

/// A document on its way to another round.
pub(super) struct DocumentRound {
    file: DocumentFile,
    /// `None` for a document that does not exist yet, until its first round is begun.
    document: Option<Document>,
    round: Option<RoundId>,
}

/// From what the round starts.
pub(super) struct Begun {
    /// The settings with the drawn seed.
    pub settings: Settings,
    /// The picture to start from.
    pub start: Option<StartImage>,
    /// What the round asks for besides the settings.
    pub plan: Plan,
    /// What should be said about the seed.
    pub notice: Option<String>,
}

impl DocumentRound {
    /// Opens the document, or takes its name if it is missing and there is a picture to start with.
    ///
    /// # Errors
    /// If it cannot be read or written, or is missing and there is no picture.
    pub fn open(path: &Path, has_start: bool) -> anyhow::Result<Self> {
        if !path.try_exists().unwrap_or(true) {
            if !has_start {
                bail!("There is no document at {}. Give --init with a picture to begin one.", path.display());
            }
            let file = DocumentFile::New(NewDocument::claim(path)?);
            return Ok(Self { file, document: None, round: None });
        }
        let store = Store::open(path)?;
        if let Some(reason) = store.read_only() {
            bail!("{}", reason.sentence(path));
        }
        let document = Document::from_stored(store.load()?);
        Ok(Self { file: store.into(), document: Some(document), round: None })
    }

    /// Prompt and settings in the document; `None` for a new one.
    pub fn settings(&self) -> Option<&Settings> {
        self.document.as_ref().map(Document::settings)
    }

    /// Width and height of the canvas in pixels; `None` for a new document.
    pub fn canvas_size(&self) -> Option<(u32, u32)> {
        let size = self.document.as_ref()?.canvas().size();
        Some((size.width() as u32, size.height() as u32))
    }

    /// What a control follows in the document, before it is brought to the size of the results, and how it meets that;
    /// `None` for a new document, or a layer that is not there.
    pub fn control_picture(&self, source: &ControlSource) -> Option<(RgbImage, Fit)> {
        let document = self.document.as_ref()?;
        Some((document.control_picture(source)?, document.start_fit()))
    }

    /// The number of the round that was begun.
    pub fn round(&self) -> Option<RoundId> {
        self.round
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The model that the round is made with: the one that is given, else the document's if that is the one
    /// inside the program.
    ///
    /// # Errors
    /// If the document was worked on with another model and none is given: its file is not known.
    pub fn model(&self, args: &GenerateArgs) -> anyhow::Result<ModelChoice> {
        let choice = args.engine.model();
        match self.document.as_ref().and_then(Document::model) {
            Some(name) if args.engine.model.is_none() && name != choice.name() => Err(anyhow!(
                "The settings in {} were chosen for the model {name}. Say with --model where it is, or --model starter.",
                self.path().display()
            )),
            _ => Ok(choice),
        }
    }

    /// Begins the round and commits it with its start image. `init` is the picture that it starts from instead
    /// of the canvas, in the size of the results, with the seeds that are known to have made it; it becomes the
    /// canvas of a new document.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(
        &mut self,
        settings: Settings,
        plan: &Plan,
        model: &str,
        init: Option<(RgbImage, Ancestry)>,
    ) -> anyhow::Result<Begun> {
        if let (Some(document), None) = (&self.document, &init)
            && settings.keep_unpainted
            && plan.mask.is_none()
            && document.painted().is_empty()
        {
            bail!(
                "The settings in {} keep what was not painted, and nothing was painted since the canvas was last replaced. Paint on it in the window, or give a mask with --mask.",
                self.path().display()
            );
        }
        let mut begun = match (&mut self.document, init) {
            (Some(document), None) => {
                let own = std::mem::replace(&mut *document.settings_mut(), settings);
                let chosen = document.next_seed_of(plan);
                let (round, start) = document.begin_planned(chosen.seed, plan.clone(), model.to_owned());
                self.round = Some(round);
                // Options hold for this round; the document keeps its own settings.
                let settings = std::mem::replace(&mut *document.settings_mut(), own);
                Begun {
                    settings: Settings { seed: chosen.seed, ..settings },
                    start,
                    plan: plan.clone(),
                    notice: chosen.notice,
                }
            }
            (Some(document), Some((picture, ancestry))) => {
                let seed = drawn(settings.seed);
                let start = plan.starts_from_picture(&settings).then(|| StartImage::of_result_size(picture));
                let ancestry = if start.is_some() { ancestry } else { Ancestry::new() };
                let own = std::mem::replace(&mut *document.settings_mut(), settings);
                let asked = (seed, plan.clone());
                let round = document.begin_round_without_canvas(start.clone(), ancestry, asked, model.to_owned());
                self.round = Some(round);
                let settings = std::mem::replace(&mut *document.settings_mut(), own);
                Begun { settings: Settings { seed, ..settings }, start, plan: plan.clone(), notice: None }
            }
            (None, init) => {
                let (picture, ancestry) = init.unwrap_or_default();
                let mut document = Document::from_picture(&picture, ancestry, settings.clone())?;
                document.set_model(model.to_owned());
                let chosen = document.next_seed_of(plan);
                let (round, start) = document.begin_planned(chosen.seed, plan.clone(), model.to_owned());
                self.round = Some(round);
                self.document = Some(document);
                Begun {
                    settings: Settings { seed: chosen.seed, ..settings },
                    start,
                    plan: plan.clone(),
                    notice: chosen.notice,
                }
            }
        };
        if let Some(round) = self.round.and_then(|round| self.document.as_ref()?.rounds().get(round)) {
            begun.plan = (*round.plan).clone();
            begun.settings.regions.clone_from(&round.settings.regions);
        }
        self.commit()?;
        Ok(begun)
    }

    /// Commits a finished picture of the round. Returns which result it is.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finished(
        &mut self,
        image: usize,
        picture: RgbImage,
        recipe: Recipe,
        file: Option<PathBuf>,
    ) -> anyhow::Result<Option<ResultId>> {
        let (Some(document), Some(round)) = (&mut self.document, self.round) else { return Ok(None) };
        let id = ResultId { round, image };
        document.rounds_mut().finished(id, Arc::new(picture), Arc::new(recipe));
        if let Some(file) = file {
            document.rounds_mut().saved(id, file);
        }
        self.commit()?;
        Ok(Some(id))
    }

    fn commit(&mut self) -> anyhow::Result<()> {
        if let Some(document) = &mut self.document {
            let changes = document.take_changes();
            match self.file.commit(&changes) {
                Ok(committed) => document.committed(&committed),
                Err(error) => {
                    document.return_changes(&changes);
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }
}

fn drawn(seed: i64) -> i64 {
    if seed < 0 { crate::engine::random_seed() } else { seed }
}
