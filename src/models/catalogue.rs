//! The short list of models that are worth fetching, from `assets/models.json`.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::found::FoundModel;
use super::inspected::{FoundKind, Inspector};
use crate::engine::{Plan, Settings, duration};

/// The models that are worth fetching.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Catalogue {
    /// The entries, in the order in which they are shown.
    #[serde(rename = "models")]
    pub entries: Vec<CatalogueEntry>,
}

/// A model, LoRA, autoencoder, ControlNet or network that looks at pictures, on the hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    /// A short name for the command line, in lower case.
    pub id: String,
    /// The name people know it by.
    pub name: String,
    /// What it is.
    pub kind: FoundKind,
    /// What it is for, in one line.
    pub purpose: String,
    /// The repository on the hub, `owner/name`.
    pub repository: String,
    /// The branch or tag of it, where that is not the newest state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The files in it; none for a whole model folder.
    pub files: Vec<CatalogueFile>,
    /// How much is fetched, in units of 1,000,000 bytes, rounded.
    pub about_mb: u64,
    /// The id of the family it belongs to, as in [`BaseModel`](super::BaseModel); empty where it works beside every model.
    pub base: String,
    /// Its licence.
    pub licence: Licence,
    /// How much memory a picture of 512 by 512 pixels takes with it.
    pub memory_mb: MemoryNeed,
    /// How rounds with it are usually made; none where it makes no pictures itself.
    #[serde(default)]
    pub typical: Option<TypicalRound>,
    /// What about this entry could not be confirmed.
    pub unconfirmed: Vec<String>,
}

/// A file in a repository on the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueFile {
    /// Its path in the repository.
    pub path: String,
    /// Bytes, where they are known.
    #[serde(default)]
    pub size: Option<u64>,
    /// The SHA-256 of its bytes, where it is known.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A licence and where it can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Its name.
    pub name: String,
    /// A web address.
    pub link: String,
}

/// Memory in units of 1,000,000 bytes, by the precision of the weights. Of a LoRA 0: the model is no larger with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryNeed {
    /// With weights in bfloat16.
    pub bf16: u64,
    /// With weights in 32-bit floats.
    pub f32: u64,
}

/// A usual round of four pictures of 512 by 512 pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypicalRound {
    /// The published shape of the model, see [`Inspector::estimator`].
    pub shape: String,
    /// Sampling steps.
    pub steps: usize,
    /// CFG scale; 1 is without guidance.
    pub cfg_scale: f64,
}

impl TypicalRound {
    /// Seconds that it takes on this machine; `None` where nothing can be said.
    pub fn seconds(&self, inspector: &dyn Inspector) -> Option<f64> {
        let settings = Settings {
            width: 512,
            height: 512,
            batch: 4,
            steps: self.steps,
            cfg_scale: self.cfg_scale,
            ..Settings::default()
        };
        Some(inspector.estimator(&self.shape)?.estimate(&settings, &Plan::default(), false).seconds)
    }

    /// What a time is about: `four pictures: about 4 min at 20 steps`.
    pub fn summary(&self, seconds: f64) -> String {
        format!("four pictures: about {} at {} steps", duration(seconds), self.steps)
    }
}

impl Catalogue {
    /// The catalogue inside the program.
    pub fn built_in() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| {
            serde_json::from_str(include_str!("../../assets/models.json")).unwrap_or_else(|error| {
                tracing::error!(%error, "the catalogue cannot be read");
                Self::default()
            })
        })
    }

    /// The entry with this id or name, in any case.
    pub fn entry(&self, name: &str) -> Option<&CatalogueEntry> {
        let name = name.trim();
        self.entries.iter().find(|entry| entry.id.eq_ignore_ascii_case(name) || entry.name.eq_ignore_ascii_case(name))
    }
}

impl CatalogueEntry {
    /// The file with the weights, if it is not a whole folder.
    pub fn weights(&self) -> Option<&CatalogueFile> {
        self.files.iter().find(|file| file.path.ends_with(".safetensors"))
    }

