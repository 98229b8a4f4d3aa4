//! The hub as its documentation describes it: names and redirects on one server, large contents on another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha256};
use underpaint::hub::{Control, Environment, FetchLimits, FileRequest, Hub, HubError, Progress, Proxies, Repository};

use crate::server::{Reply, Seen, Server};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// One file of the repository `a/b`.
#[derive(Clone)]
pub struct FakeFile {
    pub bytes: Arc<Vec<u8>>,
    /// The sha256 of them.
    pub hash: String,
    /// Whether it is on the second server under its sha256.
    pub is_large: bool,
}

type Fault = Box<dyn Fn(usize, &Seen, &mut Reply, &[u8]) -> bool + Send + Sync>;

#[derive(Default)]
struct Shared {
    files: Mutex<BTreeMap<String, FakeFile>>,
    /// What the second server has, by its sha256. What was replaced stays there, so that a file changes in one step: in that
    /// of its name.
    stored: Mutex<BTreeMap<String, Arc<Vec<u8>>>>,
    /// Asked first, with the number of the request from 0 and the file; `true` says that it answered.
    fault: Mutex<Option<Arc<Fault>>>,
    count: AtomicUsize,
    /// The second server's address.
    contents: Mutex<String>,
    hub_fault: Mutex<Option<Arc<Fault>>>,
    hub_count: AtomicUsize,
}

pub struct FakeHub {
    pub hub: Server,
    pub contents: Server,
    shared: Arc<Shared>,
    folder: tempfile::TempDir,
}

impl FakeHub {
    pub fn new() -> Self {
        let shared = Arc::<Shared>::default();
        let (of_contents, of_hub) = (Arc::clone(&shared), Arc::clone(&shared));
        let contents = Server::start(move |seen, reply| of_contents.content(seen, reply));
        *shared.contents.lock().expect("free") = contents.address.clone();
        let hub = Server::start(move |seen, reply| of_hub.hub(seen, reply));
        Self { hub, contents, shared, folder: tempfile::tempdir().expect("folder") }
    }

    /// A hub with one large file, `model.safetensors`.
    pub fn with_model(bytes: &[u8]) -> Self {
        let hub = Self::new();
        hub.put("model.safetensors", bytes, true);
        hub
    }

    pub fn put(&self, path: &str, bytes: &[u8], is_large: bool) {
        let file = FakeFile { bytes: Arc::new(bytes.to_vec()), hash: sha256(bytes), is_large };
        if is_large {
            self.shared.stored.lock().expect("free").insert(file.hash.clone(), Arc::clone(&file.bytes));
        }
        self.shared.files.lock().expect("free").insert(path.to_owned(), file);
    }

    /// What the second server does instead of answering well.
    pub fn on_content(&self, fault: impl Fn(usize, &Seen, &mut Reply, &[u8]) -> bool + Send + Sync + 'static) {
        *self.shared.fault.lock().expect("free") = Some(Arc::new(Box::new(fault)));
    }

    /// What the hub itself does instead of answering well.
    pub fn on_hub(&self, fault: impl Fn(usize, &Seen, &mut Reply, &[u8]) -> bool + Send + Sync + 'static) {
        *self.shared.hub_fault.lock().expect("free") = Some(Arc::new(Box::new(fault)));
    }

    pub fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub fn environment(&self) -> Environment {
        Environment {
            endpoint: self.hub.address.clone(),
            cache: self.cache(),
            token: None,
            offline: false,
            proxies: Proxies::default(),
        }
    }

    pub fn open(&self) -> Hub {
        Hub::with_limits(self.environment(), limits()).expect("opens")
    }

    /// Fetches a file of `a/b`.
    pub fn fetch(&self, file: &str) -> Result<PathBuf, HubError> {
        self.open().fetch(&request(file), &Control::default(), &mut |_| ())
    }

