//! The models on this machine, as clients name them.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::FindModels;
use super::failure::Failure;
use super::shared::lock;
use crate::engine::{LoraFile, ModelChoice};
use crate::models::{FoundKind, FoundModel, FoundModels, loras_among, model_of_picture};

/// The models that were found, searched when they are first asked for and again when a client asks for that.
pub(super) struct ModelShelf {
    find: FindModels,
    found: Mutex<Option<Arc<FoundModels>>>,
    /// The model that the server was started with, which need not be in a folder that is searched.
    first: ModelChoice,
}

/// A model as clients see it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ListedModel {
    pub choice: ModelChoice,
    /// The file's name, with the hash where it is known.
    pub title: String,
    pub name: String,
    /// The first 10 digits of its SHA-256.
    pub hash: Option<String>,
    pub sha256: Option<String>,
    /// Its path; the starter, which is in no file, has its name here.
    pub file: String,
}

/// Reads folders; do not call it on the thread of the connections.
impl ModelShelf {
    pub fn new(find: FindModels, first: ModelChoice) -> Self {
        Self { find, found: Mutex::new(None), first }
    }

    /// What was found; searches if nothing was searched yet.
    pub fn found(&self) -> Arc<FoundModels> {
        if let Some(found) = &*lock(&self.found) {
            return Arc::clone(found);
        }
        self.search()
    }

    /// Searches again.
    pub fn search(&self) -> Arc<FoundModels> {
        let found = Arc::new((self.find)().unwrap_or_else(|error| {
            tracing::warn!("models could not be searched: {error}");
            FoundModels::default()
        }));
        *lock(&self.found) = Some(Arc::clone(&found));
        found
    }

    /// Every model that can be used: the starter, the one that the server was started with, and those that were found.
    pub fn models(&self) -> Vec<ListedModel> {
        let mut models = vec![listed(&ModelChoice::Starter, None)];
        let found = self.found();
        let usable = |model: &&FoundModel| model.kind == FoundKind::Model && model.usable;
        models.extend(found.list.iter().filter(usable).map(|model| {
            let path = model.path.canonicalize().unwrap_or_else(|_| model.path.clone());
            listed(&ModelChoice::Path(path), Some(model))
        }));
        if !models.iter().any(|model| model.choice == self.first) {
            models.push(listed(&self.first, None));
        }
        models
    }

    /// The model of this title, name, file or hash.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(&self, text: &str) -> Result<ListedModel, Failure> {
        let models = self.models();
        let given = text.trim();
        // Clients may send a title whose hash was not known before, or is known since.
        let plain = given.split(" [").next().unwrap_or(given);
        let fits: [&dyn Fn(&ListedModel) -> bool; 4] = [
            &|model| model.title == given || model.file == given,
            &|model| model.hash.as_deref() == Some(given) || model.sha256.as_deref() == Some(given),
            &|model| model.title.split(" [").next() == Some(plain) || model.name == plain,
            &|model| model.name.eq_ignore_ascii_case(plain),
        ];
        let found = fits.iter().find_map(|fits| models.iter().find(|model| fits(model)).cloned());
        let by_other_name = || {
            let found = self.found();
            let model = model_of_picture(Some(given), None, &found.list).filter(|model| model.usable)?;
            models.iter().find(|listed| Path::new(&listed.file) == model.path).cloned()
        };
        found.or_else(by_other_name).ok_or_else(|| {
            Failure::value(format!("There is no model called {given:?} here; GET /sdapi/v1/sd-models lists them."))
        })
    }

    /// The entry of a model.
    pub fn entry(&self, choice: &ModelChoice) -> ListedModel {
        self.models().into_iter().find(|model| model.choice == *choice).unwrap_or_else(|| listed(choice, None))
    }

    /// The VAEs that can be used, by file name.
    pub fn vaes(&self) -> Vec<(String, std::path::PathBuf)> {
        let found = self.found();
        let vaes = found.list.iter().filter(|model| model.kind == FoundKind::Vae && model.usable);
        vaes.map(|vae| (file_name(&vae.path), vae.path.clone())).collect()
    }

    /// LoRAs that prompts can name besides those in the folder of LoRAs.
    pub fn loras(&self) -> Vec<LoraFile> {
        loras_among(&self.found().list)
    }
}

fn listed(choice: &ModelChoice, found: Option<&FoundModel>) -> ListedModel {
    let name = choice.name();
    let ModelChoice::Path(path) = choice else {
        return ListedModel {
            choice: choice.clone(),
            title: name.clone(),
            file: name.clone(),
            name,
            hash: None,
            sha256: None,
        };
    };
    let hash = found.and_then(FoundModel::web_hash).map(str::to_owned);
    let file = file_name(path);
    let title = hash.as_ref().map_or_else(|| file.clone(), |hash| format!("{file} [{hash}]"));
    let sha256 = found.and_then(|found| found.sha256.clone());
    ListedModel { choice: choice.clone(), title, name, hash, sha256, file: path.to_string_lossy().into_owned() }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
