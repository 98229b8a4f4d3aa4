//! Which repository of the hub, at which revision.

use super::{HubError, repository_path};

/// A model repository of the hub at one revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Repository {
    id: String,
    revision: String,
}

impl Repository {
    /// The repository `owner/name` at its newest state, the branch `main`.
    ///
    /// # Errors
    /// [`HubError::Place`] where this is not an owner and a name as the hub allows them: letters, digits, `-`, `_` and
    /// `.`, neither `--` nor `..`, at most 96 characters each.
    pub fn new(id: &str) -> Result<Self, HubError> {
        let is_part = |part: &str| {
            (1..=96).contains(&part.len())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                && !part.contains("--")
                && !part.contains("..")
                && !part.starts_with(['-', '.'])
                && !part.ends_with(['-', '.'])
        };
        match id.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => {
                Ok(Self { id: id.to_owned(), revision: "main".into() })
            }
            _ => Err(HubError::Place(format!(
                "“{id}” is not the name of a repository; write owner/name as on the model's page."
            ))),
        }
    }

    /// This repository at another revision: a branch, a tag, or a commit of 40 hexadecimal digits.
    ///
    /// # Errors
    /// [`HubError::Place`] where the revision is empty or could not be a folder's name.
    pub fn at(self, revision: &str) -> Result<Self, HubError> {
        if repository_path::is_safe(revision) {
            return Ok(Self { revision: revision.to_owned(), ..self });
        }
        Err(HubError::Place(format!("“{revision}” is not a revision of {}; name a branch, tag or commit.", self.id)))
    }

    /// `owner/name`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name without its owner.
    pub fn name(&self) -> &str {
        self.id.split_once('/').map_or(&self.id, |(_, name)| name)
    }

    /// The branch, tag or commit.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The repository's folder in the cache, such as `models--owner--name`.
    pub fn folder_name(&self) -> String {
        format!("models--{}", self.id.replace('/', "--"))
    }
}

/// Whether a revision is a commit, which always means the same files.
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_an_owner_and_a_name() {
        let repository = Repository::new("stable-diffusion-v1-5/stable-diffusion-v1-5").expect("a repository");
        assert_eq!(repository.folder_name(), "models--stable-diffusion-v1-5--stable-diffusion-v1-5");
        assert_eq!((repository.name(), repository.revision()), ("stable-diffusion-v1-5", "main"));
        for bad in ["", "name", "a/", "/b", "a/b/c", "a b/c", "../b", "a/..", "a--b/c", "a/-b", "a/b.", "a/ö"] {
            let text = Repository::new(bad).expect_err(bad).to_string();
            assert!(text.contains("owner/name"), "{text}");
        }
    }

    #[test]
    fn a_revision_stays_inside_the_cache() {
        let at = |revision: &str| Repository::new("a/b").expect("a repository").at(revision);
        assert_eq!(at("refs/pr/1").expect("a revision").revision(), "refs/pr/1");
        for bad in ["", "../x", "/x", "a\\b"] {
            assert!(at(bad).is_err(), "{bad}");
        }
    }
}
