//! What the hub says of a file before it is fetched.

use super::http::{Answer, Asked, Client, Failure, Follow, Request, bare_etag, refused};
use super::listing::address_of;
use super::repository::is_commit;
use super::{HubError, Repository};

/// What the hub says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The commit that the revision is now.
    pub commit: String,
    /// The name of the content, most often its hash.
    pub etag: String,
    /// The size in bytes.
    pub size: Option<u64>,
}

/// Asks once what a file is.
pub(super) fn ask(client: &Client, repository: &Repository, file: &str) -> Result<Resolved, Failure> {
    let asked = Asked::File(repository.clone(), file.to_owned());
    let address = address_of(client, repository, file)?;
    let request = Request { address, is_head: true, range: None, if_range: None, follow: Follow::OnHub };
    let mut answer = client.send(&request)?;
    let is_redirect = (300..400).contains(&answer.status);
    if is_redirect && answer.hub_header("x-linked-etag").is_none() {
        // A mirror that says nothing itself: the server that it refers to does.
        answer = client.send(&Request { follow: Follow::All, ..request })?;
    }
    if !(300..400).contains(&answer.status)
        && let Some(failure) = refused(&answer, &asked, client)
    {
        return Err(failure);
    }
    read(&answer, repository).map_err(|what| {
        Failure::Final(HubError::Answer(format!(
            "{} answered without {what} when asked for {}; check HF_ENDPOINT, or sign in to this network in a browser, and try again.",
            answer.address.host(),
            asked.name()
        )))
    })
}

fn read(answer: &Answer, repository: &Repository) -> Result<Resolved, &'static str> {
    let revision = repository.revision();
    let commit = answer.hub_header("x-repo-commit").or_else(|| answer.header("x-repo-commit"));
    let commit = commit.or(Some(revision)).filter(|commit| is_commit(commit)).ok_or("a commit")?;
    let linked = answer.hub_header("x-linked-etag");
    let etag = linked.or_else(|| answer.header("etag")).map(bare_etag).filter(|etag| is_name(etag)).ok_or("an ETag")?;
    let size = match linked {
        // The length is then that of the redirect.
        Some(_) => answer.hub_header("x-linked-size").and_then(|size| size.trim().parse().ok()),
        None => {
            answer.header("x-linked-size").and_then(|size| size.trim().parse().ok()).or_else(|| answer.content_length())
        }
    };
    Ok(Resolved { commit: commit.to_ascii_lowercase(), etag: etag.to_ascii_lowercase(), size })
}

/// Whether an ETag can be the name of a file.
fn is_name(etag: &str) -> bool {
    (1..=128).contains(&etag.len()) && etag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
