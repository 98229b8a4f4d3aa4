//! What a repository holds, as the hub tells it.

use serde::Deserialize;

use super::http::{Address, Asked, Client, Failure, Follow, Request, encoded, refused};
use super::repository::is_commit;
use super::{HubError, Repository, repository_path};

/// The longest list that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// A repository's files at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The repository at the revision that was asked for.
    pub repository: Repository,
    /// The commit that this revision is now.
    pub commit: String,
    /// Whether terms must be accepted before anything can be fetched.
    pub is_gated: bool,
    /// The licence's short name as the repository's page says it, such as `creativeml-openrail-m`.
    pub license: Option<String>,
    /// The files in order of their paths.
    pub files: Vec<RepositoryFile>,
}

/// One file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFile {
    /// The path inside the repository, with `/` between folders.
    pub path: String,
    /// The size in bytes, where the hub says it.
    pub size: Option<u64>,
    /// The content's sha256 in hexadecimal digits; large files have one.
    pub sha256: Option<String>,
}

#[derive(Deserialize)]
struct Reply {
    sha: String,
    #[serde(default)]
    gated: serde_json::Value,
    #[serde(default, rename = "cardData")]
    card: Option<Card>,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Card {
    #[serde(default)]
    license: serde_json::Value,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: Option<String>,
    size: Option<u64>,
}

/// Asks once for a repository's files.
pub(super) fn ask(client: &Client, repository: &Repository) -> Result<Listing, Failure> {
    let asked = Asked::Repository(repository.clone());
    let path = format!("/api/models/{}/revision/{}?blobs=true", repository.id(), encoded(repository.revision()));
    let address = client.endpoint_with(&path)?;
    let answer =
        client.send(&Request { address, is_head: false, range: None, if_range: None, follow: Follow::OnHub })?;
    if let Some(failure) = refused(&answer, &asked, client) {
        return Err(failure);
    }
    let host = answer.address.host().to_owned();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(answer.into_reader(), LONGEST), &mut bytes)
        .map_err(|error| Failure::of_reading(&error, &host))?;
    read(repository, &bytes).ok_or_else(|| {
        Failure::Final(HubError::Answer(format!(
            "{host} answered with something else than the list of {}'s files; sign in to this network in a browser if it asks for that, check HF_ENDPOINT, and try again.",
            repository.id()
        )))
    })
}

fn read(repository: &Repository, bytes: &[u8]) -> Option<Listing> {
    let reply: Reply = serde_json::from_slice(bytes).ok()?;
    if !is_commit(&reply.sha) {
        return None;
    }
    let mut files: Vec<RepositoryFile> = reply
        .siblings
        .into_iter()
        .filter(|sibling| repository_path::is_safe(&sibling.rfilename))
        .map(|Sibling { rfilename, size, lfs }| {
            let (sha256, large) = lfs.map_or((None, None), |lfs| (lfs.sha256, lfs.size));
            let sha256 = sha256.filter(|hash| is_sha256(hash)).map(|hash| hash.to_ascii_lowercase());
            RepositoryFile { path: rfilename, size: large.or(size), sha256 }
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let license = reply.card.and_then(|card| match card.license {
        serde_json::Value::String(name) => Some(name),
        serde_json::Value::Array(names) => names.first().and_then(|name| name.as_str().map(str::to_owned)),
        _ => None,
    });
    // `false`, or the way in which access is granted.
    let is_gated = reply.gated.is_string() || reply.gated == serde_json::Value::Bool(true);
    Some(Listing { repository: repository.clone(), commit: reply.sha, is_gated, license, files })
}

/// Whether a text is a sha256 in hexadecimal digits.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// The address of a repository's file.
pub(super) fn address_of(client: &Client, repository: &Repository, file: &str) -> Result<Address, Failure> {
    let file: Vec<String> = file.split('/').map(encoded).collect();
    client.endpoint_with(&format!("/{}/resolve/{}/{}", repository.id(), encoded(repository.revision()), file.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_files_is_read_and_dangerous_names_are_left_out() {
        let repository = Repository::new("a/b").expect("a repository");
        let hash = "AB".repeat(32);
        let text = format!(
            r#"{{"sha":"0123456789abcdef0123456789abcdef01234567","gated":"auto","cardData":{{"license":"mit"}},"siblings":[
                {{"rfilename":"x.safetensors","size":9,"blobId":"q","lfs":{{"sha256":"{hash}","size":9,"pointerSize":134}}}},
                {{"rfilename":"config.json","size":12,"blobId":"q"}},
                {{"rfilename":"../evil"}},{{"rfilename":"odd.bin","lfs":{{"sha256":"short"}}}}]}}"#
        );
        let listing = read(&repository, text.as_bytes()).expect("reads");
        assert!(listing.is_gated && listing.license.as_deref() == Some("mit"));
        let files: Vec<_> = listing.files.iter().map(|f| (f.path.as_str(), f.size, f.sha256.is_some())).collect();
        assert_eq!(
            files,
            [("config.json", Some(12), false), ("odd.bin", None, false), ("x.safetensors", Some(9), true)]
        );
        assert_eq!(listing.files[2].sha256, Some("ab".repeat(32)));
        for bad in ["<html>", "{}", r#"{"sha":"main"}"#, r#"{"sha":7,"siblings":[]}"#] {
            assert_eq!(read(&repository, bad.as_bytes()), None, "{bad}");
        }
    }
}
