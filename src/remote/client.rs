//! Sends one request to the server.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use super::trouble::Trouble;
use super::{Login, Patience, ServerUrl};
use crate::engine::random_seed;

/// Sends requests to one server. Clones share their connections.
#[derive(Clone)]
pub(super) struct Client {
    url: ServerUrl,
    login: Option<Login>,
    agent: Agent,
    pub patience: Patience,
}

impl Client {
    pub fn new(url: ServerUrl, login: Option<Login>, patience: Patience) -> Self {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            // Servers that make pictures are on this machine or near it, and a redirect could lead the password elsewhere.
            .proxy(None)
            .max_redirects(0)
            .user_agent(concat!("underpaint/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .timeout_connect(Some(patience.connect))
            .timeout_resolve(Some(patience.connect))
            .build()
            .new_agent();
        Self { url, login, agent, patience }
    }

    /// The server's host and port.
    pub fn host(&self) -> &str {
        self.url.host()
    }

    /// Asks a short question.
    pub fn get(&self, name: &str) -> Result<Value, Trouble> {
        self.get_at(&self.url.api(name))
    }

    /// Asks what is at the server's own address.
    pub fn get_root(&self) -> Result<Value, Trouble> {
        self.get_at(&format!("{}/", self.url))
    }

    /// Asks a short question at a path of the server that begins with a slash.
    pub fn get_path(&self, path: &str) -> Result<Value, Trouble> {
        self.get_at(&format!("{}{path}", self.url))
    }

    fn get_at(&self, address: &str) -> Result<Value, Trouble> {
        let mut request = self.agent.get(address).config().timeout_global(Some(self.patience.answer)).build();
        if let Some(login) = &self.login {
            request = request.header("authorization", login.header());
        }
        value_of(request.call(), self.patience.most_list)
    }

    /// Where the server is.
    pub fn url(&self) -> &ServerUrl {
        &self.url
    }

    /// The value of the `Authorization` header, if there is one.
    pub fn authorization(&self) -> Option<String> {
        self.login.as_ref().map(Login::header)
    }

    /// Asks for a file at a path of the server.
    pub fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Trouble> {
        let address = format!("{}{path}", self.url);
        let mut request = self.agent.get(address).config().timeout_global(Some(self.patience.answer)).build();
        if let Some(login) = &self.login {
            request = request.header("authorization", login.header());
        }
        bytes_of(request.call(), self.patience.most_picture)
    }

    /// Sends JSON to a path of the server. An empty answer is `null`.
    pub fn post_json(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.post_bytes(path, "application/json", body.to_string().as_bytes())
    }

    /// Sends a picture file to a path of the server as a form does (RFC 7578), for its folder of temporary files.
    pub fn upload(&self, path: &str, name: &str, png: &[u8]) -> Result<Value, Trouble> {
        // No PNG holds it: its parts have checksums, and this is written after the picture is known.
        let boundary = format!("underpaint{:016x}{:016x}", random_seed(), random_seed());
        let mut body = Vec::new();
        for (field, value) in [("type", "temp"), ("subfolder", "underpaint"), ("overwrite", "true")] {
            let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(part.as_bytes());
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(png);
        body.extend(format!("\r\n--{boundary}--\r\n").as_bytes());
        self.post_bytes(path, &format!("multipart/form-data; boundary={boundary}"), &body)
    }

    fn post_bytes(&self, path: &str, kind: &str, body: &[u8]) -> Result<Value, Trouble> {
        let address = format!("{}{path}", self.url);
        let mut request = self.agent.post(address).config().timeout_global(Some(self.patience.answer)).build();
        if let Some(login) = &self.login {
            request = request.header("authorization", login.header());
        }
        let bytes = bytes_of(request.header("content-type", kind).send(body), self.patience.most_list)?;
        match bytes.is_empty() {
            true => Ok(Value::Null),
            false => serde_json::from_slice(&bytes).map_err(|_| Trouble::Nonsense("is not JSON".into())),
        }
    }

    /// Says something that is answered at once.
    pub fn post_empty(&self, name: &str) -> Result<(), Trouble> {
        self.post(name, &Value::Object(serde_json::Map::new()), self.patience.answer, self.patience.most_list).map(drop)
    }

    /// Asks for a picture.
    pub fn post_picture(&self, name: &str, body: &Value) -> Result<Value, Trouble> {
        self.post(name, body, self.patience.picture, self.patience.most_picture)
    }

    fn post(&self, name: &str, body: &Value, most_time: Duration, most_bytes: u64) -> Result<Value, Trouble> {
        let mut request = self.agent.post(self.url.api(name)).config().timeout_global(Some(most_time)).build();
        if let Some(login) = &self.login {
            request = request.header("authorization", login.header());
        }
        value_of(request.header("content-type", "application/json").send(body.to_string()), most_bytes)
    }
}

/// The JSON of an answer that is not too long.
fn value_of(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>, most: u64) -> Result<Value, Trouble> {
    serde_json::from_slice(&bytes_of(answer, most)?).map_err(|_| Trouble::Nonsense("is not JSON".into()))
}

/// An answer that is not too long.
fn bytes_of(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>, most: u64) -> Result<Vec<u8>, Trouble> {
    let mut answer = answer.map_err(Trouble::of_request)?;
    let status = answer.status().as_u16();
    let mut bytes = Vec::new();
    let read = answer.body_mut().as_reader().take(most + 1).read_to_end(&mut bytes);
    match read {
        Err(error) if (200..300).contains(&status) => Err(Trouble::of_reading(&error)),
        _ if bytes.len() as u64 > most => Err(Trouble::too_long(most)),
        _ if !(200..300).contains(&status) => Err(Trouble::of_status(status, &bytes)),
        _ => Ok(bytes),
    }
}