    /// Fetches the model with these limits.
    pub fn fetch_with(
        &self,
        limits: FetchLimits,
        control: &Control,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, HubError> {
        let hub = Hub::with_limits(self.environment(), limits).expect("opens");
        hub.fetch(&request("model.safetensors"), control, on_progress)
    }

    /// The names in the folder of contents, without what is only there for a lock.
    pub fn blobs(&self) -> Vec<String> {
        names(&self.cache().join("models--a--b/blobs"))
    }
}

pub fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Limits with which no test waits long for a new try, and none is cut on a slow machine.
pub fn limits() -> FetchLimits {
    FetchLimits {
        silence: Duration::from_secs(30),
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_secs(20),
        tries: 4,
        parts: 4,
        parts_from: 256 << 10,
    }
}

pub fn repository() -> Repository {
    Repository::new("a/b").expect("a repository")
}

pub fn request(file: &str) -> FileRequest {
    FileRequest::new(repository(), file)
}

/// Bytes that do not repeat.
pub fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(state ^ (state >> 29)).to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn git_sha1(bytes: &[u8]) -> String {
    let mut hash = sha1::Sha1::new();
    hash.update(format!("blob {}\0", bytes.len()));
    hash.update(bytes);
    format!("{:x}", hash.finalize())
}

impl Shared {
    /// `/SHA256` on the second server.
    fn content(&self, seen: &Seen, reply: &mut Reply) {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        let name = seen.path.trim_start_matches('/').split('?').next().unwrap_or_default().to_owned();
        let Some(bytes) = self.stored.lock().expect("free").get(&name).cloned() else {
            return reply.send(404, &[], b"");
        };
        let fault = self.fault.lock().expect("free").clone();
        if fault.is_some_and(|fault| fault(number, seen, reply, &bytes)) {
            return;
        }
        send_content(seen, reply, &bytes, &format!("\"stored-{name}\""));
    }

    fn hub(&self, seen: &Seen, reply: &mut Reply) {
        let number = self.hub_count.fetch_add(1, Ordering::SeqCst);
        let fault = self.hub_fault.lock().expect("free").clone();
        if fault.is_some_and(|fault| fault(number, seen, reply, b"")) {
            return;
        }
        let path = seen.path.split('?').next().unwrap_or_default();
        if path == "/api/models/a/b/revision/main" {
            return reply.send(200, &[("Content-Type", "application/json")], self.list().as_bytes());
        }
        let file = path.strip_prefix("/a/b/resolve/").and_then(|rest| rest.split_once('/'));
        let file = file.filter(|(revision, _)| *revision == "main" || *revision == COMMIT);
        let files = self.files.lock().expect("free").clone();
        let Some(file) = file.and_then(|(_, name)| files.get(name)) else {
            return reply.send(404, &[("X-Error-Code", "EntryNotFound")], b"Entry not found");
        };
        if file.is_large {
            let hash = &file.hash;
            let etag = format!("\"{hash}\"");
            let location = format!("{}/{hash}?signature=s", self.contents.lock().expect("free"));
            let size = file.bytes.len().to_string();
            let headers = [
                ("Location", location.as_str()),
                ("X-Repo-Commit", COMMIT),
                ("X-Linked-Etag", &etag),
                ("X-Linked-Size", &size),
            ];
            return reply.send(302, &headers, b"Found. Redirecting");
        }
        let etag = format!("\"{}\"", git_sha1(&file.bytes));
        reply.send(200, &[("X-Repo-Commit", COMMIT), ("ETag", &etag)], &file.bytes);
    }

    fn list(&self) -> String {
        let files: Vec<String> = self
            .files
            .lock()
            .expect("free")
            .iter()
            .map(|(path, file)| {
                let size = file.bytes.len();
                let large = format!(r#","lfs":{{"sha256":"{}","size":{size}}}"#, file.hash);
                let large = if file.is_large { large } else { String::new() };
                format!(r#"{{"rfilename":"{path}","size":{size}{large}}}"#)
            })
            .collect();
        format!(
            r#"{{"id":"a/b","sha":"{COMMIT}","gated":false,"cardData":{{"license":"mit"}},"siblings":[{}]}}"#,
            files.join(",")
        )
    }
}

/// A file as a good server sends it: whole, or the part that is asked for while it is still the same.
pub fn send_content(seen: &Seen, reply: &mut Reply, bytes: &[u8], etag: &str) {
    let is_same = seen.header("if-range").is_none_or(|known| known == etag);
    match seen.range(bytes.len()).filter(|_| is_same) {
        Some(range) if range.start >= bytes.len() => {
            reply.send(416, &[("Content-Range", &format!("bytes */{}", bytes.len()))], b"");
        }
        Some(range) => {
            let named = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
            reply.send(206, &[("ETag", etag), ("Content-Range", &named)], &bytes[range]);
        }
        None => reply.send(200, &[("ETag", etag), ("Accept-Ranges", "bytes")], bytes),
    }
}
