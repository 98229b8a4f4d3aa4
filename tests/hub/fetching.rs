//! Fetching when all goes well, and going on after it did not.

use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};

use underpaint::engine::Cancel;
use underpaint::hub::{Control, Environment, FetchLimits, FetchStage, FileRequest, Hub, HubError, model_files};

use crate::fake_hub::{COMMIT, FakeHub, limits, names, noise, repository, request, send_content, sha256};

#[test]
fn a_large_file_arrives_in_parts_and_lies_where_other_programs_look() {
    let bytes = noise(1 << 20, 1);
    let hub = FakeHub::with_model(&bytes);
    let path = hub.fetch("model.safetensors").expect("fetches");
    assert_eq!(path, hub.cache().join("models--a--b/snapshots").join(COMMIT).join("model.safetensors"));
    assert_eq!(std::fs::read(&path).expect("reads"), bytes);
    assert_eq!(hub.blobs(), [sha256(&bytes)], "the blob has its hash for a name, and nothing else stays");
    let main = hub.cache().join("models--a--b/refs/main");
    assert_eq!(std::fs::read_to_string(main).expect("reads"), COMMIT);
    #[cfg(unix)]
    {
        let target = std::fs::read_link(&path).expect("a link");
        assert_eq!(target, std::path::Path::new("../../blobs").join(sha256(&bytes)));
    }
    // Every byte once.
    let mut ranges: Vec<_> = hub.contents.log().iter().map(|seen| seen.range(bytes.len()).expect("a range")).collect();
    ranges.sort_by_key(|range| range.start);
    assert!(ranges.len() >= 4, "{ranges:?}");
    assert_eq!(ranges.iter().map(|range| range.len()).sum::<usize>(), bytes.len());
    assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "{ranges:?}");
    assert_eq!(hub.contents.body_bytes(), bytes.len() as u64);
}

#[test]
fn four_parts_are_fetched_at_the_same_time() {
    let bytes = noise(1 << 20, 2);
    let hub = FakeHub::with_model(&bytes);
    let four = Arc::new(Barrier::new(4));
    // Each of the first four answers waits for the others.
    hub.on_content(move |number, _, _, _| {
        if number < 4 {
            four.wait();
        }
        false
    });
    hub.fetch("model.safetensors").expect("fetches");
}

#[test]
fn a_small_file_is_fetched_in_one_part_and_named_by_gits_hash() {
    let hub = FakeHub::new();
    hub.put("unet/config.json", b"hello\n", false);
    let path = hub.fetch("unet/config.json").expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), b"hello\n");
    assert_eq!(hub.blobs(), ["ce013625030ba8dba906f756967f9e9ca394464a"]);
    assert_eq!(hub.contents.count(), 0);
    let asked: Vec<String> = hub.hub.log().into_iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    assert_eq!(
        asked,
        ["HEAD /a/b/resolve/main/unet/config.json", &format!("GET /a/b/resolve/{COMMIT}/unet/config.json")]
    );
}

#[test]
fn an_empty_file_is_a_file() {
    let hub = FakeHub::new();
    hub.put("empty.txt", b"", false);
    let path = hub.fetch("empty.txt").expect("fetches");
    assert_eq!(std::fs::read(path).expect("reads"), b"");
}

#[test]
fn what_is_here_is_not_fetched_again() {
    let bytes = noise(300 << 10, 3);
    let hub = FakeHub::with_model(&bytes);
    let first = hub.fetch("model.safetensors").expect("fetches");
    let (asked, sent) = (hub.hub.count(), hub.contents.count());
    assert_eq!(hub.fetch("model.safetensors").expect("is here"), first);
    assert_eq!(hub.contents.count(), sent);
    let again: Vec<String> = hub.hub.log().into_iter().skip(asked).map(|seen| seen.method).collect();
    assert_eq!(again, ["HEAD"]);
}

