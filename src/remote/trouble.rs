//! What goes wrong with a server, as one sentence.

use std::io::ErrorKind;

use serde_json::Value;

use crate::engine::Error;

/// How much of a server's own words is repeated, in characters.
const MOST_QUOTED: usize = 300;

/// Why there is no connection where nobody listens.
const REFUSED: &str = "it refuses the connection";

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no connection, or it broke.
    Connection(String),
    /// The answer has this status and, where the server says why, these words.
    Status(u16, String),
    /// The answer makes no sense; what is wrong with it.
    Nonsense(String),
}

impl Trouble {
    /// The failure of a request before its answer.
    pub fn of_request(error: ureq::Error) -> Self {
        let text = match error {
            ureq::Error::Io(error) => return Self::of_reading(&error),
            ureq::Error::Timeout(_) => "it does not answer".into(),
            ureq::Error::HostNotFound => "no server of this name is known".into(),
            ureq::Error::Rustls(error) => format!("no safe connection is possible ({error})"),
            ureq::Error::Tls(reason) => format!("no safe connection is possible ({reason})"),
            ureq::Error::Protocol(_) => return Self::Nonsense("is not HTTP".into()),
            ureq::Error::BodyExceedsLimit(limit) => return Self::too_long(limit),
            other => other.to_string(),
        };
        Self::Connection(text)
    }

    /// The failure of a connection while an answer is read.
    pub fn of_reading(error: &std::io::Error) -> Self {
        Self::Connection(match error.kind() {
            ErrorKind::InvalidData => format!("no safe connection is possible ({error})"),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => "it does not answer".into(),
            ErrorKind::ConnectionRefused => REFUSED.into(),
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => "the connection was cut".into(),
            _ => crate::picture::plain_reason(error),
        })
    }

    pub fn too_long(limit: u64) -> Self {
        Self::Nonsense(format!("has more than {} MB", limit >> 20))
    }

    /// An answer with an error status; what the body says of it is found where web UIs put it.
    pub fn of_status(status: u16, body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let text = ["errors", "detail", "error", "message"].iter().find_map(|name| match &value[name] {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Array(list) if !list.is_empty() => list[0]["msg"].as_str().map(str::to_owned),
            // ComfyUI says what is wrong with a graph, and where.
            Value::Object(error) => {
                let part = |name: &str| error.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
                let nodes = value["node_errors"].as_object().into_iter().flat_map(|nodes| nodes.values());
                let details = nodes.filter_map(|node| node["errors"][0]["details"].as_str());
                let parts = part("message").into_iter().chain(part("details")).chain(details.take(1));
                Some(parts.collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty())
            }
            _ => None,
        });
        Self::Status(status, Self::quoted(&text.unwrap_or_default()))
    }

    /// A server's own words, of which no more is repeated than a sentence takes.
    pub fn quoted(text: &str) -> String {
        let text: String = text.trim().chars().map(|c| if c == '\n' { ' ' } else { c }).collect();
        text.chars().filter(|c| !c.is_control()).take(MOST_QUOTED).collect()
    }

    /// Whether nobody listens there.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Connection(reason) if reason == REFUSED)
    }

    /// Whether the server has no such address.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Status(404 | 405 | 501, _))
    }

    /// The sentence about the server at `host`.
    pub fn into_error(self, host: &str) -> Error {
        Error::Remote(match self {
            Self::Connection(reason) => {
                format!("{host} cannot be reached: {reason}. Look whether the server runs, and its address.")
            }
            Self::Status(401 | 403, _) => {
                format!("{host} does not let this program in: it needs a name and a password, or another one.")
            }
            Self::Status(404, text) if text.is_empty() || text == "Not Found" => {
                format!(
                    "{host} speaks neither the web UI's API nor ComfyUI's. Start AUTOMATIC1111 or Forge with --api."
                )
            }
            Self::Status(503, text) if text.is_empty() => format!("{host} is busy; try again later."),
            Self::Status(status, text) if text.is_empty() => format!("{host} answered with error {status}."),
            Self::Status(_, text) => format!("{host} says: {}.", text.trim_end_matches('.')),
            Self::Nonsense(what) => format!("The answer of {host} cannot be used: it {what}."),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_words_are_found_and_cut() {
        let of = |status, body: &str| Trouble::of_status(status, body.as_bytes()).into_error("host:1").to_string();
        assert_eq!(
            of(422, r#"{"error": "E", "detail": "", "errors": "Steps are wrong."}"#),
            "host:1 says: Steps are wrong."
        );
        assert_eq!(
            of(422, r#"{"detail": [{"loc": ["body"], "msg": "value is wrong"}]}"#),
            "host:1 says: value is wrong."
        );
        assert_eq!(of(500, "<html>"), "host:1 answered with error 500.");
        assert!(of(404, r#"{"detail": "Not Found"}"#).contains("--api"));
        assert!(of(401, "").contains("password"));
        let long = of(500, &format!(r#"{{"detail": "{}\u001b[31m"}}"#, "x".repeat(5000)));
        assert!(long.len() < 400 && !long.contains('\u{1b}'), "{long}");
    }
}
