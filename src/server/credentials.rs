//! The name and password that clients have to give (HTTP Basic, RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A name and password, kept as a hash.
#[derive(Clone)]
pub struct Credentials([u8; 32]);

impl Credentials {
    /// Reads `name:password`; the password may hold further colons.
    ///
    /// # Errors
    /// A text without a colon, or with an empty name or password.
    pub fn from_text(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some((name, password)) if !name.is_empty() && !password.is_empty() => Ok(Self(hash(text.as_bytes()))),
            _ => Err("give a name and a password as USER:PASS".into()),
        }
    }

    /// Whether the value of an `Authorization` header gives them. Takes the same time for every wrong value of a
    /// length, so that nothing can be learned from it.
    pub(super) fn are_in(&self, header: &str) -> bool {
        let Some((scheme, given)) = header.split_once(' ') else { return false };
        if !scheme.eq_ignore_ascii_case("basic") {
            return false;
        }
        let given = STANDARD.decode(given.trim()).unwrap_or_default();
        let difference = hash(&given).iter().zip(&self.0).fold(0, |all, (one, other)| all | (one ^ other));
        std::hint::black_box(difference) == 0
    }
}

/// Says nothing of what it holds.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_pair_is_accepted() {
        let credentials = Credentials::from_text("anna:a:b").expect("a pair");
        let header = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        assert!(
            credentials.are_in(&header("anna:a:b"))
                && credentials.are_in(
                    &header("anna:a:b")
                        .to_uppercase()
                        .replace(&STANDARD.encode("anna:a:b").to_uppercase(), &STANDARD.encode("anna:a:b"))
                )
        );
        for wrong in ["", "anna", "anna:", "anna:a", "anna:a:bc", "bert:a:b"] {
            assert!(!credentials.are_in(&header(wrong)), "{wrong}");
        }
        for wrong in ["", "Basic", "Basic %%%", "Bearer YW5uYTphOmI=", "YW5uYTphOmI="] {
            assert!(!credentials.are_in(wrong), "{wrong}");
        }
        assert!(!format!("{credentials:?}").contains('a') || format!("{credentials:?}") == "Credentials");
    }

    #[test]
    fn a_name_and_a_password_are_both_needed() {
        for wrong in ["", ":", "anna", "anna:", ":secret"] {
            assert!(Credentials::from_text(wrong).is_err(), "{wrong}");
        }
    }
}
