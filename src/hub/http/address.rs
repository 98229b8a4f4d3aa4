//! An `http` or `https` address.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use ureq::http::Uri;

/// What may not stand in an address as it is, though servers send it.
const UNWISE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// What a path's part keeps.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An `http` or `https` address with a host and without a name or password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hub) struct Address(Uri);

impl Address {
    /// Reads an address; what follows `#` is left out. `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().split('#').next()?;
        let uri: Uri = utf8_percent_encode(text, UNWISE).to_string().parse().ok()?;
        let is_known = matches!(uri.scheme_str(), Some("http" | "https"));
        let is_plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        (is_known && is_plain && uri.host().is_some_and(|host| !host.is_empty())).then_some(Self(uri))
    }

    /// The address that a `Location` header of an answer from this one means.
    pub fn join(&self, location: &str) -> Option<Self> {
        let location = location.trim();
        let (scheme, authority) = (self.0.scheme_str()?, self.0.authority()?.as_str());
        if location.contains("://") && !location.starts_with(['/', '?']) {
            Self::parse(location)
        } else if location.starts_with("//") {
            Self::parse(&format!("{scheme}:{location}"))
        } else if location.starts_with('/') {
            Self::parse(&format!("{scheme}://{authority}{location}"))
        } else {
            let path = self.0.path();
            let folder = if location.starts_with('?') { path } else { &path[..=path.rfind('/')?] };
            Self::parse(&format!("{scheme}://{authority}{folder}{location}"))
        }
    }

    /// The server's name.
    pub fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    /// Whether what is sent is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// The path, percent-encoded.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// A hash of the whole address, which may have a secret in it.
    pub fn fingerprint(&self) -> String {
        format!("{:x}", Sha256::digest(self.0.to_string()))
    }

    /// Whether both are the same server: scheme, host and port.
    pub fn is_same_server(&self, other: &Self) -> bool {
        self.is_https() == other.is_https()
            && self.port() == other.port()
            && self.host().eq_ignore_ascii_case(other.host())
    }

    fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }
}

/// One part of a path, percent-encoded.
pub(in crate::hub) fn encoded(part: &str) -> String {
    utf8_percent_encode(part, IN_PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_from_where_it_was_sent() {
        let from = Address::parse("https://hub.test:8443/a/b?x=1").expect("an address");
        for (location, to) in [
            ("https://cdn.test/x y?sig=a%2Fb", "https://cdn.test/x%20y?sig=a%2Fb"),
            ("//cdn.test/x", "https://cdn.test/x"),
            ("/c/d?e", "https://hub.test:8443/c/d?e"),
            ("c", "https://hub.test:8443/a/c"),
            ("?y=2", "https://hub.test:8443/a/b?y=2"),
            ("/login?next=http://x/", "https://hub.test:8443/login?next=http://x/"),
        ] {
            assert_eq!(from.join(location).map(|address| address.0.to_string()).as_deref(), Some(to), "{location}");
        }
        for bad in ["ftp://x/y", "file:///etc/passwd", "https://me:secret@x/y", "http://"] {
            assert_eq!(from.join(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_server_is_scheme_host_and_port() {
        let same = |a: &str, b: &str| {
            Address::parse(a).expect("an address").is_same_server(&Address::parse(b).expect("an address"))
        };
        assert!(same("https://hub.test/a", "https://HUB.test:443/b"));
        assert!(!same("https://hub.test/", "http://hub.test/"));
        assert!(!same("http://hub.test/", "http://hub.test:81/"));
        assert!(!same("http://hub.test/", "http://hub.test.evil/"));
    }
}