    /// Where it is on the hub: `owner/name:file`, or `owner/name` of a folder of several files; `@revision` stands behind the name.
    pub fn place(&self) -> String {
        let revision = self.revision.as_ref().map_or(String::new(), |revision| format!("@{revision}"));
        let repository = format!("{}{revision}", self.repository);
        match self.files.as_slice() {
            [file] => format!("{repository}:{}", file.path),
            _ => repository,
        }
    }

    /// The command that fetches it.
    pub fn fetch_command(&self) -> String {
        format!("underpaint models fetch {}", self.id)
    }

    /// The one of these models that is this entry: by its hash, else by repository or file name.
    pub fn among<'a>(&self, found: &'a [FoundModel]) -> Option<&'a FoundModel> {
        let weights = self.weights();
        let hash = weights.and_then(|file| file.sha256.as_deref());
        let same_hash = |model: &&FoundModel| hash.is_some() && model.sha256.as_deref() == hash;
        found.iter().find(same_hash).or_else(|| found.iter().find(|model| self.has_name_of(model)))
    }

    /// Whether a model has this entry's repository or file name, and no other hash.
    fn has_name_of(&self, model: &FoundModel) -> bool {
        if model.kind != self.kind {
            return false;
        }
        let Some(weights) = self.weights() else {
            return model.repository.as_deref() == Some(self.repository.as_str());
        };
        if let (Some(known), Some(own)) = (&weights.sha256, &model.sha256)
            && known != own
        {
            return false;
        }
        let file = weights.path.rsplit('/').next().unwrap_or_default();
        let same_file = model.path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(file));
        let of_repository = model.repository.as_deref() == Some(self.repository.as_str());
        match (of_repository, model.path.is_dir()) {
            // A folder with one network stands for the file in it.
            (true, true) => true,
            (true, false) => same_file,
            // All repositories of such networks call their files so.
            (false, _) => same_file && !is_usual_name(file),
        }
    }
}