#[test]
fn a_fetch_goes_on_where_a_cancelled_one_stopped() {
    let bytes = noise(1 << 20, 4);
    let hub = FakeHub::with_model(&bytes);
    // The first half of each part, then silence.
    hub.on_content(|_, seen, reply, bytes| {
        let range = seen.range(bytes.len()).expect("a range");
        let named = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
        reply.begin(206, &[("ETag", "\"stored\""), ("Content-Range", &named)], Some(range.len()));
        reply.body(&bytes[range.start..range.start + range.len() / 2]);
        reply.hang();
        true
    });
    let control = Control::default();
    let quarter = bytes.len() as u64 / 8;
    let cancelled = hub.fetch_with(limits(), &control, &mut |progress| {
        if progress.bytes >= quarter {
            control.cancel();
        }
    });
    assert_eq!(cancelled.expect_err("cancelled"), HubError::Cancelled);
    let kept = hub.contents.body_bytes();
    hub.on_content(|_, seen, reply, bytes| {
        assert_eq!(seen.header("if-range"), Some("\"stored\""));
        send_content(seen, reply, bytes, "\"stored\"");
        true
    });
    let mut first = None;
    let path = hub.fetch_with(limits(), &Control::default(), &mut |progress| {
        first.get_or_insert(progress.bytes);
    });
    assert_eq!(std::fs::read(path.expect("fetches")).expect("reads"), bytes);
    let again = hub.contents.body_bytes() - kept;
    assert!(first.expect("progress") >= quarter, "{first:?} of {quarter}");
    assert!(again <= bytes.len() as u64 - quarter, "{again} more bytes after {quarter}");
}

#[test]
fn cancelling_does_not_wait_for_a_server_that_hangs() {
    let bytes = noise(300 << 10, 5);
    let hub = FakeHub::with_model(&bytes);
    let (asked, is_asked) = channel();
    hub.on_content(move |_, _, reply, _| {
        let _ = asked.send(());
        reply.hang();
        true
    });
    let control = Control::default();
    let from_elsewhere = control.clone();
    std::thread::spawn(move || {
        is_asked.recv().expect("the server is asked");
        from_elsewhere.cancel();
    });
    // Without cancelling this would take an hour.
    let patient = FetchLimits { silence: std::time::Duration::from_secs(3600), ..limits() };
    assert_eq!(hub.fetch_with(patient, &control, &mut |_| ()).expect_err("cancelled"), HubError::Cancelled);
}

#[test]
fn a_paused_fetch_asks_for_nothing_until_it_goes_on() {
    let bytes = noise(1 << 20, 6);
    let hub = FakeHub::with_model(&bytes);
    let control = Control::default();
    control.pause();
    let mut stages = Vec::new();
    let mut asked_while_paused = None;
    let path = hub.fetch_with(limits(), &control, &mut |progress| {
        if progress.stage == FetchStage::Paused {
            asked_while_paused = Some(hub.contents.count());
            control.resume();
        }
        if stages.last() != Some(&progress.stage) {
            stages.push(progress.stage);
        }
    });
    assert_eq!(std::fs::read(path.expect("fetches")).expect("reads"), bytes);
    assert_eq!(asked_while_paused, Some(0));
    let tail = &stages[stages.len() - 3..];
    assert_eq!(tail, [FetchStage::Paused, FetchStage::Fetching, FetchStage::Checking]);
}

#[test]
fn progress_ends_with_every_byte() {
    let bytes = noise(1 << 20, 7);
    let hub = FakeHub::with_model(&bytes);
    let mut told = Vec::new();
    hub.fetch_with(limits(), &Control::default(), &mut |progress| told.push(progress)).expect("fetches");
    let total = Some(bytes.len() as u64);
    assert!(told.iter().all(|progress| progress.total == total || progress.total.is_none()), "{told:?}");
    let fetched = told.iter().filter(|progress| progress.stage == FetchStage::Fetching).map(|progress| progress.bytes);
    assert!(fetched.is_sorted(), "{told:?}");
    assert!(told.iter().any(|progress| progress.stage == FetchStage::Checking));
}

