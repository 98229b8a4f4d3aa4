//! What a person typed or pasted to say where a model is.

use std::fmt;

use percent_encoding::percent_decode_str;

use super::{HubError, Repository, repository_path};

/// Hosts whose links lead to the hub, besides the one of `HF_ENDPOINT`.
const HUB_HOSTS: [&str; 4] = ["huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co"];

/// Where something that can be fetched is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A repository of the hub.
    Repository(Repository),
    /// One file of a repository.
    File {
        /// The repository.
        repository: Repository,
        /// The file's path inside it, with `/` between folders.
        file: String,
    },
    /// A file anywhere else, as an `http` or `https` address.
    Link(String),
}

impl Place {
    /// Reads `owner/name`, `owner/name@revision`, `owner/name:path/of/a.file` (also with a revision before the colon), a
    /// link to a page or file of the hub, or a direct link to a file. `endpoint` is the hub's address, as in
    /// [`Environment::endpoint`](super::Environment::endpoint); links to it are links to the hub.
    ///
    /// # Errors
    /// [`HubError::Place`] for anything else, also for the hub's data sets and spaces.
    pub fn from_text(text: &str, endpoint: &str) -> Result<Self, HubError> {
        let text = text.trim();
        let is_link = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        if is_link("http://") || is_link("https://") {
            return Self::from_link(text, endpoint);
        }
        if text.contains("://") {
            return Err(HubError::Place(format!("{text} cannot be fetched; links begin with https:// or http://.")));
        }
        // Links are often copied without their scheme.
        if let Some((host, rest)) = text.split_once('/')
            && HUB_HOSTS.contains(&host.to_ascii_lowercase().as_str())
        {
            return Self::on_hub(text, rest);
        }
        let (id, file) = match text.split_once(':') {
            Some((id, file)) => (id, Some(file)),
            None => (text, None),
        };
        let repository = match id.split_once('@') {
            Some((id, revision)) => Repository::new(id)?.at(revision)?,
            None => Repository::new(id)?,
        };
        Self::of(repository, file)
    }

    /// One file of a repository.
    ///
    /// # Errors
    /// [`HubError::Place`] where the path could leave the repository's folder.
    pub fn file(repository: Repository, file: &str) -> Result<Self, HubError> {
        Self::of(repository, Some(file))
    }

    fn from_link(link: &str, endpoint: &str) -> Result<Self, HubError> {
        if let Some(rest) = below(link, endpoint) {
            return Self::on_hub(link, rest);
        }
        let after_scheme = link.split_once("://").map_or("", |(_, rest)| rest);
        let (host, rest) = after_scheme.split_once(['/', '?', '#']).unwrap_or((after_scheme, ""));
        if HUB_HOSTS.contains(&host.to_ascii_lowercase().as_str()) {
            return Self::on_hub(link, rest);
        }
        if host.is_empty() || host.contains(char::is_whitespace) || link.contains(char::is_control) {
            return Err(HubError::Place(format!("{link} is not a complete link; copy it again.")));
        }
        if host.contains('@') {
            return Err(HubError::Place(
                "A link with a name or password in it is not fetched; remove what is before the @.".into(),
            ));
        }
        // What follows # is for browsers.
        Ok(Self::Link(link.split('#').next().unwrap_or(link).to_owned()))
    }

    /// A path on the hub, such as `owner/name/blob/main/a.safetensors?download=true`.
    fn on_hub(link: &str, path: &str) -> Result<Self, HubError> {
        let path = path.split(['?', '#']).next().unwrap_or(path).trim_matches('/');
        let path = percent_decode_str(path).decode_utf8_lossy();
        let parts: Vec<&str> = path.split('/').collect();
        let no_model =
            || HubError::Place(format!("{link} is not a model's page or file; copy the link of a model on the hub."));
        let (owner, name, rest) = match parts.as_slice() {
            ["datasets" | "spaces" | "docs" | "collections" | "papers" | "api", ..] => return Err(no_model()),
            ["models", owner, name, rest @ ..] | [owner, name, rest @ ..] => (owner, name, rest),
            _ => return Err(no_model()),
        };
        let repository = Repository::new(&format!("{owner}/{name}")).map_err(|_| no_model())?;
        match rest {
            [] | ["discussions" | "commits" | "settings", ..] | ["tree"] => Ok(Self::Repository(repository)),
            ["tree", revision @ ..] => match revision {
                // A revision of a pull request, `refs/pr/1`, has slashes; a folder after it names no single file.
                ["refs", kind, number, ..] => Ok(Self::Repository(repository.at(&format!("refs/{kind}/{number}"))?)),
                [revision, ..] => Ok(Self::Repository(repository.at(revision)?)),
                [] => Ok(Self::Repository(repository)),
            },
            ["blob" | "resolve" | "raw", "refs", kind, number, file @ ..] if !file.is_empty() => {
                Self::of(repository.at(&format!("refs/{kind}/{number}"))?, Some(&file.join("/")))
            }
            ["blob" | "resolve" | "raw", revision, file @ ..] if !file.is_empty() => {
                Self::of(repository.at(revision)?, Some(&file.join("/")))
            }
            _ => Err(no_model()),
        }
    }