/// Whether files of many repositories have this name, so that it says nothing.
pub fn is_usual_name(file: &str) -> bool {
    ["pytorch_lora_weights", "diffusion_pytorch_model", "model.safetensors"].iter().any(|usual| file.starts_with(usual))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::models::hash::is_sha256;
    use crate::models::places::Origin;

    #[test]
    fn the_catalogue_is_complete_and_its_ids_are_unique() {
        let catalogue: Catalogue = serde_json::from_str(include_str!("../../assets/models.json")).expect("reads");
        assert_eq!(catalogue.entries.len(), Catalogue::built_in().entries.len());
        assert!(catalogue.entries.len() >= 12);
        let ids: HashSet<&str> = catalogue.entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids.len(), catalogue.entries.len());
        for entry in &catalogue.entries {
            let id = &entry.id;
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{id}");
            assert!(entry.repository.split('/').filter(|part| !part.is_empty()).count() == 2, "{id}");
            assert!(entry.purpose.ends_with('.') && entry.purpose.len() < 140, "{id}");
            assert!(entry.licence.link.starts_with("https://") && !entry.licence.name.is_empty(), "{id}");
            assert!(entry.about_mb > 0 && entry.kind != FoundKind::Other, "{id}");
            assert!(entry.files.is_empty() || entry.weights().is_some(), "{id}");
            let shapes = ["sd1", "sd1-lcm", "sd2", "bk-sdm-small"];
            let makes_pictures = matches!(entry.kind, FoundKind::Model | FoundKind::Lora);
            assert_eq!(entry.typical.is_some(), makes_pictures, "{id}");
            let typical = entry.typical.as_ref();
            assert!(typical.is_none_or(|typical| shapes.contains(&typical.shape.as_str())), "{id}");
            let is_beside =
                matches!(entry.kind, FoundKind::Segmenter | FoundKind::Captioner | FoundKind::DepthEstimator);
            assert!(
                if is_beside { entry.base.is_empty() } else { ["sd1", "sd2"].contains(&entry.base.as_str()) },
                "{id}"
            );
            for file in &entry.files {
                assert!(file.sha256.as_deref().is_none_or(is_sha256), "{id}: {}", file.path);
                assert!(!file.path.starts_with('/') && !file.path.contains(".."), "{id}");
                let close = |size: u64| size.abs_diff(entry.about_mb * 1_000_000) <= 1_000_000;
                assert!(file.size.is_none_or(close), "{id}");
            }
            let named = |what: &str| entry.unconfirmed.iter().any(|text| text.contains(what));
            let unhashed = entry.weights().is_some_and(|file| file.sha256.is_none());
            assert!(!unhashed || named("hash"), "{id}: what is not known is said");
        }
        assert_eq!(catalogue.entry("SD15").map(|entry| entry.name.as_str()), Some("Stable Diffusion 1.5"));
        let place = |id: &str| catalogue.entry(id).map(CatalogueEntry::place);
        assert_eq!(place("sd-turbo").as_deref(), Some("stabilityai/sd-turbo"));
        assert_eq!(place("blip").as_deref(), Some("Salesforce/blip-image-captioning-base@refs/pr/38"));
        assert_eq!(place("depth-anything-v2-small").as_deref(), Some("depth-anything/Depth-Anything-V2-Small-hf"));
        assert_eq!(place("taesd").as_deref(), Some("madebyollin/taesd:diffusion_pytorch_model.safetensors"));
        assert!(catalogue.entry("sd-turbo ").is_some() && catalogue.entry("sd").is_none());
    }

    #[test]
    fn a_time_is_said_with_what_it_is_about() {
        let typical = TypicalRound { shape: "sd1".into(), steps: 20, cfg_scale: 7.0 };
        assert_eq!(typical.summary(251.0), "four pictures: about 4 min at 20 steps");
    }

    fn found(path: &str, kind: FoundKind, repository: Option<&str>, sha256: Option<&str>) -> FoundModel {
        FoundModel {
            name: "x".into(),
            path: path.into(),
            kind,
            usable: true,
            sentence: String::new(),
            base: None,
            precision: String::new(),
            prediction: None,
            tiny_vae: false,
            size: 0,
            origin: Origin::Named,
            folder: "/".into(),
            repository: repository.map(str::to_owned),
            sha256: sha256.map(str::to_owned),
            words: Vec::new(),
            preview: None,
        }
    }

    #[test]
    fn an_entry_is_here_by_its_hash_its_repository_or_its_file_name() {
        let catalogue = Catalogue::built_in();
        let here = |id: &str, model: FoundModel| catalogue.entry(id).expect("known").among(&[model]).is_some();
        let (model, lora) = (FoundKind::Model, FoundKind::Lora);
        let dream = "879db523c30d3b9017143d56705015e15a2cb5628762c11d086fed9538abd7fd";
        assert!(here("dreamshaper-8", found("/m/renamed.safetensors", model, None, Some(dream))));
        assert!(here("dreamshaper-8", found("/m/dreamshaper_8_pruned.safetensors", model, None, None)));
        let other = "f".repeat(64);
        assert!(!here("dreamshaper-8", found("/m/DreamShaper_8_pruned.safetensors", model, None, Some(&other))));
        assert!(here("sd-turbo", found("/hub/x", model, Some("stabilityai/sd-turbo"), None)));
        assert!(!here("sd-turbo", found("/hub/sd-turbo", model, None, None)));
        let weights = "/hub/pytorch_lora_weights.safetensors";
        assert!(here("lcm-lora", found(weights, lora, Some("latent-consistency/lcm-lora-sdv1-5"), None)));
        assert!(!here("lcm-lora", found(weights, lora, Some("h1t/TCD-SD15-LoRA"), None)));
        assert!(!here("lcm-lora", found(weights, lora, None, None)), "the name says nothing");
        let blip = Some("Salesforce/blip-image-captioning-base");
        assert!(here("blip", found("/hub/model.safetensors", FoundKind::Captioner, blip, None)));
        assert!(!here("blip", found("/m/model.safetensors", FoundKind::Captioner, None, None)), "of any captioner");
    }
}
