//! Files from anywhere, by their links.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use underpaint::hub::{Control, Environment, Expected, Hub, HubError};

use crate::fake_hub::{FakeHub, limits, names, noise, send_content, sha256};
use crate::server::{Reply, Seen, Server};

/// A safetensors file that is large enough for parts.
fn model(seed: u64) -> Vec<u8> {
    let mut bytes = b"\x10\0\0\0\0\0\0\0{\"a\":{}}        ".to_vec();
    bytes.extend(noise(1 << 20, seed));
    bytes
}

struct Place {
    server: Server,
    hub: FakeHub,
    folder: tempfile::TempDir,
}

impl Place {
    fn new(handler: impl Fn(&Seen, &mut Reply) + Send + Sync + 'static) -> Self {
        Self { server: Server::start(handler), hub: FakeHub::new(), folder: tempfile::tempdir().expect("folder") }
    }

    fn fetch(&self, path: &str) -> Result<PathBuf, HubError> {
        self.fetch_with(path, &Expected::default(), u64::MAX)
    }

    /// Cancels once there are this many bytes.
    fn fetch_with(&self, path: &str, expected: &Expected, most: u64) -> Result<PathBuf, HubError> {
        let environment = Environment { token: Some("hf_secret".into()), ..self.hub.environment() };
        let hub = Hub::with_limits(environment, limits()).expect("opens");
        let link = format!("{}{path}", self.server.address);
        let control = Control::default();
        hub.fetch_link(&link, self.folder.path(), expected, &control, &mut |progress| {
            if progress.bytes >= most {
                control.cancel();
            }
        })
    }

    fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }
}

#[test]
fn a_file_gets_the_name_that_its_server_gives_it_and_no_token_is_sent() {
    let bytes = model(60);
    let sent = bytes.clone();
    let place = Place::new(move |seen, reply| {
        let headers = [("Content-Disposition", "attachment; filename=\"My model.safetensors\""), ("ETag", "\"1\"")];
        match seen.range(sent.len()) {
            Some(range) => {
                let named = format!("bytes {}-{}/{}", range.start, range.end - 1, sent.len());
                reply.send(206, &[headers[0], headers[1], ("Content-Range", &named)], &sent[range]);
            }
            None => reply.send(200, &headers, &sent),
        }
    });
    let path = place.fetch("/download/7?type=model").expect("fetches");
    assert_eq!(path, place.folder.path().join("My model.safetensors"));
    assert_eq!(std::fs::read(&path).expect("reads"), bytes);
    assert_eq!(place.names(), ["My model.safetensors"], "nothing else stays");
    assert!(place.server.log().iter().all(|seen| seen.header("authorization").is_none()));
    // The first byte is asked for to learn the size.
    assert_eq!(place.server.body_bytes(), bytes.len() as u64 + 1);
    // It is here now.
    let asked = place.server.count();
    assert_eq!(place.fetch("/download/7?type=model"), Ok(path));
    assert_eq!(place.server.count(), asked + 1);
}

#[test]
fn a_cancelled_fetch_goes_on_while_the_file_is_the_same_and_begins_again_when_it_is_not() {
    let version = Arc::new(AtomicUsize::new(0));
    let (files, now) = ([model(61), model(62)], Arc::clone(&version));
    let sent = files.clone();
    let place = Place::new(move |seen, reply| {
        let turn = now.load(Ordering::SeqCst);
        let bytes = &sent[usize::from(turn == 2)];
        let etag = format!("\"{}\"", u8::from(turn == 2));
        let range = seen.range(bytes.len()).expect("a range");
        if turn == 0 && range.len() > 1 {
            let named = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
            reply.begin(206, &[("ETag", &etag), ("Content-Range", &named)], Some(range.len()));
            reply.body(&bytes[range.start..range.start + range.len() / 2]);
            return reply.hang();
        }
        send_content(seen, reply, bytes, &etag);
    });
    for turn in 0..3 {
        version.store(turn, Ordering::SeqCst);
        let before = place.server.body_bytes();
        let fetched = match turn {
            0 => place.fetch_with("/m.safetensors", &Expected::default(), 100_000),
            _ => place.fetch("/m.safetensors"),
        };
        let sent = place.server.body_bytes() - before;
        match turn {
            0 => assert_eq!(fetched, Err(HubError::Cancelled)),
            1 => {
                assert_eq!(std::fs::read(fetched.expect("fetches")).expect("reads"), files[0]);
                assert!(sent + 100_000 <= files[0].len() as u64 + 1, "{sent}");
                std::fs::remove_file(place.folder.path().join("m.safetensors")).expect("removes");
            }
            _ => assert_eq!(std::fs::read(fetched.expect("fetches")).expect("reads"), files[1]),
        }
    }
}

