//! What an answer with an error status means to a person.

use super::{Address, Answer, Client, Failure};
use crate::hub::{HubError, Repository};

/// What was asked for, for the sentences about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hub) enum Asked {
    /// A repository of the hub.
    Repository(Repository),
    /// One of its files.
    File(Repository, String),
    /// A file elsewhere.
    Link(Address),
}

impl Asked {
    /// What it is called in a sentence.
    pub fn name(&self) -> String {
        match self {
            Self::Repository(repository) => repository.id().to_owned(),
            Self::File(repository, file) => format!("{}:{file}", repository.id()),
            Self::Link(address) => format!("{}{}", address.host(), address.path()),
        }
    }

    fn repository(&self) -> Option<&Repository> {
        match self {
            Self::Repository(repository) | Self::File(repository, _) => Some(repository),
            Self::Link(_) => None,
        }
    }
}

/// What an answer with an error status means; `None` where its status is none.
pub(in crate::hub) fn refused(answer: &Answer, asked: &Asked, client: &Client) -> Option<Failure> {
    let host = answer.address.host();
    let passing = |reason: &str| Failure::Passing {
        host: host.to_owned(),
        reason: reason.to_owned(),
        wait: answer.retry_after(),
    };
    let is_hub = asked.repository().is_some() && answer.address.is_same_server(client.endpoint());
    Some(match answer.status {
        200..=299 => return None,
        408 => passing("it waited too long for this machine"),
        429 => passing("it is asked too often"),
        500..=599 => passing("it has a fault of its own"),
        // The links of the second server are valid for some time only; the hub gives a new one.
        401 | 403 if asked.repository().is_some() && !is_hub => passing("it does not accept the hub's link"),
        416 => Failure::Changed,
        status => Failure::Final(match asked.repository() {
            Some(repository) => of_hub(status, answer, asked, repository, client),
            None => of_link(status, asked),
        }),
    })
}

fn of_hub(status: u16, answer: &Answer, asked: &Asked, repository: &Repository, client: &Client) -> HubError {
    let code = answer.header("x-error-code").unwrap_or_default();
    let (id, revision) = (repository.id(), repository.revision());
    let hub = client.endpoint().uri().to_string();
    let hub = hub.trim_end_matches('/');
    let page = format!("{hub}/{id}");
    let tokens = format!("{hub}/settings/tokens");
    let access = |sentence: String, page: &str| HubError::Access { sentence, page: page.to_owned() };
    match (status, code) {
        (401 | 403, "GatedRepo") if client.has_token() => access(
            format!("Access to {id} must be granted first: open {page}, accept its terms, and try again."),
            &page,
        ),
        (401 | 403, "GatedRepo") => access(
            format!(
                "Access to {id} must be granted first: sign in at {page}, accept its terms, make an access token at {tokens}, set HF_TOKEN to it, and try again."
            ),
            &page,
        ),
        (401, _) if client.has_token() => {
            access(format!("The hub does not accept the access token; make a new one at {tokens}."), &tokens)
        }
        (401, _) => access(
            format!(
                "{id} does not exist or is private: check the name, or set HF_TOKEN to an access token from {tokens}."
            ),
            &page,
        ),
        (403, _) => access(
            format!("The access token does not allow {id}: give it the right to read this repository at {tokens}."),
            &tokens,
        ),
        (404 | 410, "RevisionNotFound") => {
            HubError::NotFound(format!("{id} has no revision {revision}; see which there are at {page}/refs."))
        }
        (404 | 410, "EntryNotFound") => HubError::NotFound(match asked {
            Asked::File(_, file) => {
                format!("{id} has no file {file}; it may have been moved or renamed: see {page}/tree/{revision}.")
            }
            _ => format!("{id} has no such file; see {page}/tree/{revision}."),
        }),
        (404 | 410, "RepoNotFound") => {
            HubError::NotFound(format!("{id} is not on the hub; it may have been moved or removed: search at {hub}."))
        }
        (404 | 410, _) => HubError::NotFound(format!(
            "{} is not on the hub; it may have been moved or removed: see {page}.",
            asked.name()
        )),
        (status, _) => HubError::Answer(format!(
            "The hub answered with status {status} when asked for {}; try again later.",
            asked.name()
        )),
    }
}

fn of_link(status: u16, asked: &Asked) -> HubError {
    let name = asked.name();
    match status {
        401 | 403 => HubError::Access {
            sentence: format!("{name} may not be fetched without signing in; fetch it in a browser instead."),
            page: String::new(),
        },
        404 | 410 => HubError::NotFound(format!("{name} does not exist; copy the link again.")),
        status => HubError::Answer(format!(
            "The server answered with status {status} when asked for {name}; try again later."
        )),
    }
}
