//! The servers that a person named, in `servers.json` in the data folder.
//!
//! The file can hold passwords, so only its owner can read it.

use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{EngineChoice, Login, Server, ServerKind, ServerUrl};

/// The servers that a person named, and which engines make the pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptServers {
    /// Whether this machine makes pictures.
    pub local: bool,
    /// The servers, in the order of the list.
    pub servers: Vec<KeptServer>,
}

impl Default for KeptServers {
    fn default() -> Self {
        Self { local: true, servers: Vec::new() }
    }
}

/// A server that a person named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptServer {
    /// Where it is.
    pub url: ServerUrl,
    /// Name and password as `name:password`; empty where it asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// Whether it makes pictures.
    #[serde(default)]
    pub is_on: bool,
    /// Whether the person agreed that sketch, prompt and settings are sent there.
    #[serde(default)]
    pub is_agreed: bool,
    /// What it speaks; `None` until it was asked.
    #[serde(default)]
    pub kind: Option<ServerKind>,
    /// How long its last picture took, in seconds; `None` before the first.
    #[serde(default)]
    pub seconds: Option<f64>,
}

impl KeptServer {
    /// A server that was not asked yet.
    pub fn new(url: ServerUrl, login: Option<Login>) -> Self {
        Self { url, login, is_on: false, is_agreed: false, kind: None, seconds: None }
    }

    /// Where it is and who asks.
    pub fn server(&self) -> Server {
        Server { url: self.url.clone(), login: self.login.clone() }
    }
}

impl KeptServers {
    /// The name of the file in the data folder.
    pub const FILE: &'static str = "servers.json";

    /// The engines that make pictures. A server to which nothing may be sent yet is none; without any engine it is this
    /// machine.
    pub fn choice(&self) -> EngineChoice {
        let on = self.servers.iter().filter(|server| server.is_on && server.is_agreed);
        let servers: Vec<Server> = on.map(KeptServer::server).collect();
        EngineChoice { local: self.local || servers.is_empty(), servers, graph: None }
    }

    /// Writes the file in `folder`, for its owner alone.
    ///
    /// # Errors
    /// Why it could not be written, as one sentence.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let path = folder.join(Self::FILE);
        let fail = |reason: String| format!("{} could not be written: {reason}.", path.display());
        let json = serde_json::to_vec_pretty(self).map_err(|error| fail(error.to_string()))?;
        let write = || {
            std::fs::create_dir_all(folder)?;
            // A temporary file can be read by its owner alone, and keeps that under its name.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&json)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error: std::io::Error| fail(crate::picture::plain_reason(&error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_owners_alone_and_nothing_is_sent_before_it_was_agreed() {
        let folder = tempfile::tempdir().expect("folder");
        let url = ServerUrl::parse("studio:7860").expect("an address");
        let login = Login::from_text("anna:secret").expect("a pair");
        let mut server = KeptServer::new(url, Some(login));
        server.is_on = true;
        let mut kept = KeptServers { local: false, servers: vec![server] };
        assert_eq!(kept.choice(), EngineChoice::default(), "not agreed");
        kept.servers[0].is_agreed = true;
        let choice = kept.choice();
        assert!(!choice.local && choice.servers.len() == 1);
        for _ in 0..2 {
            kept.write(folder.path()).expect("writes");
        }
        let path = folder.path().join(KeptServers::FILE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
        }
        let read: KeptServers = serde_json::from_slice(&std::fs::read(&path).expect("reads")).expect("JSON");
        assert_eq!(read, kept);
        assert!(!format!("{read:?}").contains("secret"));
    }
}
