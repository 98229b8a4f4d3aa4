//! What the window knows of the models on this machine.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::fetches::Fetches;
use super::listed::{ListedModel, listed};
use super::previews::Previews;
use super::rows::{ModelRow, RowsKey};
use crate::engine::{Cancel, ModelChoice};
use crate::models::{BaseModel, Catalogue, FoundKind, FoundModel, FoundModels, SearchFolder, model_of_picture};
use crate::ui::state::{ModelState, WindowState};

/// A section of the window of models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModelSection {
    /// The models on this machine.
    #[default]
    Here,
    /// The models that are worth fetching.
    Catalogue,
    /// What is being fetched, in its order.
    Downloads,
    /// The folders that are searched.
    Folders,
}

impl ModelSection {
    /// Whether its rows can be filtered.
    pub(in crate::ui) fn has_filter(self) -> bool {
        matches!(self, Self::Here | Self::Catalogue)
    }
}

/// The window of models, and what is known of the models on this machine.
#[derive(Default)]
pub(in crate::ui) struct ModelPanel {
    pub is_open: bool,
    pub section: ModelSection,
    /// What is typed to find a row.
    pub filter: String,
    /// Whether the filter is to get the keyboard.
    pub focuses_filter: bool,
    /// The folder that is typed to be searched.
    pub typed_folder: String,
    /// How many models were found so far, while a search goes on.
    pub searching: Option<usize>,
    /// Stops the search that goes on.
    pub search: Cancel,
    /// The file whose hash is being computed, and how many of its bytes are read.
    pub hashing: Option<(PathBuf, u64)>,
    /// Whether hashes wait while a round is made.
    pub held: bool,
    pub previews: Previews,
    /// What is being fetched.
    pub fetches: Fetches,
    /// What is offered instead of the catalogue inside the program.
    catalogue: Option<Catalogue>,
    found: FoundModels,
    /// The models among them that rounds can be made with.
    listed: Vec<ListedModel>,
    searched: Vec<SearchFolder>,
    named: Vec<PathBuf>,
    /// Families of models that were asked for; `None` inside while they are not known.
    bases: HashMap<PathBuf, Option<BaseModel>>,
    /// How long usual rounds take with the models of the catalogue, in seconds, by their ids; `None` until it is asked for.
    times: Option<HashMap<String, f64>>,
    /// The files whose hashes were asked for.
    hashes_asked: HashSet<PathBuf>,
    /// Counts what changes the rows.
    pub(super) version: u64,
    /// The rows that were shown last.
    pub(super) rows: Option<(RowsKey, Vec<ModelRow>)>,
}

impl ModelPanel {
    /// A window of models that fetches with these.
    pub fn new(fetches: Fetches) -> Self {
        Self { fetches, ..Self::default() }
    }

    /// The models that are worth fetching.
    pub fn catalogue(&self) -> &Catalogue {
        self.catalogue.as_ref().unwrap_or_else(|| Catalogue::built_in())
    }

    /// Offers another catalogue.
    pub fn offer(&mut self, catalogue: Catalogue) {
        self.catalogue = Some(catalogue);
        self.version += 1;
    }

    /// The models that were found.
    pub fn found(&self) -> &[FoundModel] {
        &self.found.list
    }

    /// The models that were found and can be used, by name.
    pub fn listed(&self) -> &[ListedModel] {
        &self.listed
    }

    /// What could not be read in the latest search, one sentence each.
    pub fn troubles(&self) -> &[String] {
        &self.found.troubles
    }

    /// The folders that were searched.
    pub fn searched(&self) -> &[SearchFolder] {
        &self.searched
    }

    /// The folders that the person named.
    pub fn named(&self) -> &[PathBuf] {
        &self.named
    }

    pub(super) fn take_found(&mut self, found: FoundModels, searched: Vec<SearchFolder>, named: Vec<PathBuf>) {
        self.listed = listed(&found.list);
        (self.found, self.searched, self.named, self.searching) = (found, searched, named, None);
        // A file may have been replaced.
        self.hashes_asked.clear();
        self.fetches.queue.searched();
        self.version += 1;
    }

    pub(super) fn take_base(&mut self, path: PathBuf, base: Option<BaseModel>) {
        self.bases.insert(path, base);
        self.version += 1;
    }

