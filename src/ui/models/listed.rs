//! The models of this machine as the list *Model* in the settings offers them.

use crate::engine::ModelChoice;
use crate::models::{FoundKind, FoundModel};

/// A model that was found and can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) struct ListedModel {
    /// Its name. Models that share one have the folder behind it.
    pub name: String,
    /// The file or folder.
    pub choice: ModelChoice,
    /// Whose folder it is in, its path, and what it is.
    pub details: String,
}

/// The models among what was found that rounds can be made with, by their names. Those that cannot be used are in the
/// window of models, with the reason.
pub(super) fn listed(found: &[FoundModel]) -> Vec<ListedModel> {
    let is_listed = |model: &&FoundModel| model.kind == FoundKind::Model && model.usable;
    let mut models: Vec<&FoundModel> = found.iter().filter(is_listed).collect();
    models.sort_by_cached_key(|model| (model.name.to_lowercase(), model.path.clone()));
    let shares_name = |model: &FoundModel| {
        let named_alike = |other: &&&FoundModel| other.name.to_lowercase() == model.name.to_lowercase();
        models.iter().filter(named_alike).count() > 1
    };
    let listed = |model: &&FoundModel| ListedModel {
        name: if shares_name(model) { with_folder(model) } else { model.name.clone() },
        choice: ModelChoice::Path(model.path.clone()),
        details: format!("{}: {}\n{}", model.origin.label(), model.path.display(), model.sentence),
    };
    models.iter().map(listed).collect()
}

/// The name with what tells it from others of that name: the repository, else the folder that it lies in.
fn with_folder(model: &FoundModel) -> String {
    let folder = model.path.parent().unwrap_or(&model.folder).display().to_string();
    format!("{} ({})", model.name, model.repository.as_ref().unwrap_or(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Origin;

    fn found(path: &str, kind: FoundKind, usable: bool) -> FoundModel {
        let name = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".ckpt").to_owned();
        FoundModel {
            name,
            path: path.into(),
            kind,
            usable,
            sentence: "It is odd.".into(),
            base: None,
            precision: String::new(),
            prediction: None,
            tiny_vae: false,
            size: 1,
            origin: Origin::Named,
            folder: "/".into(),
            repository: None,
            sha256: None,
            words: Vec::new(),
            preview: None,
        }
    }

    #[test]
    fn models_that_can_be_used_are_listed_by_name_and_told_apart() {
        let model = FoundKind::Model;
        let mut cached = found("/hub/models--a--b/snapshots/1/plum.ckpt", model, true);
        cached.repository = Some("a/b".into());
        let list = listed(&[
            found("/x/plum.ckpt", model, true),
            found("/x/Apple.ckpt", model, true),
            found("/x/large.ckpt", model, false),
            found("/x/ink.ckpt", FoundKind::Lora, true),
            cached,
        ]);
        let names: Vec<&str> = list.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, ["Apple", "plum (a/b)", "plum (/x)"]);
        assert_eq!(list[2].choice, ModelChoice::Path("/x/plum.ckpt".into()));
        assert!(list[0].details.contains("/x/Apple.ckpt") && list[0].details.ends_with("It is odd."));
    }
}
