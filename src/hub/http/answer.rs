//! A server's answer.

use std::time::Duration;

use ureq::http::HeaderMap;
use ureq::{Body, BodyReader};

use super::Address;

/// A server's answer after all redirects.
pub(in crate::hub) struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Where it is from.
    pub address: Address,
    headers: HeaderMap,
    /// Everything that the hub said on the way.
    hub_headers: HeaderMap,
    body: Body,
}

/// Which bytes of how many an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) struct ContentRange {
    /// The first byte.
    pub start: u64,
    /// The size of the whole file, where the server says it.
    pub total: Option<u64>,
}

impl Answer {
    pub(super) fn new(status: u16, headers: HeaderMap, hub_headers: HeaderMap, address: Address, body: Body) -> Self {
        Self { status, address, headers, hub_headers, body }
    }

    /// A header of the last answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, name)
    }

    /// A header of any answer of the hub on the way; the last one, where there are several.
    pub fn hub_header(&self, name: &str) -> Option<&str> {
        text(&self.hub_headers, name)
    }

    /// What `If-Range` needs to ask for more of the same content: a strong ETag, or the date of its last change.
    pub fn validator(&self) -> Option<&str> {
        self.header("etag").filter(|etag| etag.starts_with('"')).or_else(|| self.header("last-modified"))
    }

    /// The length of the body, where the server says it.
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.trim().parse().ok()
    }

    /// Which bytes these are.
    pub fn content_range(&self) -> Option<ContentRange> {
        let (range, total) = self.header("content-range")?.trim().strip_prefix("bytes")?.trim().split_once('/')?;
        let start = range.split_once('-')?.0.trim().parse().ok()?;
        Some(ContentRange { start, total: total.trim().parse().ok() })
    }

    /// Whether it calls itself a web page.
    pub fn is_web_page(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("text/html"))
    }

    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        // A date in the past is no wait.
        Some(until.signed_duration_since(chrono::Utc::now()).to_std().unwrap_or_default())
    }

    /// The body, byte by byte.
    pub fn into_reader(self) -> BodyReader<'static> {
        self.body.into_reader()
    }
}

/// An ETag without quotes and without the mark of a weak one.
pub(in crate::hub) fn bare_etag(etag: &str) -> &str {
    etag.trim().trim_start_matches("W/").trim_matches('"')
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(name).into_iter().next_back()?.to_str().ok()
}
