//! The name and password that a server asks for (HTTP Basic, RFC 7617).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// A name and password. What is printed of it says neither.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Login {
    pair: String,
}

impl Login {
    /// Reads `name:password`; the password may hold further colons.
    ///
    /// # Errors
    /// A text without a colon, or with characters that no header can hold.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim_end_matches(['\r', '\n']);
        let is_pair = text.split_once(':').is_some_and(|(name, _)| !name.is_empty());
        if !is_pair || text.chars().any(char::is_control) {
            return Err("give a name and a password as USER:PASS".into());
        }
        Ok(Self { pair: text.to_owned() })
    }

    /// The value of the `Authorization` header.
    pub(super) fn header(&self) -> String {
        format!("Basic {}", STANDARD.encode(&self.pair))
    }

    /// As it is kept in a file that only its owner can read.
    pub fn as_text(&self) -> &str {
        &self.pair
    }
}

impl TryFrom<String> for Login {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::from_text(&text)
    }
}

impl From<Login> for String {
    fn from(login: Login) -> Self {
        login.pair
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_becomes_a_header_and_is_not_printed() {
        let login = Login::from_text("anna:se:cret\n").expect("a pair");
        assert_eq!(login.header(), "Basic YW5uYTpzZTpjcmV0");
        assert_eq!(format!("{login:?}"), "Login");
        assert!(Login::from_text("anna").is_err() && Login::from_text(":x").is_err());
        assert!(Login::from_text("anna:a\r\nHost: x").is_err());
    }
}