    pub(super) fn take_hash(&mut self, path: &Path, sha256: String) {
        self.hashing = None;
        for model in self.found.list.iter_mut().filter(|model| model.path == path) {
            model.sha256 = Some(sha256.clone());
        }
        self.version += 1;
    }

    /// How long a usual round with the model of this entry of the catalogue takes, in seconds.
    pub(super) fn time_of(&self, id: &str) -> Option<f64> {
        self.times.as_ref()?.get(id).copied()
    }

    pub(super) fn take_times(&mut self, times: Vec<(String, f64)>) {
        self.times = Some(times.into_iter().collect());
        self.version += 1;
    }

    /// Whether the times of the catalogue must be asked for; then they count as asked.
    pub(super) fn asks_for_times(&mut self) -> bool {
        let is_new = self.times.is_none();
        self.times.get_or_insert_default();
        is_new
    }

    /// Whether the family of this model must be asked for; then it counts as asked.
    pub(super) fn asks_for_base(&mut self, path: &Path) -> bool {
        let is_known = self.bases.contains_key(path) || self.found.list.iter().any(|model| model.path == path);
        // The first search may bring it.
        if is_known || self.searching.is_some() {
            return false;
        }
        self.bases.insert(path.to_path_buf(), None);
        true
    }

    /// Whether the hash of this file must be asked for; then it counts as asked.
    pub(super) fn asks_for_hash(&mut self, path: &Path) -> bool {
        let is_known = self.found.list.iter().any(|model| model.path == path && model.sha256.is_some());
        !is_known && self.searching.is_none() && self.hashes_asked.insert(path.to_path_buf())
    }

    /// The model files whose hashes were not asked for yet; now they are.
    pub(super) fn unhashed(&mut self) -> Vec<PathBuf> {
        if self.searching.is_some() {
            return Vec::new();
        }
        let asked = &mut self.hashes_asked;
        let models = self.found.list.iter().filter(|model| model.kind == FoundKind::Model && model.sha256.is_none());
        let paths: Vec<PathBuf> =
            models.map(|model| model.path.clone()).filter(|path| asked.insert(path.clone())).collect();
        // A folder has no hash.
        paths.into_iter().filter(|path| path.extension().is_some() && !path.is_dir()).collect()
    }

    /// The family of the model that the next round uses, where it is known.
    pub(in crate::ui) fn base_in_use(&self, model: &ModelState) -> Option<BaseModel> {
        match &model.chosen.choice {
            ModelChoice::Starter => Some(BaseModel::starter()),
            ModelChoice::Path(path) => {
                let found = self.found.list.iter().find(|model| model.path == *path);
                found.and_then(|model| model.base.clone()).or_else(|| self.bases.get(path).cloned().flatten())
            }
        }
    }
}

/// Whether the model that made the opened picture is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) enum PictureModel {
    /// It is the model of the next round.
    InUse,
    /// It is here and can be used.
    Here(ModelChoice),
    /// It is not among the models that were found.
    NotHere,
}

/// Whether the model is here that made the picture whose settings are offered; `None` if none are, or they name none.
pub(in crate::ui) fn picture_model(state: &WindowState) -> Option<PictureModel> {
    let offered = state.offered.as_ref()?;
    let (name, hash) = (offered.model(), offered.model_hash());
    if name.is_none() && hash.is_none() {
        return None;
    }
    let chosen = &state.model.chosen;
    if name == Some("starter") {
        let is_used = chosen.choice == ModelChoice::Starter;
        return Some(if is_used { PictureModel::InUse } else { PictureModel::Here(ModelChoice::Starter) });
    }
    let found = model_of_picture(name, hash, state.models.found()).map(|model| ModelChoice::Path(model.path.clone()));
    // Models that were chosen by hand need not lie in a searched folder.
    let known =
        || state.model.known.iter().find(|known| name == Some(known.name.as_str())).map(|known| known.choice.clone());
    match found.or_else(known) {
        Some(choice) if choice == chosen.choice => Some(PictureModel::InUse),
        Some(choice) => Some(PictureModel::Here(choice)),
        None => Some(PictureModel::NotHere),
    }
}

/// What the model is called that made the picture whose settings are offered: by its name, else by its hash.
pub(in crate::ui) fn offered_name(state: &WindowState) -> String {
    let offered = state.offered.as_ref();
    let name = offered.and_then(|parameters| parameters.model().or_else(|| parameters.model_hash()));
    name.unwrap_or_default().chars().take(80).collect()
}
