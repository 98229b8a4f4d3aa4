//! The program itself: killed, interrupted, started twice, behind a proxy.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use crate::fake_hub::{COMMIT, FakeHub, noise, sha256};

/// `underpaint models fetch` with a hub and nothing else of this machine's settings.
pub fn fetch(hub: &FakeHub, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_CACHE"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env("HF_ENDPOINT", &hub.hub.address).env("HF_HOME", hub.cache().with_file_name("home"));
    command.env("HF_HUB_CACHE", hub.cache()).args(["models", "fetch"]).args(more);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn failure(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    text(&output.stderr)
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..1200 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{what} did not happen within a minute");
}

/// A hub whose second server sends the first half of each of the first four answers and then falls silent.
fn slow_hub(bytes: &[u8]) -> FakeHub {
    let hub = FakeHub::with_model(bytes);
    hub.on_content(|number, seen, reply, bytes| {
        if number >= 4 {
            return false;
        }
        let range = seen.range(bytes.len()).expect("a range");
        let named = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
        let etag = format!("\"stored-{}\"", sha256(bytes));
        reply.begin(206, &[("ETag", &etag), ("Content-Range", &named)], Some(range.len()));
        reply.body(&bytes[range.start..range.start + range.len() / 2]);
        reply.hang();
        true
    });
    hub
}

/// How many bytes the record beside the part says are here.
fn recorded(hub: &FakeHub, bytes: &[u8]) -> u64 {
    let record = hub.cache().join("models--a--b/blobs").join(format!("{}.underpaint-ranges", sha256(bytes)));
    let Ok(text) = std::fs::read(record) else { return 0 };
    let record: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let ranges = record["done"].as_array().expect("ranges");
    ranges.iter().map(|range| range[1].as_u64().expect("a number") - range[0].as_u64().expect("a number")).sum()
}

fn path_of(hub: &FakeHub) -> PathBuf {
    hub.cache().join("models--a--b/snapshots").join(COMMIT).join("model.safetensors")
}

#[test]
fn a_killed_fetch_goes_on_at_the_next_start() {
    // Large enough for four parts of 16 MiB with the usual limits.
    let bytes = noise(72 << 20, 70);
    let hub = slow_hub(&bytes);
    let mut first = fetch(&hub, &["a/b:model.safetensors"]).stderr(Stdio::null()).spawn().expect("starts");
    // Each of the four parts has half of its bytes.
    wait_until("a record of half of four parts", || recorded(&hub, &bytes) >= 4 * (8 << 20));
    // SIGKILL: nothing is tidied up.
    first.kill().expect("kills");
    first.wait().expect("ends");
    let (kept, before) = (recorded(&hub, &bytes), hub.contents.body_bytes());
    let output = fetch(&hub, &["a/b:model.safetensors"]).output().expect("starts");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stdout), path_of(&hub).display().to_string());
    assert!(std::fs::read(path_of(&hub)).expect("reads") == bytes);
    let again = hub.contents.body_bytes() - before;
    println!("{} bytes: {kept} were here when it was killed, {again} were fetched after it", bytes.len());
    assert_eq!(again, bytes.len() as u64 - kept);
    assert_eq!(hub.blobs(), [sha256(&bytes)]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_cleanly_and_the_next_run_goes_on() {
    let bytes = noise(2 << 20, 71);
    let hub = slow_hub(&bytes);
    hub.on_content(|number, _, reply, bytes| {
        if number > 0 {
            return false;
        }
        let etag = format!("\"stored-{}\"", sha256(bytes));
        reply.begin(200, &[("ETag", &etag)], Some(bytes.len()));
        reply.body(&bytes[..1 << 20]);
        reply.hang();
        true
    });
    let first = fetch(&hub, &["a/b:model.safetensors"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let first = first.expect("starts");
    wait_until("the first half", || hub.contents.body_bytes() >= 1 << 20 && recorded(&hub, &bytes) >= 1 << 20);
    let interrupted = Command::new("kill").args(["-INT", &first.id().to_string()]).status().expect("kill");
    assert!(interrupted.success());
    let output = first.wait_with_output().expect("ends");
    let said = failure(&output);
    assert!(said.ends_with("underpaint: Cancelled; the same command goes on where this one stopped."), "{said}");
    let before = hub.contents.body_bytes();
    assert!(fetch(&hub, &["a/b:model.safetensors"]).output().expect("starts").status.success());
    assert_eq!(hub.contents.body_bytes() - before, 1 << 20);
}

#[test]
fn two_programs_at_once_fetch_a_file_once() {
    let bytes = noise(8 << 20, 72);
    let hub = FakeHub::with_model(&bytes);
    let second: Arc<Mutex<Option<Child>>> = Arc::default();
    let (slot, address, cache) = (Arc::clone(&second), hub.hub.address.clone(), hub.cache());
    // While the first one fetches, a second one is started, and says that it waits.
    hub.on_content(move |number, _, _, _| {
        if number == 0 {
            let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
            command.env("HF_ENDPOINT", &address).env("HF_HUB_CACHE", &cache).env("NO_PROXY", "*");
            command.args(["models", "fetch", "--json", "a/b:model.safetensors"]);
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
            let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
            assert!(lines.any(|line| line.contains("\"waiting\"")), "the second program waits");
            std::thread::spawn(move || lines.for_each(drop));
            *slot.lock().expect("free") = Some(child);
        }
        false
    });
    let first = fetch(&hub, &["a/b:model.safetensors"]).output().expect("starts");
    assert!(first.status.success(), "{first:?}");
    let mut second = second.lock().expect("free").take().expect("was started");
    assert!(second.wait().expect("ends").success());
    assert_eq!(hub.contents.body_bytes(), bytes.len() as u64);
}

#[test]
fn a_repository_gives_its_model_and_one_line_of_json_says_so() {
    let hub = FakeHub::new();
    hub.put("unet/config.json", b"{}", false);
    hub.put("unet/diffusion_pytorch_model.safetensors", &noise(100_000, 73), true);
    hub.put("README.md", b"read me", false);
    let output = fetch(&hub, &["--json", "a/b", &format!("{}/a/b", hub.hub.address)]).output().expect("starts");
    assert!(output.status.success(), "{output:?}");
    let lines: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let files = &lines[0];
    assert_eq!(
        (&files["event"], &files["license"], &files["bytes"]),
        (&"files".into(), &"mit".into(), &100_002.into())
    );
    let done: Vec<_> = lines.iter().filter(|line| line["event"] == "done").collect();
    assert_eq!(done.len(), 1, "two ways to say one place are one: {lines:?}");
    let folder = hub.cache().join("models--a--b/snapshots").join(COMMIT);
    assert_eq!(done[0]["path"].as_str(), folder.to_str());
    let progress = lines.iter().find(|line| line["event"] == "progress").expect("progress");
    assert!(progress["bytes"].is_u64() && progress["total"] == 100_002, "{progress}");
    // One file of it, offline now.
    let output = fetch(&hub, &["--offline", "a/b", "--file", "unet/config.json"]).output().expect("starts");
    assert_eq!(text(&output.stdout), folder.join("unet/config.json").display().to_string());
}

#[test]
fn what_fails_is_one_sentence_and_the_rest_is_fetched() {
    let hub = FakeHub::with_model(&noise(5000, 74));
    let output = fetch(&hub, &["a/b:missing.bin", "a/b:model.safetensors"]).output().expect("starts");
    let said = failure(&output);
    assert!(said.contains("underpaint: a/b has no file missing.bin; "), "{said}");
    assert_eq!(text(&output.stdout), path_of(&hub).display().to_string());
    let output = fetch(&hub, &["--offline", "c/d"]).output().expect("starts");
    assert_eq!(
        failure(&output),
        "underpaint: c/d is not on this machine, and nothing is fetched while offline; go online and try again."
    );
    let asked = hub.hub.count();
    let output = fetch(&hub, &["not a place"]).output().expect("starts");
    assert!(failure(&output).contains("owner/name"));
    let output = fetch(&hub, &["a/b:model.safetensors", "--file", "x"]).output().expect("starts");
    assert!(failure(&output).contains("--file needs a repository"));
    let output = fetch(&hub, &["--json", "a/b:missing.bin"]).env("HF_HUB_OFFLINE", "1").output().expect("starts");
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one line");
    assert_eq!((output.status.code(), &line["event"]), (Some(1), &"failed".into()));
    assert_eq!(hub.hub.count(), asked, "nothing is asked");
}

#[test]
fn a_link_is_saved_in_the_folder_that_is_named() {
    let hub = FakeHub::with_model(&noise(5000, 75));
    let folder = tempfile::tempdir().expect("folder");
    let link = format!("{}/{}", hub.contents.address, sha256(&noise(5000, 75)));
    let output = fetch(&hub, &[&link, "--to", folder.path().to_str().expect("text")]).output().expect("starts");
    assert!(output.status.success(), "{output:?}");
    assert!(std::fs::read(text(&output.stdout)).expect("reads") == noise(5000, 75));
}

#[test]
fn a_proxy_is_used_except_for_the_hosts_that_are_named() {
    let bytes = noise(5000, 76);
    let hub = FakeHub::with_model(&bytes);
    let port = hub.hub.address.rsplit(':').next().expect("a port").to_owned();
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let proxy = proxy(Arc::clone(&asked));
    // No server of this name is known, so only the proxy can lead to it.
    let output = fetch(&hub, &["a/b:model.safetensors"])
        .env("HF_ENDPOINT", format!("http://hub.invalid:{port}"))
        .env("HTTP_PROXY", &proxy)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("starts");
    assert!(output.status.success(), "{output:?}");
    let asked = asked.lock().expect("free").clone();
    assert!(
        !asked.is_empty() && asked.iter().all(|line| line.starts_with(&format!("CONNECT hub.invalid:{port} "))),
        "{asked:?}"
    );
}

/// A proxy that connects whatever is asked for to the same port on this machine.
fn proxy(asked: Arc<Mutex<Vec<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let asked = Arc::clone(&asked);
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|count| count > 0) {
                    head.push(byte[0]);
                }
                let line = text(&head).lines().next().unwrap_or_default().to_owned();
                let port =
                    line.split_whitespace().nth(1).and_then(|to| to.rsplit(':').next()).unwrap_or("0").to_owned();
                asked.lock().expect("free").push(line);
                let Ok(mut server) = TcpStream::connect(format!("127.0.0.1:{port}")) else { return };
                let _ = client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
                let (Ok(mut back), Ok(mut to)) = (server.try_clone(), client.try_clone()) else { return };
                std::thread::spawn(move || std::io::copy(&mut back, &mut to));
                let _ = std::io::copy(&mut client, &mut server);
            });
        }
    });
    address
}
