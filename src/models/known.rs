//! Which model a name means: one of the catalogue, of the hub's cache, or of the folders that were searched.

use super::catalogue::{Catalogue, CatalogueEntry};
use super::found::FoundModel;
use super::inspected::FoundKind;
use crate::engine::Error;

/// The model that is called `name`: by the id or name of its entry in the catalogue, by its repository `owner/name`
/// (also `owner/name:file`), by its name with or without its ending, or by its hash of 10 or 64 digits. `kinds` are
/// those that can be meant.
///
/// # Errors
/// If there is none here, with the command that fetches it where that is known; or if several files have the name.
pub fn named_model<'a>(name: &str, found: &'a [FoundModel], kinds: &[FoundKind]) -> Result<&'a FoundModel, Error> {
    let name = name.trim();
    let candidates: Vec<&FoundModel> = found.iter().filter(|model| kinds.contains(&model.kind)).collect();
    let entry = Catalogue::built_in().entry(name).filter(|entry| kinds.contains(&entry.kind));
    if let Some(here) = entry.and_then(|entry| entry.among(found)) {
        return Ok(here);
    }
    if let Some(entry) = entry {
        return Err(not_here(entry));
    }
    let steps: [&dyn Fn(&FoundModel) -> bool; 4] = [
        &|model| model.name == name || file_name(model) == name,
        &|model| model.name.eq_ignore_ascii_case(name) || file_name(model).eq_ignore_ascii_case(name),
        &|model| is_of_place(model, name),
        &|model| model.sha256.as_deref() == Some(name) || model.web_hash() == Some(name),
    ];
    for fits in steps {
        let fitting: Vec<&FoundModel> = candidates.iter().copied().filter(|model| fits(model)).collect();
        // Copies of one file are equally good.
        let same = |one: &FoundModel, other: &FoundModel| one.sha256.is_some() && one.sha256 == other.sha256;
        let [first, others @ ..] = fitting.as_slice() else { continue };
        match others.iter().find(|other| !same(first, other)) {
            None => return Ok(first),
            Some(other) => {
                return Err(Error::File(format!(
                    "{name} can mean {} or {}. Give the path.",
                    first.path.display(),
                    other.path.display()
                )));
            }
        }
    }
    let of_repository = |entry: &&CatalogueEntry| is_repository(name) && name.starts_with(&entry.repository);
    match Catalogue::built_in().entries.iter().find(of_repository) {
        Some(entry) => Err(not_here(entry)),
        None if is_repository(name) => {
            Err(Error::File(format!("{name} is not on this machine. Fetch it with: underpaint models fetch {name}")))
        }
        None => Err(Error::File(format!(
            "There is no model called {name} here: no file or folder, and none that underpaint models list shows."
        ))),
    }
}

/// The first usable model of a kind that works beside every other: a captioner or a depth estimator.
///
/// # Errors
/// If there is none, with the command that fetches the catalogue's.
pub fn first_usable(found: &[FoundModel], kind: FoundKind) -> Result<&FoundModel, Error> {
    let own = found.iter().filter(|model| model.kind == kind);
    if let Some(usable) = own.clone().find(|model| model.usable) {
        return Ok(usable);
    }
    match (own.into_iter().next(), Catalogue::built_in().entries.iter().find(|entry| entry.kind == kind)) {
        (Some(unusable), _) => Err(Error::File(unusable.sentence.clone())),
        (None, Some(entry)) => Err(not_here(entry)),
        (None, None) => Err(Error::File(format!("There is no model of the kind {} here.", kind.label()))),
    }
}

/// The model that made a picture, by the `Model hash` (10 to 64 digits) and the `Model` in its settings: the one with
/// the hash, else one of the name whose hash is not another one.
pub fn model_of_picture<'a>(name: Option<&str>, hash: Option<&str>, found: &'a [FoundModel]) -> Option<&'a FoundModel> {
    let models = || found.iter().filter(|model| model.kind == FoundKind::Model);
    let hash =
        hash.map(str::to_lowercase).filter(|hash| hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    let has_hash = |model: &&FoundModel| match (&hash, &model.sha256) {
        (Some(hash), Some(own)) => own.starts_with(hash.as_str()),
        _ => false,
    };
    let by_name = || {
        let name = name?.trim();
        // Some programs write the file's name with its ending, and the folder before it.
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        models().find(|model| {
            let same = model.name.eq_ignore_ascii_case(name) || file_name(model).eq_ignore_ascii_case(name);
            same && (hash.is_none() || model.sha256.is_none())
        })
    };
    models().find(has_hash).or_else(by_name)
}

