//! A file from anywhere, by its link.

use super::http::{Address, Answer, Asked, Client, Failure, Follow, Request, refused};
use super::link_target::file_name;
use super::transfer::Source;

/// What a server says of a file before it is fetched.
#[derive(Clone, Debug)]
pub(super) struct LinkedFile {
    /// What it is called here.
    pub name: String,
    /// What `If-Range` needs.
    pub validator: Option<String>,
    /// Where it is, and how large.
    pub source: Source,
}

/// Asks once what is behind a link, by its first byte: not every server that sends a file answers to less.
pub(super) fn ask(client: &Client, address: &Address) -> Result<LinkedFile, Failure> {
    let asked = Asked::Link(address.clone());
    let range = Some("bytes=0-0".to_owned());
    let request = Request { address: address.clone(), is_head: false, range, if_range: None, follow: Follow::All };
    let mut answer = client.send(&request)?;
    if answer.status == 416 {
        // An empty file has no first byte.
        answer = client.send(&Request { range: None, ..request })?;
    }
    if let Some(failure) = refused(&answer, &asked, client) {
        return Err(failure);
    }
    let has_ranges = answer.status == 206;
    let source = Source { address: address.clone(), asked, identity: None, size: size(&answer), has_ranges };
    let name = file_name(answer.header("content-disposition"), &answer.address);
    Ok(LinkedFile { name, validator: answer.validator().map(str::to_owned), source })
}

fn size(answer: &Answer) -> Option<u64> {
    match answer.status {
        206 => answer.content_range()?.total,
        _ => answer.content_length(),
    }
}
