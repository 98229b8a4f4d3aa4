//! One request for a piece of a file, on a thread of its own.

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::Sender;

use super::Source;
use crate::hub::HubError;
use crate::hub::http::{Answer, Client, Failure, Follow, Request, bare_etag, refused};

/// How much is read at once.
const CHUNK: usize = 128 << 10;

/// What a request tells of.
pub(super) enum News {
    /// The server answers.
    Opened {
        /// The first byte that follows.
        start: u64,
        /// Whether the whole file follows though a part was asked for.
        is_whole: bool,
        /// What `If-Range` needs to ask for more of it.
        validator: Option<String>,
    },
    /// The next bytes.
    Bytes(Vec<u8>),
    /// Nothing follows.
    Ended(Result<(), Failure>),
}

/// A request for a piece.
pub(super) struct PieceRequest {
    /// Which request this is; repeated in all its news.
    pub id: u64,
    /// The bytes; `None` asks for the whole file.
    pub range: Option<Range<u64>>,
    /// What `If-Range` needs.
    pub validator: Option<String>,
    /// Ends it.
    pub stop: Arc<AtomicBool>,
}

impl PieceRequest {
    /// Fetches the piece. When nobody listens any more, or `stop` is set, it ends at the next bytes.
    pub fn run(self, client: &Client, source: &Source, news: &Sender<(u64, News)>) {
        let result = self.fetch(client, source, news);
        let _ = news.send((self.id, News::Ended(result)));
    }

    fn fetch(&self, client: &Client, source: &Source, news: &Sender<(u64, News)>) -> Result<(), Failure> {
        let range = self.range.as_ref().map(|range| format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        let answer = client.send(&Request {
            address: source.address.clone(),
            is_head: false,
            if_range: self.validator.clone().filter(|_| range.is_some()),
            range,
            follow: Follow::All,
        })?;
        // Before all else: of another file the second server may know nothing.
        if let Some(identity) = &source.identity
            && let Some(now) = answer.hub_header("x-linked-etag")
            && bare_etag(now) != identity
        {
            return Err(Failure::Changed);
        }
        if let Some(failure) = refused(&answer, &source.asked, client) {
            // What was there a moment ago has been replaced; asking for its name again tells.
            let has_begun = self.range.as_ref().is_some_and(|range| range.start > 0);
            return Err(if has_begun && matches!(answer.status, 404 | 410) { Failure::Changed } else { failure });
        }
        let (start, end) = self.check(&answer, source)?;
        let is_whole = self.range.is_some() && answer.status != 206;
        let validator = answer.validator().map(str::to_owned);
        let host = answer.address.host().to_owned();
        if news.send((self.id, News::Opened { start, is_whole, validator })).is_err() {
            return Ok(());
        }
        self.read(answer, end.map(|end| end.saturating_sub(start)), &host, news)
    }

    /// Which bytes follow.
    fn check(&self, answer: &Answer, source: &Source) -> Result<(u64, Option<u64>), Failure> {
        let name = source.asked.name();
        let wrong = |text: String| Failure::Final(HubError::Answer(text));
        if answer.is_web_page() && !name.ends_with(".html") {
            let host = answer.address.host();
            return Err(wrong(format!(
                "{host} answered with a web page instead of {name}; sign in to this network in a browser if it asks for that, and try again."
            )));
        }
        if answer.status == 206 {
            let range = self.range.clone().unwrap_or(0..source.size.unwrap_or(u64::MAX));
            let Some(found) = answer.content_range().filter(|found| found.start == range.start) else {
                return Err(wrong(format!(
                    "The server sent another part of {name} than was asked for; try again later."
                )));
            };
            return match (found.total, source.size) {
                (Some(total), Some(size)) if total != size => Err(self.other_size(source, total, size)),
                _ => Ok((range.start, Some(range.end))),
            };
        }
        match (answer.content_length(), source.size) {
            (Some(length), Some(size)) if length != size => Err(self.other_size(source, length, size)),
            (length, size) => Ok((0, size.or(length))),
        }
    }

    /// The hub says what a file is, so another size is an error; a file elsewhere has changed.
    fn other_size(&self, source: &Source, found: u64, size: u64) -> Failure {
        match source.identity {
            None => Failure::Changed,
            Some(_) => Failure::Final(HubError::Damaged(format!(
                "{} has {found} bytes where it is kept and should have {size}; try again later.",
                source.asked.name()
            ))),
        }
    }

    fn read(&self, answer: Answer, length: Option<u64>, host: &str, news: &Sender<(u64, News)>) -> Result<(), Failure> {
        let mut reader = answer.into_reader();
        let mut left = length;
        while left != Some(0) {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let most = left.map_or(CHUNK, |left| usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK)));
            let mut bytes = vec![0; most];
            let count = match reader.read(&mut bytes) {
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::of_reading(&error, host)),
            };
            if count == 0 {
                return match left {
                    None => Ok(()),
                    Some(_) => Err(Failure::of_reading(&std::io::ErrorKind::UnexpectedEof.into(), host)),
                };
            }
            bytes.truncate(count);
            left = left.map(|left| left.saturating_sub(count as u64));
            if news.send((self.id, News::Bytes(bytes))).is_err() {
                return Ok(());
            }
        }
        // Reading on to the end of the answer makes the connection free for the next request.
        let has_more = reader.read(&mut [0]).is_ok_and(|more| more > 0);
        if has_more && self.range.is_none() {
            return Err(Failure::Final(HubError::Damaged(
                "The server sent more than the file has; try again later.".into(),
            )));
        }
        Ok(())
    }
}