/// Whether a text looks like `owner/name`, perhaps with `:file` behind it.
pub fn is_repository(text: &str) -> bool {
    let repository = text.split([':', '@']).next().unwrap_or_default();
    let is_name = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c))
    };
    matches!(repository.split('/').collect::<Vec<_>>().as_slice(), [owner, name] if is_name(owner) && is_name(name))
}

fn not_here(entry: &CatalogueEntry) -> Error {
    Error::File(format!("{} is not on this machine. Fetch it with: {}", entry.name, entry.fetch_command()))
}

fn file_name(model: &FoundModel) -> String {
    model.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether a model is of the repository, or is the file in it, that `owner/name` or `owner/name:file` says.
fn is_of_place(model: &FoundModel, place: &str) -> bool {
    let (repository, file) = place.split_once(':').map_or((place, None), |(repository, file)| (repository, Some(file)));
    let same = model.repository.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(repository));
    same && file.is_none_or(|file| model.path.ends_with(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::places::Origin;

    fn model(path: &str, repository: Option<&str>, digit: &str) -> FoundModel {
        FoundModel {
            name: std::path::Path::new(path).file_stem().expect("name").to_string_lossy().into_owned(),
            path: path.into(),
            kind: FoundKind::Model,
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
            sha256: (!digit.is_empty()).then(|| digit.repeat(64)),
            words: Vec::new(),
            preview: None,
        }
    }

    fn all() -> Vec<FoundModel> {
        vec![
            model("/m/Dream.safetensors", None, "a"),
            model("/n/twice.ckpt", None, ""),
            model("/o/twice.ckpt", None, "c"),
            model("/hub/turbo", Some("stabilityai/sd-turbo"), ""),
            model("/hub/v1.safetensors", Some("who/what"), "d"),
            model("/p/copy.ckpt", None, "e"),
            model("/q/copy.ckpt", None, "e"),
        ]
    }

    fn named(name: &str) -> Result<String, String> {
        let found = all();
        named_model(name, &found, &[FoundKind::Model])
            .map(|model| model.path.display().to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_a_repository_and_a_hash_lead_to_the_model() {
        let hash = "a".repeat(64);
        for (name, path) in [
            ("Dream", "/m/Dream.safetensors"),
            ("dream.SAFETENSORS", "/m/Dream.safetensors"),
            ("sd-turbo", "/hub/turbo"),
            ("stabilityai/sd-turbo", "/hub/turbo"),
            ("who/what", "/hub/v1.safetensors"),
            ("who/what:v1.safetensors", "/hub/v1.safetensors"),
            ("aaaaaaaaaa", "/m/Dream.safetensors"),
            (&hash, "/m/Dream.safetensors"),
            ("copy", "/p/copy.ckpt"),
        ] {
            assert_eq!(named(name).as_deref(), Ok(path), "{name}");
        }
        assert!(named("twice").expect_err("two").contains("/n/twice.ckpt or /o/twice.ckpt. Give the path."));
    }

    #[test]
    fn a_model_that_is_not_here_is_said_with_the_command_that_fetches_it() {
        let told = |name: &str| named(name).expect_err("is not here");
        assert_eq!(
            told("dreamshaper-8"),
            "DreamShaper 8 is not on this machine. Fetch it with: underpaint models fetch dreamshaper-8"
        );
        assert!(told("Lykon/DreamShaper").ends_with("underpaint models fetch dreamshaper-8"));
        assert!(told("any/thing").ends_with("underpaint models fetch any/thing"));
        assert!(told("nothing").contains("underpaint models list"));
        assert!(named("lcm-lora").is_err(), "a LoRA is no model");
        for (text, is) in
            [("a/b", true), ("a/b:c/d", true), ("a", false), ("/a/b", false), ("../b", false), ("a/b/c", false)]
        {
            assert_eq!(is_repository(text), is, "{text}");
        }
    }

    #[test]
    fn a_pictures_model_is_found_by_its_hash_first_and_a_name_with_another_hash_is_another_model() {
        let found = all();
        let of = |name, hash| model_of_picture(name, hash, &found).map(|model| model.path.display().to_string());
        assert_eq!(of(Some("renamed"), Some("aaaaaaaaaa")).as_deref(), Some("/m/Dream.safetensors"));
        assert_eq!(of(Some("Dream"), None).as_deref(), Some("/m/Dream.safetensors"));
        assert_eq!(of(Some("sub\\dream.safetensors"), None).as_deref(), Some("/m/Dream.safetensors"));
        assert_eq!(of(Some("Dream"), Some("bbbbbbbbbb")), None);
        assert_eq!(
            of(Some("twice"), Some("bbbbbbbbbb")).as_deref(),
            Some("/n/twice.ckpt"),
            "its hash is not known yet"
        );
        assert_eq!(of(None, Some("a")), None, "too short to say anything");
        assert_eq!(of(None, None), None);
    }
}
