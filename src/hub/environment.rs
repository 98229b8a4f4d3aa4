//! What environment variables say about the hub, as its own tools read them.
//!
//! The names and their order are those of huggingface_hub's documentation, "Environment variables".

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Proxies;
use crate::engine::Error;

/// The hub's address where `HF_ENDPOINT` names no other.
const ENDPOINT: &str = "https://huggingface.co";

/// Where the hub is, where its cache lies, and whether it may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The hub's address without a slash at its end, `HF_ENDPOINT` or the public hub.
    pub endpoint: String,
    /// The cache's folder, which holds a folder a repository; it need not exist.
    pub cache: PathBuf,
    /// The access token sent to [`Environment::endpoint`] alone.
    pub token: Option<String>,
    /// `HF_HUB_OFFLINE`: nothing may be fetched.
    pub offline: bool,
    /// Which proxies lead to the network.
    pub proxies: Proxies,
}

impl Environment {
    /// Reads the variables of this process, and the file that `hf auth login` keeps the token in.
    ///
    /// # Errors
    /// [`Error::Setting`] where neither a variable nor the system says where the cache lies.
    pub fn of_this_process() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var_os(name), dirs::home_dir().as_deref())
    }

    /// The same with variables from `variable` and this home folder.
    ///
    /// # Errors
    /// [`Error::Setting`] where neither a variable nor `home` says where the cache lies.
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>, home: Option<&Path>) -> Result<Self, Error> {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let folder = |name: &str| given(name).map(|value| from_home(PathBuf::from(value), home));
        let text = |name: &str| given(name).map(|value| value.to_string_lossy().trim().to_owned());
        let hub_home = || {
            folder("HF_HOME")
                .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("huggingface")))
                .or_else(|| Some(home?.join(".cache").join("huggingface")))
        };
        let cache = folder("HF_HUB_CACHE")
            .or_else(|| folder("HUGGINGFACE_HUB_CACHE"))
            .or_else(|| Some(hub_home()?.join("hub")))
            .ok_or_else(|| {
                Error::Setting(
                    "This system names no home folder, so it is not known where fetched models lie; set HF_HUB_CACHE to a folder.".into(),
                )
            })?;
        let token_file = || folder("HF_TOKEN_PATH").or_else(|| Some(hub_home()?.join("token")));
        let kept = || std::fs::read_to_string(token_file()?).ok();
        let token = text("HF_TOKEN").or_else(kept).map(|token| token.trim().to_owned());
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.into());
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            cache,
            token: token.filter(|token| !token.is_empty()),
            offline: text("HF_HUB_OFFLINE").is_some_and(|value| is_yes(&value)),
            proxies: Proxies::from_variables(text),
        })
    }
}

/// A path that begins with `~` begins in the home folder.
fn from_home(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

fn is_yes(value: &str) -> bool {
    ["1", "on", "yes", "true"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)], home: Option<&str>) -> Environment {
        let of = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        Environment::from_variables(of, home.map(Path::new)).expect("says where the cache lies")
    }

    #[test]
    fn the_nearest_variable_says_where_the_cache_lies() {
        let all =
            [("HF_HUB_CACHE", "/a"), ("HUGGINGFACE_HUB_CACHE", "/b"), ("HF_HOME", "/c"), ("XDG_CACHE_HOME", "/d")];
        for (from, cache) in [(0, "/a"), (1, "/b"), (2, "/c/hub"), (3, "/d/huggingface/hub")] {
            assert_eq!(read(&all[from..], Some("/home/ann")).cache, Path::new(cache));
        }
        assert_eq!(read(&[], Some("/home/ann")).cache, Path::new("/home/ann/.cache/huggingface/hub"));
        assert_eq!(read(&[("HF_HOME", "~/hf")], Some("/home/ann")).cache, Path::new("/home/ann/hf/hub"));
        assert_eq!(read(&[("HF_HUB_CACHE", ""), ("HF_HOME", "/c")], None).cache, Path::new("/c/hub"));
    }

    #[test]
    fn without_a_home_the_sentence_says_what_to_set() {
        let text = Environment::from_variables(|_| None, None).expect_err("nowhere").to_string();
        assert!(text.contains("HF_HUB_CACHE"), "{text}");
    }

    #[test]
    fn an_endpoint_ends_without_a_slash() {
        assert_eq!(read(&[], Some("/h")).endpoint, "https://huggingface.co");
        assert_eq!(read(&[("HF_ENDPOINT", "http://127.0.0.1:8080/")], Some("/h")).endpoint, "http://127.0.0.1:8080");
    }

    #[test]
    fn a_token_comes_from_the_variable_or_the_file() {
        let folder = tempfile::tempdir().expect("folder");
        let home = folder.path().display().to_string();
        assert_eq!(read(&[("HF_HOME", &home)], None).token, None);
        std::fs::write(folder.path().join("token"), "hf_kept\n").expect("writes");
        assert_eq!(read(&[("HF_HOME", &home)], None).token.as_deref(), Some("hf_kept"));
        assert_eq!(read(&[("HF_HOME", &home), ("HF_TOKEN", "hf_set")], None).token.as_deref(), Some("hf_set"));
    }

    #[test]
    fn offline_is_what_the_hub_tools_take_for_yes() {
        for (value, offline) in [("1", true), ("true", true), ("YES", true), ("0", false), ("", false), ("no", false)] {
            assert_eq!(read(&[("HF_HUB_OFFLINE", value)], Some("/h")).offline, offline, "{value}");
        }
    }
}