    fn of(repository: Repository, file: Option<&str>) -> Result<Self, HubError> {
        match file {
            None => Ok(Self::Repository(repository)),
            Some(file) if repository_path::is_safe(file) => Ok(Self::File { repository, file: file.to_owned() }),
            Some(file) => Err(HubError::Place(format!(
                "“{file}” is not a file of {}; write its path as on the page Files.",
                repository.id()
            ))),
        }
    }
}

/// The shortest text that reads as the same place.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |f: &mut fmt::Formatter<'_>, repository: &Repository| match repository.revision() {
            "main" => f.write_str(repository.id()),
            revision => write!(f, "{}@{revision}", repository.id()),
        };
        match self {
            Self::Repository(repository) => at(f, repository),
            Self::File { repository, file } => {
                at(f, repository)?;
                write!(f, ":{file}")
            }
            Self::Link(link) => f.write_str(link),
        }
    }
}

/// What follows the hub's address in a link to it, without the slash between them.
fn below<'a>(link: &'a str, endpoint: &str) -> Option<&'a str> {
    let start = link.get(..endpoint.len())?;
    let rest = link.get(endpoint.len()..)?;
    if !start.eq_ignore_ascii_case(endpoint) {
        return None;
    }
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUB: &str = "http://127.0.0.1:8080";

    fn read(text: &str) -> String {
        match Place::from_text(text, HUB).unwrap_or_else(|error| panic!("{text}: {error}")) {
            Place::Repository(repository) => format!("repository {}@{}", repository.id(), repository.revision()),
            Place::File { repository, file } => format!("file {}@{}:{file}", repository.id(), repository.revision()),
            Place::Link(link) => format!("link {link}"),
        }
    }

    #[test]
    fn everything_that_can_be_pasted_says_where_it_leads() {
        for (text, place) in [
            ("a/b", "repository a/b@main"),
            ("  a/b\n", "repository a/b@main"),
            ("a/b@fp16", "repository a/b@fp16"),
            ("a/b:vae/x.safetensors", "file a/b@main:vae/x.safetensors"),
            ("a/b@v1:x.safetensors", "file a/b@v1:x.safetensors"),
            ("https://huggingface.co/a/b", "repository a/b@main"),
            ("huggingface.co/a/b/", "repository a/b@main"),
            ("https://hf.co/a/b/tree/fp16", "repository a/b@fp16"),
            ("https://huggingface.co/a/b/tree/main/vae", "repository a/b@main"),
            ("https://huggingface.co/a/b/tree/refs%2Fpr%2F7", "repository a/b@refs/pr/7"),
            ("https://huggingface.co/a/b/blob/refs%2Fpr%2F7/x.bin", "file a/b@refs/pr/7:x.bin"),
            ("https://huggingface.co/a/b/blob/main/x%20y.safetensors", "file a/b@main:x y.safetensors"),
            ("https://HuggingFace.co/a/b/resolve/main/c/x.ckpt?download=true", "file a/b@main:c/x.ckpt"),
            ("http://127.0.0.1:8080/a/b/resolve/v2/x.ckpt#top", "file a/b@v2:x.ckpt"),
            ("http://127.0.0.1:8080/a/b", "repository a/b@main"),
            ("http://127.0.0.1:80801/a/b", "link http://127.0.0.1:80801/a/b"),
            ("https://example.org/x.safetensors?key=1#here", "link https://example.org/x.safetensors?key=1"),
        ] {
            assert_eq!(read(text), place, "{text}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused_in_one_sentence() {
        for (text, says) in [
            ("", "owner/name"),
            ("sd15", "owner/name"),
            ("a/b:", "page Files"),
            ("a/b:../../x", "page Files"),
            ("a/b@", "branch"),
            ("ftp://example.org/x", "https://"),
            ("https://", "complete link"),
            ("https://me:secret@example.org/x", "password"),
            ("https://huggingface.co/datasets/a/b", "model"),
            ("https://huggingface.co/a", "model"),
            ("https://huggingface.co/a/b/resolve/main", "model"),
            ("https://huggingface.co/a/b/blob/main/%2e%2e/x", "page Files"),
        ] {
            let sentence = Place::from_text(text, HUB).expect_err(text).to_string();
            assert!(sentence.contains(says) && !sentence.contains("secret"), "{text}: {sentence}");
        }
    }

    #[test]
    fn a_place_reads_as_it_is_shown() {
        for text in ["a/b", "a/b@v1", "a/b:c/d.bin", "a/b@v1:c", "https://example.org/x"] {
            assert_eq!(Place::from_text(text, HUB).expect("a place").to_string(), text);
        }
    }
}