#[test]
fn a_file_that_changes_while_it_is_fetched_begins_again() {
    let (old, new) = (model(63), model(64));
    let files = [old, new.clone()];
    let count = AtomicUsize::new(0);
    let place = Place::new(move |seen, reply| {
        // The fourth request and all later ones find another file.
        let is_new = usize::from(count.fetch_add(1, Ordering::SeqCst) >= 3);
        send_content(seen, reply, &files[is_new], &format!("\"{is_new}\""));
    });
    let path = place.fetch("/m.safetensors").expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), new);
}

#[test]
fn a_server_that_says_neither_length_nor_ranges_is_enough() {
    let bytes = model(65);
    let sent = bytes.clone();
    let place = Place::new(move |_, reply| {
        reply.begin(200, &[], None);
        reply.body(&sent);
    });
    let path = place.fetch("/files/m.safetensors").expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), bytes);
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_not_kept() {
    for (body, says) in [
        (&b"<!DOCTYPE html><html>Sign in</html>"[..], "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a note of where the file is kept"),
        (b"not a model at all", "is no safetensors file"),
        (b"", "is no safetensors file"),
    ] {
        let place = Place::new(move |seen, reply| send_content(seen, reply, body, "\"1\""));
        let text = place.fetch("/m.safetensors").expect_err("is refused").to_string();
        assert!(text.starts_with("127.0.0.1/m.safetensors ") && text.contains(says), "{text}");
        let left: Vec<String> = place.names().into_iter().filter(|name| !name.ends_with("lock")).collect();
        assert_eq!(left, [""; 0]);
    }
}

#[test]
fn a_file_that_is_there_is_never_replaced() {
    let bytes = model(66);
    let place = Place::new(move |seen, reply| send_content(seen, reply, &bytes, "\"1\""));
    std::fs::write(place.folder.path().join("m.safetensors"), b"mine").expect("writes");
    let text = place.fetch("/m.safetensors").expect_err("is there").to_string();
    assert!(text.contains("is there already and is another file; rename or move it"), "{text}");
    assert_eq!(std::fs::read(place.folder.path().join("m.safetensors")).expect("reads"), b"mine");
}

#[test]
fn a_known_checksum_is_compared() {
    let bytes = model(67);
    let (sent, hash) = (bytes.clone(), sha256(&bytes));
    let place = Place::new(move |seen, reply| send_content(seen, reply, &sent, "\"1\""));
    let wrong = Expected { size: None, sha256: Some("0".repeat(64)) };
    let text = place.fetch_with("/m.safetensors", &wrong, u64::MAX).expect_err("differs").to_string();
    assert!(text.contains("is not the file that was expected"), "{text}");
    let other_size = Expected { size: Some(3), sha256: None };
    assert!(place.fetch_with("/m.safetensors", &other_size, u64::MAX).is_err());
    let right = Expected { size: Some(bytes.len() as u64), sha256: Some(hash) };
    assert!(place.fetch_with("/m.safetensors", &right, u64::MAX).is_ok());
}

#[test]
fn what_a_server_elsewhere_refuses_is_said() {
    for (status, says) in [
        (404, "does not exist; copy the link again"),
        (401, "without signing in"),
        (403, "without signing in"),
        (400, "status 400"),
    ] {
        let place = Place::new(move |_, reply| reply.send(status, &[], b""));
        let text = place.fetch("/m.safetensors?key=secret").expect_err("is refused").to_string();
        assert!(text.contains(says) && !text.contains("secret"), "{text}");
        assert_eq!(place.server.count(), 1);
    }
}