#[test]
fn two_programs_fetch_a_file_once() {
    let bytes = noise(1 << 20, 8);
    let hub = FakeHub::with_model(&bytes);
    let (waits, is_waiting) = channel();
    let is_waiting = std::sync::Mutex::new(is_waiting);
    // The first part is sent once the second program waits.
    hub.on_content(move |number, _, _, _| {
        if number == 0 {
            is_waiting.lock().expect("free").recv().expect("the other one waits");
        }
        false
    });
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let path = hub.fetch_with(limits(), &Control::default(), &mut |progress| {
                    if progress.stage == FetchStage::Waiting {
                        let _ = waits.send(());
                    }
                });
                assert_eq!(std::fs::read(path.expect("fetches")).expect("reads"), bytes);
            });
        }
    });
    assert_eq!(hub.contents.body_bytes(), bytes.len() as u64);
}

#[test]
fn a_model_is_fetched_with_the_files_that_it_needs() {
    let hub = FakeHub::new();
    let unet = noise(400 << 10, 9);
    hub.put("unet/config.json", b"{}", false);
    hub.put("unet/diffusion_pytorch_model.fp16.safetensors", &unet, true);
    hub.put("unet/diffusion_pytorch_model.safetensors", &noise(800 << 10, 10), true);
    hub.put("README.md", b"# Model", false);
    let client = hub.open();
    let listing = client.list(&repository(), &Cancel::default()).expect("lists");
    assert_eq!((listing.commit.as_str(), listing.license.as_deref()), (COMMIT, Some("mit")));
    let files = model_files(&repository(), &listing.files).expect("a model");
    let mut last = None;
    let folder = client.fetch_listed(&listing, &files, &Control::default(), &mut |progress| last = Some(progress));
    let folder = folder.expect("fetches");
    assert_eq!(names(&folder), ["unet"]);
    assert_eq!(names(&folder.join("unet")), ["config.json", "diffusion_pytorch_model.fp16.safetensors"]);
    assert_eq!(last.expect("progress").total, Some(unet.len() as u64 + 2));
    assert_eq!(client.cache().snapshot(&repository()), Some(folder));
    let commits = hub.hub.log().iter().filter(|seen| seen.path.contains("/resolve/main/")).count();
    assert_eq!(commits, 0, "all files are of one commit");
}

#[test]
fn offline_gives_what_is_here_and_says_what_is_not() {
    let bytes = noise(300 << 10, 11);
    let hub = FakeHub::with_model(&bytes);
    let path = hub.fetch("model.safetensors").expect("fetches");
    let asked = hub.hub.count();
    let offline = Hub::new(Environment { offline: true, ..hub.environment() }).expect("opens");
    assert_eq!(offline.fetch(&request("model.safetensors"), &Control::default(), &mut |_| ()), Ok(path.clone()));
    let missing = offline.fetch(&request("other.bin"), &Control::default(), &mut |_| ()).expect_err("is not here");
    assert_eq!(
        missing.to_string(),
        "a/b:other.bin is not on this machine, and nothing is fetched while offline; go online and try again."
    );
    assert!(matches!(offline.list(&repository(), &Cancel::default()), Err(HubError::Offline { .. })));
    let wrong_size = FileRequest {
        expected: underpaint::hub::Expected { size: Some(1), sha256: None },
        ..request("model.safetensors")
    };
    assert!(offline.fetch(&wrong_size, &Control::default(), &mut |_| ()).is_err());
    assert_eq!(hub.hub.count(), asked, "nothing was asked");
    offline.set_offline(false);
    assert_eq!(offline.fetch(&request("model.safetensors"), &Control::default(), &mut |_| ()), Ok(path));
    assert_eq!(hub.hub.count(), asked + 1);
}

#[test]
fn a_hub_that_cannot_be_reached_leaves_what_is_here() {
    let hub = FakeHub::with_model(&noise(300 << 10, 12));
    let path = hub.fetch("model.safetensors").expect("fetches");
    // A port on which nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let gone = Environment { endpoint: format!("http://127.0.0.1:{port}"), ..hub.environment() };
    let gone = Hub::with_limits(gone, limits()).expect("opens");
    assert_eq!(gone.fetch(&request("model.safetensors"), &Control::default(), &mut |_| ()), Ok(path));
    let text = gone.fetch(&request("x"), &Control::default(), &mut |_| ()).expect_err("unreachable").to_string();
    assert_eq!(
        text,
        "127.0.0.1 could not be reached: it refuses the connection; check the connection and try again. What was fetched is kept."
    );
}
