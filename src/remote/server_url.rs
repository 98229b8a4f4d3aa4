//! Where a server is.

use std::fmt;

use serde::{Deserialize, Serialize};
use ureq::http::Uri;

/// The address of a server, `http` or `https`, without name and password.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerUrl {
    /// Without a slash at the end.
    text: String,
    /// Host and port.
    host: String,
}

impl ServerUrl {
    /// Reads an address: `http://host:port`, `https://host/path`, or `host:port` for `http`.
    ///
    /// # Errors
    /// What is wrong, as one sentence. A password in it is not repeated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches('/');
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let wrong = || "This is not the address of a server; write it as http://host:port.".to_owned();
        let uri: Uri = with_scheme.parse().map_err(|_| wrong())?;
        let authority =
            uri.authority().filter(|it| !it.host().is_empty() && !it.as_str().ends_with(':')).ok_or_else(wrong)?;
        if authority.as_str().contains('@') {
            return Err("Leave name and password out of the address; they are given separately.".into());
        }
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.query().is_some() {
            return Err(wrong());
        }
        // People copy the address with the page or the API behind it.
        let path = uri.path().trim_end_matches('/').trim_end_matches("/sdapi/v1").trim_end_matches('/');
        let text = format!("{}://{authority}{path}", uri.scheme_str().unwrap_or("http"));
        Ok(Self { host: authority.as_str().to_owned(), text })
    }

    /// Host and port, for messages.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is this machine.
    pub fn is_this_machine(&self) -> bool {
        let name = match self.host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => self.host.split(':').next().unwrap_or_default(),
        };
        let is_loopback = |address: std::net::IpAddr| address.is_loopback();
        name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(is_loopback)
    }

    /// An address of the API, such as `txt2img`.
    pub(super) fn api(&self, name: &str) -> String {
        format!("{}/sdapi/v1/{name}", self.text)
    }

    /// The address itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for ServerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ServerUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<ServerUrl> for String {
    fn from(url: ServerUrl) -> Self {
        url.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_copy_them() {
        for (text, expected, host) in [
            ("http://127.0.0.1:7860", "http://127.0.0.1:7860", "127.0.0.1:7860"),
            (" studio.local:7860/ ", "http://studio.local:7860", "studio.local:7860"),
            ("https://example.org/draw/sdapi/v1/", "https://example.org/draw", "example.org"),
            ("http://[::1]:7860/", "http://[::1]:7860", "[::1]:7860"),
        ] {
            let url = ServerUrl::parse(text).expect(text);
            assert_eq!((url.as_str(), url.host()), (expected, host));
            assert_eq!(url.api("options"), format!("{expected}/sdapi/v1/options"));
        }
        for text in ["", "http://", "ftp://x", "http://a b", "http://x/?a=1", "file:///etc/passwd", "http://:80"] {
            assert!(ServerUrl::parse(text).is_err(), "{text}");
        }
        let text = ServerUrl::parse("http://me:secret@host").expect_err("refused");
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        let is = |text: &str| ServerUrl::parse(text).expect(text).is_this_machine();
        assert!(is("localhost:1") && is("http://127.0.0.1") && is("[::1]:7860"));
        assert!(!is("192.168.0.7:7860") && !is("localhost.example.org"));
    }
}
